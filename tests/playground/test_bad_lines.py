"""Slack takes a call and says nothing, half of it or rubbish, or takes it when the line has long ended."""

import asyncio
import time
from datetime import timedelta
from http import HTTPStatus

import aiohttp
import pytest

from playground import Clock, Slack


def post(slack, text="x", channel="C0TEA", seconds=3.0):
    """What an app hears that posts once; the name of what broke, if the line did."""

    async def ask():
        timeout = aiohttp.ClientTimeout(total=seconds)
        headers = {"Authorization": f"Bearer {slack.bot_token}"}
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            said = {"channel": channel, "text": text}
            async with session.post(f"{slack.api_url}chat.postMessage", json=said) as answer:
                return answer.status, dict(answer.headers), await answer.text()

    try:
        return asyncio.run(ask())
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__


def texts(slack):
    return [message.text for message in slack.messages]


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize(
    ("line", "heard"),
    [
        ("close", "ServerDisconnectedError"),
        ("reset", "ClientOSError"),
        ("half", "ClientPayloadError"),
        ("hang", "TimeoutError"),
        ("slow", "TimeoutError"),
    ],
)
def test_a_bad_line_tells_nothing_whether_slack_took_the_call_or_not(slack, line, heard, done):
    slack.refuse("chat.postMessage", line=line, done=done)

    assert post(slack, seconds=1.2) == heard
    assert texts(slack) == ["x"] * done
    assert [call.ok for call in slack.calls] == [done]
    assert post(slack, "y")[0] == HTTPStatus.OK


def test_a_slow_answer_gives_a_byte_a_second(slack):
    slack.refuse("chat.postMessage", body="[1]", line="slow")
    began = time.monotonic()

    assert post(slack, seconds=5)[2] == "[1]"
    assert 2 < time.monotonic() - began < 5


def test_slack_takes_a_late_call_by_its_own_clock_and_only_then(slack, clock: Clock):
    slack.refuse("chat.postMessage", late=90)
    began = clock.now()

    assert post(slack) == "ServerDisconnectedError"
    assert texts(slack) == []
    clock.advance(timedelta(seconds=89))
    assert texts(slack) == []
    clock.advance(timedelta(hours=2))
    assert texts(slack) == ["x"]
    assert float(slack.messages[0].ts) == pytest.approx(began.timestamp() + 90)
    assert [call.ok for call in slack.calls] == [False, True]
    assert slack.refused == []


def test_late_calls_are_taken_in_their_own_order_and_before_whatever_comes_in_then(slack, people, clock: Clock):
    slack.refuse("chat.postMessage", late=60, where={"text": "second"})
    slack.refuse("chat.postMessage", late=30, line="hang", where={"text": "first"})
    post(slack, "second")
    post(slack, "first", seconds=0.2)
    clock.advance(timedelta(seconds=61))
    post(slack, "third")

    assert [message.text for message in people.asha.sees("C0TEA")] == ["first", "second", "third"]
    assert [float(one.ts) for one in slack.messages] == sorted(float(one.ts) for one in slack.messages)


def test_a_late_call_may_be_answered_as_broken_and_be_refused_when_its_time_has_come(slack, clock: Clock):
    slack.refuse("chat.postMessage", status=503, late=10)
    status, _, page = post(slack)
    slack.channels["C0TEA"].is_archived = True
    clock.advance(timedelta(seconds=10))

    assert (status, page[:15]) == (HTTPStatus.SERVICE_UNAVAILABLE, "<!DOCTYPE html>")
    assert texts(slack) == []
    assert [call.answer["error"] for call in slack.refused] == ["is_archived"]


@pytest.mark.parametrize("asked", [7, "Mon, 01 Jun 2026 10:00:00 GMT", 10**9, ""])
def test_slack_asks_to_wait_in_seconds_by_a_date_for_ages_or_not_at_all(slack, asked):
    slack.refuse("chat.postMessage", "ratelimited", retry_after=asked)
    status, headers, _ = post(slack)

    assert status == HTTPStatus.TOO_MANY_REQUESTS
    assert headers.get("Retry-After", "") == str(asked)


@pytest.mark.parametrize(
    ("mishap", "heard"),
    [
        ({"status": 504}, (504, "text/html; charset=utf-8", "<!DOCTYPE")),
        ({"body": '{"ok": tr'}, (200, "application/json; charset=utf-8", '{"ok": tr')),
        ({"body": "<html>", "status": 200}, (200, "text/html; charset=utf-8", "<html>")),
        ({"error": "never_heard_of"}, (200, "application/json; charset=utf-8", '{"ok": fa')),
        ({"body": ""}, (200, "application/json; charset=utf-8", "")),
    ],
)
@pytest.mark.parametrize("done", [True, False])
def test_slack_answers_what_makes_no_sense(slack, mishap, heard, done):
    slack.refuse("chat.postMessage", **mishap, done=done)
    status, headers, body = post(slack)

    assert (status, headers["Content-Type"], body[:9]) == heard
    assert texts(slack) == ["x"] * done


def test_everything_that_was_to_come_late_is_forgotten_when_all_begins_again(slack, clock: Clock):
    slack.refuse("chat.postMessage", late=10)
    slack.limit_reading(lag=10, per_minute=1)
    post(slack)
    slack.clear()
    clock.advance(timedelta(seconds=10))

    assert texts(slack) == []
    assert slack.api.rates.most == {}
    assert slack.api.reading.lag == timedelta(0)


def test_a_clock_that_stands_still_still_gives_every_message_its_own_moment(clock: Clock):
    with Slack(now=clock.now) as slack:
        slack.add_channel("C0TEA", "tea")
        slack.invite_bot("C0TEA")
        slack.refuse("chat.postMessage", late=0, times=2)
        post(slack)
        post(slack)

        assert len({message.ts for message in slack.messages}) == 2
