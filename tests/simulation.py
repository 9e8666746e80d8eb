"""The real delivery in one thread on a virtual clock, with every crash and every answer of Slack enumerated."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from bot.delivery import Delivery
from bot.line import Later, Look, Seen, Send, Sent, Unknown, Unseen
from bot.services.work import Store
from db.engine import reading, sessions
from db.locks import Lanes
from db.tables import Figure, Outbox, Pause, State
from playground import Clock
from tests.world import MONDAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENOUGH = timedelta(hours=3)
LAG = timedelta(seconds=30)
ROUNDS = 200


class Crash(BaseException):
    """The process is gone, as by kill -9."""


@dataclass
class Choices:
    """One path through all that can happen: the first choices are given, the rest are the harmless first ones."""

    given: list[int]
    made: list[tuple[int, int]] = field(default_factory=list)  # What was chosen, of how many.

    def of(self, count: int) -> int:
        """Choose one of so many."""
        chosen = self.given[len(self.made)] if len(self.made) < len(self.given) else 0
        self.made.append((chosen, count))
        return chosen


def paths(run: Callable[[Choices], None]) -> Iterator[Choices]:
    """Every path, each run once, in order."""
    given: list[int] | None = []
    while given is not None:
        choices = Choices(given)
        run(choices)
        yield choices
        made = choices.made
        while made and made[-1][0] + 1 >= made[-1][1]:
            made.pop()
        given = [*(chosen for chosen, _ in made[:-1]), made[-1][0] + 1] if made else None


@dataclass(frozen=True)
class Snapshot:
    """How everything stood before a beat, so that paths with the same beginning need not begin anew."""

    made: list[tuple[int, int]]
    rows: list[tuple[Any, list[dict[str, Any]]]]
    mind: tuple[Any, ...]
    copies: list[Copy]
    now: datetime
    counts: tuple[int, int, int]


@dataclass
class Copy:
    """One copy of a message in Slack."""

    proof: str
    at: Any
    deleted: bool = False


@dataclass
class Wire:
    """Slack on the far side: what it does with a call, and what comes back, are choices."""

    simulation: Simulation
    ended: list[Any] = field(default_factory=list)
    busy = False

    def begin(self, job: Send | Look) -> None:
        """Let Slack do with the job whatever is chosen."""
        act = self.simulation.sends if isinstance(job, Send) else self.simulation.looks
        self.ended.append((job, act(job)))

    def results(self, patience: float) -> list[Any]:
        """Everything has ended at once."""
        del patience
        ended, self.ended = self.ended, []
        return ended

    def stop_looking(self) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Simulation:
    """One message, from its row to its end, on a database that is put back before each path."""

    engine: Any
    may_look: bool = True
    late: timedelta = timedelta(seconds=50)
    most_crashes: int = 2
    most_troubles: int = 2
    snapshots: list[Snapshot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = Clock(MONDAY)
        self.store = Store(sessions(self.engine), reading(self.engine), self.clock.now, self.reach)
        with self.store.sessions() as session:
            row = session.scalars(select(Outbox)).one()
            # A kind that is quickly written: what it says is not the point.
            self.fresh = values(row) | {"kind": "held", "subject_id": row.id}

    def told(self) -> Counter[str]:
        """How all paths end."""
        ends: Counter[str] = Counter()
        for _ in paths(self.run):
            lost = self.state is State.SENT and not self.visible
            doubled, ever = len(self.visible) > 1, self.most_visible > 1
            ends.update({"paths": 1, self.state.value: 1, "lost": lost, "doubled": doubled, "ever doubled": ever})
        return ends

    def run(self, choices: Choices) -> None:
        """Run one path to its end, from where it leaves the one before."""
        self.choices = choices
        chosen = [[number for number, _ in each.made] for each in self.snapshots]
        while chosen and chosen[-1] != choices.given[: len(chosen[-1])]:
            chosen.pop()
        del self.snapshots[len(chosen) :]
        delivery = self.restored(self.snapshots.pop()) if self.snapshots else self.begun()
        for _ in range(ROUNDS):
            self.most_visible = max(self.most_visible, len(self.visible))
            self.snapshots.append(self.snapshot(delivery))
            try:
                delivery.deliver_due()
            except Crash:
                delivery = self.born()
                continue
            if not self.pass_time():
                return
        raise AssertionError("It never comes to rest.")

    def begun(self) -> Delivery:
        """The beginning: one row that waits."""
        self.crashes = self.troubles = self.most_visible = 0
        self.copies: list[Copy] = []
        self.clock.set(MONDAY)
        self.write([(Outbox, [self.fresh]), (Pause, [])])
        return self.born()

    def snapshot(self, delivery: Delivery) -> Snapshot:
        """How everything stands."""
        with self.store.readings() as session:
            rows = [(table, [values(each) for each in session.scalars(select(table))]) for table in (Outbox, Pause)]
        mind = (dict(delivery.lanes), dict(delivery.looks_from), delivery.audit_from, set(delivery.locks.held))
        copies = [replace(copy) for copy in self.copies]
        counts = (self.crashes, self.troubles, self.most_visible)
        return Snapshot(list(self.choices.made), rows, mind, copies, self.clock.now(), counts)

    def restored(self, was: Snapshot) -> Delivery:
        """Put everything back to how it stood."""
        self.choices.made[:] = was.made
        self.crashes, self.troubles, self.most_visible = was.counts
        self.copies = [replace(copy) for copy in was.copies]
        self.clock.set(was.now)
        self.write(was.rows)
        delivery = self.born()
        delivery.lanes, delivery.looks_from, delivery.audit_from = dict(was.mind[0]), dict(was.mind[1]), was.mind[2]
        delivery.locks.held = set(was.mind[3])
        return delivery

    def write(self, rows: list[tuple[Any, list[dict[str, Any]]]]) -> None:
        """Have these rows in the database and no others."""
        with self.store.sessions.begin() as session:
            session.execute(delete(Figure))
            for table, contents in rows:
                session.execute(delete(table))
                if contents:
                    session.execute(insert(table), contents)

    def born(self) -> Delivery:
        """A new process."""
        return Delivery(self.store, Wire(self), Lanes(self.engine))

    def reach(self, point: str) -> None:
        """Die here, or go on."""
        if point.startswith(("send.", "look.")) and self.crashes < self.most_crashes and self.choices.of(2):
            self.crashes += 1
            raise Crash

    def pass_time(self) -> bool:
        """Go to the next moment at which something is due; says whether there is one."""
        waits = select(func.min(Outbox.due)).where(Outbox.state == State.WAITING)
        looks = select(func.min(Outbox.look_at)).where(Outbox.state.in_([State.UNCERTAIN, State.SENT]))
        with self.store.readings() as session:
            dues = [moment for each in (waits, looks) if (moment := session.scalar(each))]
        if not dues or min(dues) > MONDAY + ENOUGH:
            return False
        self.clock.set(max(min(dues), self.clock.now() + timedelta(seconds=1)))
        return True

    # --- Slack ---

    def trouble(self, *kinds: str) -> str:
        """What goes wrong with a call, while there is room for trouble: nothing, or one of these."""
        if self.troubles >= self.most_troubles:
            return ""
        chosen = ("", *kinds)[self.choices.of(len(kinds) + 1)]
        self.troubles += bool(chosen)
        return chosen

    def sends(self, job: Send) -> Any:
        """Take a message, or not, and answer, or not."""
        if job.method == "chat.update":
            return Sent(job.args["channel"], job.args["ts"])
        proof = job.args["metadata"]["event_payload"]["proof"]
        now = self.clock.now()
        match self.trouble("taken, no answer", "not taken, no answer", "taken late, no answer", "refused"):
            case "taken, no answer":
                self.copies.append(Copy(proof, now))
            case "taken late, no answer":
                self.copies.append(Copy(proof, now + self.late))
            case "refused":
                return Later("Slack asked to wait", timedelta(seconds=30), "chat.postMessage")
            case "":
                self.copies.append(Copy(proof, now))
                return Sent("D1", ts(self.copies[-1]))
        return Unknown("the line broke")

    def looks(self, job: Look) -> Any:
        """Show what is there and old enough to be shown, or fail to."""
        if not self.may_look:
            return Unseen("I lack a permission in Slack")
        match self.trouble("broken", "limited"):
            case "broken":
                return Unknown("the line broke")
            case "limited":
                return Later("Slack asked to wait", timedelta(seconds=20), "conversations.history")
        found: dict[str, list[str]] = {}
        for copy in self.visible:
            if job.oldest <= copy.at <= job.latest and copy.at + LAG <= self.clock.now():
                found.setdefault(copy.proof, []).append(ts(copy))
        for times in found.values():
            times.sort()
            for copy in self.copies:
                copy.deleted = copy.deleted or ts(copy) in times[1:]
        return Seen("D1", found)

    @property
    def visible(self) -> list[Copy]:
        """The copies that people see now."""
        return [copy for copy in self.copies if not copy.deleted and copy.at <= self.clock.now()]

    @property
    def state(self) -> State:
        """Where the row has come to."""
        with self.store.readings() as session:
            return session.get_one(Outbox, self.fresh["id"]).state


def values(row: Any) -> dict[str, Any]:
    """A row as its columns."""
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def ts(copy: Copy) -> str:
    """The name of a copy in Slack."""
    return f"{copy.at.timestamp():.6f}"
