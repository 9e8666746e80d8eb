"""Slack is slow, or tells everything twice; and the book says when what happened."""

from threading import Event, Thread

import pytest
from slack_sdk.errors import SlackApiError
from test_refusals import refusal


def test_a_slow_call_goes_through_and_holds_nobody_up(slack, client, people):
    """What comes in later is answered meanwhile."""
    come_in = Event()
    slack.refuse("chat.postMessage", delay=0.5, where=lambda _: come_in.set() or True)
    slow = Thread(target=client.chat_postMessage, kwargs={"channel": "C0TEA", "text": "late"})
    slow.start()
    come_in.wait(5)
    client.auth_test()
    slow.join()

    quick, late = slack.calls
    assert (quick.method, late.method) == ("auth.test", "chat.postMessage")
    assert late.order < quick.order
    assert late.seconds >= 0.5
    assert (late.ok, late.scripted) == (True, False)
    assert [message.text for message in people.asha.sees("C0TEA")] == ["late"]


def test_what_slack_refuses_slowly_it_refuses_of_itself(slack, client):
    slack.refuse("*", delay=0.01, times=None)
    refusal(client.chat_postMessage, channel="C0NONE", text="x")

    assert [call.answer["error"] for call in slack.refused] == ["channel_not_found"]


def test_a_mishap_may_meet_every_call(slack, client, people, app, run):
    """Answers by a response_url too, and a slow Slack refuses slowly."""
    statuses = []

    @app.command("/tea")
    def tea(ack, respond):
        ack()
        statuses.append(respond("x").status_code)

    run()
    people.asha.types("/tea")
    slack.calls.clear()
    slack.refuse("*", delay=0.01, times=None)
    slack.refuse("*", status=503, times=2)
    people.asha.types("/tea")
    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel="C0TEA", text="x")

    assert statuses == [200, 503]
    assert [call.scripted for call in slack.calls] == [True, True]
    assert all(call.seconds >= 0.01 for call in slack.calls)
    assert client.auth_test()["ok"]
    assert slack.refused == []


def test_a_delay_may_come_with_more(slack, client):
    slack.refuse("auth.test", "ratelimited", delay=0.01, retry_after=3)
    answer = refusal(client.auth_test)

    assert (answer["error"], answer.headers["Retry-After"]) == ("ratelimited", "3")
    assert slack.calls[0].seconds >= 0.01


def test_everything_may_arrive_twice(app, run, slack, people):
    """The same body under the same signature; the first answer counts, and a second that fails is kept."""
    heard = []

    @app.command("/tea")
    def tea(ack, request):
        heard.append((request.raw_body, request.headers["x-slack-signature"]))
        ack(f"Answer {len(heard)}", blocks=[{"type": "divider"}] * 2 if len(heard) > 1 else None)

    run()
    slack.delivery.twice = True
    answer = people.asha.types("/tea", "green")

    assert len(heard) == 2
    assert heard[0] == heard[1]
    assert answer.text == "Answer 1"
    assert [message.text for message in people.asha.dm] == ["Answer 1"]
    assert [each.repeated for each in slack.delivery.sent] == [False, True]

    slack.send_to("http://127.0.0.1:1/slack/events")
    people.asha.types("/tea")
    assert [each.repeated for each in slack.failures] == [False, True]


def test_the_book_says_when_and_in_which_order(app, run, slack, client, people):
    """A number at the beginning of each entry, and one more at its end for whoever watches."""

    @app.command("/tea")
    def tea(ack):
        client.chat_postMessage(channel="C0TEA", text="x")
        ack("Tea")

    run()
    seen = []
    slack.space.watchers.append(lambda: seen.append((len(slack.calls), len(slack.delivery.sent))))
    answer = people.asha.types("/tea")

    call = slack.calls[-1]
    assert answer.order < call.order < slack.messages[0].order
    assert answer.at == call.at == slack.space.now()
    assert answer.seconds > call.seconds > 0
    assert slack.messages[0].order < call.ended < answer.ended <= slack.space.changes
    assert (len(slack.calls), 0) in seen
    assert seen[-1] == (len(slack.calls), 1)


def test_a_refused_answer_stands_in_the_book_and_is_heard_of(app, run, slack, people):
    app.command("/tea")(lambda ack: ack(text="x", blocks=[{"type": "paragraph"}]))
    run()
    seen = []
    slack.space.watchers.append(lambda: seen.append(len(slack.refused)))
    answer = people.asha.types("/tea")

    assert seen[-1] == 1
    assert slack.refused[0].order > answer.ended > answer.order
    assert answer.sentence == (
        "The app answered with blocks that Slack refuses: the refused call says where they are wrong."
    )
