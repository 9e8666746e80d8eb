"""Signing off: the question, the written promise, the condition, the talk, the reminders, and who may answer what."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.hands import proposes, runs
from tests.world import FILLED, fills_at_once

if TYPE_CHECKING:
    from playground.delivery import Answer
    from playground.person import Person
    from playground.workspace import Message, View
    from tests.world import World

DECIDE = ["Safe enough to try", "Safe enough if…", "Let's talk", "Read all of it"]
NOTE = (
    "I agreed that Asha Patel may try EXP-1 until Friday 26 June 2026. If it does not work and was run as described, "
    "that is on me, not them."
)
NASTY = '<!channel> <@U0BEN> <http://evil|click> @channel @here *x* `c` & " \u202egnp 👩🏽‍🚀 \ud83d \x00 end'
QUIET = "&lt;!channel&gt; &lt;@U0BEN&gt; &lt;http://evil|click&gt;"
TAMPERED = ("abc", "", "-1", "0", "1.0", "1 OR 1=1", "٣", "99999999999999999999", "999999999")


def proposed(world: World, person: Person | None = None, **changes: Any) -> None:
    """Have somebody propose, and the sponsor be asked."""
    proposes(world, person, **changes)
    world.settle()


def question(world: World) -> Message:
    """The newest question to Dana."""
    return world.newest(world.dana, "is it safe enough to try?")


def first(world: World) -> Message:
    """The first message to Dana, whatever it says by now."""
    return world.dana.dm[0]


def card(world: World) -> Message:
    """The card that Asha got when she proposed."""
    return world.asha.dm[0]


def top(person: Person) -> View:
    """The window on top; there must be one."""
    assert person.modal is not None
    return person.modal


def submits(world: World, person: Person, **values: Any) -> None:
    """Fill in the form on top, send it, and let everybody be told."""
    person.fills(**values)
    person.submits()
    world.settle()


def presses(world: World, person: Person, button: str, on: Message | None = None) -> None:
    """Press a button and let everybody be told."""
    person.presses(button, on)
    world.settle()


def forces(person: Person, **values: Any) -> None:
    """Send the form with values that Slack's own client would have kept back."""
    for name, value in values.items():
        top(person).state[name][name]["value"] = value
    person.submits(force=True)


def agrees(world: World, person: Person | None = None, **values: Any) -> None:
    """The sponsor says yes."""
    who = person or world.dana
    who.presses("Safe enough to try")
    submits(world, who, **values)


def asks_condition(world: World, words: str = "Ring the three people first.") -> None:
    """Dana says yes, if."""
    world.dana.presses("Safe enough if…")
    submits(world, world.dana, condition=words)


def chooses_another(world: World, sponsor: str = "U0BEN") -> None:
    """Asha chooses another sponsor."""
    world.asha.presses("Choose another sponsor")
    submits(world, world.asha, sponsor=sponsor)


def told(person: Person) -> str:
    """What somebody reads after a press: the window that opened, or the newest message."""
    if person.modal is None:
        return person.dm[-1].words
    words = person.modal.text
    person.closes(everything=True)
    return words


def forges(world: World, person: Person, action: str, value: str) -> str:
    """Press a button that was never shown; gives what is read then."""
    screen = person.types("/experiment").shown
    button = {"type": "button", "action_id": action, "block_id": "forged", "value": value}
    payload = world.slack.payloads.action_in_message(person.member, screen, button)
    assert world.slack.delivery.send("interactive", payload).ok
    world.settle()
    return told(person)


def forges_form(world: World, person: Person, form: str, about: str, **values: str) -> str:
    """Send a form that was never shown; gives the sentence that stands in it then."""
    person.types("/experiment", "propose")
    payload = deepcopy(world.slack.payloads.submission(person.member, top(person)))
    person.closes()
    payload["view"] |= {"callback_id": form, "private_metadata": about}
    payload["view"]["state"]["values"] = {
        name: {name: {"type": "plain_text_input", "value": value}} for name, value in values.items()
    }
    [sentence] = world.slack.delivery.send("interactive", payload).body["errors"].values()
    world.settle()
    return sentence


def said(person: Person, words: str) -> str:
    """What somebody reads after typing *words* behind the command."""
    return person.types("/experiment", words).text


def status(world: World) -> str:
    """Where EXP-1 stands, as everybody can read it."""
    return said(world.ben, "show EXP-1").split("\n")[1]


def counts(world: World) -> list[int]:
    """How many messages Asha, Dana and Ben have from the bot, and the channel holds."""
    return [len(world.slack.person(each).dm) for each in ("U0ASHA", "U0DANA", "U0BEN")] + [
        len(world.ben.sees("C0LEARN"))
    ]


# --- the question ---


def test_the_sponsor_reads_everything_that_is_needed_to_decide(world):
    proposed(world)

    words = question(world).words

    assert "<@U0ASHA> asks you to sponsor a small experiment." in words
    for name in ("title", "idea", "worst", "undo", "stop_sign"):
        assert FILLED[name] in words, name
    assert "*At most* 40 people, £100, 10 hours of work, from Tuesday 2 June 2026 to Friday 26 June 2026" in words
    assert "*It is undone the same day*" in words
    assert "You hear next when it ends, or earlier if its end is moved, anybody is harmed" in words
    assert "Who can see it: everyone here." in words
    assert DECIDE == question(world).buttons


def test_the_whole_question_stands_in_the_text_that_screen_readers_read(world):
    proposed(world)

    for line in question(world).words.split("\n"):
        if line not in DECIDE:
            assert line in question(world).text
    assert f"Buttons: {' · '.join(DECIDE)}" in question(world).text


def test_one_of_each_is_said_in_the_singular(world):
    proposed(world, people="1", hours="1", money="1")

    assert "1 person, £1, 1 hour of work" in question(world).words


def test_the_sponsor_can_read_all_of_it(world):
    proposed(world)
    world.dana.presses("Read all of it")

    assert FILLED["problem"] in top(world.dana).text
    assert FILLED["hypothesis"] in top(world.dana).text


def test_the_question_waits_on_the_sponsors_home_and_list(world):
    proposed(world)
    world.dana.opens_home()

    assert "EXP-1" in world.dana.home.text.split("My experiments")[0]
    assert "EXP-1" in said(world.dana, "waiting")
    assert "Nothing waits for your answer." in said(world.ben, "waiting")


# --- the yes ---


def test_the_cover_note_is_ready_to_be_sent_with_name_and_date(world):
    proposed(world)
    world.dana.presses("Safe enough to try")

    form = top(world.dana)

    assert NOTE == form.values["cover_note"]
    assert "cannot be changed later" in form.text
    assert "It is not immunity from the law" in form.text


def test_after_the_yes_the_buttons_go_and_the_card_says_who_and_when(world):
    proposed(world)
    agrees(world)

    answered = world.dana.dm[0]
    assert "<@U0DANA> signed it off on <!date^" in answered.words
    assert "Monday 1 June 2026 at 09:00 UTC" in answered.words
    assert f"*Your note*\n{NOTE}" in answered.words
    assert ["Read all of it"] == answered.buttons
    assert "It was signed off by <@U0DANA>, and runs from" in card(world).words
    assert "Stop now" in card(world).buttons
    assert "Withdraw" not in card(world).buttons


def test_the_owner_is_told_of_the_yes_with_the_note(world):
    proposed(world)
    agrees(world, cover_note="Go ahead, Asha. If it fails, send them to me.")

    news = world.newest(world.asha, "<@U0DANA> says it is safe enough to try.")
    assert "*Their note to you*\nGo ahead, Asha. If it fails, send them to me." in news.words
    assert "What you expect and your stop sign are locked now." in news.words
    assert [2, 1, 0, 0] == counts(world)


def test_a_form_that_was_closed_agrees_to_nothing(world):
    proposed(world)
    world.dana.presses("Safe enough to try")
    world.dana.closes()
    world.settle()

    assert DECIDE == question(world).buttons
    assert "waiting for its sponsor" in status(world)


@pytest.mark.parametrize("value", [None, "   \n", "\u200b\u2060", "\x00"])
def test_an_empty_cover_note_is_asked_for(world, value):
    proposed(world)
    world.dana.presses("Safe enough to try")
    forces(world.dana, cover_note=value)

    assert {"cover_note": "Leave one sentence that your colleague can rely on."} == top(world.dana).errors
    assert "waiting for its sponsor" in status(world)

    submits(world, world.dana, cover_note="It is on me.")
    assert "running" in status(world)


def test_a_cover_note_that_is_too_long_is_kept_and_can_be_shortened(world):
    proposed(world)
    world.dana.presses("Safe enough to try")
    forces(world.dana, cover_note="a" * 501)

    assert "501 characters long; please keep it to 500" in top(world.dana).errors["cover_note"]
    assert "a" * 501 == top(world.dana).values["cover_note"]

    submits(world, world.dana, cover_note="a" * 500)
    assert "running" in status(world)


def test_what_is_expected_and_the_stop_sign_are_shown_as_locked_from_then_on(world):
    proposed(world)
    assert "locked" not in said(world.asha, "show EXP-1")
    agrees(world)

    for person in (world.asha, world.dana, world.ben):
        shown = said(person, "show EXP-1")
        assert "*What is expected (locked on <!date^" in shown
        assert "*The stop sign (locked on <!date^" in shown
        assert FILLED["prediction"] in shown
        assert FILLED["stop_sign"] in shown


def test_the_cover_note_is_read_by_the_owner_and_the_sponsor_only(world):
    runs(world, members=["U0BEN"])

    for person in (world.asha, world.dana):
        shown = said(person, "show EXP-1")
        assert NOTE in shown
        assert "This note cannot be changed." in shown
    for person in (world.ben, world.admin):
        person.opens_home()
        assert NOTE not in said(person, "show EXP-1") + said(person, "list") + person.home.text
        assert "wrote on" not in said(person, "show EXP-1")


def test_a_yes_that_comes_late_moves_the_days_and_the_note_names_the_new_end(world):
    proposed(world)
    world.at("2026-06-12 12:00")
    world.dana.presses("Safe enough to try", question(world))

    assert "may try EXP-1 until Monday 6 July 2026." in top(world.dana).values["cover_note"]
    submits(world, world.dana)

    dates = "from Friday 12 June 2026 to Monday 6 July 2026"
    assert f"It runs {dates}." in world.newest(world.asha, "says it is safe enough").words
    assert f"It runs {dates}." in world.dana.dm[0].words


# --- the yes with a condition ---


def test_a_condition_reaches_the_owner_who_can_accept_or_answer_it(world):
    proposed(world)
    asks_condition(world)

    asked = world.newest(world.asha, "says it is safe enough to try, *if*:")
    assert "Ring the three people first." in asked.words
    assert ["Accept the condition", "Answer it"] == asked.buttons
    assert "says it is safe enough *if* a condition is met" in card(world).words
    assert "answered on <!date^" in first(world).words
    assert "*Your condition*\nRing the three people first." in first(world).words
    assert ["Read all of it"] == first(world).buttons


def test_an_accepted_condition_becomes_a_guardrail_and_it_runs(world):
    proposed(world)
    asks_condition(world)
    presses(world, world.asha, "Accept the condition")

    assert "It is running." in status(world)
    assert "*Agreed guardrail, from <@U0DANA>*\nRing the three people first." in said(world.ben, "show EXP-1")
    news = world.newest(world.dana, "has accepted your condition")
    assert "*The agreed guardrail*\nRing the three people first." in news.words
    assert "You have accepted it." in world.newest(world.asha, "*if*:").words
    assert "Accept the condition" not in world.newest(world.asha, "*if*:").buttons
    assert NOTE in world.newest(world.asha, "*Their note to you*").words
    assert "<@U0DANA> signed it off on" in first(world).words


def test_an_answered_condition_asks_the_sponsor_again_with_the_answer(world):
    proposed(world)
    asks_condition(world)
    presses(world, world.asha, "Answer it")
    assert "Ring the three people first." in top(world.asha).text
    submits(world, world.asha, reply="They have no phone; we write to them instead.")

    assert 2 == len(world.dana.dm)
    assert "*Their answer to your condition*\nThey have no phone; we write to them instead." in question(world).words
    assert DECIDE == question(world).buttons
    assert "has answered your condition on <!date^" in first(world).words
    assert "The newer message asks you again." in first(world).words
    assert ["Read all of it"] == first(world).buttons
    assert "This condition is no longer open." in world.newest(world.asha, "*if*:").words

    agrees(world)
    assert "It is running." in status(world)
    assert "guardrail" not in said(world.ben, "show EXP-1")


def test_a_second_condition_can_follow_the_answer(world):
    proposed(world)
    asks_condition(world, "First condition.")
    world.asha.presses("Answer it")
    submits(world, world.asha, reply="No.")
    asks_condition(world, "Second condition.")
    presses(world, world.asha, "Accept the condition")

    shown = said(world.ben, "show EXP-1")
    assert "Second condition." in shown
    assert "First condition." not in shown


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("condition", None, "Say what would make it safe enough, and for whom."),
        ("condition", "\u200b", "Say what would make it safe enough, and for whom."),
        ("condition", "c" * 501, "501 characters long"),
        ("cover_note", None, "Leave one sentence that your colleague can rely on."),
        ("cover_note", "n" * 501, "501 characters long"),
    ],
)
def test_a_condition_that_cannot_be_sent_keeps_its_words(world, field, value, words):
    proposed(world)
    world.dana.presses("Safe enough if…")
    typed = {"condition": "Ring them first.", "cover_note": "It is on me."}
    world.dana.fills(**typed)
    forces(world.dana, **{field: value})

    assert [field] == list(top(world.dana).errors)
    assert words in top(world.dana).errors[field]
    assert typed | {field: value} == top(world.dana).values
    assert [1, 1, 0, 0] == counts(world)

    submits(world, world.dana, **typed)
    assert "Ring them first." in world.newest(world.asha, "*if*:").words


@pytest.mark.parametrize(("value", "words"), [(None, "Say what speaks against"), ("r" * 501, "501 characters long")])
def test_an_answer_that_cannot_be_sent_keeps_its_words(world, value, words):
    proposed(world)
    asks_condition(world)
    world.asha.presses("Answer it")
    forces(world.asha, reply=value)

    assert words in top(world.asha).errors["reply"]
    assert value == top(world.asha).values["reply"]

    submits(world, world.asha, reply="We write to them.")
    assert "We write to them." in question(world).words


def test_another_sponsor_can_be_chosen_instead_of_a_condition(world):
    proposed(world)
    asks_condition(world)
    chooses_another(world)

    assert "has asked somebody else" in first(world).words
    assert "Ring the three people first." not in world.newest(world.ben, "is it safe enough").words
    assert "This condition is no longer open." in world.newest(world.asha, "*if*:").words


# --- the talk ---


def test_a_wish_to_talk_is_told_as_no_no_and_the_question_stays_open(world):
    proposed(world)
    presses(world, world.dana, "Let's talk")

    assert "That is not a no" in world.newest(world.asha, "would like to talk with you").words
    assert "who would like to talk with you before answering. It is not a no." in card(world).words
    assert "You asked to talk first" in question(world).words
    assert DECIDE == question(world).buttons
    assert "<@U0ASHA> is told that you would like to talk first" in world.dana.dm[-1].words
    assert world.dana.dm[-1].ephemeral

    agrees(world)
    assert "It is running." in status(world)


def test_a_wish_to_talk_is_told_once(world):
    proposed(world)
    presses(world, world.dana, "Let's talk")
    presses(world, world.dana, "Let's talk")

    assert 2 == len(world.asha.dm)


def test_a_wish_to_talk_delivered_twice_is_one(world):
    proposed(world)
    answer = world.dana.presses("Let's talk")
    before = len(world.dana.dm)
    again = world.slack.replay(answer.request)
    world.settle()

    assert again.ok
    assert before == len(world.dana.dm)
    assert 2 == len(world.asha.dm)


def test_who_asked_to_talk_is_reminded_of_that_and_the_owner_is_told_so(world):
    proposed(world)
    presses(world, world.dana, "Let's talk")
    world.at("2026-06-02 10:00")
    world.at("2026-06-03 10:00")
    world.at("2026-06-04 10:00")

    reminder = world.newest(world.dana, "is waiting for your answer")
    assert "You asked to talk first" in reminder.words
    assert "If now is not the time" not in reminder.words
    assert "asked to talk with you first" in world.newest(world.asha, "has not answered yet").words


# --- reminders ---


def test_the_sponsor_is_reminded_in_private_at_ten_on_the_next_two_working_days(world):
    proposed(world)
    for day, before in ((2, 1), (3, 2)):
        world.at(f"2026-06-0{day} 09:59")
        assert before == len(world.dana.dm)
        world.at(f"2026-06-0{day} 10:00")
        assert before + 1 == len(world.dana.dm)

    reminder = world.dana.dm[-1]
    assert "<@U0ASHA> is waiting for your answer. Only you see this reminder." in reminder.words
    assert FILLED["worst"] in reminder.words
    assert FILLED["stop_sign"] in reminder.words
    assert DECIDE == reminder.buttons
    assert [1, 3, 0, 0] == counts(world)


def test_on_the_third_working_day_the_owner_is_told_and_may_choose_another_sponsor(world):
    proposed(world)
    for moment in ("2026-06-02 10:00", "2026-06-03 10:00", "2026-06-04 09:59"):
        world.at(moment)
    assert 1 == len(world.asha.dm)
    world.at("2026-06-04 10:00")

    news = world.newest(world.asha, "has not answered yet")
    assert "That says nothing about your idea" in news.words
    assert "I have reminded them, in private." in news.words
    assert ["Choose another sponsor", "Withdraw"] == news.buttons
    assert [2, 3, 0, 0] == counts(world)


def test_reminders_come_at_ten_in_the_sponsors_own_zone(world):
    nora = world.slack.add_person("U0NORA", "Nora New York", tz="America/New_York")
    proposed(world, sponsor="U0NORA")
    world.at("2026-06-02 14:59")
    assert 1 == len(nora.dm)
    world.at("2026-06-02 10:00", "America/New_York")

    assert 2 == len(nora.dm)


def test_the_owner_is_told_at_ten_in_their_own_zone(world):
    nora = world.slack.add_person("U0NORA", "Nora New York", tz="America/New_York")
    proposed(world, nora)
    world.at("2026-06-04 14:59")
    assert 1 == len(nora.dm)
    world.at("2026-06-04 10:00", "America/New_York")

    assert "has not answered yet" in nora.dm[-1].words


def test_weekends_and_public_holidays_are_no_working_days(world):
    world.clock.set(datetime(2026, 8, 28, 14, tzinfo=UTC))  # A Friday; the Monday after is a bank holiday.
    proposed(world, start="2026-09-07", end="2026-09-25")
    for quiet_day in ("2026-08-29", "2026-08-30", "2026-08-31"):
        world.at(f"{quiet_day} 12:00")
        assert [1, 1, 0, 0] == counts(world)

    world.at("2026-09-01 10:00")
    assert [1, 2, 0, 0] == counts(world)
    world.at("2026-09-02 10:00")
    assert [1, 3, 0, 0] == counts(world)
    world.at("2026-09-03 10:00")
    assert [2, 3, 0, 0] == counts(world)


@pytest.mark.parametrize("answer", ["agrees", "asks_condition", "withdraws", "chooses_another"])
def test_nobody_is_reminded_of_what_is_answered(world, answer):
    proposed(world, start="2026-06-05", end="2026-07-03")
    {
        "agrees": agrees,
        "asks_condition": asks_condition,
        "withdraws": lambda w: presses(w, w.asha, "Withdraw"),
        "chooses_another": chooses_another,
    }[answer](world)
    before = counts(world)[:2]
    for day in (2, 3, 4):
        world.at(f"2026-06-0{day} 10:00")

    assert before[1] == counts(world)[1]
    # The new sponsor is asked and may stay silent; an open condition waits for its owner.
    assert before[0] + (answer in {"chooses_another", "asks_condition"}) == counts(world)[0]


def test_a_reminder_can_be_answered_and_every_message_goes_quiet(world):
    proposed(world)
    world.at("2026-06-02 10:00")
    world.at("2026-06-03 10:00")
    world.dana.presses("Safe enough to try", world.dana.dm[-1])
    submits(world, world.dana)

    for message in world.dana.dm:
        assert "<@U0DANA> signed it off on" in message.words
        assert ["Read all of it"] == message.buttons


def test_weeks_of_silence_change_nothing(world):
    proposed(world)
    for day in (2, 3, 4):
        world.at(f"2026-06-0{day} 10:00")
    before = counts(world)
    for moment in ("2026-06-26 10:00", "2026-06-29 10:00", "2026-08-03 10:00"):
        world.at(moment)

    assert before == counts(world)
    assert "waiting for its sponsor" in status(world)
    assert DECIDE == question(world).buttons

    agrees(world)
    assert "It is running." in status(world)


def test_after_a_downtime_the_sponsor_gets_one_reminder_not_two(world):
    proposed(world)
    world.at("2026-06-03 18:00")

    assert [1, 2, 0, 0] == counts(world)


# --- another sponsor ---


def test_another_sponsor_is_asked_and_the_first_is_told_that_nothing_is_needed(world):
    proposed(world)
    world.at("2026-06-02 10:00")
    chooses_another(world)

    asked = world.newest(world.ben, "is it safe enough to try?")
    assert DECIDE == asked.buttons
    for message in world.dana.dm:
        assert "<@U0ASHA> has asked somebody else on <!date^" in message.words
        assert "Nothing is needed from you. Thank you." in message.words
        assert [] == message.buttons
    assert "It is with <@U0BEN>, asked on" in card(world).words

    agrees(world, world.ben)
    assert "signed off by <@U0BEN>" in card(world).words


def test_the_new_sponsor_has_reminders_of_their_own(world):
    proposed(world)
    world.at("2026-06-04 10:00")
    chooses_another(world)
    before = counts(world)
    world.at("2026-06-05 10:00")
    world.at("2026-06-08 10:00")
    world.at("2026-06-09 10:00")

    assert [before[0] + 1, before[1], before[2] + 2, 0] == counts(world)
    assert "<@U0BEN> has not answered yet" in world.asha.dm[-1].words
    assert "It is with <@U0BEN>" in world.newest(world.asha, "It is with").words


@pytest.mark.parametrize("button", ["Safe enough to try", "Safe enough if…", "Let's talk"])
def test_a_replaced_sponsor_who_presses_an_old_button_gets_a_sentence(world, button):
    proposed(world)
    stale = question(world).as_seen()
    chooses_another(world)
    presses(world, world.dana, button, stale)

    assert "Somebody else is asked to sign this off" in told(world.dana)
    assert "waiting for its sponsor" in status(world)


def test_a_replaced_sponsor_of_a_restricted_experiment_learns_nothing_more_about_it(world):
    proposed(world, visibility="involved")
    stale = question(world).as_seen()
    chooses_another(world)
    presses(world, world.dana, "Safe enough to try", stale)

    assert "I cannot find that experiment." in told(world.dana)
    assert "I cannot find that experiment." in said(world.dana, "show EXP-1")


def test_a_note_of_a_replaced_sponsor_is_refused_and_kept(world):
    proposed(world)
    world.dana.presses("Safe enough to try")
    world.dana.fills(cover_note="My own words.")
    chooses_another(world)
    world.dana.submits()

    assert "Somebody else is asked to sign this off" in top(world.dana).errors["cover_note"]
    assert "My own words." == top(world.dana).values["cover_note"]


@pytest.mark.parametrize(
    ("sponsor", "words"),
    [
        ("U0DANA", "is the sponsor already. Choose somebody else."),
        ("U0ASHA", "Nobody signs off their own experiment."),
        ("U0ROBOT", "is a bot, and cannot sign off."),
        (None, "Choose a person."),
    ],
)
def test_another_sponsor_must_be_another_colleague(world, sponsor, words):
    world.slack.add_person("U0ROBOT", "Robot", is_bot=True)
    proposed(world)
    world.asha.presses("Choose another sponsor")
    world.asha.fills(sponsor=sponsor)
    world.asha.submits(force=True)

    assert words in top(world.asha).errors["sponsor"]
    assert "<@" not in top(world.asha).errors["sponsor"]
    assert sponsor == top(world.asha).values["sponsor"]

    submits(world, world.asha, sponsor="U0BEN")
    assert 1 == len(world.ben.dm)


def test_the_first_sponsor_can_be_asked_again(world):
    proposed(world)
    chooses_another(world)
    chooses_another(world, "U0DANA")

    assert 2 == len(world.dana.dm)
    assert DECIDE == world.dana.dm[1].buttons
    agrees(world)
    assert "It is running." in status(world)


# --- taking it back ---


def test_a_withdrawn_proposal_tells_the_sponsor_that_nothing_is_needed(world):
    proposed(world)
    world.at("2026-06-02 10:00")
    presses(world, world.asha, "Withdraw", card(world))

    for message in world.dana.dm:
        assert "<@U0ASHA> withdrew it on <!date^" in message.words
        assert "Nothing is needed from you. Thank you." in message.words
        assert ["Read all of it"] == message.buttons
    assert [] == card(world).buttons
    assert "It is withdrawn." in card(world).words


def test_a_cover_note_sent_after_the_withdrawal_is_refused_and_kept(world):
    proposed(world)
    world.dana.presses("Safe enough to try")
    world.dana.fills(cover_note="My own words.")
    presses(world, world.asha, "Withdraw")
    world.dana.submits()

    sentence = top(world.dana).errors["cover_note"]
    assert "EXP-1 is withdrawn now" in sentence
    assert "Nothing was changed." in sentence
    assert "My own words." == top(world.dana).values["cover_note"]
    assert "It is withdrawn." in status(world)


def test_a_condition_cannot_be_accepted_after_the_withdrawal(world):
    proposed(world)
    asks_condition(world)
    stale = world.newest(world.asha, "*if*:").as_seen()
    presses(world, world.asha, "Withdraw")

    for button in ("Accept the condition", "Answer it"):
        presses(world, world.asha, button, stale)
        assert "EXP-1 is withdrawn now" in told(world.asha)
    assert "It is withdrawn." in status(world)
    assert "withdrew it" in first(world).words


def test_an_answer_to_a_condition_sent_after_the_withdrawal_is_refused_and_kept(world):
    proposed(world)
    asks_condition(world)
    world.asha.presses("Answer it")
    world.asha.fills(reply="My own words.")
    form = top(world.asha)
    world.asha.presses("Withdraw", card(world))
    world.asha.submits()
    world.settle()

    assert "EXP-1 is withdrawn now" in form.errors["reply"]
    assert "My own words." == form.values["reply"]


@pytest.mark.parametrize("button", ["Choose another sponsor", "Withdraw"])
def test_an_old_button_of_the_owner_does_nothing_once_it_runs(world, button):
    proposed(world)
    stale = card(world).as_seen()
    agrees(world)
    presses(world, world.asha, button, stale)

    assert "EXP-1 is running now" in told(world.asha)
    assert "It is running." in status(world)


# --- twice, and at once ---


def test_a_second_yes_from_a_screen_that_was_not_refreshed_gets_a_sentence(world):
    proposed(world)
    stale = question(world).as_seen()
    agrees(world)
    for button in ("Safe enough to try", "Safe enough if…", "Let's talk"):
        presses(world, world.dana, button, stale)
        assert "You have signed off EXP-1 already. Nothing was changed." in told(world.dana)

    assert "It is running." in status(world)


def test_a_double_click_opens_two_forms_and_agrees_once(world):
    proposed(world)
    stale = question(world).as_seen()
    world.dana.presses("Safe enough to try", stale)
    world.dana.presses("Safe enough to try", stale)
    submits(world, world.dana, cover_note="The first note.")
    world.dana.submits()
    world.settle()

    sentence = top(world.dana).errors["cover_note"]
    assert "You have signed off EXP-1 already. Nothing was changed." == sentence
    assert "*Your note*\nThe first note." in first(world).words
    assert 2 == len(world.asha.dm)


def test_the_same_note_delivered_twice_is_one_yes(world):
    proposed(world)
    world.dana.presses("Safe enough to try")
    answer = world.dana.submits()
    world.settle()
    again = world.slack.replay(answer.request)
    world.settle()

    assert again.ok
    assert not again.body
    assert [2, 1, 0, 0] == counts(world)


def at_once(*deeds: Any) -> list[Any]:
    """Do everything at the same time, and give what each came to."""
    with ThreadPoolExecutor(len(deeds)) as pool:
        return [each.result() for each in [pool.submit(deed) for deed in deeds]]


def test_two_notes_sent_at_once_from_two_screens_are_one_yes(world):
    proposed(world)
    stale = question(world).as_seen()
    forms = []
    for note in ("From the phone.", "From the desk."):
        world.dana.presses("Safe enough to try", stale)
        world.dana.fills(cover_note=note)
        forms.append(world.slack.payloads.submission(world.dana.member, top(world.dana)))
    world.dana.closes(everything=True)

    def send(form: dict[str, Any]) -> Answer:
        return world.slack.delivery.send("interactive", form)

    answers = at_once(*[lambda form=form: send(form) for form in forms])
    world.settle()

    refusals = [each.body["errors"]["cover_note"] for each in answers if each.body]
    assert ["You have signed off EXP-1 already. Nothing was changed."] == refusals
    assert 1 == sum(note in first(world).words for note in ("From the phone.", "From the desk."))
    assert [2, 1, 0, 0] == counts(world)


def test_a_yes_and_a_withdrawal_at_once_leave_one_of_the_two(world):
    proposed(world)
    world.dana.presses("Safe enough to try")
    at_once(world.dana.submits, lambda: world.asha.presses("Withdraw"))
    world.settle()

    if "It is running." in status(world):
        assert world.dana.modal is None
        assert any("EXP-1 is running now" in message.words for message in world.asha.dm)
        assert "signed it off" in first(world).words
    else:
        assert "It is withdrawn." in status(world)
        assert "EXP-1 is withdrawn now" in top(world.dana).errors["cover_note"]
        assert "withdrew it" in first(world).words


# --- who may not ---


def test_nobody_signs_off_their_own_experiment(world):
    proposed(world)

    for action in ("agree", "ask_condition", "talk"):
        assert "Nobody signs off their own experiment." in forges(world, world.asha, action, "1")
    for form, values in {
        "agree": {"cover_note": "Me."},
        "condition": {"condition": "If.", "cover_note": "Me."},
    }.items():
        assert "Nobody signs off their own experiment." in forges_form(world, world.asha, form, "1", **values)

    assert "waiting for its sponsor" in status(world)


def test_nobody_but_the_sponsor_signs_off(world):
    proposed(world)

    for action in ("agree", "ask_condition", "talk"):
        assert "Somebody else is asked to sign this off" in forges(world, world.ben, action, "1")
    sentence = forges_form(world, world.ben, "agree", "1", cover_note="Me.")
    assert "Somebody else is asked to sign this off" in sentence
    assert "waiting for its sponsor" in status(world)


def test_nobody_but_the_owner_answers_for_the_owner(world):
    proposed(world)
    asks_condition(world)

    for person in (world.dana, world.ben):
        for action in ("accept_condition", "answer_condition", "ask_another", "withdraw"):
            assert "Only the person who proposed this experiment can do that." in forges(world, person, action, "1")
        assert "Only the person who proposed" in forges_form(world, person, "reply", "1", reply="No.")
    assert "waiting for its owner's answer" in status(world)


def test_whoever_may_not_see_an_experiment_cannot_tell_it_from_none(world):
    proposed(world, visibility="involved")

    for action in ("agree", "talk", "withdraw", "accept_condition", "show"):
        assert forges(world, world.ben, action, "2") == forges(world, world.ben, action, "1")
        assert "I cannot find that experiment." in forges(world, world.ben, action, "1")


@pytest.mark.parametrize(
    "action",
    ["agree", "ask_condition", "talk", "accept_condition", "answer_condition", "ask_another", "withdraw", "show"],
)
def test_a_button_that_was_tampered_with_gets_a_sentence_and_does_nothing(world, action):
    proposed(world)
    who = world.dana if action in {"agree", "ask_condition", "talk", "show"} else world.asha

    for value in TAMPERED:
        sentence = forges(world, who, action, value)
        assert "This button or form is no longer in use." in sentence or "I cannot find that" in sentence, value
    assert "waiting for its sponsor" in status(world)
    assert DECIDE == question(world).buttons


def test_a_form_that_was_tampered_with_gets_a_sentence_and_does_nothing(world):
    proposed(world)

    for value in TAMPERED:
        sentence = forges_form(world, world.dana, "agree", value, cover_note="It is on me.")
        assert "This button or form is no longer in use." in sentence or "I cannot find that" in sentence, value
    assert "waiting for its sponsor" in status(world)


def test_a_button_or_form_of_a_former_release_gets_a_sentence(world):
    proposed(world)

    assert "This button is no longer in use." in forges(world, world.dana, "approve_v0", "1")
    assert "This form is no longer in use." in forges_form(world, world.dana, "approve_v0", "1", cover_note="x")


# --- words that want to be more than words ---


def test_control_sequences_in_notes_conditions_and_answers_ping_nobody(world):
    proposed(world)
    world.dana.presses("Safe enough if…")
    submits(world, world.dana, condition=NASTY, cover_note=NASTY)
    world.asha.presses("Answer it")
    submits(world, world.asha, reply=NASTY)
    asks_condition(world, NASTY)
    presses(world, world.asha, "Accept the condition")
    shown = [said(person, "show EXP-1") for person in (world.asha, world.dana, world.ben)]
    shown += [message.words + message.text for message in world.slack.messages]

    assert sum(QUIET in each for each in shown) > 8
    for forbidden in ("<!channel", "<@U0BEN>", "<http", "@channel", "@here", "\u202e", "\x00", "\ud83d"):
        assert not any(forbidden in each for each in shown), forbidden


def test_an_owner_with_an_odd_name_is_named_as_they_are(world):
    odd = world.slack.add_person("U0ODD", '<!here> *Zoë* "O\'Neill" & Søn')
    proposed(world, odd)
    world.dana.presses("Safe enough to try")

    assert 'that <!here> *Zoë* "O\'Neill" & Søn may try' in top(world.dana).values["cover_note"]
    submits(world, world.dana)

    assert "<!here>" not in "".join(message.words for message in world.slack.messages)


def test_the_longest_words_fit_on_every_card(world):
    long = {name: "&" * (80 if name in {"title", "team"} else 600) for name in FILLED if FILLED[name][:1].isupper()}
    proposed(world, **{**long, "sponsor": "U0DANA"})
    world.at("2026-06-02 10:00")
    world.dana.presses("Safe enough if…", world.dana.dm[0])
    submits(world, world.dana, condition="&" * 500, cover_note="&" * 500)
    world.asha.presses("Answer it")
    submits(world, world.asha, reply="&" * 500)
    agrees(world, cover_note="&" * 500)

    assert "It is running." in status(world)
    assert "&amp;" * 500 in world.newest(world.asha, "*Their note to you*").words


def test_an_owner_is_reminded_once_of_a_condition_that_waits_for_them(world):
    proposed(world)
    world.dana.presses("Safe enough if…")
    world.dana.fills(condition="Ring the three people first.")
    world.dana.submits()
    world.settle()

    asked = len([each for each in world.asha.dm if "Accept the condition" in each.buttons])
    for day in ("2026-06-02 10:00", "2026-06-03 10:00", "2026-06-04 10:00", "2026-06-05 10:00"):
        world.at(day)

    assert asked + 1 == len([each for each in world.asha.dm if "Accept the condition" in each.buttons])
    assert "Ring the three people first." in world.asha.dm[-1].words


def test_a_sponsor_is_not_bothered_with_what_was_withdrawn_before_they_were_asked(world):
    world.asha.types("/experiment", "propose")
    fills_at_once(world.asha, **FILLED)
    world.asha.submits()
    world.asha.closes(everything=True)
    world.asha.opens_home()
    world.asha.presses("Open", on="home")
    world.asha.presses("Withdraw")
    world.settle()

    assert [] == world.dana.dm
