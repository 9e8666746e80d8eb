"""A database that is slow or away: an honest answer in time, nothing called saved that is not, and no word lost."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, func, make_url, select, text

from bot.compose import Program
from db.engine import CONNECTIONS, open_database
from db.migrate import migrate
from db.tables import CheckIn, Experiment, Outbox
from faults.proxy import Proxy
from tests.hearing import listening
from tests.postgres_keeper import start as started
from tests.programs import wait_until
from tests.world import FILLED, World, fills_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator


IN_TIME = 3.0
NOTHING_SAVED = "I cannot reach my records just now, so nothing was saved."
NOT_KNOWN = "and do not know whether this was saved"
STILL_HERE = "What you typed is still here."
POSTGRES = pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)
SQLITE = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def heard():
    with listening() as log:
        yield log


@pytest.fixture
def unlucky(world):
    """The world, in which requests may be answered with trouble, and never late."""
    yield world
    assert max((each.seconds for each in world.slack.failures), default=0) < IN_TIME
    world.slack.failures.clear()


@pytest.fixture
def line(postgres_url):
    """A way to the database that a test can break."""
    made = Proxy(make_url(postgres_url))
    yield made
    made.close()


@pytest.fixture
def behind(line, postgres_url):
    """A world whose bot reaches its database over that line."""
    url = make_url(postgres_url).set(host="127.0.0.1", port=line.port, query={})
    with World(url.render_as_string(hide_password=False)) as made:
        yield made
        line.hangs.clear()
        assert max((each.seconds for each in made.slack.failures), default=0) < IN_TIME


@contextmanager
def locked(world) -> Iterator[None]:
    """Somebody else holds what every change needs, and does not let it go."""
    holder = create_engine(world.engine.url)
    with holder.connect() as connection:
        if holder.dialect.name == "sqlite":
            connection.connection.driver_connection.isolation_level = None
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
        else:
            connection.execute(text("LOCK TABLE inbox, drafts, workspaces, outbox IN ACCESS EXCLUSIVE MODE"))
        yield
    holder.dispose()


def slow(world, seconds, *tables):
    """Have every insert into these tables take so long."""
    with world.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NEW; END $$"
            )
        )
        for table in tables:
            connection.execute(
                text(f"CREATE TRIGGER slow BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION slow()")
            )


def quick(world, *tables):
    """Take that back."""
    with world.engine.begin() as connection:
        for table in tables:
            connection.execute(text(f"DROP TRIGGER slow ON {table}"))


def filled(world):
    """The form to propose, filled in and not sent."""
    world.asha.types("/experiment", "propose")
    fills_at_once(world.asha, **FILLED)
    return world.asha


def typed(person):
    """What stands in the fields."""
    return {name: next(iter(field.values())).get("value") for name, field in person.modal.state.items()}


def count(world, table):
    with world.bot.store.readings() as session:
        return session.scalar(select(func.count()).select_from(table))


def outbox(world):
    with world.bot.store.readings() as session:
        return session.scalars(select(Outbox)).all()


def is_honest(world, answer, before):
    """Nothing was saved, the person was told so in time, and every word is still in the form."""
    assert answer.seconds < IN_TIME
    assert 0 == count(world, Experiment)
    said = " ".join(answer.body["errors"].values())
    assert NOTHING_SAVED in said
    assert STILL_HERE in said
    assert typed(world.asha) == before


def test_a_form_sent_while_a_lock_is_held_is_kept_and_goes_through_afterwards(unlucky):
    world = unlucky
    before = typed(filled(world))
    with locked(world):
        answer = world.asha.submits()
    is_honest(world, answer, before)

    world.asha.submits()
    assert 1 == count(world, Experiment)


@POSTGRES
@pytest.mark.parametrize("seconds", [2, 5])
def test_a_form_sent_to_a_slow_database_is_kept_and_goes_through_afterwards(unlucky, seconds):
    world = unlucky
    before = typed(filled(world))
    slow(world, seconds, "inbox")
    answer = world.asha.submits()
    is_honest(world, answer, before)

    quick(world, "inbox")
    world.asha.submits()
    assert 1 == count(world, Experiment)


@POSTGRES
def test_many_slow_steps_together_take_no_longer_than_one(unlucky):
    world = unlucky
    before = typed(filled(world))
    slow(world, 0.8, "inbox", "experiments", "sign_offs", "members", "audit", "outbox")
    answer = world.asha.submits()

    is_honest(world, answer, before)


def test_a_command_and_a_button_say_that_nothing_was_saved_and_name_no_typed_words(unlucky):
    world = unlucky
    world.running()
    world.at("2026-06-16 10:00")
    with locked(world):
        pressed = world.asha.presses("As expected")
    assert pressed.seconds < IN_TIME
    said = world.asha.sees()[-1].words
    assert NOTHING_SAVED in said
    assert STILL_HERE not in said
    with world.bot.store.readings() as session:
        assert session.scalars(select(CheckIn.answer)).all() == [None]


def test_when_every_connection_is_in_use_the_answer_is_honest_and_in_time(unlucky):
    world = unlucky
    before = typed(filled(world))
    most = CONNECTIONS * (2 if world.engine.dialect.name == "sqlite" else 1)
    taken = [world.engine.raw_connection() for _ in range(most)]
    answer = world.asha.submits()
    for each in taken:
        each.close()

    is_honest(world, answer, before)


def test_a_line_that_hangs_is_noticed_in_time_and_used_again_when_it_works(behind, line):
    before = typed(filled(behind))
    line.hangs.set()
    answer = behind.asha.submits()
    line.hangs.clear()
    line.cut()
    is_honest(behind, answer, before)

    behind.asha.submits()
    assert 1 == count(behind, Experiment)


def test_a_line_that_is_cut_between_two_requests_is_not_even_noticed(behind, line):
    filled(behind)
    line.cut()

    assert behind.asha.submits().ok
    assert 1 == count(behind, Experiment)


@pytest.mark.parametrize("spared", [0, 1])
def test_when_the_answer_to_a_commit_is_lost_the_repetition_finds_its_work_done(behind, line, spared):
    """The first commit of the request is what Slack says of the sponsor, the second is the proposal."""
    filled(behind)
    line.spares_commits, line.loses_commits = spared, 1
    answer = behind.asha.submits()

    assert line.loses_commits == 0
    assert answer.ok
    assert answer.seconds < IN_TIME
    assert behind.asha.modal is None or behind.asha.modal.body["callback_id"] == "notice"
    assert 1 == count(behind, Experiment)
    assert 1 == len([each for each in outbox(behind) if each.kind == "sign-off"])


def test_when_nobody_can_know_whether_it_was_committed_that_is_what_is_said(behind, line):
    filled(behind)
    line.spares_commits, line.loses_commits, line.hangs_then = 1, 1, True
    answer = behind.asha.submits()
    line.hangs.clear()
    line.cut()

    said = " ".join(answer.body["errors"].values())
    assert NOT_KNOWN in said
    assert NOTHING_SAVED not in said
    assert answer.seconds < IN_TIME
    behind.asha.submits()
    assert 1 == count(behind, Experiment)


@POSTGRES
@pytest.mark.parametrize("state", ["40001", "40P01", "57P01", "08006"])
def test_a_transaction_that_lost_against_another_is_tried_again(unlucky, state):
    world = unlucky
    filled(world)
    refuse(world, state, times=2)
    answer = world.asha.submits()

    assert answer.seconds < IN_TIME
    assert (answer.ok, count(world, Experiment)) == (True, 1)


@POSTGRES
@pytest.mark.parametrize(("state", "times"), [("40001", 99), ("23514", 1), ("53100", 1)])
def test_it_is_tried_three_times_and_what_is_no_accident_only_once(unlucky, state, times):
    world = unlucky
    before = typed(filled(world))
    refuse(world, state, times)
    answer = world.asha.submits()

    is_honest(world, answer, before)
    with world.engine.connect() as connection:
        assert (3 if times > 1 else 1) == connection.scalar(text("SELECT last_value FROM refused"))


@POSTGRES
def test_a_connection_that_is_ended_in_the_middle_of_the_work_costs_nothing(unlucky):
    world = unlucky
    filled(world)
    refuse(world, "kill", times=1)
    answer = world.asha.submits()

    assert answer.seconds < IN_TIME
    assert (answer.ok, count(world, Experiment)) == (True, 1)
    assert 1 == len([each for each in outbox(world) if each.kind == "sign-off"])


def refuse(world, state, times):
    """Have the first so many attempts to write an experiment fail; a sequence counts them, whatever is undone."""
    deed = "PERFORM pg_terminate_backend(pg_backend_pid())" if state == "kill" else f"RAISE SQLSTATE '{state}'"
    with world.engine.begin() as connection:
        connection.execute(text("CREATE SEQUENCE refused"))
        connection.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF nextval('refused') <= {times} THEN {deed}; END IF; RETURN NEW; END $$"
            )
        )
        connection.execute(
            text("CREATE TRIGGER refuse BEFORE INSERT ON experiments FOR EACH ROW EXECUTE FUNCTION refuse()")
        )


def test_an_event_that_cannot_be_worked_on_is_asked_for_again(unlucky):
    world = unlucky
    with locked(world):
        answer = world.ben.opens_home()
    assert answer.seconds < IN_TIME
    assert answer.status == 503

    assert world.ben.opens_home().ok
    assert world.ben.home


@pytest.fixture
def mortal():
    """A server of its own, which a test may stop and start."""
    folder = Path(tempfile.mkdtemp(prefix="safe-to-fail-"))
    folder.chmod(0o711)
    server = started(folder)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM RESET ALL")  # This server's data deserves care.
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def stop(server):
    """Stop a server as a power cut would."""
    number = server.get_pid()
    os.kill(number, signal.SIGQUIT)
    wait_until(lambda: not psutil.pid_exists(number))


def test_a_server_that_is_stopped_loses_nothing_and_is_found_again_when_it_starts(mortal):
    url = make_url(mortal.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    engine = open_database(url)
    migrate(engine)
    engine.dispose()
    with World(url) as world:
        before = typed(filled(world))
        stop(mortal)
        try:
            answer = world.asha.submits()
            commanded = world.asha.types("/experiment")
            event = world.ben.opens_home()
            facts = Program(world.bot, world.engine).facts()
        finally:
            mortal.ensure_postgres_running()
        assert max(each.seconds for each in (answer, commanded, event)) < IN_TIME
        assert NOTHING_SAVED in commanded.text
        assert event.status == 503
        assert facts == {"database": "The database does not answer."}
        is_honest(world, answer, before)

        world.asha.submits()
        assert 1 == count(world, Experiment)
        world.slack.failures.clear()
