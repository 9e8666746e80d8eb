"""Every message is said once, as things are, whatever goes wrong on the way."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from db.tables import State
from tests.hands import QUESTION, SECOND, asked, beats, posts, proposes, restart, row
from tests.hearing import listening

MINUTE = timedelta(minutes=1)


@pytest.fixture
def heard():
    with listening() as log:
        yield log


# Once.


def test_a_message_is_said_once_however_often_the_worker_beats(world):
    proposes(world)
    beats(world, 20)

    assert (1, 1) == (len(world.dana.dm), len(world.asha.dm))


def test_a_message_is_said_once_across_restarts(world):
    proposes(world)
    for _ in range(3):
        world.bot.beat()
        restart(world)
    beats(world, 3)

    assert (1, 1) == (len(world.dana.dm), len(world.asha.dm))


def test_two_workers_at_once_say_a_message_once(world):
    proposes(world)
    first, second = world.bot.delivery.claim(), world.bot.delivery.claim()

    assert (2, 0) == (len(first), len(second))


def test_a_channel_gets_one_message_a_second(world):
    for person in (world.asha, world.ben, world.admin):
        proposes(world, person)
    beats(world, 5, SECOND / 4)

    moments = posts(world, channel="U0DANA")
    assert 3 == len(asked(world.dana))
    assert all(b - a >= SECOND for a, b in pairwise(moments))


def test_people_do_not_wait_for_each_other(world):
    proposes(world, sponsor="U0DANA")
    proposes(world, world.ben, sponsor="U0ADMIN")
    world.bot.beat()

    assert [1, 1, 1, 1] == [len(each.dm) for each in (world.asha, world.dana, world.ben, world.admin)]


# Slack asks to wait.


def test_nothing_is_posted_before_the_time_slack_asked_for_is_up_and_then_it_arrives_once(world):
    world.slack.refuse("chat.postMessage", "ratelimited", status=429, retry_after=30, where={"channel": "U0DANA"})
    proposes(world)
    world.bot.beat()
    refused_at = world.clock.now()
    proposes(world, world.ben, sponsor="U0ADMIN")
    beats(world, 29)

    assert [] == asked(world.dana) + asked(world.admin)
    assert [refused_at] == sorted(set(posts(world)))

    beats(world, 3)
    assert (1, 1) == (len(asked(world.dana)), len(asked(world.admin)))


def test_other_methods_go_on_while_slack_asks_to_wait_with_one(world):
    proposes(world, world.ben)
    world.settle()
    world.slack.refuse("chat.postMessage", "ratelimited", status=429, retry_after=30)
    proposes(world, sponsor="U0ADMIN")
    world.bot.beat()
    world.ben.presses("Withdraw")
    beats(world, 2)

    assert "withdrew it" in world.dana.dm[0].words


def test_waiting_because_slack_asked_is_no_attempt(world):
    world.slack.refuse("chat.postMessage", "ratelimited", status=429, retry_after=30, where={"channel": "U0DANA"})
    proposes(world)
    world.bot.beat()

    assert (State.WAITING, 0) == (row(world, "sign-off").state, row(world, "sign-off").attempts)


def test_a_message_that_slack_makes_wait_thirty_times_is_not_given_up(world):
    world.slack.refuse("chat.postMessage", "ratelimited", status=429, retry_after=10**9, times=None)
    proposes(world)
    for _ in range(30):
        world.clock.advance(10 * MINUTE)
        world.bot.beat()
    world.slack.desk.mishaps.clear()
    world.clock.advance(10 * MINUTE)
    world.bot.beat()

    assert 1 == len(asked(world.dana))


WISHES = {
    "soon": 30, "-5": 30, "1e9": 30, "0": 1, "5": 5, "9" * 5000: 600, "10 11": 30, "Wed, 21 Oct 2026 07:28:00 GMT": 600,
    "Wed, 21 Oct 2020 07:28:00 GMT": 1,
}  # fmt: skip


def test_whatever_slack_writes_into_retry_after_the_wait_is_within_reason(world):
    proposes(world)
    for wish, seconds in WISHES.items():
        world.slack.refuse("chat.postMessage", "ratelimited", status=429, retry_after=wish, where={"channel": "U0DANA"})
        world.bot.beat()
        due = row(world, "sign-off").due
        assert world.clock.now() + timedelta(seconds=seconds) == due, wish
        world.clock.set(due)


def test_without_a_retry_after_half_a_minute_is_waited(world):
    world.slack.refuse("chat.postMessage", "rate_limited", where={"channel": "U0DANA"})
    proposes(world)
    beats(world, 28)
    assert [] == asked(world.dana)

    beats(world, 3)
    assert 1 == len(asked(world.dana))


# Slack cannot be reached.


def test_while_slack_cannot_be_reached_the_delays_grow_and_then_the_message_arrives(world):
    proposes(world)
    world.slack.stop()
    waits = []
    for _ in range(6):
        world.bot.beat()
        waits.append((row(world, "sign-off").due - world.clock.now()).total_seconds())
        world.clock.set(row(world, "sign-off").due)
    world.slack.start()
    world.bot.beat()

    assert [5, 30, 120, 600, 3600, 3600] == waits
    assert (1, 1) == (len(asked(world.dana)), len(world.asha.dm))


def test_after_a_day_without_slack_a_message_is_given_up_and_the_owner_hears_of_it(world):
    proposes(world)
    began = world.clock.now()
    world.slack.stop()
    while row(world, "sign-off").state is State.WAITING:
        world.clock.set(max(row(world, "sign-off").due, world.clock.now()))
        world.bot.beat()
    gone = world.clock.now() - began
    world.slack.start()
    world.move_to(world.clock.now() + timedelta(hours=2))

    assert timedelta(hours=20) < gone < timedelta(hours=26)
    assert world.newest(world.asha, "I could not reach <@U0DANA>")


def test_a_slack_that_closed_the_line_meanwhile_still_gets_the_next_message(world):
    proposes(world)
    world.bot.beat()
    world.slack.stop()
    world.slack.start()
    proposes(world, world.ben)
    beats(world, 2)

    assert 2 == len(asked(world.dana))


# One bad channel.


def test_an_archived_digest_channel_delays_nobody(world):
    world.set_up_digest()
    world.slack.channels["C0LEARN"].is_archived = True
    world.clock.set(world.clock.now().replace(day=4))
    proposes(world, start="2026-06-05")
    world.bot.beat()
    world.bot.beat()

    assert 1 == len(asked(world.dana))
    assert "the channel is archived." in world.newest(world.admin, "could not be posted").words


def test_when_the_sponsor_cannot_be_written_to_the_owner_is_told_and_the_reason_is_kept(world):
    proposes(world)
    world.slack.refuse("chat.postMessage", "user_disabled", where={"channel": "U0DANA"})
    world.settle()

    told = world.newest(world.asha, "<@U0DANA> can no longer use this Slack")
    assert "Choose another sponsor" in told.buttons
    assert (State.FAILED, "this person's account is switched off.") == (
        row(world, "sign-off").state,
        row(world, "sign-off").reason,
    )


def test_another_sponsor_can_be_asked_from_that_very_message(world):
    proposes(world)
    world.dana.member.deleted = True
    world.settle()
    world.was_refused("channel_not_found")
    world.asha.presses("Choose another sponsor", on=world.newest(world.asha, "I could not reach"))
    world.asha.fills(sponsor="U0BEN")
    world.asha.submits()
    world.settle()

    assert 1 == len(asked(world.ben))


def test_a_message_about_nobody_else_that_fails_tells_nobody(world):
    proposes(world)
    world.slack.refuse("chat.postMessage", "restricted_action", where={"channel": "U0ASHA"}, times=None)
    world.settle()

    assert [] == world.asha.dm
    assert 1 == len(asked(world.dana))


# The line breaks.


def test_a_server_error_of_slack_is_not_answered_by_sending_again(world):
    world.slack.refuse("chat.postMessage", status=503, where={"channel": "U0DANA"})
    proposes(world)
    beats(world, 10)

    assert 1 == len(posts(world, channel="U0DANA"))
    assert State.UNCERTAIN is row(world, "sign-off").state


@pytest.mark.parametrize("mishap", [{"cut": True}, {"status": 500}, {"error": "internal_error"}])
def test_a_change_of_a_message_is_repeated_until_it_is_taken(world, mishap):
    proposes(world)
    world.settle()
    world.slack.refuse("chat.update", where={"channel": world.dana.dm_channel}, times=2, **mishap)
    world.asha.presses("Withdraw")
    beats(world, 40)

    assert "withdrew it" in world.dana.dm[0].words
    assert State.SENT is row(world, "sign-off").state


def test_a_message_that_changed_while_it_was_being_sent_ends_up_true(world):
    proposes(world)
    delivery = world.bot.delivery
    claims = delivery.claim()
    world.asha.types("/experiment", "show EXP-1")
    world.asha.presses("Withdraw")
    for claim in claims:
        delivery.wire.begin(claim)
    while delivery.wire.busy:
        delivery.unmarked += delivery.wire.results(10)
    delivery.mark_all()
    assert QUESTION in world.dana.dm[0].words

    world.settle()
    assert 1 == len(world.dana.dm)
    assert "withdrew it" in world.dana.dm[0].words


def test_a_deleted_message_is_not_changed_for_ever(world):
    proposes(world)
    world.settle()
    world.dana.dm[0].deleted = True
    world.slack.refuse("chat.update", "message_not_found", where={"channel": world.dana.dm_channel})
    world.asha.presses("Withdraw")
    world.settle()

    assert (State.FAILED, "the message was deleted.") == (row(world, "sign-off").state, row(world, "sign-off").reason)


# The process dies.


def test_a_change_whose_process_died_is_made_again(world):
    proposes(world)
    world.settle()
    world.asha.presses("Withdraw")
    world.clock.advance(SECOND)
    assert ["chat.update", "chat.update"] == [each.method for each in world.bot.delivery.claim()]
    restart(world)
    world.settle()

    assert "withdrew it" in world.dana.dm[0].words


# A message that cannot be written.


def test_a_message_that_cannot_be_written_holds_up_no_other_and_is_logged_with_a_reference(world, heard):
    proposes(world)
    with world.bot.store.sessions.begin() as session:
        session.execute(text("UPDATE outbox SET kind = 'of-another-release' WHERE kind = 'card'"))
    beats(world, 3)

    line = heard.said("a message could not be written")[0]
    assert 1 == len(asked(world.dana))
    assert f"it could not be written (reference {line['reference']})." == row(world, "of-another-release").reason
    assert "messages.py" in line["exception"]


# The workspace is shut.


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "account_inactive"])
def test_while_the_workspace_is_shut_everything_waits_and_then_goes_on(world, error):
    world.slack.refuse("chat.postMessage", error, times=2)
    proposes(world)
    world.bot.beat()
    proposes(world, world.ben, sponsor="U0ADMIN")
    tries = len(posts(world))
    beats(world, 590, 10 * SECOND)
    assert tries == len(posts(world))

    beats(world, 20)
    assert [1, 1, 1, 1] == [len(each.dm) for each in (world.asha, world.dana, world.ben, world.admin)]
