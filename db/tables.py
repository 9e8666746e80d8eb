"""The tables: typed, declarative, one class a table; every table carries the workspace."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.domain.gate import Lane
from bot.domain.learning import Decision, Expected, Kind, Level
from bot.domain.lifecycle import Status
from bot.domain.proposal import Answer, UndoTime, Visibility

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on every engine; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC, and without the zone where the engine has none."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "A moment needs its zone."
            raise ValueError(message)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: always aware, always UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def word(kind: type[StrEnum]) -> Enum:
    """A column that holds one of the words of *kind*, as text on every engine."""
    return Enum(kind, native_enum=False, length=32, values_callable=lambda words: [each.value for each in words])


class Base(DeclarativeBase):
    """What all tables share: constraint names, and how Python types become columns."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: Moment,
        dict[str, Any]: JSON,
        list[str]: JSON,
        str: Text,
        Status: word(Status),
        Lane: word(Lane),
        UndoTime: word(UndoTime),
        Answer: word(Answer),
        Visibility: word(Visibility),
        Expected: word(Expected),
        Kind: word(Kind),
        Decision: word(Decision),
        Level: word(Level),
    }


def slack_id() -> Mapped[str]:
    """A column for an id that Slack gave out."""
    return mapped_column(String(32))


def workspace_key() -> Mapped[int]:
    """A column that says to which workspace the row belongs."""
    return mapped_column(ForeignKey("workspaces.id"))


class Workspace(Base):
    """One Slack workspace, with its settings."""

    __tablename__ = "workspaces"

    id: Mapped[int] = mapped_column(primary_key=True)
    team: Mapped[str] = mapped_column(String(32), unique=True)
    last_number: Mapped[int] = mapped_column(default=0)
    digest_channel: Mapped[str | None] = mapped_column(String(32))
    digest_weekday: Mapped[int] = mapped_column(default=4)
    digest_hour: Mapped[int] = mapped_column(default=10)
    zone: Mapped[str] = mapped_column(String(64), default="Europe/London")
    next_digest: Mapped[datetime | None] = mapped_column(index=True)
    digest_since: Mapped[datetime | None]
    ceiling_people: Mapped[int] = mapped_column(default=50)
    ceiling_money: Mapped[int] = mapped_column(default=500)
    ceiling_hours: Mapped[int] = mapped_column(default=80)
    ceiling_weeks: Mapped[int] = mapped_column(default=8)
    currency: Mapped[str] = mapped_column(String(8), default="£")
    calendar: Mapped[str] = mapped_column(String(16), default="GB-ENG")
    stewards: Mapped[list[str]] = mapped_column(default=list)
    usual_route: Mapped[str] = mapped_column(default="your manager")
    settings_by: Mapped[str | None] = mapped_column(String(32))
    digest_paused: Mapped[str | None]
    suspended: Mapped[str | None]
    left_at: Mapped[datetime | None]
    planned_by: Mapped[str | None] = mapped_column(String(64))
    audited_on: Mapped[date | None]
    created_at: Mapped[datetime]


class Person(Base):
    """Somebody in a workspace, as Slack last described them."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("workspace_id", "slack_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    slack_id: Mapped[str] = slack_id()
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str | None] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    is_admin: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class Draft(Base):
    """A proposal that is still being written: whatever stood in the form, and why it was not sent."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("workspace_id", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    person: Mapped[str] = slack_id()
    answers: Mapped[dict[str, Any]]
    typed_at: Mapped[str] = mapped_column(String(32), default="")
    saved_at: Mapped[datetime]


class Experiment(Base):
    """One experiment, from proposal to what was learned."""

    __tablename__ = "experiments"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        Index("ix_experiments_owner", "workspace_id", "owner", "status"),
        Index("ix_experiments_sponsor", "workspace_id", "sponsor", "status"),
        Index("ix_experiments_next_due", "next_due", postgresql_where=text("next_due IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    number: Mapped[int]
    status: Mapped[Status]
    lane: Mapped[Lane]
    owner: Mapped[str] = slack_id()
    sponsor: Mapped[str] = slack_id()
    team: Mapped[str]
    visibility: Mapped[Visibility]
    title: Mapped[str]
    problem: Mapped[str]
    idea: Mapped[str]
    hypothesis: Mapped[str]
    prediction: Mapped[str]
    stop_sign: Mapped[str]
    worst: Mapped[str]
    undo: Mapped[str]
    undo_time: Mapped[UndoTime]
    contained: Mapped[Answer]
    observable: Mapped[Answer]
    novel: Mapped[Answer]
    people: Mapped[int] = mapped_column(BigInteger)
    money: Mapped[int] = mapped_column(BigInteger)
    hours: Mapped[int] = mapped_column(BigInteger)
    start: Mapped[date]
    end: Mapped[date]
    extended: Mapped[bool] = mapped_column(default=False)
    proposed_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    stops: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    thanked_at: Mapped[datetime | None]
    orphaned_at: Mapped[datetime | None]
    next_due: Mapped[datetime | None]
    looked_at: Mapped[datetime]

    @property
    def name(self) -> str:
        """The name people say, such as "EXP-42"."""
        return f"EXP-{self.number}"


class Member(Base):
    """Somebody of the team that runs an experiment."""

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("experiment_id", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"))
    person: Mapped[str] = slack_id()


class SignOff(Base):
    """One question to one sponsor, and what they answered; a decided one is never changed."""

    __tablename__ = "sign_offs"
    __table_args__ = (Index("ix_sign_offs_experiment", "experiment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"))
    sponsor: Mapped[str] = slack_id()
    asked_at: Mapped[datetime]
    talk_at: Mapped[datetime | None]
    condition: Mapped[str | None]
    condition_at: Mapped[datetime | None]
    reply: Mapped[str | None]
    answer: Mapped[str | None] = mapped_column(String(32))
    answered_at: Mapped[datetime | None]
    cover_note: Mapped[str | None]


class Guardrail(Base):
    """Something that protects people, from whom it came, and when it was accepted."""

    __tablename__ = "guardrails"

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"), index=True)
    person: Mapped[str] = slack_id()
    words: Mapped[str]
    accepted_at: Mapped[datetime]


class CheckIn(Base):
    """One question how it goes, and its answer."""

    __tablename__ = "check_ins"
    __table_args__ = (UniqueConstraint("experiment_id", "nth"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"))
    nth: Mapped[int]
    asked_at: Mapped[datetime]
    later_at: Mapped[datetime | None]
    missed: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[str | None] = mapped_column(String(32))
    answered_at: Mapped[datetime | None]
    note: Mapped[str | None]
    stop_sign_seen: Mapped[bool] = mapped_column(default=False)
    harm: Mapped[bool] = mapped_column(default=False)
    need: Mapped[str | None] = mapped_column(String(32))
    detail_at: Mapped[datetime | None]


class Learning(Base):
    """What an experiment taught, and how far its owner shares it."""

    __tablename__ = "learnings"
    __table_args__ = (Index("ix_learnings_untold", "workspace_id", "celebrated_in", "shared_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"), unique=True)
    expected: Mapped[Expected]
    well_made: Mapped[list[str]]
    seen: Mapped[str]
    learned: Mapped[str]
    surprised: Mapped[str | None]
    advice: Mapped[str | None]
    protected: Mapped[str | None]
    kind: Mapped[Kind]
    harm: Mapped[bool]
    decision: Mapped[Decision]
    decision_owner: Mapped[str | None] = mapped_column(String(32))
    decision_on: Mapped[date | None]
    written_at: Mapped[datetime]
    level: Mapped[Level | None]
    shared_at: Mapped[datetime | None]
    taken_back_at: Mapped[datetime | None]
    celebrated_in: Mapped[int | None] = mapped_column(ForeignKey("digests.id"))
    retold_at: Mapped[datetime | None]


class Reuse(Base):
    """Somebody was helped by a learning, or said thank you for it."""

    __tablename__ = "reuses"
    __table_args__ = (UniqueConstraint("learning_id", "person", "how"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    learning_id: Mapped[int] = mapped_column(ForeignKey("learnings.id"))
    person: Mapped[str] = slack_id()
    how: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]


class Digest(Base):
    """One digest: a workspace, a channel, an ISO week; never two."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("workspace_id", "channel", "week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    channel: Mapped[str] = slack_id()
    week: Mapped[str] = mapped_column(String(8))
    slot: Mapped[datetime]
    retold: Mapped[int | None]


class State(StrEnum):
    """How far a message of the outbox has come."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    HELD = "held"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outbox(Base):
    """A message that we will say, are saying, or have said and keep true."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index(
            "ix_outbox_waiting",
            "due",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_outbox_sending",
            "claimed_at",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index(
            "ix_outbox_look_at",
            "look_at",
            sqlite_where=text("look_at IS NOT NULL"),
            postgresql_where=text("look_at IS NOT NULL"),
        ),
        Index("ix_outbox_experiment", "experiment_id"),
        Index("ix_outbox_subject", "workspace_id", "kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    key: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(32))
    recipient: Mapped[str] = slack_id()
    experiment_id: Mapped[int | None] = mapped_column(ForeignKey("experiments.id"))
    subject_id: Mapped[int | None]
    thread_of: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    state: Mapped[State] = mapped_column(word(State), default=State.WAITING)
    due: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    first_attempt_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0, server_default="0")
    repeats: Mapped[int] = mapped_column(default=0, server_default="0")
    look_at: Mapped[datetime | None]
    proof: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any] | None]
    channel: Mapped[str | None] = mapped_column(String(32))
    ts: Mapped[str | None] = mapped_column(String(32))
    sent_at: Mapped[datetime | None]
    reason: Mapped[str | None]


class Pause(Base):
    """Until when a method may not be called in a workspace, because Slack asked for it."""

    __tablename__ = "pauses"
    __table_args__ = (UniqueConstraint("workspace_id", "method"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    method: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]


class Figure(Base):
    """How often something happened that whoever answers for the bot wants to know."""

    __tablename__ = "figures"
    __table_args__ = (UniqueConstraint("workspace_id", "name", "reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    name: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(64), default="")
    count: Mapped[int] = mapped_column(BigInteger, default=0)


class Inbox(Base):
    """What Slack sent and we carried out, under the name that makes a repetition the same."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("workspace_id", "key"), Index("ix_inbox_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    key: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime]


class Audit(Base):
    """Who did which step when; rows are only ever added, and hold ids, never people's words."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_experiment", "experiment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = workspace_key()
    at: Mapped[datetime]
    person: Mapped[str | None] = mapped_column(String(32))
    experiment_id: Mapped[int | None] = mapped_column(ForeignKey("experiments.id"))
    step: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Beat(Base):
    """When the worker last said that it is alive."""

    __tablename__ = "beats"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
