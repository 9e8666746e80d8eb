"""A clock that people may move: it stands still, or runs on by itself between moves."""

import time
from datetime import UTC, datetime, timedelta
from threading import Lock


class Clock:
    """A moment that several threads may read and one may move."""

    def __init__(self, start: datetime | None = None, *, runs: bool = False) -> None:
        """Begin at *start*, or at the present moment; stand still there unless the clock *runs*."""
        self.runs = runs
        self._lock = Lock()
        self._moment = _aware(start or datetime.now(UTC))
        self._since = time.monotonic()

    def now(self) -> datetime:
        """The moment the clock shows, aware and in UTC."""
        with self._lock:
            return self._shown()

    def advance(self, by: timedelta) -> datetime:
        """Move forward by *by* and tell the new moment."""
        with self._lock:
            self._moment += by
            return self._shown()

    def set(self, moment: datetime) -> datetime:
        """Move to *moment* and tell it back in UTC."""
        with self._lock:
            self._moment, self._since = _aware(moment), time.monotonic()
            return self._moment

    def _shown(self) -> datetime:
        gone = time.monotonic() - self._since if self.runs else 0.0
        return self._moment + timedelta(seconds=gone)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        message = "A clock shows aware moments; this one has no time zone."
        raise ValueError(message)
    return moment.astimezone(UTC)
