"""The first steps of the story in one go, and beats of the worker, for tests in which they are not the point."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from db.tables import Outbox
from tests.world import FILLED, fills_at_once

if TYPE_CHECKING:
    from playground.person import Person
    from tests.world import World

SECOND = timedelta(seconds=1)
QUESTION = "is it safe enough to try?"


def proposes(world: World, person: Person | None = None, **changes: Any) -> None:
    """Propose and close the window that says so, without the worker beating."""
    who = person or world.asha
    who.types("/experiment", "propose")
    fills_at_once(who, **FILLED | changes)
    who.submits()
    assert who.modal is not None
    assert "with <@" in who.modal.text, who.modal.errors
    who.closes(everything=True)


def runs(world: World, person: Person | None = None, **changes: Any) -> None:
    """Propose, have the sponsor agree, and let everything be said."""
    proposes(world, person, **changes)
    world.settle()
    sponsor = world.slack.person((FILLED | changes)["sponsor"])
    sponsor.presses("Safe enough to try")
    sponsor.submits()
    world.settle()


# The worker, beat by beat, for tests of delivery.


def beats(world, seconds, step=SECOND):
    """Let the worker beat for a while."""
    end = world.clock.now() + timedelta(seconds=seconds)
    while world.clock.now() < end:
        world.bot.beat()
        world.clock.advance(step)
    world.bot.beat()


def restart(world):
    """End the process and start another."""
    world.stop_bot()
    world.start_bot()


def row(world, kind):
    """The one message of a kind."""
    with world.bot.store.sessions() as session:
        return session.scalars(select(Outbox).where(Outbox.kind == kind)).one()


def asked(person):
    """The questions to a sponsor on somebody's screen."""
    return [each for each in person.dm if QUESTION in each.words]


def posts(world, **where):
    """When Slack was asked to post something."""
    found = [call for call in world.slack.calls if call.method == "chat.postMessage"]
    return [call.at for call in found if all(call.args.get(name) == value for name, value in where.items())]


def tells(world, level="names"):
    """A digest is due with one learning in it."""
    world.set_up_digest()
    world.running()
    world.learned()
    world.shared(level=level)
