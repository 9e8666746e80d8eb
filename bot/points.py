"""The named moments at which a proof may have the process die, as a power cut would; otherwise they do nothing."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable

Reach = Callable[[str], None]

# Every moment has a name that says what has just happened; a proof fails when one of them is never reached.
POINTS = {
    "request.let-in": "a request of Slack was found genuine, and nothing was done about it yet",
    "work.begun": "the transaction of a use case has its natural key, and nothing else",
    "work.done": "everything of a use case is written, and not committed",
    "work.committed": "a use case is committed, and Slack has no answer",
    "request.answered": "Slack's request is answered",
    "due.committed": "what fell due is done, and what must be said waits in the outbox",
    "send.claimed": "a message is claimed, and not sent",
    "send.answered": "Slack has answered, and the answer is not written down",
    "send.marked": "what Slack answered is written down",
    "look.claimed": "an uncertain message is about to be looked up in Slack",
    "look.answered": "it was looked up, and what was found is not written down",
    "look.marked": "what was found is written down",
    "double.deleted": "a second copy was deleted in Slack, and that is not written down",
    "migrate.begun": "a migration has changed something, and is not committed",
}


def nothing(point: str) -> None:
    """Go on, as ever."""
    del point


def dying(at: str) -> Reach:
    """Die without any clean-up at the nth time a point is reached; *at* is such as "send.claimed:2"."""
    wanted, _, nth = at.partition(":")
    if wanted not in POINTS or not (nth or "1").isdecimal():
        message = f"{at!r} names no point: write a name, a colon and a number, such as send.claimed:1."
        raise ValueError(message)
    reached: Counter[str] = Counter()

    def reach(point: str) -> None:
        reached[point] += 1
        if point == wanted and reached[point] == int(nth or "1"):
            os.kill(os.getpid(), signal.SIGKILL)

    return reach
