"""How long is waited for the database: an answer to Slack is given in time, whatever happens there."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Slack waits three seconds; what is left of them is for the way here and back.
ANSWER_SECONDS = 2.4

_UNTIL: ContextVar[float] = ContextVar("until", default=float("inf"))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Have everything in here wait for the database no longer than this, all in all."""
    token = _UNTIL.set(min(_UNTIL.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _UNTIL.reset(token)


def left(most: float) -> float:
    """How many seconds one step may still wait, at most *most*."""
    return max(0.0, min(most, _UNTIL.get() - monotonic()))


def until() -> float | None:
    """The moment, by the machine's own stopwatch, at which waiting ends; nothing when it does not."""
    moment = _UNTIL.get()
    return None if moment == float("inf") else moment
