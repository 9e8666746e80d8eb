"""What the environment says."""

from __future__ import annotations

import pytest

from bot.settings import Settings, SettingsError

GOOD = {"SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef", "SLACK_BOT_TOKEN": "xoxb-1-2-abc"}


def problems(environ, *needs):
    with pytest.raises(SettingsError) as caught:
        Settings.load(environ, needs)
    return caught.value.problems


def test_what_is_needed_is_enough_and_the_rest_has_defaults():
    settings = Settings.load(GOOD, {"http"})

    assert "xoxb-1-2-abc" == settings.slack_bot_token.get_secret_value()
    assert ("https://slack.com/api/", "sqlite:///safe-to-fail.db", 3000) == (
        settings.slack_api_url,
        settings.database_url,
        settings.port,
    )


def test_a_database_command_needs_no_tokens():
    assert Settings.load({}, {"database"}).slack_bot_token is None


def test_everything_missing_is_named_at_once():
    assert ["SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"] == [p.split()[0] for p in problems({}, "http")]
    assert ["SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"] == [p.split()[0] for p in problems({}, "socket")]


def test_an_empty_value_is_a_missing_one():
    assert "SLACK_BOT_TOKEN is missing" in problems(GOOD | {"SLACK_BOT_TOKEN": "  "}, "http")[0]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1-A", "starts with xapp-, which belongs in SLACK_APP_TOKEN"),
        ("SLACK_APP_TOKEN", "xoxb-1-A", "starts with xoxb-, which belongs in SLACK_BOT_TOKEN"),
        ("SLACK_BOT_TOKEN", "xoxp-1-A", "does not use that kind"),
        ("SLACK_BOT_TOKEN", "hello", "does not look right"),
        ("SLACK_BOT_TOKEN", "xoxb-1 2", "has a space in it"),
        ("SLACK_BOT_TOKEN", "'xoxb-1-2-abc'", "has quotes around"),
        ("SLACK_BOT_TOKEN", "“xoxb-1-2-abc”", "has quotes around"),
        ("SLACK_SIGNING_SECRET", "xoxb-1-A", "holds a token, which belongs in SLACK_BOT_TOKEN"),
        ("SLACK_SIGNING_SECRET", "0123 4567", "has a space in it"),
        ("SLACK_API_URL", "slack.com/api", "must start with https://"),
        ("SLACK_API_URL", "http://slack.com/api", "must start with https://"),
        ("PUBLIC_URL", "https://[bad", "is not a web address"),
        ("DATABASE_URL", "experiments.sqlite", "is not a database address"),
        ("PORT", "eighty", "must be a number"),
        ("PORT", "70000", "must be a number"),
        ("LOG_LEVEL", "loud", "must be one of"),
    ],
)
def test_what_cannot_be_meant_is_explained_without_showing_it(name, value, sentence):
    found = problems(GOOD | {name: value}, "http")

    assert [True] == [problem.startswith(name) and sentence in problem for problem in found]
    assert value not in found[0].replace("https://slack.com", "")


def test_several_problems_are_one_sentence_each():
    found = problems({"SLACK_BOT_TOKEN": "xapp-1", "PORT": "x"}, "http")

    assert 3 == len(found)
    assert all(problem.endswith(".") for problem in found)


def test_a_loopback_slack_may_speak_plain_http_and_gets_its_slash():
    assert "http://127.0.0.1:9/api/" == Settings.load({"SLACK_API_URL": "http://127.0.0.1:9/api"}).slack_api_url


def test_settings_do_not_show_their_secrets():
    assert "abc" not in repr(Settings.load(GOOD)).replace("database", "")
