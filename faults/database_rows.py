"""Rows 28 to 37: the database is slow, away, cut off, full, read-only, or taken back in time."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import make_url

from faults.databases import PostgreSQL, SQLite
from faults.dying import ACTS, POST, finish, waits_for_call
from faults.lane import NotHere
from faults.proxy import Proxy
from faults.suite import run_tests
from faults.table import SUITE, row
from tests.written import FILLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faults.databases import Server
    from faults.lane import Proof
    from faults.trial import Trial

HONEST = 3.0  # Seconds after which Slack tells people that the app did not answer.
HELD = 4.0  # Seconds for which somebody else holds the database.


@contextmanager
def locked(trial: Trial) -> Iterator[None]:
    """Somebody else holds the whole database."""
    if isinstance(trial.database, SQLite):
        with closing(sqlite3.connect(trial.database.path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
        return
    with psycopg.connect(trial.database.url.replace("postgresql+psycopg", "postgresql")) as there:
        there.execute("LOCK TABLE experiments, inbox, outbox, drafts IN ACCESS EXCLUSIVE MODE")
        yield
        there.rollback()


def fills_the_form(trial: Trial, title: str) -> None:
    """Open and fill the form, and do not send it."""
    trial.types("U0ASHA", "propose")
    trial.sees_a_form("U0ASHA", "title")
    trial.slack.fills("U0ASHA", FILLED | {"title": title})


def submits_and_is_told(proof: Proof, trial: Trial, title: str) -> None:
    """Send the form while nothing can be saved: an honest answer in time, and the words still there."""
    answer = trial.slack.does("U0ASHA", "submits")
    screen = trial.slack.screen("U0ASHA")
    proof.expects(answer["seconds"] < HONEST, f"the answer took {answer['seconds']:.1f} s")
    proof.expects("is with" not in screen.get("text", ""), "it was said to be saved")
    proof.expects(screen.get("values", {}).get("title") in (title, None), "the words are gone")
    proof.tally.notes.append(f"answered in {answer['seconds']:.1f} s, in words: {answer['ok']}")


@row(28, "somebody else holds the database for seconds", "an honest answer in time, then all goes on")
def slow(proof: Proof) -> None:
    """The form is sent while the database is locked, and again afterwards."""
    with proof.trial("ready") as trial:
        trial.starts()
        fills_the_form(trial, "Ring back")
        with locked(trial):
            submits_and_is_told(proof, trial, "Ring back")
            time.sleep(HELD)
        finish(trial, ACTS["new message"])
        proof.expects(trial.promised, "it could not be saved afterwards")
        proof.judge(trial, "slow")


@row(
    29,
    "PostgreSQL dies without a goodbye, and comes back",
    "nothing is said to be saved, all goes on",
    short=True,
    engines=("postgres",),
)
def away(proof: Proof) -> None:
    """It dies while a form is filled in, and while a message is being sent."""
    server = server_of(proof)
    with proof.trial("ready") as trial:
        trial.starts()
        fills_the_form(trial, "Ring back")
        server.stop_at_once()
        try:
            submits_and_is_told(proof, trial, "Ring back")
        finally:
            server.start()
        began = time.monotonic()
        trial.slack.refuse(method=POST, delay=1.5, times=2)
        finish(trial, ACTS["new message"])
        proof.tally.notes.append(f"saved again {time.monotonic() - began:.1f} s after its return")
        waits_for_call(trial)
        server.stop_at_once()
        time.sleep(2)
        server.start()
        proof.judge(trial, "away")


def server_of(proof: Proof) -> Server:
    """Our own server."""
    if proof.lane.server is None:
        raise NotHere("There is no PostgreSQL server.")
    return proof.lane.server


@row(30, "the answer of COMMIT is cut off", "sent again by the person, it has one effect", engines=("postgres",))
def commit_cut(proof: Proof) -> None:
    """A proxy passes COMMIT on and cuts the line before its answer."""
    for _ in range(4):
        with proof.trial("ready") as trial, through_a_proxy(trial) as proxy:
            trial.starts()
            fills_the_form(trial, "Ring back")
            proxy.only_after, proxy.loses_commits = b"INSERT INTO experiments", 1
            trial.slack.does("U0ASHA", "submits")
            committed = trial.database.rows("SELECT count(*) AS times FROM experiments")[0]["times"]
            seen = trial.slack.screen("U0ASHA").get("text", "")
            if seen and "is with" not in seen:  # The form is still there: people press once more.
                trial.slack.does("U0ASHA", "submits")
            times = trial.database.rows("SELECT count(*) AS times FROM experiments")[0]["times"]
            proof.expects(times == 1, f"there are {times} proposals")
            proof.expects(not proxy.loses_commits, "no COMMIT was cut")
            proof.tally.notes.append("had committed" if committed else "another COMMIT was cut")
            proof.judge(trial, "COMMIT cut")


@contextmanager
def through_a_proxy(trial: Trial) -> Iterator[Proxy]:
    """Put a proxy between the bot and its database."""
    if not isinstance(trial.database, PostgreSQL):
        raise NotHere("SQLite has no line that could be cut.")
    with Proxy(make_url(trial.database.url)) as proxy:
        trial.database_url = f"postgresql://postgres@127.0.0.1:{proxy.port}/{trial.database.name}"
        yield proxy
        trial.kills()


@row(
    31,
    "connections to the database are ended in the middle, again and again",
    "nothing lost, nothing doubled",
    engines=("postgres",),
)
def connections_ended(proof: Proof) -> None:
    """Somebody ends every connection of the bot a few times a second."""
    with proof.trial("ready") as trial:
        stop, ended = threading.Event(), [0]

        def end() -> None:
            while not stop.wait(proof.luck.uniform(0.1, 0.5)):
                found = trial.database.rows(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                ended[0] += len(found)

        trial.starts()
        ending = threading.Thread(target=end)
        ending.start()
        for number in range(6):
            for _ in range(5):
                if trial.proposes(f"Idea {number}"):
                    break
            time.sleep(0.5)
        stop.set()
        ending.join()
        proof.expects(trial.promised, "nobody could save anything, so nothing was proved")
        proof.judge(trial, "connections ended")
    proof.tally.notes.append(f"{ended[0]} connections ended, {len(trial.promised)} proposals")


@row(32, "deadlocks and serialisation failures", "tried again, within bounds", engines=SUITE)
def deadlocks(proof: Proof) -> None:
    """What the suite proves, with the server's own names for such accidents."""
    run_tests(proof, "tests/test_honesty.py", chosen="lost_against or three_times")


@row(33, "an old backup is put back", "what was said since is found, nothing is said twice", engines=SUITE)
def old_backup(proof: Proof) -> None:
    """What the suite proves with rows that have forgotten what they were."""
    run_tests(proof, "tests/test_restore.py")


@row(34, "the disk is full, and freed again", "honest answers, no damage, goes on", engines=("sqlite",))
def disk_full(proof: Proof) -> None:
    """The database lies on a small disk of memory that something else fills."""
    with proof.trial("ready") as trial, small_disk(trial) as disk:
        trial.starts()
        fills_the_form(trial, "Ring back")
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 4096)
        answer = trial.slack.does("U0ASHA", "submits")
        saved = "is with" in trial.slack.screen("U0ASHA").get("text", "")
        kept = trial.database.rows("SELECT count(*) AS times FROM experiments")[0]["times"]
        proof.expects(bool(kept) >= saved, "it was said to be saved and was not")
        filler.unlink()
        if not kept:
            finish(trial, ACTS["new message"])
        proof.tally.notes.append(f"full: answered {answer['status']}, saved {bool(kept)}")
        proof.judge(trial, "disk full")


@contextmanager
def small_disk(trial: Trial) -> Iterator[Path]:
    """A disk of four megabytes with the database on it, where this machine lets us mount one."""
    disk = trial.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        raise NotHere("not on this machine: no disk can be mounted")
    before = trial.database
    moved = SQLite(disk / "safe-to-fail.db")
    assert isinstance(before, SQLite)  # noqa: S101 - the row says so.
    with closing(sqlite3.connect(before.path)) as here, closing(sqlite3.connect(moved.path)) as there:
        here.backup(there)
    trial.database = moved
    try:
        yield disk
    finally:
        trial.kills()
        trial.database = before
        subprocess.run(["/bin/umount", "-l", str(disk)], check=False)


@row(
    35,
    "a disk that can only be read",
    "it says so instead of starting, or goes on when it can write again",
    engines=("sqlite",),
)
def read_only(proof: Proof) -> None:
    """The disk is made read-only before the bot starts."""
    with proof.trial("ready") as trial, small_disk(trial) as disk:
        for mode in ("ro", "rw"):
            done = subprocess.run(["/bin/mount", "-o", f"remount,{mode}", str(disk)], capture_output=True, check=False)
            if done.returncode:
                raise NotHere("not on this machine: no disk can be made read-only")
            bot = trial.starts_one("run")
            if mode == "ro":
                died = bot.wait_for_death(8)
                said = bot.output.read_text()
                proof.expects(died and "Traceback" not in said, f"read-only: ended {died}, said {said[-300:]!r}")
                proof.tally.notes.append("it said why" if "cannot be used" in said else "it gave no reason")
                trial.kills()
        trial.kills()
        trial.starts()
        finish(trial, ACTS["new message"])
        proof.judge(trial, "read-only")


@row(36, "two writers, a long reader, checkpoints", "no lost update, no locked error for people", engines=SUITE)
def writers(proof: Proof) -> None:
    """What the suite proves with threads."""
    run_tests(proof, "tests/test_engine.py")


@row(
    37,
    "the machine loses power right after something was confirmed",
    "what was confirmed is there",
    engines=("sqlite",),
)
def power(proof: Proof) -> None:
    """The files as they lie on the disk at that moment, with a torn end, are opened by a fresh bot."""
    for number in range(6):
        with proof.trial("ready") as trial:
            trial.starts()
            trial.proposes("Ring back")
            database = trial.database
            assert isinstance(database, SQLite)  # noqa: S101 - the row says so.
            torn = SQLite(trial.folder / "torn.db")
            for end in ("", "-wal"):
                shutil.copyfile(f"{database.path}{end}", f"{torn.path}{end}")
            with Path(f"{torn.path}-wal").open("ab") as log:
                log.write(os.urandom(proof.luck.randrange(1, 9000)))  # A write that was under way.
            trial.kills()
            before, trial.database = trial.database, torn
            trial.starts()
            proof.judge(trial, f"power {number}")
            trial.database = before
