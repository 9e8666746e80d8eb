"""Counts calls as Slack does, by the workspace's clock."""

import math
from collections import defaultdict, deque
from datetime import datetime, timedelta

from playground import limits
from playground.validate import Refusal

MINUTE = timedelta(minutes=1)


class Rates:
    """How often each method was called in the last minute, and each channel spoken into."""

    def __init__(self, *, on: bool = True) -> None:
        """Begin with nothing counted."""
        self.on = on
        self.most: dict[str, int] = {}  # Calls a minute, where a method's own number shall not hold.
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._posts: dict[str, tuple[float, datetime]] = {}

    def count(self, method: str, at: datetime) -> None:
        """Count one call, or refuse it as one too many."""
        calls = self._calls[method]
        while calls and at - calls[0] >= MINUTE:
            calls.popleft()
        usual = limits.PER_MINUTE[limits.METHODS[method].tier] if self.on else None
        most = self.most.get(method, usual)
        if most is not None and len(calls) >= most:
            raise too_many((calls[0] + MINUTE - at).total_seconds())
        calls.append(at)

    def count_post(self, channel: str, at: datetime) -> None:
        """Count one message into a channel: about one a second, with a burst let through."""
        left, since = self._posts.get(channel, (float(limits.POST_BURST), at))
        left = min(limits.POST_BURST, left + (at - since).total_seconds() * limits.POSTS_PER_SECOND)
        if self.on and left < 1:
            raise too_many((1 - left) / limits.POSTS_PER_SECOND)
        self._posts[channel] = (left - 1, at)


def too_many(seconds: float) -> Refusal:
    """Slack's refusal of a call that came too soon."""
    return Refusal("ratelimited", status=429, more=(("retry_after", max(1, math.ceil(seconds))),))
