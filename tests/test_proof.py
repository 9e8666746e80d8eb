"""A message that may or may not have arrived is looked for in Slack: found and kept, sent again, or held."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.tables import Figure, State
from tests.hands import SECOND, asked, beats, posts, proposes, restart, row, tells
from tests.hearing import listening

MINUTE = timedelta(minutes=1)
BROKEN = [{"cut": True}, {"status": 500, "done": True}, {"error": "fatal_error", "done": True}]
BAD_JSON = {"body": '{"ok": tr'}
LOST = [{"status": 503}, {"status": 500}, {"error": "internal_error"}, {"error": "never_heard_of"}, BAD_JSON]


def figures(world):
    """What was counted."""
    with world.bot.store.sessions() as session:
        return {each.name: each.count for each in session.scalars(select(Figure))}


@pytest.fixture
def heard():
    with listening() as log:
        yield log


# Found.


@pytest.mark.parametrize("mishap", BROKEN)
def test_what_arrived_although_the_line_broke_is_found_and_not_sent_twice(world, heard, mishap):
    world.slack.refuse("chat.postMessage", where={"channel": "U0DANA"}, **mishap)
    proposes(world)
    world.bot.beat()
    assert State.UNCERTAIN is row(world, "sign-off").state

    beats(world, 65)
    found = row(world, "sign-off")
    assert (1, State.SENT, asked(world.dana)[0].ts) == (len(asked(world.dana)), found.state, found.ts)
    assert 1 == len(posts(world, channel="U0DANA"))
    assert (1, 1) == (figures(world)["uncertain"], figures(world)["found"])
    assert heard.said("a message may or may not have arrived")


def test_what_was_found_again_is_kept_true_like_any_other(world):
    world.slack.refuse("chat.postMessage", where={"channel": "U0DANA"}, cut=True)
    proposes(world)
    world.bot.beat()
    world.asha.types("/experiment", "show EXP-1")
    world.asha.presses("Withdraw")
    beats(world, 70)

    assert "withdrew it" in world.dana.dm[0].words


def test_a_question_that_was_found_again_can_be_answered(world):
    world.slack.refuse("chat.postMessage", where={"channel": "U0DANA"}, cut=True)
    proposes(world)
    beats(world, 65)
    world.dana.presses("Safe enough to try")
    world.dana.submits()
    world.settle()

    assert world.newest(world.asha, "safe enough to try")


def test_nothing_is_looked_for_before_a_minute_has_passed(world):
    world.slack.refuse("chat.postMessage", where={"channel": "U0DANA"}, cut=True)
    proposes(world)
    beats(world, 59)

    assert [] == world.slack.called("conversations.history")


def test_of_a_message_only_its_key_is_written_beside_it(world):
    proposes(world)
    world.settle()

    said = world.slack.called("chat.postMessage")[0].args["metadata"]
    assert {"event_type", "event_payload"} == set(said)
    assert {"proof"} == set(said["event_payload"])
    assert 32 == len(said["event_payload"]["proof"])


def test_a_digest_that_arrived_although_the_line_broke_is_found_and_its_details_follow(world):
    tells(world)
    world.slack.refuse("chat.postMessage", where={"channel": "C0LEARN"}, cut=True)
    world.at("2026-06-04 10:00")
    beats(world, 70)
    told = [each for each in world.slack.messages if each.channel == "C0LEARN"]

    assert 2 == len(told)
    assert told[0].ts == told[1].thread_ts


def test_a_reply_that_arrived_although_the_line_broke_is_found_in_its_thread(world):
    tells(world)
    world.slack.refuse("chat.postMessage", where=lambda args: "thread_ts" in args, cut=True)
    world.at("2026-06-04 10:00")
    beats(world, 130)

    assert 2 == len([each for each in world.slack.messages if each.channel == "C0LEARN"])
    assert State.SENT is row(world, "digest-item").state
    assert world.slack.called("conversations.replies")


# Not found.


@pytest.mark.parametrize("mishap", LOST)
def test_what_never_arrived_is_sent_again_after_a_look(world, mishap):
    world.slack.refuse("chat.postMessage", where={"channel": "U0DANA"}, **mishap)
    proposes(world)
    beats(world, 65)

    assert 1 == len(asked(world.dana))
    assert 2 == len(posts(world, channel="U0DANA"))
    assert 1 == figures(world)["sent again"]


def test_in_a_channel_two_looks_go_before_a_message_is_sent_again(world):
    tells(world)
    world.slack.refuse("chat.postMessage", where={"channel": "C0LEARN"}, status=503)
    world.at("2026-06-04 10:00")
    beats(world, 100)
    assert [] == [each for each in world.slack.messages if each.channel == "C0LEARN"]

    beats(world, 40)
    assert 2 == len([each for each in world.slack.messages if each.channel == "C0LEARN"])


def test_what_does_not_arrive_three_times_is_held(world):
    world.slack.refuse("chat.postMessage", where={"channel": "U0DANA"}, status=503, times=None)
    proposes(world)
    beats(world, 300)

    assert (3, State.HELD) == (len(posts(world, channel="U0DANA")), row(world, "sign-off").state)


def test_what_is_no_longer_true_is_not_sent_again(world):
    world.slack.refuse("chat.postMessage", where={"channel": "U0DANA"}, status=503)
    proposes(world)
    world.bot.beat()
    world.asha.types("/experiment", "show EXP-1")
    world.asha.presses("Withdraw")
    beats(world, 70)

    assert [] == asked(world.dana)


def test_while_slack_limits_looking_it_is_looked_later(world):
    world.slack.refuse("chat.postMessage", where={"channel": "U0DANA"}, cut=True)
    world.slack.refuse("conversations.history", "ratelimited", status=429, retry_after=45)
    proposes(world)
    beats(world, 100)
    assert State.UNCERTAIN is row(world, "sign-off").state

    beats(world, 10)
    assert (1, State.SENT) == (len(asked(world.dana)), row(world, "sign-off").state)


def test_a_look_that_breaks_is_repeated(world):
    world.slack.refuse("chat.postMessage", where={"channel": "U0DANA"}, cut=True)
    world.slack.refuse("conversations.history", status=500, times=2)
    proposes(world)
    beats(world, 190)

    assert (1, State.SENT) == (len(asked(world.dana)), row(world, "sign-off").state)


# Twice.


def test_a_second_copy_is_deleted_and_the_first_one_lives_on(world, heard):
    world.slack.refuse("chat.postMessage", where={"channel": "U0DANA"}, cut=True)
    proposes(world)
    world.bot.beat()
    first = asked(world.dana)[0]
    world.clock.advance(SECOND)
    world.slack.space.say(
        first.channel, world.slack.bot_user, text=first.text, blocks=first.blocks, metadata=first.metadata, by_app=True
    )
    beats(world, 65)

    assert [first.ts] == [each.ts for each in asked(world.dana)]
    assert 1 == figures(world)["double deleted"]
    assert heard.said("a second copy of a message was deleted")


def test_what_was_said_in_the_last_day_is_looked_up_at_night_and_all_is_well(world):
    world.set_up_digest()
    world.at("2026-06-01 11:00")
    proposes(world)
    world.settle()
    world.at("2026-06-02 02:00")
    assert [] == world.slack.called("conversations.history")
    world.at("2026-06-02 03:20")

    assert 2 == len(world.slack.called("conversations.history"))
    assert {"missing", "double deleted"}.isdisjoint(figures(world))


def test_the_nightly_look_finds_what_somebody_deleted(world, heard):
    world.set_up_digest()
    world.at("2026-06-01 11:00")
    proposes(world)
    world.settle()
    world.dana.dm[-1].deleted = True
    world.at("2026-06-02 03:20")

    assert 1 == figures(world)["missing"]
    assert heard.said("a message is no longer where it was said")


# The process dies.


def test_what_a_dead_process_was_sending_is_looked_for_and_sent_once(world):
    proposes(world)
    world.bot.delivery.claim()
    restart(world)
    world.bot.beat()
    assert State.UNCERTAIN is row(world, "sign-off").state

    beats(world, 65)
    assert (1, 1) == (len(asked(world.dana)), len(posts(world, channel="U0DANA")))


def test_what_a_dead_process_had_sent_is_found(world):
    proposes(world)
    for job in world.bot.delivery.claim():
        world.bot.delivery.wire.begin(job)
    while world.bot.delivery.wire.busy:
        world.bot.delivery.wire.results(10)
    restart(world)
    beats(world, 65)

    assert (1, 1) == (len(asked(world.dana)), len(posts(world, channel="U0DANA")))
    assert State.SENT is row(world, "sign-off").state
