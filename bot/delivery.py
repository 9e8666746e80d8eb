"""The only place that speaks unprompted: claims outbox rows that are due, posts them, and marks what came of it."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot import messages
from bot.services import digest
from bot.services.work import Store, Work
from db.tables import Experiment, Outbox, State, Workspace

BATCH = 20  # Few at once: whoever changes one of them waits until all are written.
TIMEOUT = 10  # Seconds for one call, all in all.
SPACING = timedelta(seconds=1)  # Slack takes about one message a second in a channel.
DELAYS = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 3600))
MOST_ATTEMPTS = 28  # About a day with the delays above.
ABANDONED = timedelta(seconds=60)
BEHIND_ITS_THREAD = timedelta(seconds=2)
PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_NUMBER = 9  # Digits of a wait: more than any pause, and few enough to count with.

# What Slack answers when a message will never arrive, in words for the people it concerns.
NEVER = {
    "channel_not_found": "the channel does not exist, or I am not in it.",
    "not_in_channel": "I am not a member of the channel.",
    "is_archived": "the channel is archived.",
    "user_not_found": "Slack does not know this person any more.",
    "user_disabled": "this person's account is switched off.",
    "cannot_dm_bot": "a bot cannot be written to.",
    "messages_tab_disabled": "the app's messages tab is switched off in Slack.",
    "restricted_action": "an administrator does not let me post there.",
    "restricted_action_read_only_channel": "only some people may post in this channel.",
    "restricted_action_thread_only_channel": "only replies are allowed in this channel.",
    "restricted_action_non_threadable_channel": "replies are not allowed in this channel.",
    "ekm_access_denied": "an administrator has suspended posting.",
    "access_denied": "an administrator does not let me post there.",
    "no_permission": "I may not post there.",
    "missing_scope": "I lack a permission in Slack; an administrator should install me again.",
    "team_access_not_granted": "I am not allowed in this workspace.",
    "message_not_found": "the message was deleted.",
    "cant_update_message": "the message cannot be changed any more.",
    "edit_window_closed": "the message cannot be changed any more.",
    "invalid_blocks": "Slack could not show the message.",
    "invalid_arguments": "Slack could not read the message.",
    "msg_too_long": "the message is too long for Slack.",
    "no_text": "the message is empty.",
    "msg_blocks_too_long": "the message is too long for Slack.",
    "invalid_blocks_format": "Slack could not show the message.",
    "invalid_attachments": "Slack could not show the message.",
    "message_limit_exceeded": "the workspace may post no more messages.",
    "cannot_reply_to_message": "this message takes no replies.",
    "restricted_action_thread_locked": "this message takes no replies any more.",
    "app_access_restricted": "an administrator does not let me post there.",
    "posting_to_channel_denied": "an administrator does not let me post there.",
    "is_inactive": "the message can no longer be changed.",
}
# The workspace itself is shut to us: nothing is wrong with the message, so it waits.
SHUT = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "team_not_found"})


@dataclass(frozen=True)
class Sent:
    """Slack took it."""

    channel: str
    ts: str


@dataclass(frozen=True)
class Later:
    """Slack definitely did not take it; the same again after *wait*, or after a growing delay."""

    reason: str
    wait: timedelta | None = None
    whole_method: bool = False
    shut: bool = False


@dataclass(frozen=True)
class Never:
    """Slack definitely did not take it and never will."""

    reason: str


@dataclass(frozen=True)
class Unknown:
    """The line broke or the answer makes no sense: perhaps Slack took it."""

    reason: str


Outcome = Sent | Later | Never | Unknown


@dataclass(frozen=True)
class Claim:
    """One message that is ours to send, once."""

    id: int
    workspace_id: int
    recipient: str
    revision: int
    method: str
    args: dict[str, Any]
    payload: dict[str, Any]


@dataclass
class Delivery:
    """Sends what is due, through one event loop with one shared session."""

    store: Store
    token: str
    api_url: str
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    session: aiohttp.ClientSession | None = None
    shut: str | None = None
    unmarked: list[tuple[Claim, Outcome]] = field(default_factory=list)
    not_before: dict[tuple[int, str], datetime] = field(default_factory=dict)

    def deliver_due(self) -> int:
        """Send everything that is due now, one message a channel; says how many were tried."""
        self.mark_all()
        self.give_up_abandoned()
        claims = self.claim()
        if claims:
            outcomes = self.loop.run_until_complete(self.send_all(claims))
            self.unmarked += zip(claims, outcomes, strict=True)
            self.mark_all()
        return len(claims)

    def mark_all(self) -> None:
        """Write down what came of every attempt; what cannot be written now is written with the next beat."""
        left, self.unmarked = self.unmarked, []
        for claim, outcome in left:
            try:
                self.mark(claim, outcome)
            except Exception:  # noqa: BLE001 - what Slack answered must not be forgotten, whatever is wrong here
                reference = secrets.token_hex(4)
                structlog.get_logger().exception("an outcome could not be written down", reference=reference)
                self.unmarked.append((claim, outcome))

    def waiting(self, span: timedelta) -> bool:
        """Whether anything waits to be sent within *span* from now."""
        soon = (Outbox.state == State.WAITING, Outbox.due <= self.store.now() + span)
        with self.store.readings() as session:
            return session.scalar(select(Outbox.id).where(*soon).limit(1)) is not None

    def close(self) -> None:
        """Let go of the connections."""
        if self.session:
            self.loop.run_until_complete(self.session.close())
        self.loop.close()

    def claim(self) -> list[Claim]:
        """Take what is due, the oldest first: state and attempt are committed before anything is sent."""
        if not self.waiting(timedelta(0)):
            return []
        now = self.store.now()
        due = (
            select(Outbox)
            .where(Outbox.state == State.WAITING, Outbox.due <= now)
            .order_by(Outbox.due, Outbox.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        claims: dict[tuple[int, str], Claim] = {}
        with self.store.sessions.begin() as session:
            for row in session.scalars(due).all():
                lane = (row.workspace_id, row.recipient)
                if lane not in claims and self.is_free(row, now) and (claim := prepare(session, row, now)):
                    claims[lane] = claim
        return list(claims.values())

    def is_free(self, row: Outbox, now: datetime) -> bool:
        """Whether the channel and the method may be used now; if not, the row waits until they may."""
        method = "chat.update" if row.ts else "chat.postMessage"
        moments = [self.not_before.get((row.workspace_id, name), now) for name in (row.recipient, method)]
        if max(moments) > now:
            row.due = max(moments)
            return False
        return True

    async def send_all(self, claims: Sequence[Claim]) -> list[Outcome]:
        """Send all claims at once."""
        if self.session is None:
            self.session = aiohttp.ClientSession()
        client = AsyncWebClient(
            token=self.token, base_url=self.api_url, session=self.session, timeout=TIMEOUT, retry_handlers=[]
        )
        return await asyncio.gather(*(send(client, each) for each in claims))

    def mark(self, claim: Claim, outcome: Outcome) -> None:
        """Write down what came of one attempt."""
        now = self.store.now()
        self.not_before[claim.workspace_id, claim.recipient] = now + SPACING
        self.note_shut(outcome)
        if isinstance(outcome, Later) and outcome.whole_method and outcome.wait:
            self.not_before[claim.workspace_id, claim.method] = now + outcome.wait
        with self.store.sessions.begin() as session:
            row = session.get_one(Outbox, claim.id, with_for_update=True)
            settle(session, row, claim, outcome, now)

    def note_shut(self, outcome: Outcome) -> None:
        """Remember, and log once, that Slack lets us in nowhere any more; a message that arrives ends it."""
        if isinstance(outcome, Later) and outcome.shut and not self.shut:
            structlog.get_logger().error("Slack shut us out; everything waits", reason=outcome.reason)
        if isinstance(outcome, Later) and outcome.shut:
            self.shut = outcome.reason
        elif isinstance(outcome, Sent):
            self.shut = None

    def give_up_abandoned(self) -> None:
        """What was being sent by a process that died: a change may be repeated, a new message may have arrived."""
        old = (Outbox.state == State.SENDING, Outbox.claimed_at < self.store.now() - ABANDONED)
        reason = "the program stopped while this was being sent"
        with self.store.readings() as session:
            if session.scalar(select(Outbox.id).where(*old).limit(1)) is None:
                return
        with self.store.sessions.begin() as session:
            again = update(Outbox).where(*old, Outbox.ts.is_not(None))
            session.execute(again.values(state=State.WAITING, due=self.store.now()))
            session.execute(update(Outbox).where(*old).values(state=State.UNCERTAIN, reason=reason))


def prepare(session: Session, row: Outbox, now: datetime) -> Claim | None:
    """Write one message as things are now; what is no longer true is not said, what is shown already not repeated."""
    try:
        with session.begin_nested():
            payload = messages.render(session, row, now)
    except DBAPIError as error:
        postpone(session, row, f"the database did not answer ({type(error).__name__})", now + DELAYS[0], now)
        return None
    except Exception:  # noqa: BLE001 - one broken message must not hold up the others
        reference = secrets.token_hex(4)
        structlog.get_logger().exception("a message could not be written", reference=reference, key=row.key)
        fail(session, row, f"it could not be written (reference {reference}).", now)
        return None
    thread = session.get(Outbox, row.thread_of) if row.thread_of and not row.ts else None
    if payload is None or (thread and thread.state in {State.FAILED, State.CANCELLED}):
        row.state, row.reason = (State.SENT if row.ts else State.CANCELLED), "no longer true"
        return None
    if row.ts and payload == row.payload:
        row.state = State.SENT
        return None
    if thread and not thread.ts:
        row.due = now + (PAUSE if thread.state is State.UNCERTAIN else BEHIND_ITS_THREAD)
        return None
    row.state, row.claimed_at = State.SENDING, now
    row.attempts, row.first_attempt_at = row.attempts + 1, row.first_attempt_at or now
    return Claim(row.id, row.workspace_id, row.recipient, row.revision, *call(row, payload, thread), payload)


def call(row: Outbox, payload: dict[str, Any], thread: Outbox | None) -> tuple[str, dict[str, Any]]:
    """The Web API method that says the message or changes it, with its arguments."""
    if row.ts:
        return "chat.update", {"channel": row.channel, "ts": row.ts, **payload}
    quiet = {"unfurl_links": False, "unfurl_media": False}
    place = {"channel": thread.channel, "thread_ts": thread.ts} if thread else {"channel": row.recipient}
    return "chat.postMessage", place | quiet | payload


async def send(client: AsyncWebClient, claim: Claim) -> Outcome:
    """One attempt, without any hidden repetition."""
    try:
        answer = await client.api_call(claim.method, json=claim.args)
        return Sent(str(answer["channel"]), str(answer["ts"]))
    except SlackApiError as error:
        return refused(error.response)
    except aiohttp.ClientConnectorError:
        return Later("Slack could not be reached")
    except Exception as error:  # noqa: BLE001 - whatever broke, Slack may have taken it
        return Unknown(f"the line to Slack broke ({type(error).__name__})")


def refused(answer: Any) -> Outcome:
    """What a refusal of Slack means for the message."""
    error = str(answer.data.get("error")) if isinstance(answer.data, dict) else "unreadable"
    if answer.status_code == 429 or error in {"ratelimited", "rate_limited"}:  # noqa: PLR2004 - HTTP's own number
        return Later("Slack asked to wait", retry_after(answer.headers), whole_method=True)
    if error in NEVER:
        return Never(NEVER[error])
    if error in SHUT:
        return Later(f"Slack shut us out ({error})", PAUSE, whole_method=True, shut=True)
    return Unknown(f"Slack answered {error} ({answer.status_code})")


def retry_after(headers: Any) -> timedelta:
    """How long Slack asks to wait, within reason."""
    asked = str({str(name).lower(): value for name, value in dict(headers).items()}.get("retry-after", "30"))
    seconds = int(asked[:LONGEST_NUMBER]) if asked.isascii() and asked.isdigit() else 30
    return min(max(timedelta(seconds=seconds), SPACING), LONGEST_PAUSE)


def settle(session: Session, row: Outbox, claim: Claim, outcome: Outcome, now: datetime) -> None:
    """The state of a message after one attempt."""
    match outcome:
        case Sent(channel, ts):
            row.channel, row.ts, row.sent_at, row.reason = channel, ts, row.sent_at or now, None
            row.payload = claim.payload  # Only what Slack has taken is shown, and need not be said again.
            changed_meanwhile = row.revision != claim.revision
            row.state, row.due = (State.WAITING, now) if changed_meanwhile else (State.SENT, row.due)
        case Later(reason, wait):
            row.attempts -= 1 if wait else 0
            postpone(session, row, reason, now + (wait or delay(row.attempts)), now)
        case Never(reason):
            fail(session, row, reason, now)
        case Unknown(reason) if row.ts:
            postpone(session, row, reason, now + delay(row.attempts), now)
        case Unknown(reason):
            row.state, row.reason = State.UNCERTAIN, reason
            structlog.get_logger().warning("a message may or may not have arrived", key=row.key, reason=reason)
            if row.kind == "digest":
                digest.tell_trouble(work_on(session, row, now), row.subject_id or 0)


def delay(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    return DELAYS[min(max(attempts, 1), len(DELAYS)) - 1]


def postpone(session: Session, row: Outbox, reason: str, due: datetime, now: datetime) -> None:
    """Try again at *due*, unless it was tried for a day."""
    if row.attempts >= MOST_ATTEMPTS:
        fail(session, row, reason, now)
    else:
        row.state, row.due, row.reason = State.WAITING, due, reason


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


def work_on(session: Session, row: Outbox, now: datetime) -> Work:
    """The transaction in which a message's outcome has its consequences; nobody asked for them."""
    return Work(session, now, session.get_one(Workspace, row.workspace_id), "")
