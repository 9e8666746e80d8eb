"""Reads with names, and the one insert that may find its row there already."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.domain.lifecycle import AWAITING_LEARNING, AWAITING_SPONSOR, OPEN, Status
from bot.domain.proposal import Visibility
from db.tables import (
    Audit,
    Beat,
    CheckIn,
    Digest,
    Draft,
    Experiment,
    Figure,
    Guardrail,
    Learning,
    Member,
    Outbox,
    Person,
    Reuse,
    SignOff,
    State,
    Workspace,
)

INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def insert_once(session: Session, table: Any, **values: Any) -> bool:
    """Insert a row unless a unique key holds it already; says whether it was new."""
    insert = INSERTS[session.get_bind().dialect.name]
    statement = insert(table).values(**values).on_conflict_do_nothing()
    return session.execute(statement.returning(table.id)).first() is not None


def count(session: Session, workspace_id: int, name: str, reason: str = "") -> None:
    """Count one more of what whoever answers for the bot wants to know; *reason* is our own word, never a person's."""
    insert = INSERTS[session.get_bind().dialect.name]
    row = {"workspace_id": workspace_id, "name": name, "reason": reason[:64], "count": 1}
    one_more = insert(Figure).values(**row)
    session.execute(
        one_more.on_conflict_do_update(
            index_elements=["workspace_id", "name", "reason"], set_={"count": Figure.count + 1}
        )
    )


def workspace(session: Session, team: str) -> Workspace | None:
    """The workspace with that Slack id."""
    return session.scalar(select(Workspace).where(Workspace.team == team))


def only_team(session: Session) -> str | None:
    """The Slack id of the workspace that was here first; one program serves one workspace."""
    return session.scalar(select(Workspace.team).order_by(Workspace.id).limit(1))


def person(session: Session, workspace_id: int, slack_id: str) -> Person | None:
    """Somebody, as Slack last described them."""
    return session.scalar(select(Person).where(Person.workspace_id == workspace_id, Person.slack_id == slack_id))


def person_for_change(session: Session, workspace_id: int, slack_id: str) -> Person | None:
    """The same with the row locked until the transaction ends."""
    found = select(Person).where(Person.workspace_id == workspace_id, Person.slack_id == slack_id)
    return session.scalar(found.with_for_update(key_share=True).execution_options(populate_existing=True))


def admins(session: Session, workspace_id: int) -> list[str]:
    """The admins of the Slack workspace whom we have met, in a fixed order."""
    known = select(Person.slack_id).where(
        Person.workspace_id == workspace_id, Person.is_admin.is_(True), Person.kind == "member"
    )
    return list(session.scalars(known.order_by(Person.id)))


def involving(session: Session, workspace_id: int, slack_id: str) -> Sequence[Experiment]:
    """The open experiments that somebody owns or sponsors, locked until the transaction ends."""
    theirs = select(Experiment).where(
        Experiment.workspace_id == workspace_id,
        Experiment.status.in_(OPEN),
        or_(Experiment.owner == slack_id, Experiment.sponsor == slack_id),
    )
    locked = theirs.order_by(Experiment.id).with_for_update(key_share=True)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def said_since(session: Session, workspace_id: int, recipient: str, begins: str, since: datetime) -> bool:
    """Whether somebody was told something, by the beginning of its key, after a moment."""
    told = select(Outbox.id).where(
        Outbox.workspace_id == workspace_id, Outbox.recipient == recipient, Outbox.due > since
    )
    return session.scalar(told.where(Outbox.key.startswith(begins, autoescape=True)).limit(1)) is not None


def was_asked(session: Session, experiment_id: int, slack_id: str) -> bool:
    """Whether somebody was ever asked to take over an experiment."""
    asked = select(Outbox.id).where(
        Outbox.experiment_id == experiment_id, Outbox.kind == "take-over", Outbox.recipient == slack_id
    )
    return session.scalar(asked.limit(1)) is not None


def newest_audit(session: Session, workspace_id: int, steps: Sequence[str]) -> Audit | None:
    """The newest line of the audit about one of *steps*."""
    found = select(Audit).where(Audit.workspace_id == workspace_id, Audit.step.in_(steps))
    return session.scalar(found.order_by(Audit.id.desc()).limit(1))


def draft(session: Session, workspace_id: int, owner: str, *, locked: bool = False) -> Draft | None:
    """The proposal that somebody is still writing."""
    found = select(Draft).where(Draft.workspace_id == workspace_id, Draft.person == owner)
    return session.scalar(found.with_for_update(key_share=True) if locked else found)


def visible_to(slack_id: str) -> ColumnElement[bool]:
    """Which experiments somebody may see; for others a restricted one does not exist."""
    member = exists().where(Member.experiment_id == Experiment.id, Member.person == slack_id)
    return or_(
        Experiment.visibility == Visibility.EVERYONE,
        Experiment.owner == slack_id,
        Experiment.sponsor == slack_id,
        and_(Experiment.visibility == Visibility.TEAM, member),
    )


def experiment(session: Session, workspace_id: int, experiment_id: int) -> Experiment | None:
    """One experiment, whoever may see it."""
    found = select(Experiment).where(Experiment.workspace_id == workspace_id, Experiment.id == experiment_id)
    return session.scalar(found)


def experiment_for_change(session: Session, workspace_id: int, experiment_id: int) -> Experiment | None:
    """One experiment with its row locked until the transaction ends."""
    found = select(Experiment).where(Experiment.workspace_id == workspace_id, Experiment.id == experiment_id)
    return session.scalar(found.with_for_update(key_share=True).execution_options(populate_existing=True))


def may_see(session: Session, experiment_id: int, slack_id: str) -> bool:
    """Whether somebody may see an experiment."""
    return session.scalar(select(Experiment.id).where(Experiment.id == experiment_id, visible_to(slack_id))) is not None


def experiment_seen(session: Session, workspace_id: int, number: int, slack_id: str) -> Experiment | None:
    """The experiment with that number, if that person may see it."""
    found = select(Experiment).where(
        Experiment.workspace_id == workspace_id, Experiment.number == number, visible_to(slack_id)
    )
    return session.scalar(found)


def members(session: Session, experiment_id: int) -> list[str]:
    """The people of the team, by Slack id."""
    return list(session.scalars(select(Member.person).where(Member.experiment_id == experiment_id).order_by(Member.id)))


def sign_off(session: Session, experiment_id: int) -> SignOff:
    """The newest question to a sponsor about an experiment; there always is one."""
    newest = select(SignOff).where(SignOff.experiment_id == experiment_id).order_by(SignOff.id.desc()).limit(1)
    return session.scalars(newest).one()


def guardrails(session: Session, experiment_id: int) -> Sequence[Guardrail]:
    """What protects people in an experiment, oldest first."""
    return session.scalars(
        select(Guardrail).where(Guardrail.experiment_id == experiment_id).order_by(Guardrail.id)
    ).all()


def check_ins(session: Session, experiment_id: int) -> Sequence[CheckIn]:
    """All questions how it goes, oldest first."""
    return session.scalars(select(CheckIn).where(CheckIn.experiment_id == experiment_id).order_by(CheckIn.nth)).all()


def open_check_in(session: Session, experiment_id: int) -> CheckIn | None:
    """The newest question that is neither answered nor replaced by a newer one."""
    found = (
        select(CheckIn)
        .where(CheckIn.experiment_id == experiment_id, CheckIn.answer.is_(None), CheckIn.missed.is_(False))
        .order_by(CheckIn.nth.desc())
        .limit(1)
    )
    return session.scalar(found)


def learning(session: Session, experiment_id: int, *, locked: bool = False) -> Learning | None:
    """What an experiment taught, once it is written."""
    found = select(Learning).where(Learning.experiment_id == experiment_id)
    return session.scalar(found.with_for_update(key_share=True) if locked else found)


def newest(found: Select[Experiment], most: int) -> Select[Experiment]:
    """The newest experiments first, at most so many."""
    return found.order_by(Experiment.number.desc()).limit(most)


def owned_by(session: Session, workspace_id: int, slack_id: str, most: int) -> Sequence[Experiment]:
    """Somebody's own experiments, open or not."""
    found = select(Experiment).where(Experiment.workspace_id == workspace_id, Experiment.owner == slack_id)
    return session.scalars(newest(found, most)).all()


def waiting_for(session: Session, workspace_id: int, slack_id: str, most: int) -> Sequence[Experiment]:
    """The experiments in which the next step is that person's, the oldest first."""
    found = select(Experiment).where(
        Experiment.workspace_id == workspace_id,
        or_(
            and_(Experiment.sponsor == slack_id, Experiment.status == Status.PROPOSED),
            and_(Experiment.owner == slack_id, Experiment.status.in_([Status.CONDITION, *AWAITING_LEARNING])),
            and_(Experiment.sponsor == slack_id, Experiment.orphaned_at.is_not(None), Experiment.status.in_(OPEN)),
            and_(
                Experiment.owner == slack_id,
                Experiment.status == Status.RUNNING,
                exists().where(
                    CheckIn.experiment_id == Experiment.id,
                    CheckIn.answer.is_(None),
                    CheckIn.missed.is_(False),
                ),
            ),
        ),
    )
    return session.scalars(found.order_by(Experiment.number).limit(most)).all()


def running_near(session: Session, workspace_id: int, slack_id: str, most: int) -> Sequence[Experiment]:
    """Open experiments that somebody may see and that are not their own."""
    found = select(Experiment).where(
        Experiment.workspace_id == workspace_id,
        Experiment.status.in_(OPEN - AWAITING_SPONSOR),
        Experiment.owner != slack_id,
        visible_to(slack_id),
    )
    return session.scalars(newest(found, most)).all()


def open_to(session: Session, workspace_id: int, slack_id: str, most: int) -> Sequence[Experiment]:
    """All open experiments that somebody may see."""
    found = select(Experiment).where(
        Experiment.workspace_id == workspace_id, Experiment.status.in_(OPEN), visible_to(slack_id)
    )
    return session.scalars(newest(found, most)).all()


def shared() -> ColumnElement[bool]:
    """Learnings that are told to everybody and were not taken back."""
    return and_(Learning.shared_at.is_not(None), Learning.taken_back_at.is_(None))


def like(words: str) -> str:
    """*words* as a pattern that finds them anywhere, letters for letters."""
    escaped = words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def learnings(
    session: Session, workspace_id: int, slack_id: str, words: Sequence[str], most: int
) -> Sequence[tuple[Learning, Experiment]]:
    """Learnings that somebody may read and that hold every one of *words*, newest first."""
    found = (
        select(Learning, Experiment)
        .join(Experiment, Experiment.id == Learning.experiment_id)
        .where(Learning.workspace_id == workspace_id, told_to(slack_id))
    )
    for each in words:
        parts = (
            Experiment.title,
            Experiment.problem,
            Experiment.idea,
            Learning.learned,
            Learning.seen,
            Learning.advice,
        )
        found = found.where(or_(*(func.lower(part).like(like(each), escape="\\") for part in parts)))
    rows = session.execute(found.order_by(Learning.written_at.desc(), Learning.id.desc()).limit(most))
    return [(row[0], row[1]) for row in rows]


def told_to(slack_id: str) -> ColumnElement[bool]:
    """Whether somebody may read a learning: it is shared, or they are of the experiment."""
    own = exists().where(Member.experiment_id == Experiment.id, Member.person == slack_id)
    return or_(
        shared(),
        Experiment.owner == slack_id,
        Experiment.sponsor == slack_id,
        and_(Experiment.visibility != Visibility.INVOLVED, own),
    )


def untold(
    session: Session, workspace_id: int, now: datetime, most: int, *, locked: bool = False
) -> Sequence[Learning]:
    """Shared learnings that no digest has told yet, in the order in which they were shared."""
    found = (
        select(Learning)
        .where(
            Learning.workspace_id == workspace_id,
            shared(),
            Learning.celebrated_in.is_(None),
            Learning.shared_at <= now,
        )
        .order_by(Learning.shared_at, Learning.id)
        .limit(most)
    )
    return session.scalars(found.with_for_update(key_share=True) if locked else found).all()


def older(session: Session, workspace_id: int) -> Learning | None:
    """A learning told before, the one that was not told for the longest time."""
    found = (
        select(Learning)
        .where(Learning.workspace_id == workspace_id, shared(), Learning.celebrated_in.is_not(None))
        .order_by(func.coalesce(Learning.retold_at, Learning.shared_at), Learning.id)
        .limit(1)
    )
    return session.scalar(found)


def told_in(session: Session, digest_id: int) -> Sequence[tuple[Learning, Experiment]]:
    """What a digest tells, in its order; what was taken back still has its place."""
    found = (
        select(Learning, Experiment)
        .join(Experiment, Experiment.id == Learning.experiment_id)
        .where(Learning.celebrated_in == digest_id)
        .order_by(Learning.shared_at, Learning.id)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def reuses(session: Session, learning_id: int) -> Sequence[Reuse]:
    """Who was helped by a learning or said thank you, oldest first."""
    return session.scalars(select(Reuse).where(Reuse.learning_id == learning_id).order_by(Reuse.id)).all()


def outbox(session: Session, workspace_id: int, key: str) -> Outbox | None:
    """The message with that key."""
    return session.scalar(select(Outbox).where(Outbox.workspace_id == workspace_id, Outbox.key == key))


def held(session: Session, workspace_id: int, most: int) -> Sequence[Outbox]:
    """The messages that wait for somebody to say whether they arrived, the oldest first."""
    found = select(Outbox).where(Outbox.workspace_id == workspace_id, Outbox.state == State.HELD)
    return session.scalars(found.order_by(Outbox.due, Outbox.id).limit(most)).all()


def counted(session: Session) -> dict[State, int]:
    """How many messages are in each state."""
    return {row[0]: row[1] for row in session.execute(select(Outbox.state, func.count()).group_by(Outbox.state))}


def failed_digest(session: Session, workspace_id: int) -> Outbox | None:
    """The newest digest message, if it could not be posted."""
    found = (
        select(Outbox).where(Outbox.workspace_id == workspace_id, Outbox.kind == "digest").order_by(Outbox.id.desc())
    )
    row = session.scalar(found.limit(1))
    return row if row and row.state is State.FAILED else None


def last_beat(session: Session) -> datetime | None:
    """When the worker last said that it is alive."""
    return session.scalar(select(func.max(Beat.at)))


def digest(session: Session, digest_id: int) -> Digest:
    """The digest with that id."""
    return session.get_one(Digest, digest_id)
