"""The bot put together: Slack's requests in, what falls due, what is said."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from threading import Lock
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from sqlalchemy import Engine

from bot.channel import looker
from bot.delivery import Delivery
from bot.guard import Guard
from bot.line import Line
from bot.listeners import register
from bot.metrics import Metrics
from bot.points import Reach, nothing
from bot.services import clock, digest, planning
from bot.services.channels import Standing
from bot.services.watch import Watch, is_behind
from bot.services.work import Act, Store
from bot.settings import Settings
from bot.views import digest as digest_view
from bot.views import kit
from db import queries
from db.engine import reading, sessions
from db.locks import Lanes
from db.patience import ANSWER_SECONDS, within

ANSWER_TIMEOUT = 2  # Seconds for one call to Slack while Slack waits for our answer.
BEHIND = "The clock shows a time that has passed already: nothing is scheduled or sent until it is right."
SILENT = timedelta(seconds=60)


@dataclass(frozen=True)
class Bot:
    """One workspace's bot: its Bolt app, its heartbeat, and what is known of its health."""

    bolt: App
    store: Store
    delivery: Delivery
    engine: Engine
    client: WebClient
    guard: Guard
    metrics: Metrics
    look: Callable[[str], Standing]
    watch: Watch

    def beat(self) -> None:
        """Do everything that is due: steps first, then messages."""
        if not self.watch.is_believed():
            return
        clock.beat(self.store)
        planning.replan(self.store)
        clock.fall_due(self.store, self.look)
        self.delivery.deliver_due()

    def reconcile(self) -> Iterator[int]:
        """After the return to an old backup: look up what seems unsent and send nothing; gives how much is left."""
        clock.fall_due(self.store, self.look)
        self.delivery.doubt_everything()
        while left := self.delivery.uncertain():
            yield left
            self.delivery.deliver_due()

    def next_due(self) -> datetime | None:
        """When there is something to do next; a moment that has passed means now."""
        return clock.next_due(self.store)

    def facts(self) -> Mapping[str, str | None]:
        """What is wrong with the worker; `None` when nothing is."""
        with self.store.readings() as session:
            last = queries.last_beat(session)
        silent = last is None or self.store.now() - last > SILENT
        return {
            "worker": "The worker has not been heard of for a minute." if silent else None,
            "sending": self.delivery.shut,
            "clock": BEHIND if is_behind(self.store) else None,
        }

    def next_digest(self) -> str:
        """What the next digest would say, as text."""
        with self.store.readings() as session:
            team = queries.only_team(session)
        if team is None:
            return "Nobody has used Safe to Fail yet, so there is no digest."
        issue = digest.preview(self.store, Act(team, ""))
        return kit.text_of(digest_view.digest(issue))

    def close(self) -> None:
        """Let go of the connections to Slack."""
        self.delivery.close()


class Punctual(App):
    """Bolt, with an end to all waiting for the database: an answer comes before Slack has given up."""

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Answer one request."""
        with within(ANSWER_SECONDS):
            return super().dispatch(req)


def build(settings: Settings, engine: Engine, now: Callable[[], datetime], reach: Reach = nothing) -> Bot:
    """Put the bot together from settings, an open database and a clock; *reach* is told of each named moment."""
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else token_hex()
    api_url = settings.slack_api_url
    # One context for all calls: making one costs more than all the rest of a request.
    context = ssl.create_default_context() if api_url.startswith("https") else None
    client = WebClient(base_url=api_url, timeout=ANSWER_TIMEOUT, ssl=context, retry_handlers=[])
    store = Store(sessions(engine), reading(engine), now, reach)
    app = Punctual(
        client=client,
        authorize=authorizer(client, token),
        request_verification_enabled=False,  # The guard has done it.
        ssl_check_enabled=False,
        process_before_response=True,
    )
    metrics = Metrics(store.readings, now)
    register(app, store, metrics.unknown)
    delivery = Delivery(store, Line(token, api_url, now, reach=reach), Lanes(engine))
    guard = Guard(secret, now, metrics, reach)
    return Bot(app, store, delivery, engine, client, guard, metrics, looker(client, token), Watch(store))


def authorizer(client: WebClient, token: str) -> Callable[..., Any]:
    """Who we are, asked of Slack once; requests of another workspace are not for us."""
    known: list[Any] = []
    lock = Lock()

    def authorize(team_id: str | None) -> AuthorizeResult | None:
        with lock:
            if not known:
                known.append(client.auth_test(token=token))
        we = known[0]
        if team_id != we["team_id"]:
            return None
        return AuthorizeResult(
            enterprise_id=we.get("enterprise_id"),
            team_id=we["team_id"],
            bot_user_id=we["user_id"],
            bot_id=we.get("bot_id"),
            bot_token=token,
        )

    return authorize
