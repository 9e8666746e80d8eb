"""What every use case works with: a transaction, the moment, the workspace, and who asks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, wraps
from hashlib import sha256
from secrets import token_hex
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import and_, case, or_, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from bot.domain import cadence
from bot.domain.cadence import Life, Wall
from bot.domain.errors import AlreadyDone, Unsure, UserError
from bot.domain.learning import share_opens
from bot.domain.lifecycle import Status, Step, after
from bot.points import Reach, nothing
from db import queries
from db.engine import may_try_again
from db.patience import left
from db.tables import Audit, Experiment, Inbox, Outbox, Person, State, Workspace

Given = ParamSpec("Given")
Result = TypeVar("Result")

TRIES = 3
LASTING = {"digest", "digest-item"}  # Kinds whose keys name the same thing even in a database that was put back.
NOT_FOUND = "I cannot find that experiment. It may be one that you cannot see, or the number may be mistyped."
STRANGER = "I could not find out from Slack who you are. Nothing was changed. Please try again in a minute."
WHO = {
    "guest": "This is for members of the organisation; guests cannot use it yet. A colleague can do it for you.",
    "external": "This is for members of this organisation. Ask the colleague who works with you here.",
    "bot": "Only people can do this.",
    "gone": "This account is switched off in Slack.",
}


@dataclass(frozen=True)
class Act:
    """Who asks, in which workspace, and the natural key that makes a repeated request the same one."""

    team: str
    person: str
    key: str | None = None


@dataclass(frozen=True)
class Work:
    """One transaction of one use case."""

    session: Session
    now: datetime
    workspace: Workspace
    person: str
    reading: bool = False

    def experiment(self, experiment_id: int) -> Experiment:
        """An experiment that the person who asks may see, locked unless only read; any other raises `UserError`."""
        look_up = queries.experiment if self.reading else queries.experiment_for_change
        found = look_up(self.session, self.workspace.id, experiment_id)
        if found is None or (self.person and not queries.may_see(self.session, found.id, self.person)):
            raise UserError(NOT_FOUND)
        return found

    def owned(self, experiment_id: int) -> Experiment:
        """The same, if the person who asks owns it; anybody else learns nothing about it."""
        found = self.experiment(experiment_id)
        if found.owner != self.person:
            raise UserError("Only the person who proposed this experiment can do that. Nothing was changed.")
        return found

    def wall(self, slack_id: str) -> Wall:
        """Somebody's clock on the wall, with the workspace's working days."""
        person = queries.person(self.session, self.workspace.id, slack_id)
        zone = person.zone if person else self.workspace.zone
        return Wall(ZoneInfo(zone), working_days(self.workspace.calendar))

    def take(self, experiment: Experiment, step: Step, **detail: Any) -> None:
        """Take one step of the life: status, audit, timetable, and every message about it made true again."""
        before = experiment.status
        experiment.status = after(before, step, name=experiment.name)
        if experiment.status is not before:
            experiment.looked_at = self.now
        self.record(step, experiment, **detail)
        self.plan(experiment)
        self.refresh(experiment)

    def record(self, step: str, experiment: Experiment | None = None, **detail: Any) -> None:
        """Add one line to the audit; *detail* holds ids and figures, never people's words."""
        self.session.add(
            Audit(
                workspace_id=self.workspace.id,
                at=self.now,
                person=self.person or None,
                experiment_id=experiment.id if experiment else None,
                step=step,
                detail=detail,
            )
        )

    def timetable(self, experiment: Experiment) -> list[cadence.Entry]:
        """Everything that will fall due for an experiment as it stands."""
        self.session.flush()
        return cadence.timetable(
            life(self.session, experiment), self.wall(experiment.owner), self.wall(experiment.sponsor)
        )

    def plan(self, experiment: Experiment) -> None:
        """Work out anew when something falls due for an experiment next, after it was last looked at."""
        experiment.next_due = cadence.next_due(self.timetable(experiment), experiment.looked_at)

    def say(
        self,
        kind: str,
        to: str,
        *,
        about: Experiment | None = None,
        subject: int | None = None,
        due: datetime | None = None,
        name: object = None,
        thread_of: int | None = None,
    ) -> None:
        """Queue one message under the key that makes it said once: the kind, and the *name* of the occasion."""
        self.session.flush()
        key = f"{kind}:{name if name is not None else subject or (about and about.id)}"
        queries.insert_once(
            self.session,
            Outbox,
            workspace_id=self.workspace.id,
            key=key,
            kind=kind,
            recipient=to,
            experiment_id=about.id if about else None,
            subject_id=subject,
            thread_of=thread_of,
            due=due or self.now,
            proof=self.proof(kind, key),
        )

    def proof(self, kind: str, key: str) -> str:
        """What a message carries in Slack to be found again, opaque to whoever reads it there."""
        # Names of digests are never used anew: their proof outlives the return to an old backup.
        return sha256(f"{self.workspace.team} {key}".encode()).hexdigest()[:32] if kind in LASTING else token_hex(16)

    def refresh(self, experiment: Experiment) -> None:
        """Have every message about an experiment shown as things are now."""
        self.session.flush()
        self.refresh_where(Outbox.experiment_id == experiment.id)

    def refresh_where(self, condition: Any) -> None:
        """Have the messages that meet *condition* shown as things are now."""
        # One statement over every living state: it waits for a worker that is just writing one of them, and then
        # still meets it, whatever became of it. What stands in Slack is tried again even after a change was refused:
        # somebody may be taking their words back.
        shown = and_(Outbox.state.in_([State.SENT, State.FAILED]), Outbox.ts.is_not(None))
        living = or_(shown, Outbox.state.in_([State.WAITING, State.SENDING]))
        again = update(Outbox).where(Outbox.workspace_id == self.workspace.id, living, condition)
        self.session.execute(
            again.values(
                revision=Outbox.revision + 1,
                state=case((shown, State.WAITING), else_=Outbox.state),
                due=case((shown, self.now), else_=Outbox.due),
                attempts=case((shown, 0), else_=Outbox.attempts),
            )
        )

    def unsay(self, key: str) -> None:
        """Take back a message that has not been said yet."""
        waiting = update(Outbox).where(
            Outbox.workspace_id == self.workspace.id,
            Outbox.key == key,
            Outbox.state == State.WAITING,
            Outbox.ts.is_(None),
        )
        self.session.execute(waiting.values(state=State.CANCELLED, reason="no longer true"))


def life(session: Session, experiment: Experiment) -> Life:
    """What the timetable of *experiment* depends on."""
    sign_off = queries.sign_off(session, experiment.id)
    check_in = queries.open_check_in(session, experiment.id)
    learning = queries.learning(session, experiment.id)
    unshared = learning is not None and learning.shared_at is None and learning.taken_back_at is None
    return Life(
        status=experiment.status,
        start=experiment.start,
        end=experiment.end,
        asked_at=sign_off.asked_at,
        condition_at=sign_off.condition_at,
        agreed_at=experiment.locked_at,
        ended_at=experiment.ended_at,
        check_in_asked_at=check_in.asked_at if check_in else None,
        check_in_nth=check_in.nth if check_in else 0,
        ask_later_at=check_in.later_at if check_in else None,
        share_opens_at=share_opens(experiment.stopped_at) if unshared else None,
    )


@cache
def working_days(calendar: str) -> Callable[..., bool]:
    """Which days are worked in a calendar such as "GB-ENG": Monday to Friday without its public holidays."""
    country, _, subdivision = calendar.partition("-")
    off = holidays.country_holidays(country, subdiv=subdivision or None)
    return lambda day: day.weekday() < 5 and day not in off  # noqa: PLR2004 - Saturday is 5


@dataclass(frozen=True)
class Store:
    """Where use cases get their transaction and their moment from."""

    sessions: sessionmaker[Session]
    readings: sessionmaker[Session]
    now: Callable[[], datetime]
    reach: Reach = nothing

    @contextmanager
    def transaction(self, act: Act) -> Iterator[Work]:
        """One transaction for *act*; a request that was carried out before raises `AlreadyDone`."""
        with self.sessions() as session:
            work = Work(session, self.now(), workspace(session, act.team, self.now()), act.person)
            if act.key and not queries.insert_once(
                session, Inbox, workspace_id=work.workspace.id, key=act.key[:255], at=work.now
            ):
                raise AlreadyDone
            self.reach("work.begun")
            yield work
            session.flush()
            self.reach("work.done")
            commit(session)
        self.reach("work.committed")

    @contextmanager
    def read(self, act: Act) -> Iterator[Work]:
        """A look at things, which changes nothing and waits for nobody who does; a strange team is a `UserError`."""
        with self.readings() as session:
            found = queries.workspace(session, act.team)
            if found is None:
                raise UserError(STRANGER)
            yield Work(session, self.now(), found, act.person, reading=True)

    @contextmanager
    def read_by_person(self, act: Act) -> Iterator[Work]:
        """The same for a person; guests, outsiders and bots are refused with `UserError`."""
        with self.read(act) as work:
            check_person(queries.person(work.session, work.workspace.id, act.person))
            yield work

    @contextmanager
    def asked_by_person(self, act: Act) -> Iterator[Work]:
        """The same for a person; guests, outsiders and bots are refused with `UserError`."""
        with self.transaction(act) as work:
            check_person(queries.person(work.session, work.workspace.id, act.person))
            yield work


def commit(session: Session) -> None:
    """Commit; where the answer was lost, nobody knows whether it happened, and `Unsure` says so."""
    try:
        session.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unsure from error
        raise


def whole(use_case: Callable[Given, Result]) -> Callable[Given, Result]:
    """Have a use case, which is one transaction, repeated from its start when another or the line broke it.

    Its natural key makes this harmless even where the first try was committed: then it is `AlreadyDone`.
    """

    @wraps(use_case)
    def tried(*words: Given.args, **more: Given.kwargs) -> Result:
        unsure = None
        for nth in range(TRIES):
            try:
                return use_case(*words, **more)
            except (DBAPIError, PoolTimeout, Unsure) as error:
                unsure = unsure or (error if isinstance(error, Unsure) else None)
                hopeful = isinstance(error, Unsure) or may_try_again(error)
                if nth == TRIES - 1 or not hopeful or not left(1):
                    raise unsure or error from error
        raise AssertionError

    return tried


def check_person(person: Person | None) -> None:
    """Refuse with `UserError` whoever is not a member of this organisation."""
    if person is None:
        raise UserError(STRANGER)
    if person.kind != "member":
        raise UserError(WHO[person.kind])


def workspace(session: Session, team: str, now: datetime) -> Workspace:
    """The workspace with that Slack id; it is made on its first contact."""
    found = queries.workspace(session, team)
    if found is None:
        session.flush()
        queries.insert_once(session, Workspace, team=team, created_at=now)
        found = queries.workspace(session, team)
    return found  # type: ignore[return-value] # It was just made.


def check_running(experiment: Experiment) -> None:
    """Refuse with `UserError` what only makes sense while an experiment runs."""
    if experiment.status is not Status.RUNNING:
        after(experiment.status, Step.CHECK_IN, name=experiment.name)
