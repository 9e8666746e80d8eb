"""Gives each test a database of its own, on both engines."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, make_url, text

from db.engine import open_database
from db.migrate import migrate
from tests import chromium
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Engine

HERE = Path(__file__).parent
START_SECONDS = 60


@pytest.fixture(params=["sqlite", "postgres"])
def engine_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database for this test alone; the test runs once on each engine."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def engine(engine_url: str) -> Iterator[Engine]:
    """That database, open."""
    opened = open_database(engine_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A copy of the migrated SQLite file."""
    shutil.copyfile(sqlite_template, tmp_path / "safe-to-fail.db")
    return f"sqlite:///{tmp_path / 'safe-to-fail.db'}"


@pytest.fixture
def postgres_url(postgres_server: URL, postgres_template: str) -> Iterator[str]:
    """A copy of the migrated PostgreSQL database, dropped after the test."""
    name = f"test_{uuid.uuid4().hex}"
    _on_server(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield _address(postgres_server, name)
    _on_server(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database; its engine is the parameter, SQLite if there is none."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"test_{uuid.uuid4().hex}"
    _on_server(server, f"CREATE DATABASE {name}")
    yield _address(server, name)
    _on_server(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, made once per process."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: URL) -> Iterator[str]:
    """A migrated PostgreSQL database, made once per process."""
    name = f"template_{uuid.uuid4().hex}"
    _on_server(postgres_server, f"CREATE DATABASE {name}")
    _migrated(_address(postgres_server, name))
    yield name
    _on_server(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_server() -> URL:
    """The server that TEST_DATABASE_URL names, or one that all processes of this test run share."""
    given = os.environ.get("TEST_DATABASE_URL")
    return make_url(given or _shared_server()).set(drivername="postgresql+psycopg")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the browser tests leave pictures of what they saw, and the simulation take its time."""
    parser.addoption("--whole", action="store_true", help="go every path of the simulation, which takes minutes")
    parser.addoption("--pictures", type=Path, metavar="FOLDER", help="keep the pictures of the README in this folder")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it in one line when the page could not be tested in a browser."""
    if chromium.where() is None:
        terminalreporter.write_line(chromium.MISSING)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the shared server when the run is over, and wait until it is gone."""
    folder = _folder(os.getpid())
    if hasattr(config, "workerinput") or not (folder / "keeper").exists():
        return
    os.kill(int((folder / "keeper").read_text()), signal.SIGTERM)
    deadline = time.monotonic() + START_SECONDS
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def _shared_server() -> str:
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    folder = _folder(owner)
    folder.mkdir(mode=0o711, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "address").exists():
            _start_keeper(folder, owner)
        return (folder / "address").read_text()


def _start_keeper(folder: Path, owner: int) -> None:
    command = [sys.executable, "-P", str(HERE / "postgres_keeper.py"), str(folder), str(owner)]
    with (folder / "log").open("w") as log:
        keeper = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    (folder / "keeper").write_text(str(keeper.pid))
    keeper.returncode = 0  # It outlives this process on purpose: silence the warning about a child left running.
    deadline = time.monotonic() + START_SECONDS
    while not (folder / "address").exists():
        if time.monotonic() > deadline or not folder.exists():
            pytest.fail("The PostgreSQL server for the tests did not start.")
        time.sleep(0.02)


def _folder(owner: int) -> Path:
    # Not below pytest's own folders: the server may run as another user, who cannot enter those.
    return Path(tempfile.gettempdir()) / f"safe-to-fail-tests-{os.getuid()}-{owner}"


def _migrated(url: str) -> None:
    engine = open_database(url)
    migrate(engine)
    engine.dispose()


def _on_server(server: URL, statement: str) -> None:
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(statement))
    admin.dispose()


def _address(server: URL, database: str) -> str:
    return server.set(database=database).render_as_string(hide_password=False)


@pytest.fixture
def world(engine_url: str) -> Iterator[World]:
    """The real bot, the playground's Slack and some people, on both engines; Slack must have nothing to refuse."""
    with World(engine_url) as made:
        yield made
        made.everything_went_well()
