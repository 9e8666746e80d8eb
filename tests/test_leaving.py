"""When the app is taken out of a workspace and put in again: nothing more is said, nothing is lost, nothing floods."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.hands import proposes, runs
from tests.world import FILLED

if TYPE_CHECKING:
    from tests.world import World

REMOVED = {"type": "app_uninstalled"}
REVOKED = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0APP"]}}
EARLIER = "1780000000.000100"


def column(world: World, query: str) -> list[object]:
    with world.engine.connect() as connection:
        return [row[0] for row in connection.execute(text(query))]


def is_left(world: World) -> bool:
    return column(world, "SELECT left_at FROM workspaces") != [None]


def puts_in_again(world: World) -> None:
    """The app is installed again, with the token it had."""
    world.slack.tokens[world.slack.bot_token] = "bot"


def posts(world: World) -> list[str]:
    return [call.args["channel"] for call in world.slack.calls if call.method == "chat.postMessage"]


@pytest.mark.parametrize("order", [*permutations([REMOVED, REVOKED]), (REMOVED, REMOVED), (REVOKED,)])
def test_in_whichever_order_slack_tells_it_nothing_that_waits_is_said(world, order):
    proposes(world)
    for event in order:
        assert world.slack.send_event(event).ok
    world.settle()

    assert is_left(world)
    assert [] == posts(world)
    assert {"cancelled"} == set(column(world, "SELECT state FROM outbox"))
    assert {"team_gone"} == set(column(world, "SELECT reason FROM outbox"))
    assert [FILLED["title"]] == column(world, "SELECT title FROM experiments")


def test_a_token_of_a_person_is_not_ours(world):
    proposes(world)
    world.slack.send_event(REVOKED | {"tokens": {"oauth": ["U0ASHA"], "bot": []}})

    assert not is_left(world)


def test_nothing_falls_due_in_a_workspace_that_the_app_has_left(world):
    world.set_up_digest()
    runs(world)
    said = len(posts(world))
    world.slack.uninstall()
    world.at("2026-06-04 10:00")
    world.at("2026-06-16 10:00")
    world.at("2026-07-20 10:00")

    assert said == len(posts(world))
    assert [] == column(world, "SELECT id FROM digests")
    assert ["running"] == column(world, "SELECT status FROM experiments")
    assert world.bot.next_due() is None


def test_what_is_being_sent_while_the_app_is_removed_is_not_said_later(world):
    proposes(world)
    world.slack.refuse("chat.postMessage", "token_revoked", times=None)
    world.bot.beat()
    world.slack.send_event(REMOVED)
    world.settle()

    assert {"cancelled"} == set(column(world, "SELECT state FROM outbox"))


def test_after_it_is_put_in_again_a_request_resumes_what_was_waiting(world):
    proposes(world)
    world.slack.uninstall()
    world.settle()
    puts_in_again(world)
    world.at("2026-06-01 12:00")
    assert [] == world.dana.dm

    world.asha.types("/experiment", "mine")
    world.settle()

    assert not is_left(world)
    assert "is it safe enough to try?" in world.dana.dm[-1].words
    world.dana.presses("Safe enough to try")
    world.dana.submits()
    world.settle()
    assert ["running"] == column(world, "SELECT status FROM experiments")


def test_after_a_long_time_away_everybody_hears_each_thing_once(world):
    world.set_up_digest()
    runs(world)
    before = len(world.asha.dm)
    world.slack.uninstall()
    world.at("2026-06-26 10:00")
    puts_in_again(world)
    world.asha.types("/experiment", "mine")
    world.settle()
    assert len(world.asha.dm) - before <= 3  # The list she asked for, how it is going, and that it ends soon.
    world.at("2026-06-29 12:00")

    assert len(world.asha.dm) - before <= 4
    assert ["finished"] == column(world, "SELECT status FROM experiments")


def test_a_request_without_a_working_token_does_not_bring_it_back(world):
    runs(world)
    world.slack.uninstall()
    world.slack.refuse("users.info", "token_revoked", times=None)
    world.asha.types("/experiment", "mine")
    world.settle()

    assert is_left(world)


def test_what_slack_tells_late_of_the_time_before_removes_nothing(world):
    runs(world)
    world.slack.uninstall()
    puts_in_again(world)
    world.asha.types("/experiment", "mine")
    world.slack.send_event(REMOVED | {"event_ts": EARLIER})

    assert not is_left(world)


def test_a_learning_of_a_digest_that_was_not_said_is_told_when_the_app_is_back(world):
    world.set_up_digest()
    world.running()
    world.learned()
    world.shared()
    world.slack.refuse("chat.postMessage", "ratelimited", times=1, retry_after=300, where={"channel": "C0LEARN"})
    world.at("2026-06-04 10:00")
    world.slack.uninstall()
    world.settle()
    puts_in_again(world)
    world.asha.types("/experiment", "mine")
    world.at("2026-06-11 10:00")

    told = [each for each in world.ben.sees("C0LEARN") if FILLED["title"] in each.words and not each.thread_ts]
    assert 1 == len(told)
