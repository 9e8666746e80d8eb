"""What becomes of a message after an attempt or a look: sent, later, uncertain, found again, sent again, or held."""

import secrets
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.answers import UNSHOWABLE, Later, Never, Outcome, Sent, Unknown
from bot.line import Look, Seen, Send, Sight, Unseen
from bot.services import digest, people
from bot.services.stewards import answerable
from bot.services.work import Work
from db import queries
from db.tables import Experiment, Outbox, Pause, State, Workspace

SETTLES = timedelta(seconds=60)  # Whatever Slack does with a request, it has done by then, and its history shows it.
HEALED_BY = timedelta(minutes=6)  # Later still, a second copy of what was sent again may have come to light.
MOST_LOOKS = 2  # In a channel; nobody waits there for one message as they do in a direct conversation.
MOST_BLURRED = 5
MOST_REPEATS = 2
DELAYS = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 3600))
MOST_ATTEMPTS = 28  # About a day with the delays above.
GONE = frozenset({"user_not_found", "user_disabled"})
EVERYTHING = "*"  # Every method, when the workspace itself is shut to us.
LOOKED_FOR = (State.UNCERTAIN, State.SENT)
PLAINLY = "Slack could not show it as it was written, so it is said plainly"


def pause(session: Session, workspace_id: int, later: Later, now: datetime) -> None:
    """Leave a method alone in a workspace for as long as Slack asked, or all of them when it shut us out."""
    if later.shut:
        workspace = session.get_one(Workspace, workspace_id)
        if not workspace.suspended:
            structlog.get_logger().error("Slack shut us out; everything waits", reason=later.reason)
        workspace.suspended = later.reason
    name = EVERYTHING if later.shut else later.method
    if name and later.wait:
        key = {"workspace_id": workspace_id, "method": name}
        if not queries.insert_once(session, Pause, **key, until=now + later.wait):
            session.execute(update(Pause).filter_by(**key).values(until=now + later.wait))


def mark_sent(session: Session, job: Send, outcome: Outcome, now: datetime) -> None:
    """Write down what came of one attempt, also when another process has given it up meanwhile."""
    row = session.get_one(Outbox, job.id, with_for_update=True)
    if isinstance(outcome, Sent):
        lifted = update(Workspace).where(Workspace.id == row.workspace_id, Workspace.suspended.is_not(None))
        session.execute(lifted.values(suspended=None))
    if row.state is State.SENDING and row.claimed_at == job.claimed_at:
        settle(session, row, job, outcome, now)
    elif isinstance(outcome, Sent) and row.state in LOOKED_FOR and job.method == "chat.postMessage":
        row.look_at = now  # It may stand there twice: whoever looks keeps the first.


def mark_seen(session: Session, job: Look, sight: Sight, now: datetime) -> None:
    """Write down what a look found."""
    for row in session.scalars(select(Outbox).where(Outbox.id.in_(job.proofs)).with_for_update()):
        if row.state in LOOKED_FOR and row.look_at is not None:
            settle_sight(session, row, job, sight, now)
    if isinstance(sight, Unseen):  # What cannot be read need not be asked for again tonight.
        quiet = update(Outbox).where(Outbox.workspace_id == job.lane[0], Outbox.recipient == job.lane[1])
        session.execute(quiet.where(Outbox.state == State.SENT).values(look_at=None))
    if isinstance(sight, Seen):
        known = update(Outbox).where(Outbox.id.in_(job.proofs), Outbox.channel.is_(None))
        session.execute(known.values(channel=sight.channel))


def abandon(session: Session, row: Outbox, now: datetime) -> None:
    """Its sender is gone: what stands in Slack already may be changed again, anything else is uncertain."""
    if row.ts:
        row.state, row.due = State.WAITING, now
    else:
        doubt(session, row, "the program stopped while this was being sent", now)


def settle(session: Session, row: Outbox, job: Send, outcome: Outcome, now: datetime) -> None:
    """The state of a message after one attempt."""
    match outcome:
        case Sent(channel, ts):
            row.channel, row.ts, row.sent_at = channel, ts, row.sent_at or now
            row.reason = PLAINLY if row.reason == PLAINLY else None
            row.payload = job.payload  # Only what Slack has taken is shown, and need not be said again.
            row.look_at = now + HEALED_BY if row.repeats and job.method == "chat.postMessage" else row.look_at
            changed_meanwhile = row.revision != job.revision
            row.state, row.due = (State.WAITING, now) if changed_meanwhile else (State.SENT, row.due)
        case Later(reason, wait):
            row.attempts -= 1 if wait is not None else 0
            postpone(session, row, reason, now + (delay(row.attempts) if wait is None else wait), now)
        case Never(reason, error):
            refuse(session, row, reason, error, now)
        case Unknown(reason) if row.ts:
            postpone(session, row, reason, now + delay(row.attempts), now)
        case Unknown(reason):
            doubt(session, row, reason, now)


def refuse(session: Session, row: Outbox, reason: str, error: str, now: datetime) -> None:
    """Slack will never take it so; what it could not show is said once more in plain words."""
    queries.count(session, row.workspace_id, "refused", error)
    if error in UNSHOWABLE and row.reason != PLAINLY:
        structlog.get_logger().error("Slack could not show a message", key=row.key, error=error)
        row.state, row.due, row.reason = State.WAITING, now, PLAINLY
    else:
        fail(session, row, reason, now)
    if error in GONE:
        people.is_gone(work_on(session, row, now), row.recipient)


def doubt(session: Session, row: Outbox, reason: str, now: datetime) -> None:
    """Slack may have taken it or not: it is looked for when that has settled."""
    row.state, row.reason = State.UNCERTAIN, reason
    row.look_at = max((row.claimed_at or now) + SETTLES, now)
    queries.count(session, row.workspace_id, "uncertain")
    structlog.get_logger().warning("a message may or may not have arrived", key=row.key, reason=reason)


def settle_sight(session: Session, row: Outbox, job: Look, sight: Sight, now: datetime) -> None:
    """The state of a message after it was looked for."""
    uncertain = row.state is State.UNCERTAIN
    match sight:
        case Seen(channel, found) if times := found.get(row.proof):
            note_doubles(session, row, len(times) - 1)
            adopt(session, row, channel, times[0], now)
        case Seen() if uncertain:
            absent(session, row, now, direct=job.lane[1][0] in "UW")
        case Seen():
            row.look_at = None
            queries.count(session, row.workspace_id, "missing")
            structlog.get_logger().warning("a message is no longer where it was said", key=row.key)
        case Later(_, wait):
            row.look_at = now + (wait or SETTLES)
        case Unknown(reason):
            row.looks += 1
            row.look_at = now + SETTLES
            if row.looks >= MOST_BLURRED:
                unseen(session, row, reason, now)
        case Unseen(reason):
            unseen(session, row, reason, now)


def note_doubles(session: Session, row: Outbox, deleted: int) -> None:
    """Count and log the second copies that were deleted in Slack."""
    for _ in range(deleted):
        queries.count(session, row.workspace_id, "double deleted")
        structlog.get_logger().warning("a second copy of a message was deleted", key=row.key)


def adopt(session: Session, row: Outbox, channel: str, ts: str, now: datetime) -> None:
    """It stands in Slack: it is ours, and is made to say what is true now."""
    row.look_at = None
    if (row.channel, row.ts, row.state) == (channel, ts, State.SENT):
        return
    if row.state is State.UNCERTAIN:
        queries.count(session, row.workspace_id, "found")
    row.channel, row.ts, row.sent_at = channel, ts, datetime.fromtimestamp(float(ts), UTC)
    row.state, row.due, row.payload, row.reason, row.looks = State.WAITING, now, None, None, 0


def absent(session: Session, row: Outbox, now: datetime, *, direct: bool) -> None:
    """It does not stand in Slack: it is sent again, in a channel after one more look."""
    row.looks += 1
    if not direct and row.looks < MOST_LOOKS:
        row.look_at = now + SETTLES
    elif row.repeats >= MOST_REPEATS:
        hold(session, row, "it did not arrive though it was tried three times", now)
    else:
        row.looks, row.look_at, row.repeats = 0, None, row.repeats + 1
        row.state, row.due, row.reason = State.WAITING, now, None
        queries.count(session, row.workspace_id, "sent again")


def unseen(session: Session, row: Outbox, reason: str, now: datetime) -> None:
    """Nothing can be known of it by looking: what is uncertain is for a person to decide."""
    if row.state is State.UNCERTAIN:
        hold(session, row, f"I cannot look whether it arrived ({reason})", now)
    row.look_at = None


def hold(session: Session, row: Outbox, reason: str, now: datetime) -> None:
    """Leave it to a person whether it arrived or is sent again."""
    row.state, row.look_at, row.reason = State.HELD, None, reason
    queries.count(session, row.workspace_id, "held")
    structlog.get_logger().error("a message is held until somebody decides", key=row.key, reason=reason)
    work = work_on(session, row, now)
    if row.kind == "digest":
        digest.tell_trouble(work, row.subject_id or 0)
    if row.kind != "held":
        for each in answerable(work):
            work.say("held", each, subject=row.id, name=f"{row.id}:{row.attempts}:{each}")


def delay(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    return DELAYS[min(max(attempts, 1), len(DELAYS)) - 1]


def postpone(session: Session, row: Outbox, reason: str, due: datetime, now: datetime) -> None:
    """Try again at *due*, unless it was tried for a day."""
    if row.attempts >= MOST_ATTEMPTS:
        fail(session, row, reason, now)
    else:
        row.state, row.due = State.WAITING, due
        row.reason = row.reason if row.reason == PLAINLY else reason


def fail(session: Session, row: Outbox, reason: str, now: datetime) -> None:
    """It will not arrive: keep why, and tell whoever can do something about it."""
    row.state, row.reason = State.FAILED, reason
    structlog.get_logger().warning("a message cannot be delivered", key=row.key, reason=reason)
    work = work_on(session, row, now)
    if row.kind == "digest" and row.ts is None:
        digest.untell(work, row.subject_id or 0, reason)
    if row.kind in {"digest", "digest-item"} and row.ts:
        digest.tell_still_shown(work, row)
    experiment = session.get(Experiment, row.experiment_id) if row.experiment_id else None
    if experiment and row.ts is None and row.recipient != experiment.owner:
        work.say("undelivered", experiment.owner, about=experiment, subject=row.id)


def broken(session: Session, row: Outbox, now: datetime) -> None:
    """It could not be written; whoever asks finds why in the log."""
    reference = secrets.token_hex(4)
    structlog.get_logger().exception("a message could not be written", reference=reference, key=row.key)
    fail(session, row, f"it could not be written (reference {reference}).", now)


def work_on(session: Session, row: Outbox, now: datetime) -> Work:
    """The transaction in which a message's outcome has its consequences; nobody asked for them."""
    return Work(session, now, session.get_one(Workspace, row.workspace_id), "")
