"""The database, on both engines."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from db.engine import DatabaseTrouble, open_database, reading, sessions
from db.migrate import current, expected, migrate, pending
from db.tables import Base

BOTH = pytest.mark.parametrize("empty_url", ["sqlite", "postgres"], indirect=True)


def test_what_is_committed_is_there_for_the_next_session(engine):
    with sessions(engine).begin() as session:
        session.execute(text("CREATE TABLE t (n INTEGER)"))
        session.execute(text("INSERT INTO t VALUES (1)"))

    with reading(engine)() as session:
        assert 1 == session.scalar(text("SELECT n FROM t"))


def test_a_reading_session_cannot_write(engine):
    with sessions(engine).begin() as session:
        session.execute(text("CREATE TABLE t (n INTEGER)"))

    with reading(engine)() as session, pytest.raises(DBAPIError, match=r"(?i)read.?only"):
        session.execute(text("INSERT INTO t VALUES (1)"))

    with sessions(engine).begin() as session:
        session.execute(text("INSERT INTO t VALUES (1)"))


def test_a_reader_does_not_wait_for_a_writer(engine):
    with sessions(engine).begin() as session:
        session.execute(text("CREATE TABLE t (n INTEGER)"))

    with sessions(engine).begin() as writing, reading(engine)() as session:
        writing.execute(text("INSERT INTO t VALUES (1)"))
        assert 0 == session.scalar(text("SELECT count(*) FROM t"))


def test_no_update_is_lost_when_threads_count_together(engine):
    with sessions(engine).begin() as session:
        session.execute(text("CREATE TABLE t (n INTEGER)"))
        session.execute(text("INSERT INTO t VALUES (0)"))

    def count() -> None:
        for _ in range(25):
            with sessions(engine).begin() as session:
                lock = "" if engine.dialect.name == "sqlite" else " FOR UPDATE"
                n = session.scalar(text("SELECT n FROM t" + lock))
                session.execute(text("UPDATE t SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with reading(engine)() as session:
        assert 200 == session.scalar(text("SELECT n FROM t"))


def test_a_writer_who_cannot_write_in_time_is_told_so(engine):
    with sessions(engine).begin() as session:
        session.execute(text("CREATE TABLE t (n INTEGER)"))
        session.execute(text("INSERT INTO t VALUES (0)"))

    with sessions(engine).begin() as first, sessions(engine)() as second:
        first.execute(text("UPDATE t SET n = 1"))
        with pytest.raises(DBAPIError, match="lock"):
            second.execute(text("UPDATE t SET n = 2"))

    with sessions(engine).begin() as session:
        session.execute(text("UPDATE t SET n = 3"))


def test_sqlite_is_durable_and_keeps_references(sqlite_url):
    engine = open_database(sqlite_url)
    with sessions(engine)() as session:
        pragmas = {
            name: session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    engine.dispose()

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_postgresql_speaks_utc_and_gives_up_in_time(postgres_url):
    engine = open_database(postgres_url)
    with sessions(engine)() as session:
        shown = [session.scalar(text(f"SHOW {name}")) for name in ("timezone", "statement_timeout", "lock_timeout")]
    engine.dispose()

    assert shown == ["UTC", "1500ms", "1s"]


def test_postgres_in_the_address_means_psycopg(postgres_url):
    engine = open_database(postgres_url.replace("postgresql+psycopg://", "postgres://"))
    driver = engine.driver
    engine.dispose()

    assert driver == "psycopg"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "is not a database address"),
        ("nonsense", "names nonsense"),
        ("mysql://localhost/x", "only sqlite and postgresql"),
        ("sqlite://", "must name a file"),
        ("sqlite:////nowhere/at/all/x.db", "folder /nowhere/at/all"),
        ("postgres://me:secret@127.0.0.1:1/x", "cannot be used"),
    ],
)
def test_a_database_that_cannot_be_opened_is_explained(url, sentence):
    with pytest.raises(DatabaseTrouble, match=sentence) as caught:
        open_database(url)

    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_explained(tmp_path):
    (tmp_path / "x.db").write_text("Dear diary, " * 100)

    with pytest.raises(DatabaseTrouble, match="not a database"):
        open_database(f"sqlite:///{tmp_path / 'x.db'}")


@BOTH
def test_migrating_brings_an_empty_database_up_to_date_and_twice_is_harmless(empty_url):
    engine = open_database(empty_url)
    migrate(engine)
    migrate(engine)

    assert not pending(engine)
    assert current(engine) == expected()
    assert "alembic_version" in inspect(engine).get_table_names()
    engine.dispose()


@BOTH
def test_two_migrators_at_once_do_not_disturb_each_other(empty_url):
    engines = [open_database(empty_url) for _ in range(3)]
    threads = [threading.Thread(target=migrate, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [pending(engine) for engine in engines] == [False] * 3
    for engine in engines:
        engine.dispose()


def test_what_people_write_is_readable_by_the_account_that_runs_the_bot_alone(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'private.db'}")
    migrate(engine)

    assert {0o600} == {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    engine.dispose()


@pytest.mark.parametrize(
    "address", ["u:secret@127.0.0.1:1/x", "u@127.0.0.1:1/x?password=secret", "u:p@secret@127.0.0.1/x"]
)
def test_a_sentence_about_the_database_holds_no_password(address):
    with pytest.raises(DatabaseTrouble) as trouble:
        open_database(f"postgres://{address}")

    assert "secret" not in str(trouble.value)


def test_the_migrations_make_the_tables_that_the_code_knows(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})

        assert [] == compare_metadata(context, Base.metadata)
