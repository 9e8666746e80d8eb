"""The next moment at which the bot has something to do."""

from __future__ import annotations

from datetime import timedelta


def local(world):
    """The moment at which something is due next, as London reads it."""
    due = world.bot.next_due()
    return due and f"{due + timedelta(hours=1):%Y-%m-%d %H:%M}"


def test_before_anybody_has_used_it_nothing_is_due(world):
    assert world.bot.next_due() is None


def test_a_proposal_reminds_its_sponsor_next(world):
    world.proposed()

    assert "2026-06-02 10:00" == local(world)


def test_a_message_that_waits_is_due_now(world):
    world.proposed()
    world.dana.presses("Safe enough to try")
    world.dana.submits()

    assert world.clock.now() == world.bot.next_due()


def test_after_a_sign_off_it_is_the_check_in_and_then_what_follows(world):
    world.running()
    before = local(world)
    world.at("2026-06-16 10:00")
    after = local(world)

    assert ("2026-06-16 10:00", "2026-06-18 10:00") == (before, after)


def test_what_the_sponsor_hears_of_a_stop_is_due_when_it_can_no_longer_be_undone(world):
    world.running()
    world.asha.presses("Stop now")
    stopped = world.clock.now()
    world.settle()
    before = world.bot.next_due()
    world.clock.set(before)
    world.settle()

    assert stopped + timedelta(minutes=10) == before
    assert "2026-06-02 10:00" == local(world)


def test_the_digest_is_due_each_week(world):
    world.set_up_digest()
    before = local(world)
    world.at("2026-06-04 10:00")

    assert ("2026-06-04 10:00", "2026-06-11 10:00") == (before, local(world))


def test_a_message_that_slack_holds_up_is_due_when_slack_takes_it(world):
    world.set_up_digest()
    world.slack.refuse("chat.postMessage", "ratelimited", status=429, retry_after=30)
    world.propose()
    held = world.bot.next_due()

    assert timedelta(seconds=20) < held - world.clock.now() <= timedelta(seconds=30)
    world.clock.set(held)
    world.settle()
    assert "2026-06-02 10:00" == local(world)


def test_a_message_that_was_taken_back_or_given_up_is_not_due(world):
    world.running()
    world.asha.presses("Stop now")
    world.settle()
    world.asha.presses("Undo the stop")
    world.settle()

    assert "2026-06-16 10:00" == local(world)
