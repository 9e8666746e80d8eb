"""Whether the clock can be believed: while it shows less than the worker once wrote down, nothing is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import update

from bot.services.work import Store
from db import queries
from db.tables import Beat, Workspace

BACKWARDS = timedelta(minutes=1)
STEADY = timedelta(minutes=10)  # Then it was the earlier time that was wrong, and nobody has to mend anything.


def is_behind(store: Store) -> bool:
    """Whether the clock shows a time that has long passed, by what the worker wrote down."""
    with store.readings() as session:
        last = queries.last_beat(session)
    return last is not None and store.now() < last - BACKWARDS


@dataclass
class Watch:
    """Keeps an eye on the clock over the beats of one process."""

    store: Store
    since: datetime | None = None
    last: datetime | None = None

    def is_believed(self) -> bool:
        """Whether to go on: the clock runs forward, or has run steadily for so long that it is believed again."""
        now = self.store.now()
        if not is_behind(self.store):
            self.since = None
            return True
        if self.since is None or self.last is None:
            structlog.get_logger().error("the clock runs backwards; nothing is scheduled or sent", now=now.isoformat())
            self.since = now
        elif not self.last <= now <= self.last + BACKWARDS:
            self.since = now
        self.last = now
        if now - self.since < STEADY:
            return False
        self.since = None
        believe(self.store)
        return True


def believe(store: Store) -> None:
    """Take the clock as it is, and plan anew what was planned in a time that never was."""
    structlog.get_logger().warning("the clock has run steadily since it was set back, and is believed again")
    with store.sessions.begin() as session:
        session.execute(update(Beat).values(at=store.now()))
        session.execute(update(Workspace).values(planned_by=None))
