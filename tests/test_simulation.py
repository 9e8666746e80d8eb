"""Every crash and every bad answer on the way of one message, two of each: nothing is lost, nothing stands twice."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import delete

from db.tables import Outbox, State
from tests.hands import proposes
from tests.simulation import Simulation, paths

IN_TIME = timedelta(seconds=25)  # With half a minute until the history shows it, still less than a minute.
TOO_LATE = timedelta(seconds=90)
# How a path begins, so that several processes share the work: dead at once or not, and what Slack does first.
BEGINNINGS = [[0, 0], [0, 1], [0, 2], [0, 3], [0, 4], [1, 0], [1, 1]]

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


def told(simulation, beginning=None):
    """How all paths end."""
    ends: Counter[str] = Counter()
    for choices in paths(simulation.run, beginning):
        ends["paths"] += 1
        ends[simulation.state.value] += 1
        ends["lost"] += simulation.state is State.SENT and not simulation.visible
        ends["doubled"] += len(simulation.visible) > 1
        ends["ever doubled"] += simulation.most_visible > 1
        assert simulation.state in {State.SENT, State.HELD}, choices.made
    return ends


@pytest.mark.parametrize("beginning", BEGINNINGS, ids=str)
def test_with_two_crashes_and_two_bad_answers_nothing_is_lost_and_nothing_is_said_twice(message, beginning):
    ends = told(Simulation(message, late=IN_TIME), beginning)

    assert (0, 0, 0) == (ends["lost"], ends["doubled"], ends["ever doubled"])
    assert ends["paths"] == ends["sent"] + ends["held"] > 10


def test_the_beginnings_are_all_there_are(message):
    simulation = Simulation(message, late=IN_TIME, most_crashes=1, most_troubles=1)
    whole = told(simulation)["paths"]

    assert whole == sum(told(simulation, each)["paths"] for each in BEGINNINGS)


def test_in_a_channel_the_same_holds(message):
    simulation = Simulation(message, late=IN_TIME, most_crashes=1, most_troubles=2)
    simulation.fresh["recipient"] = "C0LEARN"
    ends = told(simulation)

    assert (0, 0, 0) == (ends["lost"], ends["doubled"], ends["ever doubled"])


def test_without_the_right_to_look_nothing_is_said_twice_and_what_is_uncertain_is_held(message):
    ends = told(Simulation(message, late=IN_TIME, may_look=False))

    assert (0, 0, 0) == (ends["lost"], ends["doubled"], ends["ever doubled"])
    assert ends["held"] > 0


def test_what_slack_takes_later_than_we_wait_stands_twice_for_a_while_and_is_healed(message):
    ends = told(Simulation(message, late=TOO_LATE, most_crashes=1, most_troubles=1))

    assert (0, 0) == (ends["lost"], ends["doubled"])
    assert ends["ever doubled"] > 0
