"""The most telling faults, made to happen to the real bot; all of them with make faults."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.engine import open_database
from faults import auditor
from faults.databases import SQLite
from faults.table import ROWS

ROOT = Path(__file__).parent.parent
PATIENCE = 300  # Far more than it takes: a machine may be busy with other tests.
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_most_telling_faults_lose_nothing_and_double_nothing(engine):
    done = subprocess.run(
        [sys.executable, "-m", "faults", "--short", "--seed", "1", "--database", engine],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert "everything held" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
    assert " 0 lost, 0 doubled" in done.stdout


def test_every_number_of_the_catalogue_is_entered_once():
    from faults import __main__ as catalogue  # noqa: PLC0415 - it enters them.

    assert catalogue.ROOMS
    assert set(ROWS) == {*range(1, 45), 47, 50}


@pytest.fixture
def database(sqlite_url):
    """A migrated database with one message that was sent, and one experiment that runs."""
    made = SQLite(Path(sqlite_url.removeprefix("sqlite:///")))
    open_database(sqlite_url).dispose()
    made.run(
        "INSERT INTO workspaces (id, team, last_number, digest_weekday, digest_hour, zone, ceiling_people, "
        "ceiling_money, ceiling_hours, ceiling_weeks, currency, calendar, stewards, usual_route, created_at) "
        "VALUES (1, 'T', 0, 4, 10, 'Europe/London', 1, 1, 1, 1, '£', 'GB-ENG', '[]', 'x', '2026-06-01 09:00:00')"
    )
    return made


def put(database, key, state, **more):
    values = {
        "workspace_id": 1,
        "key": key,
        "kind": "card",
        "recipient": "U1",
        "state": state,
        "revision": 0,
        "due": "2026-06-01 08:00:00",
        "attempts": 1,
        "looks": 0,
        "repeats": 0,
        "proof": f"p-{key}",
        **more,
    }
    shown = ", ".join(f"'{value}'" for value in values.values())
    database.run(f"INSERT INTO outbox ({', '.join(values)}) VALUES ({shown})")


def said(key, ts="1.0", **more):
    return {"channel": "D1", "ts": ts, "proof": f"p-{key}", "deleted": False, "thread_ts": None, **more}


def found(database, truth, tmp_path, written=""):
    output = tmp_path / "bot.log"
    output.write_text(written)
    return auditor.audit(database, truth, NOW, [output], ["xoxb-secret"])


def test_the_auditor_finds_nothing_where_all_is_well(database, tmp_path):
    put(database, "a", "sent", channel="D1", ts="1.0")
    put(database, "b", "waiting", due=(NOW + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S"))

    assert found(database, [said("a")], tmp_path).broken == []


@pytest.mark.parametrize("state", ["waiting", "sending", "uncertain"])
def test_the_auditor_finds_what_is_not_settled(database, tmp_path, state):
    put(database, "a", state)

    assert found(database, [], tmp_path).broken == [f"I1: a is still {state}"]


def test_the_auditor_finds_what_was_lost_and_what_has_no_reason(database, tmp_path):
    put(database, "a", "sent", channel="D1", ts="1.0")
    put(database, "b", "failed")
    seen = found(database, [], tmp_path)

    assert seen.lost == 1
    assert seen.broken == [
        "I1: a is marked as sent and does not stand in Slack",
        "I1: b is failed without a reason",
    ]


def test_the_auditor_finds_doubles_and_strangers_but_not_what_was_deleted(database, tmp_path):
    put(database, "a", "sent", channel="D1", ts="1.0")
    truth = [said("a"), said("a", "2.0"), said("a", "3.0", deleted=True), said("z")]
    seen = found(database, truth, tmp_path)

    assert seen.doubled == 1
    assert seen.broken == ["I2: a stands in Slack 2 times", "I2: 1 messages stand in Slack that no row knows"]


def test_the_auditor_finds_a_message_that_stands_elsewhere_than_the_database_says(database, tmp_path):
    put(database, "a", "sent", channel="D1", ts="9.0")

    assert found(database, [said("a")], tmp_path).broken == ["I2: a stands elsewhere than the database says"]


def test_the_auditor_finds_a_secret_in_what_was_written(database, tmp_path):
    assert found(database, [], tmp_path, "token xoxb-secret").broken == ["I6: a secret stands in bot.log"]
