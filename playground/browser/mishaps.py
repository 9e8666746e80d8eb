"""What can go wrong between Slack and the app, as switches that a visitor may try."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playground.mishap import Mishap
from playground.slack import Slack
from playground.stage import Stage


@dataclass(frozen=True)
class Kind:
    """One thing that can go wrong, and what to watch for."""

    name: str
    title: str
    watch: str
    make: Callable[[Slack], list[Mishap]]


KINDS = (
    Kind(
        "slow",
        "Slack is slow",
        "Every call of the app takes half a second. Words come later, but nothing is lost or said twice.",
        lambda slack: [slack.refuse("*", delay=0.5, times=None)],
    ),
    Kind(
        "limited",
        "Slack says: too many (429)",
        "The next three messages are refused for five seconds each. They arrive once, when Slack lets them in.",
        lambda slack: [slack.refuse("chat.postMessage", "ratelimited", times=3, retry_after=5)],
    ),
    Kind(
        "broken",
        "Slack is broken (500)",
        "The next three calls are answered with an error page. Whoever pressed something hears that it did not work.",
        lambda slack: [slack.refuse("*", status=500, times=3)],
    ),
    Kind(
        "cut",
        "The line is cut after Slack said yes",
        "The next message arrives, but the app never hears that it did. A good app does not say it twice.",
        lambda slack: [slack.refuse("chat.postMessage", cut=True, done=True)],
    ),
)
TWICE = Kind(
    "twice",
    "Everything arrives twice",
    "Every click and every command reaches the app a second time. It must count once.",
    lambda _: [],
)


class Mishaps:
    """Which of them are on."""

    def __init__(self, stage: Stage) -> None:
        """All are off."""
        self.stage = stage
        self._on: dict[str, list[Mishap]] = {}

    def is_on(self, name: str) -> bool:
        """Whether a mishap still waits to happen, or goes on happening."""
        if name == TWICE.name:
            return self.stage.slack.delivery.twice
        waiting = self._on.get(name, [])
        return any(each.times != 0 for each in waiting)

    def left(self, name: str) -> int | None:
        """How often a mishap will still happen; none where it goes on until it is switched off."""
        counts = [each.times for each in self._on.get(name, []) if self.is_on(name)]
        return None if not counts or None in counts else sum(count or 0 for count in counts)

    def switch(self, name: str) -> None:
        """Switch a mishap on or off; one of the app's own happens at once. Raises LookupError for an unknown name."""
        slack = self.stage.slack
        own = {each.name: each for each in (self.stage.host.mishaps if self.stage.host else ())}
        if name in own:
            own[name].act()
        elif name == TWICE.name:
            slack.delivery.twice = not slack.delivery.twice
        elif self.is_on(name):
            for each in self._on.pop(name):
                slack.desk.mishaps.remove(each)
        else:
            kind = next((each for each in KINDS if each.name == name), None)
            if kind is None:
                raise LookupError(name)
            self._on[name] = kind.make(slack)
        slack.space.number()

    def rows(self) -> list[dict[str, Any]]:
        """All mishaps for the page, the app's own last."""
        switches = [(each.name, each.title, each.watch) for each in (*KINDS, TWICE)]
        own = [(each.name, each.title, each.watch) for each in (self.stage.host.mishaps if self.stage.host else ())]
        return [
            {
                "name": name,
                "title": title,
                "watch": watch,
                "switch": (name, title, watch) not in own,
                "on": self.is_on(name),
                "left": self.left(name),
            }
            for name, title, watch in (*switches, *own)
        ]

    def clear(self) -> None:
        """Switch everything off."""
        self._on.clear()
        self.stage.slack.desk.mishaps.clear()
        self.stage.slack.delivery.twice = False
