"""The heartbeat: what fell due is noticed, and what waits is sent, once a second."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger("bot.worker")


def heartbeat(beat: Callable[[], None], seconds: float = 1.0) -> BackgroundScheduler:
    """Make the scheduler that calls *beat* again and again, never twice at once; the caller starts it."""
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(
        surviving(beat),
        "interval",
        seconds=seconds,
        id="beat",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    return scheduler


def surviving(beat: Callable[[], None]) -> Callable[[], None]:
    """*beat* as something that never raises: what broke is logged with a reference."""

    def once() -> None:
        try:
            beat()
        except Exception:
            # The next beat may well succeed: what it would have done is still in the database.
            log.exception("A beat failed.", reference=secrets.token_hex(4))

    return once
