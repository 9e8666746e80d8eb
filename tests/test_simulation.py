"""Every crash and every bad answer on the way of one message, two of each: nothing is lost, nothing stands twice."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import delete

from db.tables import Outbox
from tests.hands import proposes
from tests.simulation import Simulation

IN_TIME = timedelta(seconds=25)  # With half a minute until the history shows it, still less than a minute.
TOO_LATE = timedelta(seconds=90)

pytestmark = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


@pytest.fixture
def message(world):
    """A database that holds one message, a question to a sponsor."""
    proposes(world)
    with world.bot.store.sessions.begin() as session:
        session.execute(delete(Outbox).where(Outbox.kind != "sign-off"))
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield world.engine
    structlog.configure(**before)


def pytest_generate_tests(metafunc):
    """Two of each are three thousand paths, which take a minute; --whole goes them, too."""
    if "crashes" in metafunc.fixturenames:
        whole = [(2, 2)] if metafunc.config.getoption("--whole") else []
        metafunc.parametrize(("crashes", "troubles"), [(2, 1), (1, 2), *whole])


def test_with_crashes_and_bad_answers_nothing_is_lost_and_nothing_is_said_twice(message, crashes, troubles):
    ends = Simulation(message, late=IN_TIME, most_crashes=crashes, most_troubles=troubles).told()

    assert (0, 0, 0) == (ends["lost"], ends["doubled"], ends["ever doubled"])
    assert ends["paths"] == ends["sent"] + ends["held"] > 300


def test_in_a_channel_the_same_holds(message):
    simulation = Simulation(message, late=IN_TIME, most_crashes=1, most_troubles=1)
    simulation.fresh["recipient"] = "C0LEARN"
    ends = simulation.told()

    assert (0, 0, 0) == (ends["lost"], ends["doubled"], ends["ever doubled"])


def test_without_the_right_to_look_nothing_is_said_twice_and_what_is_uncertain_is_held(message):
    ends = Simulation(message, late=IN_TIME, may_look=False).told()

    assert (0, 0, 0) == (ends["lost"], ends["doubled"], ends["ever doubled"])
    assert ends["held"] > 0


def test_what_slack_takes_later_than_we_wait_stands_twice_for_a_while_and_is_healed(message):
    ends = Simulation(message, late=TOO_LATE, most_crashes=1, most_troubles=1).told()

    assert (0, 0) == (ends["lost"], ends["doubled"])
    assert ends["ever doubled"] > 0
