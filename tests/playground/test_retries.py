"""Events that an app did not take come again by themselves, by the workspace's clock."""

from datetime import UTC, datetime, timedelta

import pytest
from serving import served
from slack_bolt import App
from slack_sdk import WebClient
from test_bad_apps import bad_app, never, page, resets, says

from playground import Clock, Slack

AFTER = [timedelta(seconds=2), timedelta(minutes=1), timedelta(minutes=5)]


@pytest.fixture
def heard(slack, app, run):
    """What the headers of each delivery said, of an app that takes no event; it looks at the clock on the wall."""
    slack.delivery.now = lambda: datetime.now(UTC)
    headers = []

    @app.event("app_home_opened")
    def home(request):
        headers.append([request.headers.get(f"x-slack-retry-{name}", [""])[0] for name in ("num", "reason")])
        raise RuntimeError

    run()
    return headers


def test_an_event_comes_again_at_once_after_a_minute_and_after_five(heard, slack, people, clock):
    """Never before it is due, and three times at most."""
    people.asha.opens_home()
    for attempt, pause in enumerate(AFTER, 1):
        assert slack.next_retry == clock.now() + pause
        clock.advance(pause - timedelta(milliseconds=1))
        assert slack.redeliver_due() == []
        clock.advance(timedelta(milliseconds=1))
        assert [answer.request.attempt for answer in slack.redeliver_due()] == [attempt]

    clock.advance(timedelta(days=1))
    assert (slack.next_retry, slack.redeliver_due()) == (None, [])
    assert heard == [["", ""], ["1", "http_error"], ["2", "http_error"], ["3", "http_error"]]


def test_an_event_that_was_taken_late_does_not_come_again(slack, app, run, people, clock):
    taken = []

    @app.event("app_home_opened")
    def home():
        taken.append(1)
        if len(taken) == 1:
            raise RuntimeError

    run()
    people.asha.opens_home()
    clock.advance(AFTER[0])
    assert [answer.ok for answer in slack.redeliver_due()] == [True]
    clock.advance(timedelta(days=1))
    assert slack.redeliver_due() == []


def test_events_that_wait_come_in_the_order_in_which_they_are_due(heard, slack, people, clock):
    people.asha.opens_home()
    clock.advance(timedelta(seconds=1))
    people.dana.opens_home()
    clock.advance(timedelta(seconds=1))

    assert [answer.request.payload["event"]["user"] for answer in slack.redeliver_due()] == ["U0ASHA"]
    clock.advance(timedelta(days=1))
    assert [answer.request.payload["event"]["user"] for answer in slack.redeliver_due()] == ["U0DANA", "U0ASHA"]


@pytest.mark.parametrize(
    ("play", "reason"),
    [
        (page("404 Not Found"), "http_error"),
        (resets, "unknown_error"),
        (says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), "unknown_error"),
        (never, "http_timeout"),
    ],
)
def test_a_repetition_says_why(slack, people, play, reason):
    if play is never:
        slack.delivery.patience = 0.1
    with bad_app(play) as address:
        slack.send_to(address)
        people.asha.opens_home()
        [again] = slack.redeliver_events()

    assert again.request.headers["X-Slack-Retry-Reason"] == reason


def test_a_repetition_says_that_nobody_listened(slack, people):
    slack.send_to("http://127.0.0.1:1/")
    people.asha.opens_home()

    assert slack.redeliver_events()[0].request.headers["X-Slack-Retry-Reason"] == "connection_failed"


def test_an_app_may_ask_not_to_be_told_again(slack, people):
    with bad_app(page("500 Internal Server Error", head="X-Slack-No-Retry: 1\r\n")) as address:
        slack.send_to(address)
        assert not people.asha.opens_home().ok

    assert slack.redeliver_events() == []


def test_nothing_is_repeated_where_no_app_is_known(slack, people):
    assert people.asha.opens_home().error == "dispatch_unreachable"
    assert slack.redeliver_events() == []


def test_commands_and_forms_do_not_come_again(slack, people, clock):
    slack.send_to("http://127.0.0.1:1/")
    people.asha.types("/tea")
    clock.advance(timedelta(days=1))

    assert slack.redeliver_due() == []


def test_signatures_may_have_a_clock_of_their_own():
    """A plain Bolt app looks at the wall, wherever the workspace's clock stands."""
    clock = Clock(datetime(2026, 6, 1, 9, tzinfo=UTC))
    with Slack(now=clock.now, stamp=lambda: datetime.now(UTC)) as slack:
        asha = slack.add_person("U0ASHA", "Asha Patel")
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        app = App(client=client, signing_secret=slack.signing_secret)
        app.command("/tea")(lambda ack: ack("Tea"))
        with served(app) as address:
            slack.send_to(address)
            answer = asha.types("/tea")

    assert answer.text == "Tea"
    assert (answer.at, asha.dm[0].ts) == (clock.now(), "1780304400.000000")
