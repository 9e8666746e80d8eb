"""Buttons and forms that are out of date, of somebody else, or tampered with: refused in a sentence, to one person."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.views.names import Action
from tests.hands import proposes, runs
from tests.hearing import listening
from tests.world import FILLED, LEARNED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playground.person import Person
    from tests.hearing import Log
    from tests.world import World

NOTE = "It is on me."
ABOUT_ONE = sorted(
    set(Action)
    - {Action.PROPOSE, Action.LIST, Action.MINE, Action.WAITING, Action.LEARNINGS, Action.HELP, Action.SETTINGS}
    - {Action.START_AFRESH, Action.CHANGE_ANSWERS, Action.SHOW}
)
TAMPERED = ("999999", "abc", "1.0", "99999999999999999999")
NO = ("no longer", "cannot find", "taken back", "can decide this", "can see this", "an admin")
OPENED = {
    "propose": "propose",
    "settings": "settings",
    "check-in EXP-1": "check_in",
    "finish EXP-1": "learn",
}


@pytest.fixture
def heard() -> Iterator[Log]:
    with listening() as log:
        yield log


def column(world: World, query: str) -> list[object]:
    with world.engine.connect() as connection:
        return [row[0] for row in connection.execute(text(query))]


def snapshot(world: World) -> list[tuple[object, ...]]:
    """Everything that a refused press must leave alone."""
    tables = ("experiments", "sign_offs", "check_ins", "learnings", "guardrails", "reuses", "audit")
    with world.engine.connect() as connection:
        return [
            tuple(row) for table in tables for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY id"))
        ]


def reads(person: Person) -> str:
    """What somebody reads after a press: the window that opened, or the newest message for them."""
    if person.modal is None:
        return person.dm[-1].words
    words = person.modal.text
    person.closes(everything=True)
    return words


def in_another_workspace(world: World) -> None:
    """Let the experiment that is there belong to a workspace of which nobody here knows."""
    with world.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO workspaces (id, team, last_number, digest_weekday, digest_hour, zone, ceiling_people, "
                "ceiling_money, ceiling_hours, ceiling_weeks, currency, calendar, stewards, usual_route, created_at) "
                "SELECT 99, 'T0OTHER', 1, 4, 10, zone, 1, 1, 1, 1, currency, calendar, stewards, usual_route, "
                "created_at FROM workspaces"
            )
        )
        for table in ("experiments", "sign_offs", "check_ins", "learnings"):
            connection.execute(text(f"UPDATE {table} SET workspace_id = 99"))


@pytest.mark.parametrize("action", ABOUT_ONE)
def test_a_button_about_something_of_another_workspace_is_refused(world, heard, action):
    runs(world)
    world.learned()
    screen = world.asha.types("/experiment").shown
    in_another_workspace(world)
    before = snapshot(world)

    assert world.forges(world.asha, screen, action, 1).ok
    words = reads(world.asha)

    assert FILLED["title"] not in words
    assert LEARNED["learned"] not in words
    assert before == snapshot(world)
    assert [("U0ASHA", action.value, "1")] == [
        (line["person"], line["what"], line["about"]) for line in heard.said("refused")
    ]


def test_a_button_with_a_number_that_nothing_has_is_refused(world):
    runs(world)
    screen = world.asha.types("/experiment").shown
    before = snapshot(world)

    for action in ABOUT_ONE:
        for value in TAMPERED:
            newest = len(world.asha.dm)
            assert world.forges(world.asha, screen, action, value).ok, (action, value)
            assert world.asha.modal or len(world.asha.dm) > newest, (action, value)
            words = reads(world.asha)
            assert any(each in words for each in NO), words
    assert before == snapshot(world)


def test_what_is_private_does_not_exist_for_whoever_is_not_involved(world):
    runs(world, visibility="involved")
    screen = world.ben.types("/experiment").shown
    for action in ABOUT_ONE:
        told = []
        for value in (1, 999):
            world.forges(world.ben, screen, action, value)
            told.append(reads(world.ben))
        assert told[0] == told[1], action


def test_an_outsider_of_a_shared_channel_does_nothing_with_any_button(world):
    runs(world)
    outsider = world.slack.add_person("U0OUT", "Olga Outside", team="T0OTHER")
    before = snapshot(world)

    for action in Action:
        assert world.forges(outsider, world.asha.dm[0], action, 1).ok, action
        if outsider.modal:
            assert FILLED["title"] not in outsider.modal.text, action
            outsider.closes(everything=True)
    assert before == snapshot(world)


def test_a_button_on_an_old_message_works_after_a_restart_as_things_are_then(world):
    proposes(world)
    world.settle()
    question = world.dana.dm[-1].as_seen()
    world.asha.presses("Withdraw", on=world.asha.dm[0])
    world.settle()
    world.stop_bot()
    world.start_bot()
    world.dana.presses("Safe enough to try", on=question)

    assert "EXP-1 is withdrawn now" in reads(world.dana)


def test_a_form_that_is_sent_after_things_changed_keeps_the_words(world):
    proposes(world)
    world.settle()
    world.dana.presses("Safe enough to try")
    world.dana.fills(cover_note=NOTE)
    world.asha.presses("Withdraw", on=world.asha.dm[0])
    world.settle()
    world.dana.submits()

    assert "EXP-1 is withdrawn now" in world.dana.modal.errors["cover_note"]
    assert NOTE == world.dana.modal.values["cover_note"]
    assert ["withdrawn"] == column(world, "SELECT status FROM experiments")


def test_a_form_that_a_stranger_sends_changes_nothing_and_says_so(world):
    proposes(world)
    world.settle()
    world.dana.presses("Safe enough to try")
    world.slack.changes_person("U0DANA", team="T0OTHER")
    world.dana.fills(cover_note=NOTE)
    world.dana.submits()

    assert "members of this organisation" in world.dana.modal.errors["cover_note"]
    assert NOTE == world.dana.modal.values["cover_note"]
    assert ["proposed"] == column(world, "SELECT status FROM experiments")


def test_a_form_about_somebody_elses_experiment_is_refused(world):
    proposes(world)
    world.settle()
    world.dana.presses("Safe enough to try")
    payload = deepcopy(world.slack.payloads.submission(world.ben.member, world.dana.modal))
    answer = world.slack.delivery.send("interactive", payload)

    assert "Somebody else is asked to sign this off." in str(answer.body)
    assert ["proposed"] == column(world, "SELECT status FROM experiments")


def test_who_is_refused_is_in_the_log_by_ids_alone(world, heard):
    proposes(world)
    world.settle()
    world.forges(world.ben, world.ben.types("/experiment").shown, "withdraw", 1)

    [line] = heard.said("refused")
    assert ("T0PLAY", "U0BEN", "withdraw", "1") == (line["team"], line["person"], line["what"], line["about"])
    assert FILLED["title"] not in heard.getvalue()


# A form that Slack did not open in time.


@pytest.mark.parametrize("words", OPENED)
def test_where_a_typed_form_came_too_late_a_button_opens_it(world, words):
    runs(world)
    world.admin.types("/experiment")
    who = world.admin if words == "settings" else world.asha
    world.slack.refuse("views.open", "expired_trigger_id")
    shown = who.types("/experiment", words).shown
    assert ["Open the form"] == shown.buttons

    who.presses("Open the form", on=shown)
    assert OPENED[words] == who.modal.callback_id


def test_where_a_pressed_form_came_too_late_a_button_beside_it_opens_it(world):
    proposes(world)
    world.settle()
    world.slack.refuse("views.open", "expired_trigger_id")
    world.dana.presses("Safe enough to try")
    assert ["Open the form"] == world.dana.dm[-1].buttons

    world.dana.presses("Open the form", on=world.dana.dm[-1])
    assert "agree" == world.dana.modal.callback_id


def test_where_a_form_from_home_or_a_shortcut_came_too_late_a_direct_message_opens_it(world):
    world.asha.opens_home()
    world.slack.refuse("views.open", "expired_trigger_id", times=2)
    world.asha.presses("Propose an experiment", on="home")
    world.asha.uses_shortcut("propose")
    assert [["Open the form"], ["Open the form"]] == [each.buttons for each in world.asha.dm]

    world.asha.presses("Open the form", on=world.asha.dm[0])
    assert "propose" == world.asha.modal.callback_id
