"""The real delivery in one thread on a virtual clock, with every crash and every answer of Slack enumerated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

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


def paths(run: Callable[[Choices], None], first: list[int] | None = None) -> Iterator[Choices]:
    """Every path that begins as *first* says, each run once, in order."""
    fixed = len(first or [])
    given: list[int] | None = list(first or [])
    while given is not None:
        choices = Choices(given)
        run(choices)
        yield choices
        made = choices.made
        while len(made) > fixed and made[-1][0] + 1 >= made[-1][1]:
            made.pop()
        given = [*(chosen for chosen, _ in made[:-1]), made[-1][0] + 1] if len(made) > fixed else None


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

    def __post_init__(self) -> None:
        self.clock = Clock(MONDAY)
        self.store = Store(sessions(self.engine), reading(self.engine), self.clock.now, self.reach)
        with self.store.sessions() as session:
            self.row = session.scalars(select(Outbox)).one()
            names = [column.name for column in Outbox.__table__.columns]
            self.fresh = {name: getattr(self.row, name) for name in names if name != "id"}

    def run(self, choices: Choices) -> None:
        """Run one path to its end."""
        self.choices, self.crashes, self.troubles = choices, 0, 0
        self.copies: list[Copy] = []
        self.most_visible = 0
        self.clock.set(MONDAY)
        with self.store.sessions.begin() as session:
            session.execute(delete(Pause))
            session.execute(delete(Figure))
            session.execute(delete(Outbox).where(Outbox.id != self.row.id))
            session.execute(update(Outbox).where(Outbox.id == self.row.id).values(**self.fresh))
        delivery = self.born()
        for _ in range(ROUNDS):
            try:
                delivery.deliver_due()
            except Crash:
                delivery = self.born()
                continue
            self.most_visible = max(self.most_visible, len(self.visible))
            if not self.pass_time():
                return
        raise AssertionError("It never comes to rest.")

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
            return session.get_one(Outbox, self.row.id).state


def ts(copy: Copy) -> str:
    """The name of a copy in Slack."""
    return f"{copy.at.timestamp():.6f}"
