"""Puts the program together: settings in, a bot on an open and migrated database out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from bot.points import nothing
from db.engine import DatabaseTrouble, open_database, unreachable
from db.migrate import migrate, pending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
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

    def next_digest(self) -> str:
        """Give the text of the digest that would be told now."""

    def close(self) -> None:
        """Let go of the connections to Slack."""


@dataclass(frozen=True)
class Program:
    """The bot, and the database on which it runs."""

    bot: Bot
    engine: Engine

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


def compose(settings: Settings, now: Callable[[], datetime], reach: Reach = nothing) -> Program:
    """Build the bot on the database that the settings name."""
    from bot.app import build  # noqa: PLC0415 - Slack's libraries are loaded only when the bot is built.

    engine = open_database(settings.database_url)
    make_current(engine)
    return Program(cast("Bot", build(settings, engine, now, reach)), engine)


def make_current(engine: Engine) -> None:
    """Migrate the embedded database; a server's may be shared by others, so there somebody must decide it."""
    if not pending(engine):
        return
    if engine.dialect.name != "sqlite":
        raise DatabaseTrouble(NOT_CURRENT)
    migrate(engine)
