"""An app that looks for what it said sees it late, in small pages, seldom, without its mark, or not at all."""

from datetime import timedelta

import pytest
from conftest import MANIFEST
from slack_sdk import WebClient
from test_refusals import refusal

from playground import Clock, Slack

MARK = {"event_type": "tea", "event_payload": {"proof": "p1"}}
OPTIONAL = {
    **MANIFEST,
    "oauth_config": {"scopes": {"bot": ["chat:write", "im:history"], "bot_optional": ["im:history"]}},
}


def say(client, text, **more):
    return client.chat_postMessage(channel="C0TEA", text=text, **more)["ts"]


def seen(client, **more):
    said = client.conversations_history(channel="C0TEA", include_all_metadata=True, **more)
    return [message["text"] for message in said["messages"]]


def test_a_message_is_not_shown_to_the_app_before_it_is_old_enough(slack, client, people, clock: Clock):
    head = say(client, "head")
    clock.advance(timedelta(seconds=20))
    slack.limit_reading(lag=20)
    say(client, "young")
    say(client, "answer", thread_ts=head)
    replies = client.conversations_replies(channel="C0TEA", ts=head)["messages"]

    assert seen(client) == ["head"]
    assert [message["text"] for message in replies] == ["head"]
    assert len(people.asha.sees("C0TEA")) == 3
    clock.advance(timedelta(seconds=20.1))
    assert seen(client) == ["young", "head"]


def test_metadata_is_shown_to_whoever_asks_for_it_unless_slack_leaves_it_out(slack, client):
    say(client, "x", metadata=MARK)
    asked = client.conversations_history(channel="C0TEA", include_all_metadata=True)["messages"][0]
    unasked = client.conversations_history(channel="C0TEA")["messages"][0]
    slack.limit_reading(metadata=False)
    omitted = client.conversations_history(channel="C0TEA", include_all_metadata=True)["messages"][0]

    assert asked["metadata"] == MARK
    assert "metadata" not in unasked
    assert "metadata" not in omitted


def test_a_change_that_does_not_mention_metadata_keeps_it(client):
    ts = say(client, "x", metadata=MARK)
    client.chat_update(channel="C0TEA", ts=ts, text="y")

    assert client.conversations_history(channel="C0TEA", include_all_metadata=True)["messages"][0]["metadata"] == MARK


def test_a_page_holds_fifteen_messages_however_many_are_asked_for(slack, client):
    slack.limit_reading(page=15)
    slack.limit_rates(on=False)
    for number in range(17):
        say(client, str(number))
    first = client.conversations_history(channel="C0TEA", limit=200)
    cursor = first["response_metadata"]["next_cursor"]

    assert (len(first["messages"]), first["has_more"]) == (15, True)
    assert seen(client, cursor=cursor, limit=200) == ["1", "0"]
    assert seen(client, limit=1) == ["16"]


def test_history_may_be_read_once_a_minute_and_all_else_as_ever(slack, client, clock: Clock):
    slack.limit_reading(per_minute=1)
    say(client, "x")
    seen(client)
    answer = refusal(client.conversations_history, channel="C0TEA")
    client.auth_test()

    assert (answer["error"], answer.headers["Retry-After"]) == ("ratelimited", "60")
    clock.advance(timedelta(minutes=1))
    assert seen(client) == ["x"]
    slack.limit_reading()
    assert seen(client) == seen(client) == ["x"]


def test_a_scope_that_is_optional_may_be_left_out_when_the_app_is_installed(clock: Clock):
    with Slack(now=clock.now, manifest=OPTIONAL, without={"im:history"}) as slack:
        slack.add_person("U0ASHA", "Asha Patel")
        client = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        channel = client.chat_postMessage(channel="U0ASHA", text="x")["channel"]

        assert refusal(client.conversations_history, channel=channel)["needed"] == "im:history"
        assert client.auth_test().headers["x-oauth-scopes"] == "chat:write"


def test_a_scope_that_is_not_optional_cannot_be_left_out():
    with pytest.raises(ValueError, match="not optional in the manifest: chat:write"):
        Slack(manifest=OPTIONAL, without={"chat:write"})
