"""Locks that die with the process."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from sqlalchemy import StaticPool, create_engine, text

from db.engine import DatabaseTrouble, open_database
from db.locks import Lanes, alone, sessions_are_shared
from tests.programs import HERE, wait_until

LANE = (1, "C0LEARN")
OTHER = (1, "C0OTHER")
HOLDS = """
import sys, time
from db.engine import open_database
from db.locks import Lanes, alone
engine = open_database(sys.argv[1])
held, lanes = alone(engine), Lanes(engine)
assert lanes.take((1, "C0LEARN"))
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def holder(engine_url):
    """Another process, which holds what there is to hold."""
    command = [sys.executable, "-c", HOLDS, engine_url]
    with subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def cut(engine):
    """Have the server end every other session of this database."""
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def test_a_second_process_on_one_sqlite_file_is_refused_with_the_reason(sqlite_url):
    first, second = open_database(sqlite_url), open_database(sqlite_url)
    with alone(first), pytest.raises(DatabaseTrouble, match="SQLite is safe with one process only"):
        alone(second)

    alone(second).close()
    for each in (first, second):
        each.dispose()


def test_many_processes_may_share_a_postgresql_database(postgres_url):
    engine = open_database(postgres_url)
    with alone(engine), alone(engine):
        pass
    engine.dispose()


def test_a_folder_in_which_nothing_can_be_locked_is_explained(sqlite_url, tmp_path):
    engine = open_database(sqlite_url)
    (tmp_path / "safe-to-fail.db.lock").mkdir()

    with pytest.raises(DatabaseTrouble, match=r"safe-to-fail\.db\.lock cannot be locked"):
        alone(engine)
    engine.dispose()


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
def test_a_paused_process_keeps_the_file_and_a_killed_one_lets_it_go(holder, engine_url):
    engine = open_database(engine_url)
    holder.send_signal(signal.SIGSTOP)
    with pytest.raises(DatabaseTrouble):
        alone(engine)

    holder.kill()
    holder.wait()
    alone(engine).close()
    engine.dispose()


@pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)
def test_a_paused_process_keeps_its_lane_and_a_killed_one_lets_it_go(holder, engine_url):
    engine = open_database(engine_url)
    lanes = Lanes(engine)
    holder.send_signal(signal.SIGSTOP)
    assert not lanes.take(LANE)
    assert lanes.take(OTHER)

    holder.kill()
    holder.wait()
    wait_until(lambda: lanes.take(LANE))
    assert lanes.held == {LANE, OTHER}
    lanes.close()
    engine.dispose()


def test_a_lane_is_taken_once_and_again_when_it_is_free(engine):
    lanes = Lanes(engine)

    assert [lanes.take(LANE), lanes.take(LANE), lanes.take(OTHER)] == [True, False, True]
    lanes.free(LANE)
    assert lanes.held == {OTHER}
    assert lanes.take(LANE)
    lanes.close()
    assert lanes.held == set()


def test_two_sessions_never_hold_one_lane_and_what_one_lets_go_the_other_takes(postgres_url):
    engine = open_database(postgres_url)
    first, second = Lanes(engine), Lanes(engine)

    assert first.take(LANE)
    assert not second.take(LANE)
    first.free(LANE)
    assert second.take(LANE)
    assert not first.take(LANE)
    second.close()
    assert first.take(LANE)
    first.close()
    engine.dispose()


def test_a_session_that_broke_holds_nothing_and_the_next_take_makes_a_new_one(postgres_url):
    engine = open_database(postgres_url)
    lanes = Lanes(engine)
    assert lanes.take(LANE)
    cut(engine)

    assert not lanes.take(OTHER)
    assert lanes.held == set()
    assert lanes.take(LANE)
    lanes.close()
    engine.dispose()


def test_a_session_that_broke_unseen_is_seen_by_the_next_take(postgres_url):
    engine = open_database(postgres_url)
    lanes, rival = Lanes(engine), Lanes(engine)
    assert lanes.take(LANE)
    cut(engine)
    assert not rival.take(OTHER) or rival.take(LANE)

    assert not lanes.take(OTHER)
    assert lanes.held == set()
    lanes.free(LANE)
    lanes.close()
    rival.close()
    engine.dispose()


def test_sessions_that_a_pooler_shares_are_noticed(postgres_url):
    engine = open_database(postgres_url)
    pooled = create_engine(postgres_url, poolclass=StaticPool)

    assert sessions_are_shared(pooled)
    assert not sessions_are_shared(engine)
    for each in (pooled, engine):
        each.dispose()


def test_on_sqlite_no_session_is_shared(sqlite_url):
    engine = open_database(sqlite_url)

    assert not sessions_are_shared(engine)
    engine.dispose()
