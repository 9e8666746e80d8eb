"""The only place that speaks unprompted: claims what is due, has it sent or looked up, and marks what came of it."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from bot.answers import Later
from bot.domain.cadence import at_local
from bot.jobs import AFTER, lane_of, looking, prepare
from bot.line import TIMEOUT, Ended, Look, Send
from bot.proof import EVERYTHING, LOOKED_FOR, MOST_LOOKS, abandon, mark_seen, mark_sent, pause
from bot.services.work import Store
from db import queries
from db.tables import Outbox, Pause, State, Workspace

BATCH = 20  # Few at once: whoever changes one of them waits until all are written.
PATIENCE = 1.0  # Seconds; what takes longer goes on while the next beat begins others.
ROUND = timedelta(seconds=1)  # A beat must come to its end, however much there is to say.
SPACING = timedelta(seconds=1)  # Slack takes about one message a second in a channel.
LOOK_SPACING = timedelta(seconds=1.5)  # And about fifty looks a minute.
RETHREAD = timedelta(seconds=3)
AUDIT_LOOKED_FOR_EVERY = timedelta(minutes=10)
OLDEST_BACKUP = timedelta(days=8)  # Whatever an older one has forgotten is too late to be said at all.
AUDIT_AT = time(3)
AUDIT_SPAN = timedelta(days=1, hours=1)

Lane = tuple[int, str]


class Wire(Protocol):
    """What carries a job to Slack, and brings back what came of it."""

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""

    def begin(self, job: Send | Look) -> None:
        """Start one job."""

    def results(self, patience: float) -> list[Ended]:
        """What has ended, waiting for the first end at most so many seconds."""

    def stop_looking(self) -> None:
        """End every look at once."""

    def close(self) -> None:
        """Let go of the connections."""


class Locks(Protocol):
    """One sender in each lane, over all processes; a lock dies with its process and with nothing else."""

    def take(self, lane: Lane) -> bool:
        """Take a lane, unless another process has it."""

    def free(self, lane: Lane) -> None:
        """Give a lane back."""

    def close(self) -> None:
        """Give all of them back."""


@dataclass
class Delivery:
    """Sends what is due: one message in flight a lane, a second between two, and nothing twice."""

    store: Store
    wire: Wire
    locks: Locks
    in_flight: dict[int, Send | Look] = field(default_factory=dict)  # By the row; a look has several.
    lanes: dict[Lane, datetime | None] = field(default_factory=dict)  # Ours until then; until its job ends if None.
    looks_from: dict[int, datetime] = field(default_factory=dict)  # When a workspace may be looked at again.
    unmarked: list[Ended] = field(default_factory=list)
    audit_from: datetime | None = None
    silent: bool = False  # Looking only.

    def deliver_due(self) -> int:
        """Send and look up everything that is due now; says how many jobs were begun."""
        began, begun = self.store.now(), 0
        self.audit()
        while True:
            self.mark_all()
            self.give_up_abandoned()
            jobs = self.claim()
            begun += len(jobs)
            for job in jobs:
                self.wire.begin(job)
            ended = self.wire.results(PATIENCE)
            self.unmarked += ended
            for job, _ in ended:
                self.store.reach("send.answered" if isinstance(job, Send) else "look.answered")
            if not ended or self.store.now() - began > ROUND:
                self.mark_all()
                return begun

    def waiting(self, span: timedelta) -> bool:
        """Whether anything is under way, or waits to be sent or looked up within *span* from now."""
        if self.in_flight:
            return True
        soon = self.store.now() + span
        due = or_(
            (Outbox.state == State.WAITING) & (Outbox.due <= soon),
            Outbox.state.in_(LOOKED_FOR) & (Outbox.look_at <= soon),
        )
        with self.store.readings() as session:
            return session.scalar(select(Outbox.id).where(due).limit(1)) is not None

    @property
    def shut(self) -> str | None:
        """Why Slack lets us in nowhere any more, if that is so."""
        with self.store.readings() as session:
            return session.scalar(select(Workspace.suspended).where(Workspace.suspended.is_not(None)).limit(1))

    def close(self) -> None:
        """Wait for what is being sent, write down what came of it, and let go of the connections."""
        self.wire.stop_looking()
        while self.wire.busy and (ended := self.wire.results(TIMEOUT)):
            self.unmarked += ended
        self.mark_all()
        self.wire.close()
        self.locks.close()

    # --- claiming ---

    def claim(self) -> list[Send | Look]:
        """Take what is due, the oldest first, one job a lane; the state is committed before anything is sent."""
        now = self.store.now()
        self.leave_lanes(now)
        if not self.waiting(timedelta(0)):
            return []
        jobs: list[Send | Look] = []
        with self.store.sessions.begin() as session:
            paused = pauses(session, now)
            due = () if self.silent else self.due(session, now, paused)
            mine = [row for row in due if self.enter(lane_of(row))]
            jobs += [sending for row in mine if (sending := prepare(session, row, now))]
            sought = [rows for rows in self.sought(session, now, paused) if self.enter(lane_of(rows[0]))]
            jobs += [looking(session, rows) for rows in sought]
        for job in jobs:
            self.fly(job)
            self.store.reach("send.claimed" if isinstance(job, Send) else "look.claimed")
        return jobs

    def due(self, session: Session, now: datetime, paused: set[tuple[int, str]]) -> Sequence[Outbox]:
        """The first waiting row of every lane that is free, the oldest first, locked."""
        turn = func.row_number().over(
            partition_by=(Outbox.workspace_id, Outbox.recipient), order_by=(Outbox.due, Outbox.id)
        )
        waiting = (
            select(Outbox.id, Outbox.due, turn.label("turn"))
            .join(Workspace, Workspace.id == Outbox.workspace_id)
            .where(Outbox.state == State.WAITING, Outbox.due <= now, Workspace.left_at.is_(None))
            .where(tuple_(Outbox.workspace_id, Outbox.recipient).not_in(list(self.lanes)))
        )
        for workspace_id, name in paused:
            halted = {"chat.postMessage": Outbox.ts.is_(None), "chat.update": Outbox.ts.is_not(None)}.get(name)
            if name == EVERYTHING:
                waiting = waiting.where(Outbox.workspace_id != workspace_id)
            elif halted is not None:
                waiting = waiting.where(~((Outbox.workspace_id == workspace_id) & halted))
        first = waiting.subquery()
        ids = session.scalars(
            select(first.c.id).where(first.c.turn == 1).order_by(first.c.due, first.c.id).limit(BATCH)
        ).all()
        mine = select(Outbox).where(Outbox.id.in_(ids), Outbox.state == State.WAITING).order_by(Outbox.due, Outbox.id)
        return session.scalars(mine.with_for_update(skip_locked=True)).all()

    def sought(self, session: Session, now: datetime, paused: set[tuple[int, str]]) -> Iterable[list[Outbox]]:
        """The rows to be looked for, those of one conversation or thread together."""
        found = (
            select(Outbox)
            .join(Workspace, Workspace.id == Outbox.workspace_id)
            .where(Outbox.look_at <= now, Outbox.state.in_(LOOKED_FOR), Workspace.left_at.is_(None))
            .where(tuple_(Outbox.workspace_id, Outbox.recipient).not_in(list(self.lanes)))
            .order_by(Outbox.look_at, Outbox.id)
            .limit(BATCH * BATCH)
        )
        together: dict[tuple[int, str, int | None], list[Outbox]] = {}
        for row in session.scalars(found.with_for_update(skip_locked=True, of=Outbox)):
            halted = {(row.workspace_id, name) for name in (EVERYTHING, reading_method(row))} & paused
            if is_behind_doubt(session, row):
                row.look_at = now + RETHREAD
            elif not halted:
                together.setdefault((row.workspace_id, row.recipient, row.thread_of), []).append(row)
        for (workspace_id, _, _), rows in together.items():
            if self.looks_from.get(workspace_id, now) <= now:
                self.looks_from[workspace_id] = now + LOOK_SPACING
                yield rows

    def enter(self, lane: Lane) -> bool:
        """Take a lane for one job, unless we or another process use it."""
        if lane in self.lanes or not self.locks.take(lane):
            return False
        self.lanes[lane] = self.store.now()  # Given back with the next round, should nothing come of it.
        return True

    def fly(self, job: Send | Look) -> None:
        """Remember what is under way."""
        self.lanes[job.lane] = None
        self.in_flight.update(dict.fromkeys([job.id] if isinstance(job, Send) else job.proofs, job))

    def leave_lanes(self, now: datetime) -> None:
        """Give back the lanes in which enough time has passed."""
        for lane in [lane for lane, until in self.lanes.items() if until is not None and until <= now]:
            del self.lanes[lane]
            self.locks.free(lane)

    # --- marking ---

    def mark_all(self) -> None:
        """Write down what came of every job; what cannot be written now is written with the next beat."""
        left, self.unmarked = self.unmarked, []
        for job, result in left:
            try:
                self.mark(job, result)
            except Exception:  # noqa: BLE001 - what Slack answered must not be forgotten, whatever is wrong here
                reference = secrets.token_hex(4)
                structlog.get_logger().exception("an outcome could not be written down", reference=reference)
                self.unmarked.append((job, result))  # type: ignore[arg-type] # They came as this very pair.
                continue
            self.lanes[job.lane] = self.store.now() + SPACING
            for row in [row for row, other in self.in_flight.items() if other is job]:
                del self.in_flight[row]

    def mark(self, job: Send | Look, result: Any) -> None:
        """Write down what came of one job: an `Outcome` of a sending, a `Sight` of a look."""
        now = self.store.now()
        with self.store.sessions.begin() as session:
            if isinstance(result, Later):
                pause(session, job.lane[0], result, now)
            if isinstance(job, Send):
                mark_sent(session, job, result, now)
            else:
                mark_seen(session, job, result, now)
        self.store.reach("send.marked" if isinstance(job, Send) else "look.marked")

    def give_up_abandoned(self) -> None:
        """What a process that is gone was sending: a change may be repeated, a new message may have arrived."""
        with self.store.readings() as session:
            sending = session.scalars(select(Outbox).where(Outbox.state == State.SENDING)).all()
        for row in sending:
            lane = lane_of(row)
            # Whoever still holds the lane is alive, however slow; and of our own lanes we know.
            if row.id in self.in_flight or (lane not in self.lanes and not self.enter(lane)):
                continue
            with self.store.sessions.begin() as session:
                found = session.get_one(Outbox, row.id, with_for_update=True)
                if found.state is State.SENDING and found.claimed_at == row.claimed_at:
                    abandon(session, found, self.store.now())

    # --- looking back ---

    def doubt_everything(self) -> None:
        """After the return to an old backup, whatever waits may have been said since: nothing is sent before a look."""
        now, self.silent = self.store.now(), True
        waiting = update(Outbox).where(Outbox.state == State.WAITING, Outbox.ts.is_(None), Outbox.due <= now)
        with self.store.sessions.begin() as session:
            tried = {"first_attempt_at": now - OLDEST_BACKUP, "claimed_at": now}
            unknown = {"state": State.UNCERTAIN, "reason": "it may have been sent since the backup was made"}
            session.execute(waiting.values(**tried, **unknown, looks=MOST_LOOKS, look_at=now))

    def uncertain(self) -> int:
        """How many messages may or may not have arrived."""
        with self.store.readings() as session:
            return queries.counted(session).get(State.UNCERTAIN, 0)

    def audit(self) -> None:
        """Once a night, have everything that was said since the last one looked up."""
        now = self.store.now()
        if self.audit_from and self.audit_from > now >= self.audit_from - AUDIT_LOOKED_FOR_EVERY:
            return
        self.audit_from = now + AUDIT_LOOKED_FOR_EVERY
        with self.store.sessions.begin() as session:
            for workspace in session.scalars(select(Workspace).where(Workspace.left_at.is_(None))):
                today = now.astimezone(ZoneInfo(workspace.zone)).date()
                if at_local(today, AUDIT_AT, ZoneInfo(workspace.zone)) > now or workspace.audited_on == today:
                    continue
                is_new, workspace.audited_on = workspace.audited_on is None, today
                if is_new:
                    continue
                said = (Outbox.workspace_id == workspace.id, Outbox.state == State.SENT, Outbox.look_at.is_(None))
                recent = (Outbox.sent_at > now - AUDIT_SPAN, Outbox.sent_at <= now - AFTER, Outbox.ts.is_not(None))
                session.execute(update(Outbox).where(*said, *recent).values(look_at=now))


def reading_method(row: Outbox) -> str:
    """The Web API method that finds a message."""
    return "conversations.replies" if row.thread_of else "conversations.history"


def is_behind_doubt(session: Session, row: Outbox) -> bool:
    """Whether it stands, if anywhere, below a message of which we do not know yet where it stands."""
    return bool(row.thread_of) and session.get_one(Outbox, row.thread_of).state is State.UNCERTAIN


def pauses(session: Session, now: datetime) -> set[tuple[int, str]]:
    """What may not be called now, as workspace and method."""
    return {(row.workspace_id, row.method) for row in session.scalars(select(Pause).where(Pause.until > now))}
