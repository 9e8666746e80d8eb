"""Makes a job of what is due: a message to send as things are now, or messages to look for in Slack."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot import messages
from bot.line import Look, Send, proved
from bot.proof import PLAINLY, broken, fail, postpone
from db.tables import Outbox, Person, State

RETRY = timedelta(seconds=5)
BEHIND_ITS_THREAD = timedelta(seconds=2)
PAUSE = timedelta(minutes=10)
BEFORE = timedelta(minutes=6)  # By more than five, Slack's clock and ours cannot differ: it would not be heard.
AFTER = timedelta(minutes=10)
LONGEST_PLAIN = 3900


def lane_of(row: Outbox) -> tuple[int, str]:
    """The lane of a message: its workspace and whom or what it is for."""
    return row.workspace_id, row.recipient


def prepare(session: Session, row: Outbox, now: datetime) -> Send | None:
    """Write one message as things are now; what is no longer true is not said, what is shown already not repeated."""
    written = write(session, row, now)
    if row.state is not State.WAITING or row.due > now:
        return None
    payload = plain(written) if written and row.reason == PLAINLY else written
    thread = session.get(Outbox, row.thread_of) if row.thread_of and not row.ts else None
    if payload is None or (thread and is_over(thread)):
        row.state, row.reason = (State.SENT if row.ts else State.CANCELLED), "no longer true"
        return None
    if row.ts and payload == row.payload:
        row.state = State.SENT
        return None
    if thread and not thread.ts:
        row.due = BEHIND_ITS_THREAD + (now + PAUSE if thread.state is State.HELD else max(thread.look_at or now, now))
        return None
    row.state, row.claimed_at = State.SENDING, now
    row.attempts, row.first_attempt_at = row.attempts + 1, row.first_attempt_at or now
    return Send(row.id, lane_of(row), row.revision, now, *call(row, payload, thread), payload)


def write(session: Session, row: Outbox, now: datetime) -> dict[str, Any] | None:
    """What the message says now; where that cannot be said, the row knows why and is no longer due."""
    if is_gone(session, row):
        fail(session, row, "this person's account is switched off.", now)
        return None
    try:
        with session.begin_nested():
            return messages.render(session, row, now)
    except DBAPIError as error:
        postpone(session, row, f"the database did not answer ({type(error).__name__})", now + RETRY, now)
    except Exception:  # noqa: BLE001 - one broken message must not hold up the others
        broken(session, row, now)
    return None


def plain(payload: dict[str, Any]) -> dict[str, Any]:
    """The same in plain words, for what Slack could not show."""
    return {"text": str(payload["text"])[:LONGEST_PLAIN], "blocks": []}


def is_gone(session: Session, row: Outbox) -> bool:
    """Whether the account of whoever it is for is switched off."""
    kind = select(Person.kind).where(Person.workspace_id == row.workspace_id, Person.slack_id == row.recipient)
    return not row.ts and session.scalar(kind) == "gone"


def is_over(thread: Outbox) -> bool:
    """Whether there will be no message below which another could stand."""
    return thread.state in {State.FAILED, State.CANCELLED} or (thread.state is State.SENT and not thread.ts)


def call(row: Outbox, payload: dict[str, Any], thread: Outbox | None) -> tuple[str, dict[str, Any]]:
    """The Web API method that says the message or changes it, with its arguments."""
    if row.ts:
        return "chat.update", {"channel": row.channel, "ts": row.ts, **payload}
    quiet = {"unfurl_links": False, "unfurl_media": False}
    place = {"channel": thread.channel, "thread_ts": thread.ts} if thread else {"channel": row.recipient}
    return "chat.postMessage", place | quiet | payload | proved(row.proof)


def looking(session: Session, rows: list[Outbox]) -> Look:
    """The job of finding messages of one conversation or thread again."""
    first = rows[0]
    thread = session.get(Outbox, first.thread_of) if first.thread_of else None
    tried = [row.first_attempt_at or row.due for row in rows]
    last = [row.claimed_at or row.due for row in rows]
    return Look(
        lane=lane_of(first),
        proofs={row.id: row.proof for row in rows},
        channel=conversation(session, first),
        thread_ts=thread.ts if thread else None,
        oldest=min(tried) - BEFORE,
        latest=max(last) + AFTER,
    )


def conversation(session: Session, row: Outbox) -> str | None:
    """The channel id under which a message stands; of a person we know it once something arrived there."""
    if row.recipient[0] not in "UW":
        return row.recipient
    known = select(Outbox.channel).where(
        Outbox.workspace_id == row.workspace_id, Outbox.recipient == row.recipient, Outbox.channel.is_not(None)
    )
    return row.channel or session.scalar(known.limit(1))
