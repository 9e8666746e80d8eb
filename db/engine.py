"""Opens the database that a URL names, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from db.patience import left, until

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

# The longest that one step waits; all steps of a request together wait no longer than db.patience says.
POOL_SECONDS = 0.5
QUEUE_SECONDS = 1.0
BUSY_SECONDS = 1.5
STATEMENT_MILLISECONDS = 1500
LOCK_MILLISECONDS = 1000
CONNECT_SECONDS = 2  # Less is not possible.
CONNECTIONS = 16
RECYCLED_AFTER = 300  # Seconds; each new connection also tells the server's time.
INSTRUCTIONS = 10_000  # Between two looks at the time: a millisecond or so of SQLite's work.

READING = "reading"

# PostgreSQL's own names: it could not be put in order, a deadlock, the server stops; and the class of broken lines.
TRY_AGAIN = frozenset({"40001", "40P01", "57P01"})
CONNECTION_BROKE = "08"


class DatabaseTrouble(Exception):  # noqa: N818 - the message is a sentence for a person, not an error code.
    """The database cannot be used, for a reason a person can read and act on."""


def open_database(url: str) -> Engine:
    """Open the database and make sure that it answers."""
    engine = _engine(_parsed(url))
    trouble = unreachable(engine)
    if trouble:
        engine.dispose()
        raise DatabaseTrouble(trouble)
    return engine


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Make sessions that may write; on SQLite one holds the write lock from its first statement."""
    return sessionmaker(engine, expire_on_commit=False)


def reading(engine: Engine) -> sessionmaker[Session]:
    """Make sessions that only read: they wait for no writer, and the database refuses a write from them."""
    return sessionmaker(engine.execution_options(**{READING: True}, postgresql_readonly=True), expire_on_commit=False)


def unreachable(engine: Engine) -> str | None:
    """Say in one sentence why the database does not answer, or nothing when it does."""
    try:
        with reading(engine)() as session:
            session.execute(text("SELECT 1"))
    except DBAPIError as error:
        return f"The database at {_shown(engine.url)} cannot be used: {_first_line(error)}."
    except PoolTimeout:
        return f"The database at {_shown(engine.url)} cannot be used: all connections are in use."
    return None


def may_try_again(error: BaseException) -> bool:
    """Whether the same transaction may well succeed at once: it lost against another, or its connection broke."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or state in TRY_AGAIN or state.startswith(CONNECTION_BROKE)


def is_away(error: BaseException) -> bool:
    """Whether the database itself is out of reach, so that nothing else need be tried."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    # PostgreSQL has a name for whatever it says itself.
    return error.connection_invalidated or getattr(error.orig, "sqlstate", "") is None


def _parsed(url: str) -> URL:
    scheme, _, rest = url.partition("://")
    driver = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}.get(scheme, scheme)
    try:
        parsed = make_url(f"{driver}://{rest}")
    except (ArgumentError, ValueError) as error:
        sentence = "DATABASE_URL is not a database address such as sqlite:///safe-to-fail.db."
        raise DatabaseTrouble(sentence) from error
    if "@" in (parsed.host or ""):
        raise DatabaseTrouble("The password in DATABASE_URL holds a sign such as @: write it as %40.")
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        sentence = f"DATABASE_URL names {parsed.get_backend_name()}, and only sqlite and postgresql are supported."
        raise DatabaseTrouble(sentence)
    return parsed


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    try:
        return _postgresql(url)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        sentence = "PostgreSQL needs psycopg, which is not installed: run pip install 'psycopg[binary]'."
        raise DatabaseTrouble(sentence) from error


def _sqlite(url: URL) -> Engine:
    if url.database in {None, "", ":memory:"}:
        sentence = "DATABASE_URL must name a file: an SQLite database in memory would be lost at every restart."
        raise DatabaseTrouble(sentence)
    folder = Path(str(url.database)).absolute().parent
    if not folder.is_dir():
        sentence = f"The folder {folder} for the database does not exist: create it, or change DATABASE_URL."
        raise DatabaseTrouble(sentence)
    _keep_private(Path(str(url.database)))
    engine = create_engine(
        url,
        hide_parameters=True,  # They are people's words, and an error is written to the log.
        pool_size=CONNECTIONS,
        max_overflow=CONNECTIONS,
        pool_timeout=POOL_SECONDS,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    queue = _Queue()
    event.listen(engine, "begin", queue.begin)
    event.listen(engine, "checkin", queue.leave)
    return engine


def _keep_private(path: Path) -> None:
    # What people write is not for every account of the machine; SQLite gives its other files the same rights.
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # Python's sqlite3 would begin transactions late and by itself; the begin event below does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000:.0f}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # SQLite's own knows the letters of English only, and would find other words than PostgreSQL does.
    connection.create_function("lower", 1, lambda words: words and str(words).lower(), deterministic=True)


class _Queue:
    """The line in which this process's writers wait, because SQLite's own waiting sleeps and is unfair."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def begin(self, connection: Connection) -> None:
        """Begin the transaction; a writer takes the write lock now, so that it cannot miss it later."""
        driver: Any = connection.connection.driver_connection
        end = until()
        driver.set_progress_handler((lambda: monotonic() > end) if end else None, INSTRUCTIONS)
        if connection.get_execution_options().get(READING):
            driver.execute("PRAGMA query_only=ON")
            driver.execute("BEGIN")
            return
        info = connection.connection.info
        if not info.get("writing"):
            # Without a turn in time it is still up to SQLite, whose refusal names the reason.
            info["writing"] = self._turn.acquire(timeout=left(QUEUE_SECONDS))
        driver.execute(f"PRAGMA busy_timeout={left(BUSY_SECONDS) * 1000:.0f}")
        driver.execute("PRAGMA query_only=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def leave(self, _connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        """Let the next writer in."""
        if entry.info.pop("writing", False):
            self._turn.release()


def _postgresql(url: URL) -> Engine:
    limits = f"-c statement_timeout={STATEMENT_MILLISECONDS} -c lock_timeout={LOCK_MILLISECONDS}"
    engine = create_engine(
        url,
        hide_parameters=True,  # As above.
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        pool_recycle=RECYCLED_AFTER,
        connect_args={"options": f"{limits} -c timezone=UTC", "connect_timeout": CONNECT_SECONDS},
    )
    from db.postgres import connect  # noqa: PLC0415 - SQLite needs no psycopg.

    event.listen(engine, "do_connect", lambda _dialect, _entry, words, settings: connect(*words, **settings))
    return engine


def _shown(url: URL) -> str:
    # Neither name nor password nor options: people paste such sentences into tickets.
    place = url.database or ""
    return f"sqlite:///{place}" if url.get_backend_name() == "sqlite" else f"postgresql://{url.host or ''}/{place}"


def _first_line(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0].rstrip(". ") if lines else type(error.orig).__name__
