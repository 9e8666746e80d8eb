"""Connections to PostgreSQL that wait no longer than there is time, even when the line is dead."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import TransactionStatus

from db.patience import left

if TYPE_CHECKING:
    from psycopg.abc import PQGen

# A little longer than the server's own limit, which tells more; only a dead line reaches this one.
STEP_SECONDS = 1.7
CONNECT_SECONDS = 1.7


class Patient(psycopg.Connection[Any]):
    """A connection that is closed when one step on it takes too long."""

    patience: float | None = STEP_SECONDS

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for one step; afterwards nobody knows how it stands, so the connection is of no more use."""
        if self.patience is not None:
            timeout = left(self.patience)
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def connect(*words: Any, **settings: Any) -> Patient:
    """Connect while there is time; psycopg alone would take two seconds for each address of a host."""
    made: Future[Patient] = Future()

    def make() -> None:
        try:
            made.set_result(Patient.connect(*words, **settings))
        except BaseException as error:  # noqa: BLE001 - raised below, where somebody waits for it
            made.set_exception(error)

    threading.Thread(target=make, daemon=True).start()
    try:
        return made.result(left(CONNECT_SECONDS))
    except TooLate as error:
        made.add_done_callback(_closed)
        raise psycopg.OperationalError("connection timeout expired") from error


def _closed(made: Future[Patient]) -> None:
    if not made.exception():
        made.result().close()
