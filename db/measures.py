"""The figures that are read at /metrics, in three statements."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import queries
from db.tables import Figure, Outbox, State

UNSENT = (State.WAITING, State.UNCERTAIN, State.HELD, State.FAILED)


@dataclass(frozen=True)
class Measures:
    """How things stand, in numbers."""

    messages: dict[str, int]
    oldest_due: datetime | None
    last_beat: datetime | None
    figures: dict[tuple[str, str], int]


def read(session: Session) -> Measures:
    """How things stand now; the oldest waiting message may be due only later."""
    unsent = select(Outbox.state, func.count(), func.min(Outbox.due)).where(Outbox.state.in_(UNSENT))
    rows = {row[0]: (row[1], row[2]) for row in session.execute(unsent.group_by(Outbox.state))}
    counted = select(Figure.name, Figure.reason, func.sum(Figure.count)).group_by(Figure.name, Figure.reason)
    return Measures(
        messages={state.value: rows[state][0] if state in rows else 0 for state in UNSENT},
        oldest_due=rows[State.WAITING][1] if State.WAITING in rows else None,
        last_beat=queries.last_beat(session),
        figures={(row[0], row[1]): int(row[2]) for row in session.execute(counted)},
    )
