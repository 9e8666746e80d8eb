"""Fills in a form in one go, for tests in which what the bot hears during the typing is not the point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.entering import entry
from playground.reading import controls
from tests.world import FILLED

if TYPE_CHECKING:
    from playground.person import Person
    from tests.world import World


def fills_at_once(person: Person, **values: Any) -> None:
    """Fill in fields of the top modal without telling the bot before the form is sent."""
    view = person.modal
    assert view is not None
    fields = {block["block_id"]: element for block, element in controls(view.blocks)}
    for name, value in values.items():
        element = fields[name]
        view.state[name][element["action_id"]] = entry(element, value)


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
