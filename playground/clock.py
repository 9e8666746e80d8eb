"""A clock that moves only when told to."""

from datetime import UTC, datetime, timedelta
from threading import Lock


class Clock:
    """A moment that several threads may read and one may move."""

    def __init__(self, start: datetime | None = None) -> None:
        """Stand still at *start*, or at the present moment."""
        self._lock = Lock()
        self._moment = _aware(start or datetime.now(UTC))

    def now(self) -> datetime:
        """The moment the clock shows, aware and in UTC."""
        with self._lock:
            return self._moment

    def advance(self, by: timedelta) -> datetime:
        """Move forward by *by* and tell the new moment."""
        with self._lock:
            self._moment += by
            return self._moment

    def set(self, moment: datetime) -> datetime:
        """Move to *moment* and tell it back in UTC."""
        with self._lock:
            self._moment = _aware(moment)
            return self._moment


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        message = "A clock shows aware moments; this one has no time zone."
        raise ValueError(message)
    return moment.astimezone(UTC)
