"""The first steps of the story in one go, for tests in which they are not the point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.world import FILLED, fills_at_once

if TYPE_CHECKING:
    from playground.person import Person
    from tests.world import World


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
