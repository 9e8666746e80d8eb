"""The manifest."""

from __future__ import annotations

import pytest
import yaml

from bot import manifest


def test_without_an_address_it_is_the_file_itself():
    assert yaml.safe_load(manifest.text())["settings"]["socket_mode_enabled"] is True


def test_with_an_address_every_request_goes_there():
    told = yaml.safe_load(manifest.text("https://bot.example.org/"))

    address = "https://bot.example.org/slack/events"
    assert told["settings"]["socket_mode_enabled"] is False
    assert address == told["settings"]["event_subscriptions"]["request_url"]
    assert address == told["settings"]["interactivity"]["request_url"]
    assert [address] == [command["url"] for command in told["features"]["slash_commands"]]
    assert told["settings"]["event_subscriptions"]["bot_events"]


def test_an_address_that_already_names_the_path_is_understood():
    assert manifest.text("https://x.org/slack/events") == manifest.text("https://x.org")


def test_this_machine_may_be_addressed_without_encryption():
    assert "http://127.0.0.1:3000/slack/events" in manifest.text("http://127.0.0.1:3000")


@pytest.mark.parametrize("url", ["http://bot.example.org", "bot.example.org", "ftp://x.org", "https://", "https://[x"])
def test_an_address_that_slack_cannot_use_is_refused(url):
    with pytest.raises(manifest.UnusableAddress, match="https:// addresses only"):
        manifest.text(url)


def test_an_address_with_a_question_mark_is_refused():
    with pytest.raises(manifest.UnusableAddress, match="before any"):
        manifest.text("https://x.org/?a=b")
