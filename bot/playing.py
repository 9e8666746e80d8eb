"""The real bot in the playground: on a database of its own, served to that Slack, and what may befall it."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import yaml

from bot import manifest
from bot.app import Bot, build
from bot.compose import make_current
from bot.settings import Settings
from bot.visit import workspace
from bot.web import wsgi
from bot.worker import heartbeat, surviving
from db.engine import open_database
from playground import Clock, Slack, config
from playground.browser.page import Page
from playground.hosting import hosted
from playground.stage import HostMishap, Stage

SOON = timedelta(seconds=5)
MOMENT = timedelta(seconds=1)
PACE = MOMENT  # The bot says one thing a second in a channel; whoever tries it need not wait for that.
ROUNDS = 30
LOCKED_SECONDS = 5
AWAY_SECONDS = 2
LOCKED = "For five seconds nothing can be saved: whoever presses something is told so, and can press again."
RESTARTED = "For two seconds nobody answers; then a new bot goes on from its database, and says nothing twice."


@contextmanager
def opened(port: int, record: Path | None = None) -> Iterator[Page]:
    """The page with the bot in it, on loopback only, while the block runs; *record* keeps every call of the bot."""
    stage = Stage(config.read(workspace(yaml.safe_load(manifest.text(None)))), port=port, record=record)
    page = Page(stage)
    with stage, Playing(stage.slack, stage.clock) as host:
        stage.host = host
        stage.prepare()
        yield page


@contextmanager
def alive(slack: Slack, now: Callable[[], datetime], database: Path) -> Iterator[Bot]:
    """The bot on the SQLite file *database*, served over HTTP to *slack*; nothing beats by itself."""
    engine = open_database(f"sqlite:///{database}")
    with ExitStack() as ending:
        ending.callback(engine.dispose)
        make_current(engine)
        told = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
        }
        bot = build(Settings.load(told, {"http"}), engine, now)
        ending.callback(bot.close)
        address = ending.enter_context(hosted(wsgi(bot, bot.facts)))
        slack.send_to(f"{address}/slack/events")
        yield bot


class Playing:
    """The bot for as long as a page is open: it beats each second, and can be taken away and begin anew."""

    def __init__(self, slack: Slack, clock: Clock) -> None:
        self.slack, self.clock = slack, clock
        self.mishaps = (
            HostMishap("database-locked", "The database is locked", LOCKED, self._lock_database),
            HostMishap("bot-restarted", "The bot is restarted", RESTARTED, self._restart),
        )
        self._turn = threading.Lock()  # Whoever holds it beats, or has taken the bot away.
        self._glance = threading.Lock()  # Held for a moment only: while somebody looks, the bot does not go away.
        self._door = threading.Lock()  # One change of what lives here at a time.
        self._bot: Bot | None = None
        self._life = ExitStack()  # Of the bot that is there now.
        self._era = ExitStack()  # Of the database, which outlives a bot.
        self._database = Path()
        self._over = threading.Event()  # Ends every mishap of this era at once.
        self._under_way: dict[str, threading.Thread] = {}

    def __enter__(self) -> Self:
        """Begin with an empty database."""
        self._begin_era()
        return self

    def __exit__(self, *_: object) -> None:
        """End everything; nothing is left behind."""
        with self._door:
            self._end_era()

    # --- what the page asks for ---

    def next_due(self) -> datetime | None:
        """When the bot has something to do next; while it is away, nobody knows."""
        with self._glance:
            return self._bot.next_due() if self._bot else None

    def settle(self) -> None:
        """Do what is due, and what follows within seconds, of which the clock lets one pass each time."""
        with self._turn:
            self._catch_up(surviving(self._beat), SOON)

    def start_again(self) -> None:
        """Forget everything: an empty database and a new bot."""
        with self._door:
            self._end_era()
            self._begin_era()

    def rest(self) -> None:
        """Wait until no mishap is under way."""
        for thread in list(self._under_way.values()):
            thread.join()

    # --- how it lives ---

    def _begin_era(self) -> None:
        self._over = threading.Event()
        self._database = Path(self._era.enter_context(TemporaryDirectory(prefix="safe-to-fail-"))) / "playing.db"
        self._begin_life()

    def _end_era(self) -> None:
        self._over.set()
        self.rest()
        with self._turn:
            self._end_life()
        self._era.close()

    def _begin_life(self) -> None:
        bot = self._life.enter_context(alive(self.slack, self.clock.now, self._database))
        scheduler = heartbeat(self._beat_in_turn)
        scheduler.start()
        self._life.callback(scheduler.shutdown)
        with self._glance:
            self._bot = bot

    def _end_life(self) -> None:
        with self._glance:
            self._bot = None
        self._life.close()

    def _beat(self) -> None:
        if self._bot:
            self._bot.beat()

    def _catch_up(self, beat: Callable[[], None], soon: timedelta) -> None:
        for _ in range(ROUNDS):
            beat()
            if self._over.is_set() or self._bot is None or not self._bot.delivery.waiting(soon):
                return
            self.clock.advance(MOMENT)

    def _beat_in_turn(self) -> None:
        # Somebody who beats already, or ends the bot and waits for this very heartbeat, is not waited for.
        if self._turn.acquire(blocking=False):
            try:
                self._catch_up(self._beat, PACE)
            finally:
                self._turn.release()

    # --- what may befall it ---

    def _lock_database(self) -> None:
        """Another program holds the database's write lock for a while; it has it when this returns."""
        with self._door:
            if self._is_under_way("locked"):
                return
            with ExitStack() as trouble:
                other = sqlite3.connect(self._database, LOCKED_SECONDS, isolation_level=None, check_same_thread=False)
                trouble.callback(other.close)
                other.execute("BEGIN IMMEDIATE")
                self._after(LOCKED_SECONDS, "locked", trouble.pop_all().close)

    def _restart(self) -> None:
        """The bot is gone when this returns; a while later another begins on the same database."""
        with self._door:
            if self._is_under_way("restarted"):
                return
            self._turn.acquire()  # Until there is a bot again, nobody can beat.
            self._end_life()
            self._after(AWAY_SECONDS, "restarted", self._come_back)

    def _come_back(self) -> None:
        try:
            self._begin_life()
        finally:
            self._turn.release()

    def _is_under_way(self, name: str) -> bool:
        return name in self._under_way and self._under_way[name].is_alive()

    def _after(self, seconds: float, name: str, do: Callable[[], None]) -> None:
        def wait_and_do() -> None:
            self._over.wait(seconds)
            do()

        self._under_way[name] = threading.Thread(target=wait_and_do, name=f"mishap-{name}")
        self._under_way[name].start()
