"""A Slack with an app before it: people do things, time moves, everything can begin again."""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Protocol, Self

from playground.clock import Clock
from playground.config import APP, HOME, Config, DeedPart
from playground.delivery import Answer
from playground.person import Person
from playground.slack import Keys, Slack

MOMENT = timedelta(seconds=1)
HOPS = 50  # How many things may fall due without anything to see before "the next thing due" gives up.
_LENGTHS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}


class CannotBe(Exception):  # noqa: N818 - the message is a sentence for a person.
    """What was asked for cannot be done now; the message says why."""


@dataclass(frozen=True)
class HostMishap:
    """Something that can happen to the app itself, and what to watch for."""

    name: str
    title: str
    watch: str
    act: Callable[[], None]


class Host(Protocol):
    """Whoever runs the app by the stage's clock; a foreign app has none."""

    @property
    def mishaps(self) -> Sequence[HostMishap]:
        """What can happen to the app."""

    def next_due(self) -> datetime | None:
        """The next moment at which the app has something to do."""

    def settle(self) -> None:
        """Do everything that is due at the clock's moment, until nothing is."""

    def start_again(self) -> None:
        """Forget everything: a fresh database and a fresh app."""


class Turns:
    """Lets many act together, or one alone, who may ask for it again."""

    def __init__(self) -> None:
        """Nobody acts."""
        self._changed = threading.Condition()
        self._acting = 0
        self._alone: list[int] = []  # The thread that is alone, as often as it has asked.

    @contextmanager
    def together(self) -> Iterator[None]:
        """Act while others do."""
        with self._changed:
            self._changed.wait_for(lambda: self._alone[:1] in ([], [threading.get_ident()]))
            self._acting += 1
        try:
            yield
        finally:
            with self._changed:
                self._acting -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Act while nobody else does."""
        me = threading.get_ident()
        with self._changed:
            self._changed.wait_for(lambda: self._alone[:1] == [me] or not (self._alone or self._acting))
            self._alone.append(me)
        try:
            yield
        finally:
            with self._changed:
                self._alone.pop()
                self._changed.notify_all()


class Stage:
    """The workspace of a config, its clock, and the app that lives in it."""

    def __init__(
        self, config: Config, *, port: int = 0, address: str = "127.0.0.1", record: Path | None = None
    ) -> None:
        """Furnish the workspace; nothing is served before the stage is entered."""
        self.config = config
        self.clock = Clock(config.begins, runs=True)
        # A foreign app compares signatures with the clock on the wall, which does not move with ours.
        stamp = None if config.begins else lambda: datetime.now(UTC)
        self.slack = Slack(
            now=self.clock.now,
            manifest=config.manifest,
            record=record,
            port=port,
            keys=Keys(**config.keys),
            stamp=stamp,
        )
        self.slack.server.host = address
        self.slack.space.wall = lambda: datetime.now(UTC)
        self.slack.space.domain = re.sub(r"[^a-z0-9]+", "-", config.name.lower()).strip("-") or "playground"
        self.host: Host | None = None
        self.era = token_hex(4)
        self._turns = Turns()
        self.journeys = 0  # How often somebody has moved the clock.
        self.under_way = ""  # What takes a while, in words for the page.
        self._closed = threading.Event()
        self._furnish()

    def __enter__(self) -> Self:
        """Open the doors; from now on Slack sends again what the app did not take, when its time has come."""
        self.slack.start()
        self._ticks = threading.Thread(target=self._tick, name="ticks", daemon=True)
        self._ticks.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the doors."""
        self._closed.set()
        self._ticks.join()
        self.slack.stop()

    def _tick(self) -> None:
        while not self._closed.wait(MOMENT.total_seconds()):
            self.slack.redeliver_due()

    def _furnish(self) -> None:
        for one in self.config.people:
            self.slack.add_person(
                one.id,
                one.name,
                tz=one.tz or self.config.zone,
                title=one.role,
                is_admin=one.admin,
                is_restricted=one.guest,
                locale=one.locale,
            )
        everybody = [one.id for one in self.config.people]
        for room in self.config.channels:
            members = everybody if room.members == "everybody" else room.members
            channel = self.slack.add_channel(room.id, room.name, members, is_private=room.private)
            channel.topic = room.topic
            if room.app:
                self.slack.invite_bot(room.id)

    # --- people ---

    def does(self, deed: DeedPart) -> None:
        """Let somebody do one thing, and the app whatever follows from it at once.

        Raises LookupError or ValueError when it cannot be done, and CannotBe when the app does not answer.
        """
        with self._turns.alone():
            if deed.clock:
                self.passes(deed.clock)
            elif deed.who:
                answer = self._do(deed, self.slack.person(deed.who))
                if isinstance(answer, Answer) and not answer.ok:
                    raise CannotBe(answer.sentence)
                self.settle()

    def _do(self, deed: DeedPart, who: Person) -> object:
        channel = _channel(deed.at)
        deeds: dict[str, Callable[[], object]] = {
            "type": lambda: self.types(who, deed.type, deed.at),
            "say": lambda: who.says(deed.say, channel),
            "shortcut": lambda: who.uses_shortcut(deed.shortcut),
            "press": lambda: who.presses(deed.press, HOME if deed.at == HOME else None, value=deed.value),
            "fill": lambda: who.fills_in(**deed.fill),
            "submit": who.submits,
            "close": lambda: who.closes(everything=deed.close == "all"),
            "look": lambda: who.opens_home() if deed.look == HOME else None,
        }
        return deeds[deed.kind]()

    def together(self) -> AbstractContextManager[None]:
        """Let people act, each at their own screen; meanwhile no time passes, and nothing begins again."""
        return self._turns.together()

    def types(self, who: Person, words: str, at: str) -> Answer:
        """Let somebody type a command with what follows it, in a channel or among the app's messages."""
        command, _, text = words.partition(" ")
        return who.types(command, text, _channel(at))

    def prepare(self) -> None:
        """Do what must have happened before anybody looks."""
        for deed in self.config.prepare:
            self.does(deed)

    def settle(self) -> None:
        """Let the app do what is due now, where somebody can make it."""
        if self.host:
            with self._turns.alone():
                self.host.settle()

    # --- time ---

    def next_due(self) -> datetime | None:
        """When the app has something to do next, where that can be known."""
        return self.host.next_due() if self.host else None

    def passes(self, move: str | datetime) -> None:
        """Move the clock: to "next", by "+1 day" and the like, or to a moment; what falls due on the way arrives.

        Raises CannotBe when nothing is due, or when the moment has passed.
        """
        with self._taking_a_while("Time passes…"):
            now = self.clock.now()
            if move == "next":
                self._pass_to_the_next()
            else:
                target = now + _length(move) if isinstance(move, str) else move
                if target < now:
                    message = "That moment has passed: the clock moves forward only."
                    raise CannotBe(message)
                self._pass_to(target)
            self.journeys += 1

    @contextmanager
    def _taking_a_while(self, what: str) -> Iterator[None]:
        with self._turns.alone():
            self.under_way = what
            self.slack.space.number()
            try:
                yield
            finally:
                self.under_way = ""
                self.slack.space.number()

    def _pass_to_the_next(self) -> None:
        self.settle()
        before = self._seen()
        for _ in range(HOPS):
            due = self.next_due()
            if due is None:
                break
            self._pass_to(max(due, self.clock.now() + MOMENT))
            if self._seen() != before:
                return
        message = "Nothing is due: the app waits for people."
        raise CannotBe(message)

    def _seen(self) -> int:
        with self.slack.space.lock:
            return max((message.version for message in self.slack.space.messages), default=0)

    def _pass_to(self, target: datetime) -> None:
        step = MOMENT
        while self.host and (due := self.host.next_due()) is not None and due <= target:
            now = self.clock.now()
            # What stays due, because Slack refuses it for now, must not hold up time.
            step = step * 2 if due <= now else MOMENT
            self.clock.set(min(max(due, now + step), max(target, now)))
            self.slack.space.number()
            self.host.settle()
            if self.clock.now() >= target:
                break
        self.clock.set(max(target, self.clock.now()))
        self.settle()
        self.slack.space.number()

    # --- all over again ---

    def start_again(self) -> None:
        """Forget everything that happened, in Slack and, where somebody runs it by our clock, in the app."""
        with self._taking_a_while("Everything begins again…"):
            if self.host:  # First of all: the old app must not speak in the new workspace.
                self.host.start_again()
            with self.slack.space.lock:  # Nobody looks in while it is empty.
                self.slack.clear()
                self.clock.set(self.config.begins or datetime.now(UTC))
                self._furnish()
            self.era = token_hex(4)
            self.slack.space.number()
            self.prepare()


def _channel(at: str) -> str | None:
    return at if at not in ("", APP, HOME) else None


def _length(move: str) -> timedelta:
    found = re.fullmatch(r"\+(\d{1,3}) (minute|hour|day|week)s?", move)
    if not found:
        message = "Time moves by minutes, hours, days or weeks."
        raise CannotBe(message)
    return int(found[1]) * _LENGTHS[found[2]]
