"""The clock of a PostgreSQL server, which all processes on it share."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine

TOO_SLOW = timedelta(seconds=1)  # A question that took longer says little.
SAME = timedelta(seconds=0.2)  # Time must not step back a little at each look.


class ServerClock:
    """This machine's clock, set by the server's whenever a connection is made, which is every few minutes."""

    def __init__(self, engine: Engine, machine: Callable[[], datetime]) -> None:
        self._machine = machine
        self._ahead = timedelta(0)
        event.listen(engine, "connect", lambda connection, _entry: self._compare(connection))
        connection = engine.raw_connection()
        self._compare(connection.driver_connection)
        connection.close()

    def __call__(self) -> datetime:
        """The moment."""
        return self._machine() + self._ahead

    def _compare(self, connection: Any) -> None:
        asked = self._machine()
        there = connection.execute("SELECT clock_timestamp()").fetchone()[0]
        connection.rollback()
        took = self._machine() - asked
        ahead = there - (asked + took / 2)
        if timedelta(0) <= took < TOO_SLOW and abs(ahead - self._ahead) > SAME:
            self._ahead = ahead
