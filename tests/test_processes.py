"""Real processes on one database: who is refused, who lives beside whom, and how they end."""

from __future__ import annotations

import signal
import socket
import time
from contextlib import closing

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, make_url, text

from bot.compose import Program
from db.engine import open_database
from db.migrate import _config as alembic_config
from db.migrate import current, expected, migrate, pending
from faults.proxy import Proxy
from tests.programs import HTTP, ended, finished, free_port, running, wait_for, wait_until
from tests.world import FILLED, fills_at_once

IN_TIME = 15
BOTH = pytest.mark.parametrize("empty_url", ["sqlite", "postgres"], indirect=True)
NOT_LISTENING = {"SLACK_API_URL": "http://127.0.0.1:9/api/"}


@pytest.fixture
def deaf():
    """A Slack that takes every connection and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener


def stopped(process):
    """How long a process took to end when it was asked to, and with which status."""
    began = time.monotonic()
    status, _ = ended(process)
    return time.monotonic() - began, status


def starts(url):
    """The settings under which a process answers for the bot on this database."""
    return HTTP | NOT_LISTENING | {"DATABASE_URL": url, "PORT": str(free_port())}


@pytest.mark.parametrize("second", ["run", "web", "worker", "migrate"])
def test_beside_a_process_on_sqlite_no_other_starts_and_the_reason_is_one_sentence(tmp_path, sqlite_url, second):
    first = starts(sqlite_url)
    with running(tmp_path, "run", real=True, **first) as process:
        wait_for(f"http://127.0.0.1:{first['PORT']}/healthz")
        refused = finished(tmp_path, second, real=True, **starts(sqlite_url))
        assert refused.returncode == 1
        assert "SQLite is safe with one process only" in refused.stderr
        assert 1 == len(refused.stderr.splitlines())
        process.kill()
        process.wait()

    assert finished(tmp_path, "migrate", real=True, **starts(sqlite_url)).returncode == 0


def test_on_postgresql_processes_join_leave_and_are_killed_and_the_others_stay_ready(tmp_path, postgres_url):
    first, second = starts(postgres_url), starts(postgres_url)
    with (
        running(tmp_path, "web", real=True, **first) as web,
        running(tmp_path, "web", real=True, **second) as other,
        running(tmp_path, "worker", real=True, **starts(postgres_url)) as worker,
        running(tmp_path, "worker", real=True, **starts(postgres_url)) as spare,
    ):
        for each in (first, second):
            wait_for(f"http://127.0.0.1:{each['PORT']}/readyz")
        worker.kill()
        other.kill()
        spare.send_signal(signal.SIGSTOP)
        spare.send_signal(signal.SIGCONT)
        wait_for(f"http://127.0.0.1:{first['PORT']}/readyz")
        for each in (web, spare):
            seconds, status = stopped(each)
            assert (seconds < IN_TIME, status) == (True, 0)


@pytest.mark.parametrize("kind", ["run", "worker"])
def test_a_process_ends_in_time_while_slack_says_nothing(world, tmp_path, engine_url, deaf, kind):
    world.asha.types("/experiment", "propose")
    fills_at_once(world.asha, **FILLED)
    world.asha.submits()
    settings = starts(engine_url) | {"SLACK_API_URL": f"http://127.0.0.1:{deaf.getsockname()[1]}/api/"}
    with running(tmp_path, kind, real=True, **settings) as process:
        deaf.settimeout(20)
        heard, _ = deaf.accept()
        seconds, status = stopped(process)
        heard.close()

    assert (seconds < IN_TIME, status) == (True, 0)


@pytest.mark.parametrize("kind", ["run", "worker", "web"])
def test_a_process_ends_in_time_while_the_database_says_nothing(tmp_path, postgres_url, kind):
    line = Proxy(make_url(postgres_url))
    url = make_url(postgres_url).set(host="127.0.0.1", port=line.port, query={})
    settings = starts(url.render_as_string(hide_password=False))
    with running(tmp_path, kind, real=True, **settings) as process:
        if kind == "worker":
            wait_until(lambda: has_beaten(postgres_url))
        else:
            wait_for(f"http://127.0.0.1:{settings['PORT']}/healthz")
        line.hangs.set()
        seconds, status = stopped(process)
    line.close()

    assert (seconds < IN_TIME, status) == (True, 0)


def has_beaten(url):
    """Whether a worker has written down that it lives."""
    engine = open_database(url)
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT count(*) FROM beats"))
    engine.dispose()
    return bool(found)


@BOTH
def test_a_migration_that_is_killed_midway_leaves_nothing_and_the_next_one_succeeds(tmp_path, empty_url):
    killed = finished(tmp_path, "migrate", real=True, DATABASE_URL=empty_url, CRASH_AT="migrate.begun:1")
    assert killed.returncode == -signal.SIGKILL
    engine = open_database(empty_url)
    assert current(engine) == frozenset()
    assert "experiments" not in inspect(engine).get_table_names()
    engine.dispose()

    assert finished(tmp_path, "migrate", real=True, DATABASE_URL=empty_url).returncode == 0
    engine = open_database(empty_url)
    assert current(engine) == expected()
    engine.dispose()


def revisions():
    """The migrations, oldest first."""
    return [each.revision for each in ScriptDirectory.from_config(alembic_config()).walk_revisions()][::-1]


def move(engine, revision, *, down=False):
    """Bring the tables to another revision."""
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)


@BOTH
def test_the_tables_go_up_down_and_up_again_with_what_is_in_them(empty_url):
    engine = open_database(empty_url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text(WORKSPACE))
    move(engine, revisions()[0], down=True)
    migrate(engine)

    assert not pending(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT team, last_number FROM workspaces")).all() == [("T0OLD", 41)]
    engine.dispose()


WORKSPACE = """
INSERT INTO workspaces (team, last_number, digest_weekday, digest_hour, zone, ceiling_people, ceiling_money,
    ceiling_hours, ceiling_weeks, currency, calendar, stewards, usual_route, created_at)
VALUES ('T0OLD', 41, 4, 10, 'Europe/London', 50, 500, 80, 8, '£', 'GB-ENG', '[]', 'me', '2026-06-01 09:00:00')
"""
OUTBOX = """
INSERT INTO outbox (workspace_id, key, kind, recipient, state, due, revision, attempts, proof)
VALUES (1, 'check-in:1', 'check-in', 'U0ASHA', 'waiting', '2026-06-01 09:00:00', 0, 0, 'x')
"""


@BOTH
def test_what_the_release_before_writes_fits_into_the_new_tables(empty_url):
    """As its own statements wrote it: with the columns that there were at the first revision."""
    engine = open_database(empty_url)
    move(engine, revisions()[0])
    before = {
        table: {each["name"] for each in inspect(engine).get_columns(table)}
        for table in inspect(engine).get_table_names()
    }
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text(WORKSPACE))
        connection.execute(text(OUTBOX))
    for table, columns in before.items():
        for each in inspect(engine).get_columns(table):
            filled = each["nullable"] or each["default"] is not None or each.get("autoincrement") is True
            assert each["name"] in columns or filled, f"{table}.{each['name']}"
    engine.dispose()


def test_on_tables_of_a_newer_release_this_one_stays_ready(world):
    world.settle()
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'f00000000000'"))

    facts = Program(world.bot, world.engine).facts()
    assert facts["migrations"] is None
    world.propose()
    assert world.dana.dm
