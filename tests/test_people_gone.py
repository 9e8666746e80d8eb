"""When somebody an experiment needs is switched off in Slack, or becomes a guest: nobody waits for them for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.hands import proposes, runs
from tests.world import FILLED, fills_at_once

if TYPE_CHECKING:
    from playground.person import Person
    from tests.world import World

OWNERLESS = "can no longer use this Slack as a colleague"
LOST = [{"deleted": True}, {"is_restricted": True}, {"is_ultra_restricted": True}, {"team": "T0OTHER"}]


def said(person: Person, words: str) -> list[str]:
    return [each.words for each in person.dm if words in each.words]


def column(world: World, query: str) -> list[object]:
    with world.engine.connect() as connection:
        return [row[0] for row in connection.execute(text(query))]


def goes(world: World, person: Person, **traits: object) -> None:
    """Somebody's account changes, and everybody is told what follows."""
    world.slack.changes_person(person.id, **traits or {"deleted": True})
    world.settle()


def asks(world: World, chooser: Person, colleague: str = "U0BEN") -> None:
    """Somebody asks a colleague to take the experiment over."""
    chooser.presses("Choose a new owner")
    chooser.fills(owner=colleague)
    chooser.submits()
    chooser.closes(everything=True)
    world.settle()


def takes(world: World, person: Person) -> None:
    person.presses("Take it over")
    world.settle()


def proposed(world: World, **changes: object) -> None:
    proposes(world, **changes)
    world.settle()


# The owner.


@pytest.mark.parametrize("traits", LOST)
def test_the_sponsor_of_an_experiment_whose_owner_went_may_choose_another(world, traits):
    runs(world)
    goes(world, world.asha, **traits)

    [told] = said(world.dana, OWNERLESS)
    assert FILLED["title"] in told
    assert "Choose a new owner" in world.newest(world.dana, OWNERLESS).buttons


def test_check_ins_stop_when_the_owner_is_gone(world):
    runs(world)
    before = len(world.asha.dm)
    goes(world, world.asha)
    world.at("2026-06-16 10:00")
    world.at("2026-07-20 10:00")

    assert before == len(world.asha.dm)
    assert ["running"] == column(world, "SELECT status FROM experiments")


def test_all_goes_on_when_the_account_is_switched_on_again_in_time(world):
    runs(world)
    goes(world, world.asha)
    goes(world, world.asha, deleted=False)
    world.at("2026-06-16 10:00")

    assert said(world.asha, "How is it going?")
    assert [] == said(world.dana, OWNERLESS)
    assert said(world.dana, "It has an owner: <@U0ASHA>. Nothing is needed from you.")


def test_whoever_is_chosen_is_asked_and_it_is_theirs_once_they_say_yes(world):
    runs(world)
    goes(world, world.asha)
    asks(world, world.dana)
    assert ["U0ASHA"] == column(world, "SELECT owner FROM experiments")

    takes(world, world.ben)
    world.at("2026-06-16 10:00")

    assert ["U0BEN"] == column(world, "SELECT owner FROM experiments")
    assert said(world.ben, "How is it going?")
    assert ["take over"] == column(world, "SELECT step FROM audit WHERE step = 'take over' AND person = 'U0BEN'")
    assert said(world.dana, "It has an owner: <@U0BEN>.")


def test_of_two_who_are_asked_the_first_to_say_yes_owns_it(world):
    runs(world)
    goes(world, world.asha)
    asks(world, world.dana, "U0BEN")
    asks(world, world.dana, "U0ADMIN")
    ask = world.newest(world.admin, "Would you go on with it").as_seen()
    takes(world, world.ben)

    world.admin.presses("Take it over", on=ask)
    assert "EXP-1 has an owner again" in world.admin.dm[-1].words
    assert ["U0BEN"] == column(world, "SELECT owner FROM experiments")


def test_whoever_was_not_asked_takes_nothing_over(world):
    runs(world, visibility="involved")
    goes(world, world.asha)
    screen = world.ben.types("/experiment").shown
    for action in ("take_over", "choose_owner"):
        world.forges(world.ben, screen, action, 1)
        shown = world.ben.modal.text if world.ben.modal else world.ben.dm[-1].words
        assert "I cannot find that experiment." in shown

    assert ["U0ASHA"] == column(world, "SELECT owner FROM experiments")


@pytest.mark.parametrize(("chosen", "words"), [("U0DANA", "The sponsor cannot own it too."), ("U0ROBOT", "is a bot")])
def test_sponsors_and_bots_cannot_be_the_new_owner(world, chosen, words):
    world.slack.add_person("U0ROBOT", "Robot", is_bot=True)
    runs(world)
    goes(world, world.asha)
    world.dana.presses("Choose a new owner")
    world.dana.fills(owner=chosen)
    world.dana.submits()

    assert words in world.dana.modal.errors["owner"]


def test_where_the_sponsor_is_gone_too_the_stewards_are_told_without_a_private_title(world):
    world.set_up_digest()
    runs(world, visibility="involved")
    goes(world, world.dana)
    goes(world, world.asha)

    [told] = said(world.admin, OWNERLESS)
    assert "EXP-1" in told
    assert FILLED["title"] not in told
    assert ["Choose a new owner"] == world.newest(world.admin, OWNERLESS).buttons
    asks(world, world.admin)
    takes(world, world.ben)
    assert ["U0BEN"] == column(world, "SELECT owner FROM experiments")


def test_a_proposal_without_its_owner_is_not_signed_off_until_it_has_one(world):
    proposed(world)
    question = world.newest(world.dana, "is it safe enough to try?").as_seen()
    goes(world, world.asha)
    world.dana.presses("Safe enough to try", on=question)

    assert "needs a new owner first" in world.dana.modal.text
    world.dana.closes(everything=True)
    asks(world, world.dana)
    takes(world, world.ben)
    world.dana.presses("Safe enough to try")
    world.dana.submits()
    world.settle()
    assert ["running"] == column(world, "SELECT status FROM experiments")


# The sponsor.


@pytest.mark.parametrize("traits", LOST)
def test_the_owner_is_told_at_once_when_the_sponsor_cannot_answer_any_more(world, traits):
    proposed(world)
    goes(world, world.dana, **traits)

    assert said(world.asha, "so they cannot sign it off. That says nothing about your idea.")
    assert "Choose another sponsor" in world.asha.dm[-1].buttons


def test_nobody_reminds_a_sponsor_who_is_gone_and_silence_is_not_a_yes(world):
    proposed(world)
    before = len(world.dana.dm)
    goes(world, world.dana)
    world.at("2026-06-02 10:00")
    world.at("2026-06-30 10:00")

    assert before == len(world.dana.dm)
    assert [] == said(world.asha, "I have reminded them")
    assert ["proposed"] == column(world, "SELECT status FROM experiments")


def test_another_sponsor_can_be_asked_and_answers(world):
    proposed(world)
    goes(world, world.dana)
    world.asha.presses("Choose another sponsor")
    world.asha.fills(sponsor="U0BEN")
    world.asha.submits()
    world.settle()
    world.ben.presses("Safe enough to try")
    world.ben.submits()
    world.settle()

    assert ["running"] == column(world, "SELECT status FROM experiments")


def test_a_condition_of_a_sponsor_who_is_gone_starts_nothing(world):
    proposed(world)
    world.dana.presses("Safe enough if…")
    world.dana.fills(condition="Ring the three people first.")
    world.dana.submits()
    world.settle()
    goes(world, world.dana)
    world.asha.presses("Accept the condition")

    assert "Your sponsor can no longer use this Slack." in world.asha.dm[-1].words
    assert ["condition"] == column(world, "SELECT status FROM experiments")


def test_a_sponsor_who_is_back_can_answer(world):
    proposed(world)
    goes(world, world.dana)
    goes(world, world.dana, deleted=False)
    world.dana.presses("Safe enough to try")
    world.dana.submits()
    world.settle()

    assert ["running"] == column(world, "SELECT status FROM experiments")


# What Slack tells of people.


def test_an_older_event_changes_nothing(world):
    runs(world)
    late = world.slack.changes_person("U0ASHA", deleted=True).request.payload["event"]
    goes(world, world.asha, deleted=False)
    world.slack.send_event(late)
    world.settle()

    assert ["member"] == column(world, "SELECT kind FROM people WHERE slack_id = 'U0ASHA'")
    assert [None] == column(world, "SELECT orphaned_at FROM experiments")


def test_the_same_event_twice_tells_the_sponsor_once(world):
    runs(world)
    told = world.slack.changes_person("U0ASHA", deleted=True)
    world.slack.replay(told.request)
    world.settle()

    assert 1 == len(said(world.dana, OWNERLESS))


def test_of_whom_we_never_met_nothing_is_kept(world):
    goes(world, world.ben, title="Something private")

    assert [] == column(world, "SELECT slack_id FROM people")


def test_somebody_who_becomes_a_guest_cannot_go_on_at_once(world):
    proposed(world)
    world.dana.presses("Safe enough to try")
    goes(world, world.dana, is_restricted=True)
    world.dana.submits()

    assert "guests cannot use it yet" in world.dana.modal.errors["cover_note"]
    assert ["proposed"] == column(world, "SELECT status FROM experiments")


@pytest.mark.parametrize(
    ("traits", "words"),
    [
        ({"is_bot": True}, "Robin is a bot, and cannot be of the team."),
        ({"is_restricted": True}, "Robin is a guest, and cannot be of the team."),
        ({"team": "T0OTHER"}, "Robin is of another organisation"),
        ({"deleted": True}, "The account of Robin is switched off"),
    ],
)
def test_only_colleagues_can_be_of_the_team(world, traits, words):
    world.slack.add_person("U0ROBIN", "Robin", **traits)
    world.asha.types("/experiment", "propose")
    fills_at_once(world.asha, **FILLED | {"members": ["U0BEN", "U0ROBIN"]})
    world.asha.submits()

    assert words in world.asha.modal.errors["members"]
    assert [] == column(world, "SELECT id FROM experiments")
