"""Rows that belong together, as services gather them and views show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from db.tables import CheckIn, Experiment, Guardrail, Learning, Outbox, SignOff, Workspace

Told = tuple[Learning, Experiment]


@dataclass(frozen=True)
class Whole:
    """One experiment with everything that belongs to it, and who is looking."""

    experiment: Experiment
    workspace: Workspace
    sign_off: SignOff
    viewer: str
    guardrails: Sequence[Guardrail] = ()
    check_ins: Sequence[CheckIn] = ()
    learning: Learning | None = None
    members: Sequence[str] = field(default=())
    sponsor_here: bool = True


@dataclass(frozen=True)
class Page:
    """Everything that one person's Home shows."""

    workspace: Workspace
    person: str
    waiting: Sequence[Experiment]
    mine: Sequence[Experiment]
    near: Sequence[Experiment]
    learnings: Sequence[Told]
    steward: bool
    looks_after: bool
    trouble: str | None = None
    held: Sequence[Outbox] = ()


@dataclass(frozen=True)
class Issue:
    """What one digest tells: new learnings in their order, or one older learning when there is nothing new."""

    week: str
    told: Sequence[Told]
    older: Told | None = None
