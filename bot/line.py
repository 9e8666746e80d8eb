"""The line to Slack on which we speak unprompted: one attempt at a time, and a look at what arrived."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import Later, Never, Outcome, Sent, Unknown, refused, what_became
from bot.points import Reach, nothing

TIMEOUT = 10  # Seconds for one call, all in all.
FRESH = timedelta(seconds=30)  # Whoever slept longer between claim and call may no longer be the one who sends.
PAGE = 200
EVENT_TYPE = "safe_to_fail"


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
