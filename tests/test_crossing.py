"""Clicks of several people that cross: one winner each, a legal history, and everybody is told something."""

from __future__ import annotations

import threading

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.domain.errors import UserError
from bot.domain.lifecycle import Status, Step, after
from bot.services import running, sign_off
from bot.services.work import Act
from db.tables import Audit, Experiment

CLICKS = {
    "agree": ("U0DANA", lambda store, act, of: sign_off.agree(store, act, of, "It is on me.")),
    "condition": (
        "U0DANA",
        lambda store, act, of: sign_off.ask_condition(store, act, of, "Tell me first.", "It is on me."),
    ),
    "talk": ("U0DANA", sign_off.talk),
    "withdraw": ("U0ASHA", sign_off.withdraw),
    "ask another": ("U0ASHA", lambda store, act, of: sign_off.ask_another(store, act, of, "U0BEN")),
    "accept": ("U0ASHA", sign_off.accept_condition),
    "answer": ("U0ASHA", lambda store, act, of: sign_off.answer_condition(store, act, of, "I will.")),
    "other sponsor agrees": ("U0BEN", lambda store, act, of: sign_off.agree(store, act, of, "It is on me.")),
    "stop": ("U0ASHA", running.stop),
    "undo": ("U0ASHA", running.undo_stop),
}
STEPS = {each.value for each in Step}


def cross(world, of, clicks, nth):
    """Have all clicks happen at once; what came of each, where anything but a sentence is a surprise."""
    barrier = threading.Barrier(len(clicks))
    came = {}

    def click(number, name):
        person, deed = CLICKS[name]
        barrier.wait()
        try:
            came[number] = deed(world.bot.store, Act(world.slack.space.team, person, f"{nth}:{number}"), of)
        except UserError as error:
            came[number] = error.sentence
        except Exception as error:  # noqa: BLE001 - the test says what it was
            came[number] = error

    threads = [threading.Thread(target=click, args=each) for each in enumerate(clicks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_crossing_clicks_leave_a_legal_history_and_nobody_without_an_answer(world):
    seen = []

    @settings(
        max_examples=20,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
    )
    @given(st.lists(st.lists(st.sampled_from(sorted(CLICKS)), min_size=2, max_size=5), min_size=1, max_size=3))
    def cross_again(rounds):
        world.proposed()
        with world.bot.store.readings() as session:
            experiment = session.scalars(select(Experiment).order_by(Experiment.id.desc()).limit(1)).one()
        won = 0
        for clicks in rounds:
            seen.append(clicks)
            came = cross(world, experiment.id, clicks, len(seen))
            assert len(came) == len(clicks)
            assert [each for each in came.values() if not isinstance(each, (Experiment, str))] == []
            won += sum(isinstance(each, Experiment) for each in came.values())
        history_is_legal(world, experiment.id, won)

    cross_again()
    assert len(seen) >= 6


def history_is_legal(world, of, won):
    """What the audit tells is a way through the table of steps, one step for each winner, and ends where it stands."""
    with world.bot.store.readings() as session:
        steps = session.scalars(select(Audit.step).where(Audit.experiment_id == of).order_by(Audit.id)).all()
        stands = session.get_one(Experiment, of).status
    status = Status.PROPOSED
    taken = [Step(each) for each in steps if each in STEPS and each != "propose"]
    for step in taken:
        status = after(status, step)
    assert status is stands
    assert len(taken) == won
