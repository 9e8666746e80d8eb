"""Where trials run one after the other: one engine, one playground, one clock, and the scenes they begin from."""

from __future__ import annotations

import itertools
import random
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from db.engine import open_database
from db.migrate import migrate
from faults.clock import BEGINS, SharedClock
from faults.databases import PostgreSQL, SQLite, server
from faults.remote import Remote
from faults.trial import READY_TO_SHARE, Scene, Trial

if TYPE_CHECKING:
    from pathlib import Path

    from faults.databases import Database, Server

START = timedelta(seconds=1)
ONE_AT_A_TIME = threading.Lock()  # Neither migrations nor the starting of servers are made for threads.


class NotHere(Exception):  # noqa: N818 - it says what this machine or this program does not have.
    """A fault that cannot be made here; the message says why."""


@dataclass
class Tally:
    """What came of a row on one engine."""

    engine: str
    how: str = "processes"
    runs: int = 0
    lost: int = 0
    doubled: int = 0
    held: int = 0
    longest: float = 0.0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)
    hit: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    missing: str = ""
    version: str = ""  # Of the server.


class Lane:
    """Everything that trials on one engine share."""

    def __init__(self, engine: str, folder: Path, seed: int) -> None:
        self.engine = engine
        self.folder = folder
        self.folder.mkdir(mode=0o711)  # The PostgreSQL server may run as another user.
        self.server: Server | None = None
        self.seed = seed
        self.clock = SharedClock(self.folder / "clock")
        self.clock.set(BEGINS)
        self.slack = Remote(self.clock)
        self.scenes: dict[str, Scene] = {}
        self._numbers = itertools.count(1)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Open the playground and the database."""
        self._open.enter_context(self.slack)
        with ONE_AT_A_TIME:
            if self.engine == "postgres":
                self.server = self._open.enter_context(server(self.folder / "server"))
            self.scenes["empty"] = Scene("empty", self._empty(), BEGINS)
        return self

    def __exit__(self, *_: object) -> None:
        """Close it all."""
        self._open.close()

    def _empty(self) -> Database:
        database: Database = SQLite(self.folder / "empty.db")
        if self.server:
            PostgreSQL(self.server, "postgres").run("CREATE DATABASE empty_scene")
            database = PostgreSQL(self.server, "empty_scene")
        opened = open_database(database.url)
        migrate(opened)
        opened.dispose()
        return database

    def trial(self, scene: str, luck: random.Random) -> Trial:
        """A run that begins from a scene, which is made when it is first asked for."""
        if scene not in self.scenes:
            self._make(scene)
        folder = self.folder / f"trial-{next(self._numbers)}"
        return Trial(folder, self.slack, self.clock, self.scenes[scene], luck)

    def _make(self, scene: str) -> None:
        """Let real people and the real bot make a scene out of an earlier one."""
        before = {"ready": "empty", "asked": "ready", "digest": "asked"}[scene]
        with self.trial(before, random.Random(0)) as trial:  # noqa: S311 - no secret.
            bots = trial.starts()
            if scene == "ready":
                trial.sets_up_the_digest()
                for who in ("U0ASHA", "U0DANA", "U0BEN"):
                    trial.types(who, "mine")
            elif scene == "asked":
                trial.proposes("A date on the letter")
            else:
                trial.agrees()
                trial.settles()
                trial.closes("U0DANA")
                trial.learns_and_shares()
                self.clock.set(READY_TO_SHARE)
            trial.settles()
            for bot in bots:
                bot.kill()
            self.scenes[scene] = Scene(scene, trial.database.copy(scene), self.clock.now() + START)
            self.slack.remember(scene)


@dataclass
class Proof:
    """One row on one engine: its trials are made, judged and counted here."""

    lane: Lane
    tally: Tally
    luck: random.Random
    short: bool

    @property
    def engine(self) -> str:
        """The engine."""
        return self.lane.engine

    def trial(self, scene: str) -> Trial:
        """A run that begins from a scene."""
        return self.lane.trial(scene, self.luck)

    def expects(self, condition: object, otherwise: str) -> None:
        """Note what must hold and does not."""
        if not condition:
            self.tally.broken.append(otherwise)

    def judge(self, trial: Trial, about: str, *, held: bool = False, longest: float | None = None) -> Any:
        """Audit a run and count it; a message may be *held* only where nothing can be known."""
        self.expects(trial.settles(), f"{about}: it did not settle")
        trial.kills()
        found = trial.audited()
        if found.held and not held:
            found.broken.append(f"{found.held} messages are held")
        if found.broken:
            found.broken += [f"({note})" for note in trial.notes[-2:]]
        tally = self.tally
        tally.runs += 1
        tally.lost += found.lost
        tally.doubled += found.doubled
        tally.held += found.held
        tally.longest = max(tally.longest, trial.longest_delay(found) if longest is None else longest)
        tally.hit |= trial.hit
        tally.broken += [f"{about}: {each}" for each in found.broken]
        return found


def at_once(*deeds: Any) -> list[Any]:
    """Let several things be done at the same moment, and say what came of each."""
    answers: list[Any] = [None] * len(deeds)
    start = threading.Barrier(len(deeds))

    def do(place: int) -> None:
        start.wait()
        answers[place] = deeds[place]()

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
