"""The line to Slack on which we speak unprompted: one attempt at a time, and a look at what arrived."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, cast

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.points import Reach, nothing

TIMEOUT = 10  # Seconds for one call, all in all.
FRESH = timedelta(seconds=30)  # Whoever slept longer between claim and call may no longer be the one who sends.
USUAL_PAUSE = timedelta(seconds=30)
SHORTEST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_NUMBER = 9  # Digits of a wait: more than any pause, and few enough to count with.
PAGE = 200
EVENT_TYPE = "safe_to_fail"

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
# Nothing is wrong with the place, but with how we wrote: plain words may still arrive.
UNSHOWABLE = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long"})
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
    method: str | None = None  # That Slack asked to leave alone for so long; all of them when we are shut out.
    shut: bool = False


@dataclass(frozen=True)
class Never:
    """Slack definitely did not take it and never will; *error* is Slack's own name for why."""

    reason: str
    error: str = ""


@dataclass(frozen=True)
class Unknown:
    """The line broke or the answer makes no sense: perhaps Slack took it."""

    reason: str


@dataclass(frozen=True)
class Seen:
    """What a look found: for each proof key the messages that carry it, the first of them first; the rest deleted."""

    channel: str
    found: dict[str, list[str]]


@dataclass(frozen=True)
class Unseen:
    """A look that can tell nothing, and will not be able to."""

    reason: str


@dataclass(frozen=True)
class Send:
    """One message that is ours to send, once."""

    id: int
    lane: tuple[int, str]
    revision: int
    claimed_at: datetime
    method: str
    args: dict[str, Any]
    payload: dict[str, Any]


@dataclass(frozen=True)
class Look:
    """Messages of one conversation or thread to be looked for: row id → proof key, between two moments."""

    lane: tuple[int, str]
    proofs: dict[int, str]
    channel: str | None
    thread_ts: str | None
    oldest: datetime
    latest: datetime


Outcome = Sent | Later | Never | Unknown
Sight = Seen | Unseen | Later | Unknown
Ended = tuple[Send, Outcome] | tuple[Look, Sight]


@dataclass
class Line:
    """One event loop with one shared session; it runs only while somebody waits for results."""

    token: str
    api_url: str
    now: Callable[[], datetime]
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    session: aiohttp.ClientSession | None = None
    tasks: dict[asyncio.Task[Any], Send | Look] = field(default_factory=dict)
    we: str = ""  # Our bot's id in Slack, once we have asked.
    half_read: dict[Any, "Reading"] = field(default_factory=dict)  # Where a limit interrupted a look.
    reach: Reach = nothing

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return bool(self.tasks)

    def begin(self, job: Send | Look) -> None:
        """Start one job; it goes on while somebody waits for results."""
        work = self.send(job) if isinstance(job, Send) else self.look(job)
        self.tasks[self.loop.create_task(work)] = job

    def results(self, patience: float) -> list[Ended]:
        """What has ended, waiting for the first end at most so many seconds."""
        if not self.tasks:
            return []
        waiting = asyncio.wait(self.tasks, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        done, _ = self.loop.run_until_complete(waiting)
        return [cast("Ended", (self.tasks.pop(task), outcome_of(task))) for task in done]

    def stop_looking(self) -> None:
        """End every look at once: it may be begun again by anybody."""
        for task in [task for task, job in self.tasks.items() if isinstance(job, Look)]:
            task.cancel()
            del self.tasks[task]

    def close(self) -> None:
        """Let go of the connections."""
        for task in self.tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        if self.session:
            self.loop.run_until_complete(self.session.close())
        self.loop.close()

    async def client(self) -> AsyncWebClient:
        """The client that repeats nothing of itself."""
        if self.session is None:
            # The client's own time-out counts only for sessions that it makes itself.
            self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        return AsyncWebClient(
            token=self.token, base_url=self.api_url, session=self.session, timeout=TIMEOUT, retry_handlers=[]
        )

    async def send(self, job: Send) -> Outcome:
        """One attempt, without any hidden repetition."""
        if self.now() - job.claimed_at > FRESH:
            return Later("the program was asleep when this should have been sent", timedelta(0))
        try:
            answer = await (await self.client()).api_call(job.method, json=job.args)
            return Sent(str(answer["channel"]), str(answer["ts"]))
        except Exception as error:  # noqa: BLE001 - whatever broke, Slack may have taken it
            return what_became(error, job.method, self.now())

    async def look(self, job: Look) -> Sight:
        """Read the conversation for our proof keys, and delete in it what stands there twice."""
        try:
            client = await self.client()
            self.we = self.we or str((await client.auth_test())["bot_id"])
            channel = job.channel or str((await client.conversations_open(users=job.lane[1]))["channel"]["id"])
            found = await self.read(client, job, channel)
            for ts in [ts for times in found.values() for ts in times[1:]]:
                await client.chat_delete(channel=channel, ts=ts)
                self.reach("double.deleted")
            return Seen(channel, found)
        except Blurred:
            return Unknown("Slack did not show what messages carry")
        except Exception as error:  # noqa: BLE001 - whatever broke, the look may be repeated
            method = "conversations.replies" if job.thread_ts else "conversations.history"
            outcome = what_became(error, method, self.now())
            return Unseen(outcome.reason.rstrip(".")) if isinstance(outcome, Never) else outcome

    async def read(self, client: AsyncWebClient, job: Look, channel: str) -> dict[str, list[str]]:
        """Our proof keys in the conversation, each with the moments of its messages; goes on where a limit ended it."""
        name = (job.lane, job.thread_ts, job.oldest, job.latest)
        reading = self.half_read.pop(name, None) or Reading()
        while not reading.done:
            try:
                page = await self.page(client, job, channel, reading.cursor)
            except SlackApiError as error:
                if isinstance(refused(error.response, "", self.now()), Later):
                    self.half_read[name] = reading
                raise
            reading.take(page, self.we)
        return {proof: sorted(times) for proof, times in reading.found.items() if proof in job.proofs.values()}

    async def page(self, client: AsyncWebClient, job: Look, channel: str, cursor: str) -> Any:
        """One page of the conversation or thread."""
        window: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{job.oldest.timestamp():.6f}",
            "latest": f"{job.latest.timestamp():.6f}",
            "limit": PAGE,
            "include_all_metadata": True,
        }
        if cursor:
            window["cursor"] = cursor
        if job.thread_ts:
            return await client.conversations_replies(ts=job.thread_ts, **window)
        return await client.conversations_history(**window)


@dataclass
class Reading:
    """How far a conversation was read, and what was found."""

    found: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    cursor: str = ""
    done: bool = False

    def take(self, page: Any, we: str) -> None:
        """Note what one page holds; a message of ours without what it carries raises `Blurred`."""
        for message in page["messages"]:
            metadata = message.get("metadata") or {}
            if not metadata and message.get("bot_id") == we:
                raise Blurred
            if metadata.get("event_type") == EVENT_TYPE:
                self.found[str((metadata.get("event_payload") or {}).get("proof"))].add(str(message["ts"]))
        self.cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        self.done = not self.cursor


class Blurred(Exception):  # noqa: N818 - it never leaves this file.
    """A message of ours came without what it carries, so nothing that is absent is known to be absent."""


def outcome_of(task: asyncio.Task[Any]) -> Any:
    """What a job came to; one that broke of itself takes no other with it."""
    broke = task.exception()
    if broke is None:
        return task.result()
    structlog.get_logger().error("a job broke", exc_info=broke)
    return Unknown(f"it broke ({type(broke).__name__})")


def proved(proof: str) -> dict[str, Any]:
    """What a message carries so that it can be found again: an opaque key and nothing else."""
    return {"metadata": {"event_type": EVENT_TYPE, "event_payload": {"proof": proof}}}


def what_became(error: Exception, method: str, now: datetime) -> Later | Never | Unknown:
    """What a failed call means for what it was to do."""
    if isinstance(error, SlackApiError):
        return refused(error.response, method, now)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Later("Slack could not be reached")
    return Unknown(f"the line to Slack broke ({type(error).__name__})")


def refused(answer: Any, method: str, now: datetime) -> Later | Never | Unknown:
    """What a refusal of Slack means for what was asked."""
    # What could not be read comes as the bare response of HTTP.
    data, status = getattr(answer, "data", None), getattr(answer, "status_code", getattr(answer, "status", 0))
    error = str(data.get("error")) if isinstance(data, dict) else "something that cannot be read"
    if status == 429 or error in {"ratelimited", "rate_limited"}:  # noqa: PLR2004 - HTTP's own number
        return Later("Slack asked to wait", retry_after(answer.headers, now), method)
    if error in NEVER:
        return Never(NEVER[error], error)
    if error in SHUT:
        return Later(f"Slack shut us out ({error})", LONGEST_PAUSE, shut=True)
    return Unknown(f"Slack answered {error} ({status})")


def retry_after(headers: Any, now: datetime) -> timedelta:
    """How long Slack asks to wait, in seconds or until a date, within reason."""
    asked = str({str(name).lower(): value for name, value in dict(headers).items()}.get("retry-after", ""))
    return min(max(wished(asked, now), SHORTEST_PAUSE), LONGEST_PAUSE)


def wished(asked: str, now: datetime) -> timedelta:
    """The wait that *asked* stands for; half a minute where it stands for none."""
    if asked.isascii() and asked.isdigit():
        return timedelta(seconds=int(asked[:LONGEST_NUMBER]))
    try:
        return parsedate_to_datetime(asked) - now
    except (ValueError, TypeError, OverflowError):
        return USUAL_PAUSE
