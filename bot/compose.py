"""Puts the program together: settings in, a bot on an open and migrated database out."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast

from bot.points import nothing
from db.clock import ServerClock
from db.engine import DatabaseTrouble, open_database, unreachable
from db.locks import SHARED, alone, sessions_are_shared
from db.migrate import migrate, pending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from slack_bolt import App
    from sqlalchemy import Engine

    from bot.guard import Guard
    from bot.metrics import Metrics
    from bot.points import Reach
    from bot.services.work import Store
    from bot.settings import Settings

NOT_CURRENT = "The database's tables are not up to date: run safe-to-fail migrate."


class Bot(Protocol):
    """What the command line needs to run the bot."""

    bolt: App
    store: Store
    guard: Guard
    metrics: Metrics

    def beat(self) -> None:
        """Notice what fell due and send what waits."""

    def facts(self) -> Mapping[str, str | None]:
        """Say for each thing that must work what is wrong with it, or nothing."""

    def reconcile(self) -> Iterator[int]:
        """Look up what seems unsent and send nothing; gives how much is left."""

    def next_digest(self) -> str:
        """Give the text of the digest that would be told now."""

    def close(self) -> None:
        """Let go of the connections to Slack."""


@dataclass(frozen=True)
class Program:
    """The bot, and the database on which it runs."""

    bot: Bot
    engine: Engine
    held: ExitStack = field(default_factory=ExitStack)

    def facts(self) -> Mapping[str, str | None]:
        """Say for the database, its tables and the bot what is wrong with each, or nothing."""
        if unreachable(self.engine):
            return {"database": "The database does not answer."}
        if pending(self.engine):
            return {"database": None, "migrations": NOT_CURRENT}
        return {"database": None, "migrations": None, **self.bot.facts()}

    def close(self) -> None:
        """Let go of Slack and of the database."""
        self.bot.close()
        self.engine.dispose()
        self.held.close()


def compose(
    settings: Settings, now: Callable[[], datetime], reach: Reach = nothing, *, to_stay: bool = False
) -> Program:
    """Build the bot on the database that the settings name; *to_stay* in a process that answers or sends."""
    from bot.app import build  # noqa: PLC0415 - Slack's libraries are loaded only when the bot is built.

    engine = open_database(settings.database_url)
    held = alone(engine) if to_stay else ExitStack()
    if to_stay and sessions_are_shared(engine):
        raise DatabaseTrouble(SHARED)
    make_current(engine, reach)
    if engine.dialect.name == "postgresql" and settings.clock_file is None:
        now = ServerClock(engine, now)
    return Program(cast("Bot", build(settings, engine, now, reach)), engine, held)


def make_current(engine: Engine, reach: Reach = nothing) -> None:
    """Migrate the embedded database; a server's may be shared by others, so there somebody must decide it."""
    if not pending(engine):
        return
    if engine.dialect.name != "sqlite":
        raise DatabaseTrouble(NOT_CURRENT)
    migrate(engine, reach)
