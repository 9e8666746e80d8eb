"""The life of an experiment: the table itself, and people who press whatever they see, in any order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from bot.domain.errors import UserError
from bot.domain.lifecycle import (
    AWAITING_LEARNING,
    AWAITING_SPONSOR,
    NEXT,
    OPEN,
    SAID,
    Status,
    Step,
    after,
    allows,
    picture,
)
from bot.views.names import Action
from db.tables import Audit, Base, Experiment, SignOff
from playground.reading import controls
from tests.hands import proposes, runs
from tests.hearing import listening
from tests.world import LEARNED, World, fills_at_once

# The table.


def test_every_status_is_in_the_table_and_has_its_words():
    assert set(Status) == set(NEXT) == set(SAID)


def test_every_next_status_exists_and_every_step_is_taken_somewhere():
    assert {then for steps in NEXT.values() for then in steps.values()} | {Status.PROPOSED} == set(Status)
    assert {step for steps in NEXT.values() for step in steps} == set(Step)


def test_a_withdrawn_experiment_is_at_its_end_and_no_other_status_is():
    assert [Status.WITHDRAWN] == [status for status, steps in NEXT.items() if not steps]


def test_every_status_can_be_reached():
    reached = {Status.PROPOSED}
    for _ in Status:
        reached |= {then for status in reached for then in NEXT[status].values()}

    assert set(Status) == reached


def test_an_illegal_step_says_what_is_so_and_a_legal_one_leads_on():
    for status in Status:
        for step in Step:
            if allows(status, step):
                assert NEXT[status][step] is after(status, step)
            else:
                with pytest.raises(UserError, match=f"EXP-7 is {SAID[status]} now.*Nothing was changed"):
                    after(status, step, name="EXP-7")


def test_the_groups_of_statuses_do_not_overlap_and_hold_what_is_open():
    assert not AWAITING_SPONSOR & AWAITING_LEARNING
    assert AWAITING_SPONSOR | AWAITING_LEARNING | {Status.RUNNING} == OPEN


def test_the_picture_shows_every_step():
    lines = picture().splitlines()

    assert "stateDiagram-v2" == lines[0]
    assert all(f"    {a} --> {b}: {step}" in lines for a, steps in NEXT.items() for step, b in steps.items())


# Which buttons fit which status.

FITS = {
    Action.STOP: {Status.RUNNING},
    Action.EXTEND: {Status.RUNNING},
    Action.CHECK_IN: {Status.RUNNING},
    Action.WITHDRAW: set(AWAITING_SPONSOR),
    Action.ASK_ANOTHER: set(AWAITING_SPONSOR),
    Action.AGREE: {Status.PROPOSED},
    Action.ASK_CONDITION: {Status.PROPOSED},
    Action.TALK: {Status.PROPOSED},
    Action.ACCEPT_CONDITION: {Status.CONDITION},
    Action.ANSWER_CONDITION: {Status.CONDITION},
    Action.UNDO_STOP: {Status.STOPPED},
    Action.SHARE: {Status.LEARNED},
    Action.TAKE_BACK: {Status.LEARNED},
}
PEOPLE = ["U0ASHA", "U0BEN", "U0DANA", "U0ADMIN"]
MOVES = [timedelta(seconds=50), timedelta(minutes=11), timedelta(days=1), timedelta(days=4)]
WORDS = {
    "condition": "Ring them first.",
    "cover_note": "That is on me.",
    "reply": "They are rung already.",
    "note": "Nobody rang.",
    "answer": "expected",
    **LEARNED,
}
EXAMPLES, STEPS = 6, 15
people = st.sampled_from(PEOPLE)
in_messages = st.sampled_from(sorted(set(Action) - {Action.START_AFRESH, Action.CHANGE_ANSWERS}))


def pressable(screens):
    """Every button on some screens, as the surface, the action and its value."""
    return [
        (surface, element["action_id"], element["value"])
        for surface in screens
        for _, element in controls(surface.blocks)
        if element["type"] == "button"
    ]


class Lives(RuleBasedStateMachine):
    """Several people press what they see, and what they saw a while ago, while time goes by."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.listening = listening()
        self.log = self.listening.__enter__()
        self.world = World(url)
        with self.world.engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(delete(table))
        self.world.__enter__()
        self.stale = {person: [] for person in PEOPLE}

    def teardown(self) -> None:
        self.world.__exit__()
        self.listening.__exit__(None, None, None)

    def who(self, identifier):
        return self.world.slack.person(identifier)

    @initialize(owner=st.sampled_from(PEOPLE[:2]), agreed=st.booleans())
    def something_was_proposed(self, owner, agreed):
        self.world.set_up_digest()
        begin = runs if agreed else proposes
        begin(self.world, self.who(owner))
        self.world.settle()

    @precondition(lambda self: len(self.experiments()) < 3)
    @rule(owner=people, sponsor=people, days=st.integers(2, 40))
    def propose(self, owner, sponsor, days):
        if owner != sponsor:
            today = self.world.clock.now().date() + timedelta(days=1)
            dates = {"start": str(today), "end": str(today + timedelta(days=days))}
            proposes(self.world, self.who(owner), sponsor=sponsor, **dates)
        self.world.settle()

    @precondition(lambda self: self.experiments())
    @rule(times=st.integers(1, 4), data=st.data())
    def press_something(self, times, data):
        for _ in range(times):
            everybody = self.world.slack.people
            self.press({each.id: [*each.dm, *([each.home] if each.home else [])] for each in everybody}, data)

    @precondition(lambda self: any(self.stale.values()))
    @rule(data=st.data())
    def press_something_on_a_screen_of_a_while_ago(self, data):
        self.press(self.stale, data)

    def press(self, screens, data):
        offers = {(who, each[1]): each for who, seen in screens.items() for each in pressable(seen)}
        if offers:
            person, action = data.draw(st.sampled_from(sorted(offers)))
            surface, _, value = offers[person, action]
            for each in PEOPLE:
                self.stale[each] = [message.as_seen() for message in self.who(each).dm if not message.ephemeral]
            self.who(person).presses(action, on=surface, value=value)
            self.answer_forms(self.who(person), data)
        self.world.settle()

    @precondition(lambda self: self.experiments())
    @rule(person=people, action=in_messages, data=st.data())
    def press_what_was_never_shown(self, person, action, data):
        who = self.who(person)
        if not who.dm:
            return
        number = data.draw(st.sampled_from([each.id for each in self.experiments()]))
        self.world.forges(who, who.dm[0], action.value, number)
        self.answer_forms(who, data)
        self.world.settle()

    def answer_forms(self, who, data):
        while who.modal:
            view = who.modal
            if view.body.get("submit") and data.draw(st.integers(0, 5), label="send the form unless 0"):
                fields = {block["block_id"]: element for block, element in controls(view.blocks)}
                fills_at_once(who, **{name: words for name, words in WORDS.items() if name in fields})
                if "sponsor" in fields:
                    fills_at_once(who, sponsor=data.draw(people))
                if "level" in fields:
                    fills_at_once(who, level="team")
                if "title" not in fields:
                    who.submits()
            if who.modal:
                who.closes(everything=True)

    @rule(person=people)
    def look_at_home(self, person):
        self.who(person).opens_home()

    @rule(span=st.sampled_from(MOVES))
    def wait(self, span):
        self.world.clock.advance(span)
        self.world.settle()

    @rule()
    def start_anew(self):
        self.world.stop_bot()
        self.world.start_bot()

    # What must always be so.

    def experiments(self):
        with self.world.bot.store.sessions() as session:
            return list(session.scalars(select(Experiment).order_by(Experiment.id)))

    @invariant()
    def slack_and_the_bot_understand_each_other(self):
        self.world.everything_went_well()
        assert [] == [line for line in self.log.lines if "exception" in line]

    @invariant()
    def the_audit_tells_a_legal_life(self):
        with self.world.bot.store.sessions() as session:
            rows = list(session.scalars(select(Audit).order_by(Audit.id)))
        for each in self.experiments():
            status = Status.PROPOSED
            for row in rows:
                if row.experiment_id == each.id and row.step in set(Step):
                    status = NEXT[status][Step(row.step)]
            assert status is each.status

    @invariant()
    def nobody_signs_off_their_own(self):
        owners = {each.id: each.owner for each in self.experiments()}
        with self.world.bot.store.sessions() as session:
            asked = list(session.scalars(select(SignOff)))
            answers = [Step.AGREE, Step.ASK_CONDITION, Step.TALK]
            answered = list(session.scalars(select(Audit).where(Audit.step.in_(answers))))
        assert all(each.sponsor != owners[each.experiment_id] for each in asked)
        assert all(each.person != owners[each.experiment_id] for each in answered)

    @invariant()
    def what_is_shown_is_so(self):
        status = {str(each.id): each.status for each in self.experiments()}
        for person in self.world.slack.people:
            for message in person.dm:
                for _, action, value in pressable([] if message.ephemeral else [message]):
                    assert action not in FITS or status[value] in FITS[action], (person, message.words)


def test_whatever_people_press_in_whatever_order_every_life_is_a_legal_one_and_told_as_it_is(engine_url):
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        phases=[Phase.generate],  # A failure is short enough as it is, and shrinking it would take minutes.
        suppress_health_check=slow,
    )
    run_state_machine_as_test(lambda: Lives(engine_url), settings=chosen)
