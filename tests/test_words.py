"""What people type, where they look things up, and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.views.pages import WORDS
from tests.hands import proposes, runs
from tests.world import LEARNED, fills_at_once

if TYPE_CHECKING:
    from playground.person import Person

NOT_FOUND = "I cannot find that experiment"
ABOUT_ONE = ["show", "check-in", "stop", "finish", "share"]


def said(person: Person, words: str) -> str:
    """What somebody reads at once after /experiment and some words, in the channel or in a window."""
    answer = person.types("/experiment", words)
    assert answer.ok
    text = answer.text
    if person.modal:
        text += person.modal.text
        person.closes(everything=True)
    return text


def learns(world, person=None, **changes):
    """Finish what runs, by writing what it taught."""
    who = person or world.asha
    who.presses("Finish")
    fills_at_once(who, **LEARNED | changes)
    who.submits()
    world.settle()


def home(person: Person) -> str:
    """What somebody reads on their Home tab."""
    person.opens_home()
    assert person.home is not None
    return person.home.text


def part(text: str, title: str) -> str:
    """One part of Home, from its title to the next one."""
    titles = ["Waiting for me", "My experiments", "Running near me", "What we learned"]
    after = text.partition(title)[2]
    for other in titles:
        after = after.partition(f"\n{other}\n")[0]
    return after


# Every word.


@pytest.mark.parametrize(
    "typed",
    ["{}", "  {}  ", "{} 🎉", '{}"', "{} ‘"],
    ids=["plain", "spaced", "emoji", "half a quote", "half a smart quote"],
)
def test_every_word_is_understood_whatever_else_is_typed(world, typed):
    for word in WORDS:
        text = said(world.asha, typed.format(word))
        assert text
        assert "by its number" not in text
        assert "I do not know “" not in text, word
        assert "went wrong" not in text, word


@pytest.mark.parametrize("typed", [str.upper, str.title, "“{}”".format, "'{}'".format])
def test_every_word_is_understood_in_capitals_and_in_quotes(world, typed):
    for word in WORDS:
        text = said(world.asha, "   ".join(typed(each) for each in word.split(" ")))
        assert text
        assert "by its number" not in text
        assert "I do not know “" not in text, word
        assert "went wrong" not in text, word


def test_help_lists_every_word_with_what_it_does(world):
    text = said(world.asha, "help")

    for word, what in WORDS.items():
        assert f"`/experiment {word}` {what}" in text


def test_nothing_typed_shows_the_menu_and_its_buttons_answer(world):
    menu = world.asha.types("/experiment").shown
    for button, text in {
        "Waiting for me": "Nothing waits for your answer.",
        "My experiments": "You have not proposed anything yet.",
        "What is open": "No experiment is open",
        "What we learned": "I know of no shared learning yet.",
    }.items():
        world.asha.presses(button, on=menu)
        assert text in world.asha.dm[-1].words
    world.asha.presses("Propose an experiment", on=menu)

    assert "Propose an experiment" == world.asha.modal.title


def test_a_word_that_is_nearly_right_is_answered_with_what_was_meant(world):
    nearly = {
        "propsoe": "propose",
        "MINNE": "mine",
        "lerning": "learnings",
        "checkin EXP-1": "check-in",
        "halp": "help",
    }
    for typed, meant in nearly.items():
        assert f"Did you mean `/experiment {meant}`?" in said(world.asha, typed)


def test_any_other_word_is_answered_with_the_way_to_help(world):
    for typed in ("xyzzy", "1", "🎉", "“”", "'", "\u200b", "x" * 3000, "drop table; --"):
        text = said(world.asha, typed)
        assert "`/experiment help`" in text, typed
        assert len(text) < 1000


def test_a_word_that_would_ping_people_pings_nobody(world):
    for typed in ("<!channel>", "@channel", "@ben", "<@U0BEN>", "<http://evil.example|click>"):
        shown = world.asha.types("/experiment", f"{typed} now").shown
        assert "<" not in shown.text
        assert "@channel" not in shown.text


# One experiment.


NAMED = [
    "EXP-1", "exp1", "show EXP-1", "show exp1", "SHOW Exp-1", "show 1", "show “EXP-1”", "show ‘EXP-1’", 'show "EXP-1',
    "show EXP-1'", "“show EXP-1", "show\u00a0EXP-1", "show EXP–1",
]  # fmt: skip


def test_an_experiment_is_found_by_its_number_however_that_is_written(world):
    proposes(world)
    for typed in NAMED:
        assert "EXP-1: A date on the letter" in said(world.asha, typed), typed


def test_a_word_about_one_experiment_asks_for_its_number(world):
    for word in ABOUT_ONE:
        for typed in (word, f"{word} letter", f"{word} EXP-", f"{word} EXP-1-2"):
            assert "by its number, such as EXP-12" in said(world.asha, typed), typed


def test_what_does_not_exist_and_what_one_may_not_see_are_answered_alike(world):
    runs(world, visibility="involved")
    for word in ABOUT_ONE:
        hidden, missing = (said(world.ben, f"{word} {name}") for name in ("EXP-1", "EXP-99"))
        assert NOT_FOUND in hidden
        assert missing == hidden
        assert NOT_FOUND in said(world.asha, f"{word} 999999999")
    assert NOT_FOUND not in said(world.asha, "show EXP-1")


def test_who_may_see_an_experiment_of_somebody_else_can_do_nothing_with_it(world):
    runs(world)
    for word in ABOUT_ONE[1:]:
        assert "Only the person who proposed this experiment can do that." in said(world.ben, f"{word} EXP-1"), word
    assert "Stop now" in world.asha.dm[0].buttons


def test_stopping_by_command_stops_at_once_and_offers_the_way_back(world):
    runs(world)
    answer = world.asha.types("/experiment", "stop EXP-1")

    assert "You stopped EXP-1 safely" in answer.text
    world.asha.presses("Undo the stop", on=answer.shown)
    assert "EXP-1 runs again" in world.asha.dm[-1].words


# Lists.


def test_what_waits_is_shown_to_the_one_it_waits_for(world):
    proposes(world)
    nothing = "Nothing waits for your answer."
    assert "EXP-1" in said(world.dana, "waiting")
    assert nothing == said(world.asha, "waiting")

    world.settle()
    world.dana.presses("Safe enough if…")
    world.dana.fills(condition="Ring them first.")
    world.dana.submits()
    assert nothing == said(world.dana, "waiting")
    assert "EXP-1" in said(world.asha, "waiting")


def test_a_list_leaves_out_what_one_may_not_see(world):
    proposes(world, visibility="involved")
    proposes(world, world.ben, title="Open to all")

    assert ["EXP-2"] == [each for each in ("EXP-1", "EXP-2") if each in said(world.admin, "list")]
    assert ["EXP-1"] == [each for each in ("EXP-1", "EXP-2") if each in said(world.asha, "mine")]


# What was learned.


def test_a_learning_is_found_by_its_words_letter_for_letter(world):
    runs(world)
    learns(world, learned="A 50% rise in R&D came from form_7, said “Élan” & <co>.")
    for word in ("50%", "rise came", "FORM_7", "R&D", '"rise in"', "“rise in”", "élan", "<co>", "letter"):
        assert "A date on the letter" in said(world.asha, f"learnings {word}"), word
    for word in ("5_%", "rise%came", "form%7", "“came rise”", "don't"):
        assert "I know of no shared learning about" in said(world.asha, f"learnings {word}"), word


def test_a_percent_sign_finds_only_what_holds_one(world):
    runs(world)
    learns(world)

    assert "A date on the letter" not in said(world.asha, "learnings %")
    assert "A date on the letter" not in said(world.asha, "learnings _")
    assert "A date on the letter" in said(world.asha, "learnings")


def test_a_learning_is_found_by_others_only_once_it_is_shared(world):
    runs(world)
    learns(world)
    assert "I know of no shared learning about “calls” yet." == said(world.ben, "learnings calls")

    world.shared()
    assert "A date on the letter" in said(world.ben, "learnings calls")


# Home.


def test_home_tells_each_person_what_is_theirs(world):
    runs(world, team="House moves")
    proposes(world, world.ben, visibility="involved", title="Ask by text")
    owner, sponsor, colleague = home(world.asha), home(world.dana), home(world.admin)

    assert "EXP-1" in part(owner, "My experiments")
    assert "EXP-2" not in owner
    assert "EXP-2" in part(sponsor, "Waiting for me")
    assert "EXP-1" in part(sponsor, "Running near me")
    assert "EXP-1" in part(colleague, "Running near me")
    assert "EXP-2" not in colleague
    assert "Nothing waits for your answer." in part(colleague, "Waiting for me")
    assert "You have no experiment yet." in part(colleague, "My experiments")


def test_home_shows_what_was_shared_to_everybody(world):
    runs(world)
    learns(world)
    assert "No learning has been shared yet." in home(world.ben)

    world.shared()
    assert "People ring because" in part(home(world.ben), "What we learned")


def test_home_tells_a_guest_why_it_is_empty(world):
    gus = world.slack.add_person("U0GUS", "Gus Guest", is_restricted=True)

    assert "guests cannot use it yet" in home(gus)
    assert [] == gus.home.buttons


def test_stopping_from_home_draws_home_anew_and_offers_the_way_back(world):
    runs(world)
    home(world.asha)
    world.asha.presses("Stop now", on="home")

    assert "You stopped EXP-1 safely" in world.asha.modal.text
    assert "Stop now" not in world.asha.home.buttons
    assert "Write what it taught" in world.asha.home.buttons

    world.asha.presses("Undo the stop")
    assert "EXP-1 runs again" in world.asha.modal.text


def test_the_other_buttons_of_home_open_what_they_say(world):
    runs(world)
    world.asha.types("/experiment", "stop EXP-1")
    home(world.asha)
    for button, text in {
        "Write what it taught": "What did you see?",
        "Help": "What you can type",
        "Propose an experiment": "What will you try?",
    }.items():
        world.asha.presses(button, on="home")
        assert text in world.asha.modal.text
        world.asha.closes(everything=True)


def test_open_on_home_shows_the_whole_experiment(world):
    runs(world)
    home(world.ben)
    world.ben.presses("Open", on="home")

    assert "Print the old letter again." in world.ben.modal.text


def test_stopping_in_the_window_of_an_experiment_changes_that_window(world):
    runs(world)
    home(world.asha)
    world.asha.presses("Open", on="home")
    world.asha.presses("Stop now")

    assert "You stopped it safely" in world.asha.modal.text
    assert "Undo the stop" in world.asha.modal.buttons


def test_only_the_home_tab_is_drawn(world):
    assert world.asha.opens_home("messages").ok

    assert world.asha.home is None
    assert [] == world.slack.called("views.publish")


def test_an_older_drawing_of_home_never_replaces_a_newer_one(world):
    event = world.asha.opens_home().request
    world.asha.opens_home()
    proposes(world)
    newest = home(world.asha)
    with world.slack.space.lock:
        stale = {**event.payload["event"], "view": {**world.slack.api.view_body(world.asha.home), "hash": "1.old"}}
    world.slack.send_event(stale)

    assert newest == world.asha.home.text
    world.was_refused("hash_conflict")


# The settings.

CEILINGS = ("ceiling_people", "ceiling_money", "ceiling_hours", "ceiling_weeks")
GOOD = {
    "digest_channel": "C0LEARN",
    "digest_weekday": "2",
    "digest_hour": "15",
    "zone": "America/New_York",
    "ceiling_people": "7",
    "ceiling_money": "70",
    "ceiling_hours": "17",
    "ceiling_weeks": "3",
    "currency": "EUR",
    "calendar": "gb-sct",
    "stewards": ["U0ASHA"],
    "usual_route": "the change board & <them>",
}


def test_who_is_neither_admin_nor_steward_reads_a_sentence_instead_of_the_settings(world):
    assert "Only an admin of this Slack workspace, or a steward" in said(world.asha, "settings")
    assert "Settings" not in home(world.asha)
    assert "Settings" in home(world.admin)


BAD = [
    ("zone", "Mars/Base"), ("zone", "../etc/passwd"), ("zone", "🎉"), ("calendar", "GB"),
    ("calendar", "XX"), ("calendar", "GB-XXX"), ("calendar", "-"), ("usual_route", "\u200b "),
    *((ceiling, "1000000001") for ceiling in CEILINGS), ("ceiling_people", "9" * 30),
]  # fmt: skip


def test_a_setting_that_cannot_be_used_is_named_at_its_field_and_everything_typed_is_kept(world):
    world.admin.types("/experiment", "settings")
    for field, value in BAD:
        fills_at_once(world.admin, **GOOD | {field: value})
        typed = dict(world.admin.modal.values)
        world.admin.submits()
        assert [field] == list(world.admin.modal.errors), value
        assert typed == world.admin.modal.values


def test_settings_that_can_be_used_are_saved_and_shown_when_they_are_opened_again(world):
    world.admin.types("/experiment", "settings")
    fills_at_once(world.admin, **GOOD)
    world.admin.submits()
    assert "The digest is posted in <#C0LEARN> on Tuesday at 15:00, America/New_York time." in world.admin.modal.text

    world.admin.closes()
    world.admin.types("/experiment", "settings")
    assert GOOD | {"calendar": "GB-SCT"} == world.admin.modal.values


def test_a_steward_who_was_named_can_open_the_settings_and_loses_them_again(world):
    world.set_up_digest(stewards=["U0ASHA"])
    assert "Settings" in home(world.asha)
    world.asha.presses("Settings", on="home")
    assert ["U0ASHA"] == world.asha.modal.values["stewards"]

    world.set_up_digest(stewards=[])
    assert "Only an admin" in said(world.asha, "settings")


def test_a_form_opened_by_somebody_who_was_a_steward_then_changes_nothing_any_more(world):
    world.set_up_digest(stewards=["U0ASHA"])
    world.asha.types("/experiment", "settings")
    world.set_up_digest(stewards=[])
    world.asha.submits()

    assert "Only an admin" in " ".join(world.asha.modal.errors.values())


def test_without_a_channel_no_digest_is_promised(world):
    world.set_up_digest()
    world.admin.types("/experiment", "settings")
    fills_at_once(world.admin, digest_channel=None)
    world.admin.submits()

    assert "no digest is posted" in world.admin.modal.text


def test_the_size_of_small_follows_the_settings(world):
    world.set_up_digest(ceiling_people="39")
    world.propose()

    assert "40 people, where the ceiling is 39" in world.asha.modal.text


def test_a_sponsor_can_answer_from_home(world):
    world.proposed()
    world.dana.opens_home()
    world.dana.presses("Open", on="home")

    world.dana.presses("Safe enough to try")
    world.dana.submits()
    world.settle()

    assert any("says it is safe enough to try" in each.words for each in world.asha.dm)


def test_an_owner_can_accept_a_condition_from_home_and_others_do_not_read_it(world):
    world.proposed()
    world.dana.presses("Safe enough if…")
    world.dana.fills(condition="Ring the three people first.")
    world.dana.submits()
    world.settle()
    assert "Ring the three people first." not in world.ben.types("/experiment", "show EXP-1").text

    world.asha.opens_home()
    world.asha.presses("Open", on="home")
    assert "Ring the three people first." in world.asha.modal.text
    world.asha.presses("Accept the condition")

    assert "It was signed off by <@U0DANA>" in world.asha.modal.text
