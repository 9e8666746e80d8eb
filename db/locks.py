"""Locks that die with the process: one process on SQLite, one sender for each lane on PostgreSQL."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from db.engine import DatabaseTrouble

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

Lane = tuple[int, str]

SHARED = (
    "The database is behind a pooler that shares sessions (such as PgBouncer in transaction mode), which breaks the "
    "locks that keep messages from being sent twice: connect to PostgreSQL itself, or let the pooler pool sessions."
)


def alone(engine: Engine) -> ExitStack:
    """Make this the only process on an SQLite file, until what is returned is closed or the process dies.

    A second one is refused with `DatabaseTrouble`; on PostgreSQL there may be many.
    """
    held = ExitStack()
    if engine.dialect.name != "sqlite":
        return held
    import fcntl  # noqa: PLC0415 - not on Windows, where the command line still has to say so.

    database = Path(str(engine.url.database)).resolve()
    # Not the database itself: closing it a second time would let go of the locks that SQLite has on it.
    path = database.with_name(f"{database.name}.lock")
    try:
        file = held.enter_context(path.open("a"))
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.close()
        sentence = (
            f"Another process already uses {database}, and SQLite is safe with one process only: stop the other one, "
            "use safe-to-fail run for everything, or set DATABASE_URL to a PostgreSQL database to run several."
        )
        raise DatabaseTrouble(sentence) from error
    except OSError as error:
        held.close()
        raise DatabaseTrouble(f"The file {path} cannot be locked: {error.strerror}.") from error
    return held


def sessions_are_shared(engine: Engine) -> bool:
    """Whether two connections to PostgreSQL are one session, so that a lock of one is a lock of the other."""
    if engine.dialect.name == "sqlite":
        return False
    with engine.connect() as one, engine.connect() as other:
        who = text("SELECT pg_backend_pid()")
        sessions = [connection.execute(who).scalar_one() for connection in (one, other, one)]
        for connection in (one, other):
            connection.rollback()
        # After its transaction a pooled connection may have got another session.
        again = [connection.execute(who).scalar_one() for connection in (other, one)]
    return len(set(sessions[:2])) == 1 or sessions[1] != again[0] or sessions[2] != again[1]


class Lanes:
    """The lanes in which this process alone may send; for one thread.

    On PostgreSQL they are advisory locks of one session, kept for the life of the process: they survive a pause of it,
    and end with its death. On SQLite they are a set, because the process is alone.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self.held: set[Lane] = set()

    def take(self, lane: Lane) -> bool:
        """Take a lane without waiting; false when anybody holds it (we too), or the database does not answer."""
        if lane in self.held:
            return False
        if self._is_embedded or self._asked("SELECT pg_try_advisory_lock(:key)", key=key(lane)):
            self.held.add(lane)
            return True
        return False

    def free(self, lane: Lane) -> None:
        """Let go of a lane; one that is not held, or not any more, stays so."""
        if lane in self.held and not self._is_embedded:
            self._asked("SELECT pg_advisory_unlock(:key)", key=key(lane))
        self.held.discard(lane)

    def close(self) -> None:
        """Let go of all lanes and of the connection."""
        self.held.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError), connection:
                # The server notices the end of a connection in its own time.
                connection.execute(text("SELECT pg_advisory_unlock_all()"))

    @property
    def _is_embedded(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    def _asked(self, question: str, **values: int) -> bool:
        """What the session that holds the locks answers; when it broke, no lane is held any more."""
        try:
            if self._connection is None:
                self._connection = _own(self._engine)
            answer = bool(self._connection.execute(text(question), values).scalar_one())
        except SQLAlchemyError as error:
            structlog.get_logger().warning(
                "the locks on the lanes are lost", lanes=len(self.held), error=type(error).__name__
            )
            self.close()
            return False
        return answer


def key(lane: Lane) -> int:
    """The number under which PostgreSQL locks a lane; ours alone, as numbers go."""
    workspace, recipient = lane
    digest = sha256(f"safe-to-fail lane {workspace} {recipient}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _own(engine: Engine) -> Connection:
    """A connection outside the pool, on which every statement is a transaction of its own."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    return connection
