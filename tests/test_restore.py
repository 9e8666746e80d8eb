"""After the return to an old backup, what was said since is found in Slack and not said again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.hands import asked, beats, posts, proposes, tells

FORGOTTEN = """UPDATE outbox SET state = 'waiting', ts = NULL, channel = NULL, payload = NULL, sent_at = NULL,
 attempts = 0, first_attempt_at = NULL, claimed_at = NULL"""


def forget(world, *statements):
    """Put the database back to how it was."""
    with world.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def reconcile(world):
    """Run the look to its end, a second a round."""
    rounds = []
    for left in world.bot.reconcile():
        rounds.append(left)
        world.clock.advance(timedelta(seconds=2))
    world.stop_bot()
    world.start_bot()
    return rounds


@pytest.fixture
def told(world):
    """A digest with one learning, told in its channel."""
    tells(world)
    world.at("2026-06-04 10:00")
    return [each.ts for each in world.slack.messages if each.channel == "C0LEARN"]


def test_a_message_that_the_backup_does_not_know_as_sent_is_found(world):
    proposes(world)
    world.settle()
    world.clock.advance(timedelta(hours=3))
    forget(world, FORGOTTEN)
    reconcile(world)
    beats(world, 90)

    assert (1, 1) == (len(asked(world.dana)), len(posts(world, channel="U0DANA")))


def test_while_it_looks_nothing_is_sent(world):
    proposes(world)
    before = len(world.slack.called("chat.postMessage"))
    rounds = reconcile(world)

    assert rounds[0] == 2
    assert before == len(world.slack.called("chat.postMessage"))
    beats(world, 5)
    assert 1 == len(asked(world.dana))


def test_a_digest_of_which_the_backup_knows_nothing_is_found_with_its_details(world, told):
    again = "UPDATE workspaces SET next_digest = '2026-06-04 09:00:00', digest_since = '2026-06-01 08:00:00'"
    forget(
        world,
        "UPDATE learnings SET celebrated_in = NULL",
        "DELETE FROM outbox WHERE kind = 'digest-item'",
        "DELETE FROM outbox WHERE kind = 'digest'",
        "DELETE FROM digests",
        again if world.engine.dialect.name == "sqlite" else again.replace(":00'", ":00+00'"),
    )
    world.clock.advance(timedelta(hours=3))
    reconcile(world)
    beats(world, 90)

    assert told == [each.ts for each in world.slack.messages if each.channel == "C0LEARN"]
