"""Brings a database's tables to the state that this version of the code expects."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from db.engine import DatabaseTrouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine

# Any number serves, as long as every version of this program uses the same one.
NEWER = "This database was made by a newer version of the program: install that version again."
FOREIGN = "This database holds tables of another program: change DATABASE_URL."
ADVISORY_LOCK = 5_386_117_233
WAIT_FOR_OTHERS = "60s"


def migrate(engine: Engine, reach: Callable[[str], None] = lambda _: None) -> None:
    """Run every migration that this database has not seen, in one transaction and one process at a time."""
    with _alone(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
            reach("migrate.begun")
        except CommandError as error:
            raise DatabaseTrouble(NEWER) from error
        except (OperationalError, ProgrammingError) as error:
            raise DatabaseTrouble(FOREIGN) from error


def pending(engine: Engine) -> bool:
    """Tell whether this database lacks a migration; what a newer release has added is no lack."""
    return current(engine) != expected() and not is_newer(engine)


def is_newer(engine: Engine) -> bool:
    """Tell whether a version of the program that we do not know has migrated this database."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return bool(current(engine) - known)


def current(engine: Engine) -> frozenset[str]:
    """Name the revisions at which this database stands."""
    with engine.connect().execution_options(reading=True) as connection:
        return frozenset(MigrationContext.configure(connection).get_current_heads())


def expected() -> frozenset[str]:
    """Name the revisions at which this version of the code wants a database."""
    return frozenset(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _alone(engine: Engine) -> AbstractContextManager[Connection]:
    return _sqlite(engine) if engine.dialect.name == "sqlite" else _postgresql(engine)


@contextmanager
def _postgresql(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection, _patient(connection):
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_FOR_OTHERS}'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        yield connection


@contextmanager
def _patient(connection: Connection) -> Iterator[None]:
    driver: Any = connection.connection.driver_connection
    driver.patience, before = None, driver.patience
    try:
        yield
    finally:
        driver.patience = before


@contextmanager
def _sqlite(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        # Rebuilding a table drops the old one, which with foreign keys on deletes the rows that point at it.
        _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                yield connection
                _refuse_broken_references(connection)
        finally:
            _foreign_keys(connection, on=True)


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _refuse_broken_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        sentence = f"The migration would leave rows of {broken[0]} that point at nothing, so it was undone."
        raise DatabaseTrouble(sentence)
