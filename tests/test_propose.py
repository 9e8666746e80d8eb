"""Proposing: the form, the draft, what is refused and how, the gate, and who may see what was proposed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.hands import proposes, runs
from tests.world import FILLED, fills_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playground.delivery import Answer
    from playground.person import Person
    from playground.workspace import View
    from tests.world import World

WRITTEN = ("title", "problem", "idea", "hypothesis", "prediction", "stop_sign", "worst", "undo", "team")
CHOSEN = ("undo_time", "start", "end", "contained", "observable", "novel", "sponsor", "visibility")
NUMBERS = ("people", "money", "hours")
INVISIBLE = ("   ", "\u200b", "\n\t\u3000", "\u2060\u00ad\ufeff \u202e", "\x00\ud83d")
NASTY = '<!channel> <@U0BEN> <http://evil|click> @channel @here *x* _y_ ~z~ `c` & " \u202egnp 👩🏽‍🚀 \ud83d \x00 end'


def opened(person: Person) -> View:
    """The proposal form, freshly opened by the typed word."""
    person.types("/experiment", "propose")
    return top(person)


def top(person: Person) -> View:
    """The window on top; there must be one."""
    assert person.modal is not None
    return person.modal


def forces(person: Person, **values: Any) -> Answer:
    """Send the form with values that Slack's own client would have kept back."""
    for name, value in values.items():
        [state] = top(person).state[name].values()
        state["value"] = value
    return person.submits(force=True)


def filled(person: Person, **changes: Any) -> View:
    """The form with everything in it, not sent yet."""
    form = opened(person)
    fills_at_once(person, **FILLED | changes)
    return form


def sends(world: World, **changes: Any) -> View:
    """What stands in the place of the form once it is sent and everybody is told."""
    filled(world.asha, **changes)
    world.asha.submits()
    world.settle()
    return top(world.asha)


def asked(world: World) -> list[str]:
    """What the sponsor was told."""
    return [message.words for message in world.dana.dm]


def block(view: View, name: str) -> dict[str, Any]:
    """One field of a form."""
    return next(each for each in view.blocks if each["block_id"] == name)


def said(person: Person, words: str) -> str:
    """What somebody reads after typing *words* behind the command."""
    return person.types("/experiment", words).text


def everything_shown(world: World) -> str:
    """Every word of every message, Home and open window, as Slack got it."""
    shown = [words for message in world.slack.messages for words in (message.words, message.text)]
    views = [view for each in world.slack.people for view in (each.home, each.modal) if view]
    return "\n".join([*shown, *(view.text for view in views)])


# --- the ways in ---


def test_the_command_alone_gives_a_menu_with_buttons(world):
    answer = world.asha.types("/experiment")

    assert "Try something small, safely." in answer.text
    assert ["Propose an experiment", "Waiting for me", "My experiments", "What is open", "What we learned"] == (
        answer.shown.buttons
    )
    assert "U0ASHA" == answer.shown.only_for


def test_the_form_opens_by_the_typed_word(world):
    assert "Propose an experiment" == opened(world.asha).title


def test_the_form_opens_by_the_button_of_the_menu(world):
    world.asha.types("/experiment")
    world.asha.presses("Propose an experiment")

    assert "What will you try?" in top(world.asha).text


def test_the_form_opens_by_the_global_shortcut(world):
    world.asha.uses_shortcut("propose")

    assert "What will you try?" in top(world.asha).text


def test_the_form_opens_by_the_button_on_home(world):
    world.asha.opens_home()
    world.asha.presses("Propose an experiment", on="home")

    assert "What will you try?" in top(world.asha).text


def test_the_form_opens_from_any_channel(world):
    world.asha.types("/experiment", "propose", channel="C0LEARN")

    assert "What will you try?" in top(world.asha).text
    assert [] == world.ben.sees("C0LEARN")


def test_the_form_asks_six_questions_with_hints_and_one_worked_example(world):
    form = opened(world.asha)

    headings = [each["text"]["text"] for each in form.blocks if each["type"] == "header"]
    assert ["1.", "2.", "3.", "4.", "5.", "6."] == [each[:2] for each in headings[:6]]
    for name in WRITTEN:
        assert block(form, name)["element"]["placeholder"]["text"], name
    assert "letter" in block(form, "idea")["element"]["placeholder"]["text"]
    for name in ("problem", "idea", "hypothesis", "prediction", "stop_sign", "worst", "sponsor", "visibility"):
        assert block(form, name)["hint"]["text"], name
    assert "up to 50" in block(form, "people")["hint"]["text"]


def test_the_form_says_first_how_long_it_takes_and_who_will_read_it(world):
    form = opened(world.asha)

    for words in ("four minutes", "draft", "sponsor", "freedom of information"):
        assert words in form.blocks[0]["text"]["text"]


def test_start_and_end_are_offered_four_weeks_apart(world):
    values = opened(world.asha).values

    assert ("2026-06-01", "2026-06-29") == (values["start"], values["end"])


def test_the_form_begins_on_the_proposers_own_day(world):
    ann = world.slack.add_person("U0ANN", "Ann Kiribati", tz="Pacific/Kiritimati")

    assert "2026-06-01" == opened(ann).values["start"]
    ann.closes()
    world.clock.advance(timedelta(hours=2))

    assert "2026-06-02" == opened(ann).values["start"]


# --- the draft ---


def test_a_closed_form_is_kept_as_a_draft(world):
    opened(world.asha)
    world.asha.fills(title="A date on the letter", worst="People are cross.", people="12", sponsor="U0DANA")
    world.asha.closes()

    form = opened(world.asha)

    assert "Here is your draft" in form.text
    assert ["A date on the letter", "People are cross.", "12", "U0DANA"] == [
        form.values[name] for name in ("title", "worst", "people", "sponsor")
    ]


def test_a_draft_keeps_every_field(world):
    opened(world.asha)
    world.asha.fills(**FILLED | {"touches": ["law", "data"], "members": ["U0BEN"], "visibility": "team"})
    typed = dict(top(world.asha).values)
    world.asha.closes()

    assert typed == opened(world.asha).values


def test_a_draft_is_kept_letter_by_letter(world):
    world.slack.keystrokes = True
    opened(world.asha)
    world.asha.fills(problem="People who move house ring us three times.")
    world.asha.closes()

    assert "People who move house ring us three times." == opened(world.asha).values["problem"]


def test_a_draft_survives_a_restart_of_the_bot(world):
    opened(world.asha)
    world.asha.fills(title="A date on the letter")
    world.stop_bot()
    world.start_bot()
    world.asha.closes()

    assert "A date on the letter" == opened(world.asha).values["title"]


def test_start_afresh_empties_the_form(world):
    opened(world.asha)
    world.asha.fills(title="A date on the letter", people="12", contained="yes", sponsor="U0DANA")
    world.asha.closes()
    opened(world.asha)
    world.asha.presses("Start afresh")

    emptied = top(world.asha)

    assert not any(emptied.values[name] for name in ("title", "people", "contained", "sponsor"))
    assert "Here is your draft" not in emptied.text


def test_start_afresh_throws_the_draft_away(world):
    opened(world.asha)
    world.asha.fills(title="A date on the letter")
    world.asha.closes()
    opened(world.asha)
    world.asha.presses("Start afresh")
    world.asha.closes()

    assert opened(world.asha).values["title"] is None


def test_a_form_that_was_started_afresh_can_be_filled_and_sent(world):
    opened(world.asha)
    world.asha.fills(title="An old idea", problem="An old problem")
    world.asha.closes()
    opened(world.asha)
    world.asha.presses("Start afresh")
    world.asha.fills(**FILLED)
    forces(world.asha, title=None)
    assert ["title"] == list(top(world.asha).errors)
    world.asha.fills(title="A new idea")
    world.asha.submits()
    world.settle()

    assert "EXP-1: A new idea" in world.newest(world.dana, "safe enough").words


def test_a_draft_is_seen_by_its_owner_alone(world):
    opened(world.asha)
    world.asha.fills(title="A secret draft")
    world.asha.closes()
    world.ben.opens_home()

    assert opened(world.ben).values["title"] is None
    assert "secret" not in top(world.ben).text + world.ben.home.text + said(world.ben, "list") + said(world.ben, "mine")


def test_a_draft_is_no_experiment(world):
    opened(world.asha)
    world.asha.fills(**FILLED)
    world.asha.closes()
    world.settle()

    assert [] == world.dana.dm
    assert "You have not proposed anything yet." in said(world.asha, "mine")


def test_an_older_keystroke_that_arrives_late_does_not_overwrite_a_newer_one(world):
    opened(world.asha)
    older = world.asha.fills(title="A da")
    world.asha.fills(title="A date on the letter")
    world.slack.replay(older.request)
    world.asha.closes()

    assert "A date on the letter" == opened(world.asha).values["title"]


def test_a_keystroke_that_arrives_after_the_form_was_sent_brings_no_draft_back(world):
    filled(world.asha)
    late = world.asha.fills(title="A date on the letter")
    world.clock.advance(timedelta(seconds=1))
    world.asha.submits()
    world.slack.replay(late.request)
    world.asha.closes()

    assert "Here is your draft" not in opened(world.asha).text


def test_a_sent_proposal_leaves_no_draft(world):
    proposes(world)

    assert opened(world.asha).values["title"] is None


# --- what is refused ---


@pytest.mark.parametrize("name", [*WRITTEN, *NUMBERS, *CHOSEN])
def test_an_empty_field_is_asked_for_where_it_is_and_nothing_typed_is_lost(world, name):
    filled(world.asha)
    world.asha.fills(**{name: None})
    world.asha.submits(force=True)

    assert [name] == list(top(world.asha).errors)
    assert top(world.asha).errors[name].endswith((".", "because …"))
    assert {**FILLED, name: None} == {each: top(world.asha).values[each] for each in FILLED}

    world.asha.fills(**{name: FILLED[name]})
    world.asha.submits()

    assert "EXP-1 is with <@U0DANA> now." in top(world.asha).text


def refused(world: World, name: str, *values: str) -> Iterator[str]:
    """What stands below a field that held each of *values*; nothing else was lost, and the right answer succeeds."""
    filled(world.asha)
    for value in values:
        forces(world.asha, **{name: value})
        form = top(world.asha)
        assert [name] == list(form.errors)
        assert FILLED | {name: value} == {each: form.values[each] for each in FILLED}
        yield form.errors[name]
    forces(world.asha, **{name: FILLED[name]})
    assert "EXP-1 is with <@U0DANA> now." in top(world.asha).text


@pytest.mark.parametrize("name", WRITTEN)
def test_an_answer_that_is_too_long_says_how_long_it_is_and_may_be(world, name):
    most = 80 if name in {"title", "team"} else 600

    for sentence in refused(world, name, "x" * (most + 7), "€" * (most + 7), "a\n" * (most + 7)):
        assert "characters long" in sentence
        assert f"keep it to {most}" in sentence


@pytest.mark.parametrize("name", WRITTEN)
def test_invisible_characters_are_no_answer(world, name):
    for sentence in refused(world, name, *INVISIBLE):
        assert "characters" not in sentence


@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_no_whole_number_is_refused(world, name):
    for sentence in refused(world, name, "forty", "-5", "2.5", "1e3", "٤٠", "½", "£40", "NaN"):
        assert "whole number, such as 0 or 25" in sentence


@pytest.mark.parametrize("name", NUMBERS)
def test_an_absurdly_large_number_is_refused(world, name):
    for sentence in refused(world, name, "1000000001", "9999999999", "9" * 40, "1" + "0" * 5000):
        assert "a number up to 1,000,000,000" in sentence


def test_a_number_may_be_written_with_commas_and_spaces(world):
    filled(world.asha)
    forces(world.asha, money=" 4 00 ", hours="0,0,1")
    world.settle()

    assert "£400" in world.newest(world.dana, "safe enough").words


@pytest.mark.parametrize(
    ("start", "end", "field", "words"),
    [
        ("2026-05-31", "2026-06-26", "start", "This day is past."),
        ("2026-06-02", "2026-06-02", "end", "at least one day after the start"),
        ("2026-06-02", "2026-06-01", "end", "at least one day after the start"),
        ("2026-06-02", "2027-06-30", "end", "a year at most"),
        ("2027-06-30", "2027-07-30", "start", "more than a year away"),
        ("9999-12-30", "9999-12-31", "start", "more than a year away"),
    ],
)
def test_days_that_cannot_be_are_refused(world, start, end, field, words):
    filled(world.asha, start=start, end=end)
    world.asha.submits()

    assert [field] == list(top(world.asha).errors)
    assert words in top(world.asha).errors[field]
    assert (start, end) == (top(world.asha).values["start"], top(world.asha).values["end"])

    world.asha.fills(start="2026-06-02", end="2026-06-26")
    world.asha.submits()

    assert "EXP-1 is with" in top(world.asha).text


def test_a_trial_may_begin_today_and_end_tomorrow(world):
    sends(world, start="2026-06-01", end="2026-06-02")

    assert "Monday 1 June 2026 to Tuesday 2 June 2026" in world.newest(world.dana, "safe enough").words


@pytest.mark.parametrize(
    ("traits", "words"),
    [
        ({"is_bot": True}, "is a bot, and cannot sign off."),
        ({"is_restricted": True}, "is a guest, and cannot sign off."),
        ({"is_ultra_restricted": True}, "is a guest, and cannot sign off."),
        ({"deleted": True}, "is switched off in Slack."),
        ({"team": "T0OTHER"}, "is of another organisation, and cannot sign off here."),
    ],
)
def test_only_a_colleague_can_be_a_sponsor(world, traits, words):
    world.slack.add_person("U0ODD", "Somebody Odd", **traits)

    assert words in refused_sponsor(world, "U0ODD")


def test_slackbot_cannot_be_a_sponsor(world):
    world.slack.add_person("USLACKBOT", "Slackbot")

    assert "is a bot, and cannot sign off." in refused_sponsor(world, "USLACKBOT")


def test_somebody_whom_slack_does_not_know_cannot_be_a_sponsor(world):
    world.slack.refuse("users.info", "user_not_found", where={"user": "U0NOBODY"})

    assert "I could not find this person" in refused_sponsor(world, "U0NOBODY")


def test_nobody_can_be_their_own_sponsor(world):
    assert "Nobody signs off their own experiment." in refused_sponsor(world, "U0ASHA")


def refused_sponsor(world: World, sponsor: str) -> str:
    """What stands below the question for a sponsor; another sponsor succeeds."""
    filled(world.asha, sponsor=sponsor)
    world.asha.submits()
    form = top(world.asha)
    assert ["sponsor"] == list(form.errors)
    sentence = form.errors["sponsor"]
    assert FILLED | {"sponsor": sponsor} == {name: form.values[name] for name in FILLED}
    world.settle()
    assert [] == world.dana.dm
    world.asha.fills(sponsor="U0DANA")
    world.asha.submits()
    assert "EXP-1 is with <@U0DANA> now." in top(world.asha).text
    return sentence


def test_a_refused_form_is_kept_as_a_draft_too(world):
    opened(world.asha)
    world.asha.fills(**FILLED | {"start": "2026-05-31"})
    world.asha.submits()
    world.asha.closes()

    assert FILLED["worst"] == opened(world.asha).values["worst"]


# --- the gate ---


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"people": "51"}, "*Not yet: small.* It is larger than a small trial: 51 people, where the ceiling is 50."),
        ({"money": "501"}, "*Not yet: small.* It is larger than a small trial: £501, where the ceiling is £500."),
        ({"hours": "81"}, "*Not yet: small.* It is larger than a small trial: 81 hours, where the ceiling is 80."),
        ({"end": "2026-07-29"}, "*Not yet: small.* It is larger than a small trial: 9 weeks, where the ceiling is 8."),
        ({"undo_time": "longer"}, "*Not yet: reversible.* Undoing it takes longer than a week."),
        ({"contained": "no"}, "*Not yet: contained.* It touches people who do not know or have not agreed"),
        ({"contained": "not_sure"}, "*Not yet: contained.* You are not sure yet that everybody touched knows"),
        ({"observable": "no"}, "*Not yet: observable.* The stop sign could show without anybody noticing"),
        ({"observable": "not_sure"}, "*Not yet: observable.* You are not sure yet that you would notice"),
        ({"novel": "no"}, "*Not yet: new.* The right answer is known already"),
        ({"novel": "not_sure"}, "*Not yet: new.* You are not sure yet whether somebody knows"),
    ],
)
def test_one_test_that_is_not_met_is_named_with_its_reason_and_keeps_the_draft(world, changes, words):
    sends(world, **changes)

    shown = top(world.asha)
    assert words in shown.text
    assert 1 == shown.text.count("*Not yet:")
    assert 4 == shown.text.count("*Met:")
    assert "It is not sent yet, and nothing is lost." in shown.text
    assert [] == world.dana.dm
    assert ["Change my answers"] == shown.buttons

    world.asha.presses("Change my answers")
    assert FILLED | changes == {name: top(world.asha).values[name] for name in FILLED}

    world.asha.fills(**{name: FILLED[name] for name in changes})
    world.asha.submits()
    world.settle()
    assert "EXP-1: is it safe enough to try?" in asked(world)[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"people": "50", "money": "500", "hours": "80", "end": "2026-07-28"},
        {"people": "0", "money": "0", "hours": "0"},
        {"undo_time": "week"},
    ],
)
def test_what_just_meets_the_tests_goes_to_the_sponsor(world, changes):
    sends(world, **changes)

    assert "EXP-1 is with <@U0DANA> now." in top(world.asha).text


def test_everything_that_is_not_met_is_named_at_once(world):
    shown = sends(
        world, people="4000", money="900", undo_time="longer", contained="no", observable="not_sure", novel="no"
    )

    assert 5 == shown.text.count("*Not yet:")
    assert "nearly" not in shown.text
    assert "4,000 people, where the ceiling is 50 and £900, where the ceiling is £500." in shown.text


def test_a_draft_that_was_not_sent_is_there_another_day(world):
    sends(world, people="51")
    world.asha.closes()
    world.clock.advance(timedelta(hours=20))

    form = opened(world.asha)

    assert FILLED | {"people": "51"} == {name: form.values[name] for name in FILLED}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"undo_time": "cannot"}, "It cannot be undone."),
        ({"touches": ["law"]}, "It touches a legal duty."),
        ({"touches": ["safety"]}, "It touches somebody's safety."),
        ({"touches": ["vulnerable"]}, "It touches vulnerable people."),
        ({"touches": ["data"]}, "It touches personal data of many people."),
        ({"touches": ["law", "data"], "undo_time": "cannot"}, "legal duty and personal data of many people and cannot"),
    ],
)
def test_what_is_not_for_here_is_kindly_shown_the_usual_way(world, changes, words):
    sends(world, **changes)

    shown = top(world.asha)
    assert words in shown.text
    assert "This one is not for here, and asking was right." in shown.text
    assert "The usual way protects you and others better: your manager." in shown.text
    assert [] == world.dana.dm

    world.asha.presses("Change my answers")
    assert FILLED | {"touches": []} | changes == {
        name: top(world.asha).values[name] for name in {**FILLED, **changes, "touches": 0}
    }


def with_settings(world: World, **changes: Any) -> None:
    """Have the admin change the settings."""
    world.admin.types("/experiment", "settings")
    world.admin.fills(**changes)
    world.admin.submits()
    world.admin.closes(everything=True)


def test_the_usual_way_is_the_one_of_this_workspace(world):
    with_settings(world, usual_route="the <!here> change board & you")
    sends(world, touches=["safety"])

    assert "better: the &lt;!here&gt; change board &amp; you." in top(world.asha).text


def test_changed_ceilings_hold_from_the_next_proposal_on(world):
    with_settings(world, ceiling_people="10", ceiling_money="2000", currency="€")
    assert "up to 10" in block(opened(world.asha), "people")["hint"]["text"]
    world.asha.closes()
    sends(world, people="11", money="2001")
    assert "11 people, where the ceiling is 10 and €2,001, where the ceiling is €2,000." in top(world.asha).text
    world.asha.closes()

    sends(world, people="10", money="2000")

    assert "€2,000" in world.newest(world.dana, "safe enough").words


# --- it is sent ---


def test_a_proposal_that_passes_goes_to_its_sponsor_and_its_owner_gets_a_card(world):
    sends(world)

    assert ["EXP-1: is it safe enough to try?"] == [each.split("\n")[0] for each in asked(world)]
    [card] = world.asha.dm
    assert "*EXP-1: A date on the letter*\nIt is with <@U0DANA>, asked on" in card.words
    assert ["Choose another sponsor", "Withdraw"] == card.buttons
    assert [] == world.ben.dm
    assert [] == world.ben.sees("C0LEARN")


def test_the_confirmation_says_what_happens_next_and_who_can_see_it(world):
    sends(world, visibility="team")

    confirmation = top(world.asha).text
    assert "What happens next: they answer when they can. I remind them in private" in confirmation
    assert "Silence is never a no." in confirmation
    assert "Who can see it: the people of the team, and the sponsor." in confirmation
    assert "withdraw" in confirmation
    assert not top(world.asha).body.get("submit")


def test_numbers_count_up_and_are_never_used_twice(world):
    proposes(world, title="One")
    world.settle()
    world.asha.presses("Withdraw")
    proposes(world, title="Two")
    sends(world, people="51")
    world.asha.closes()
    proposes(world, world.ben, title="Three")

    assert ["EXP-1: One", "EXP-2: Two", "EXP-3: Three"] == [
        said(world.ben, f"show {number}").split("\n")[0].strip("*") for number in (1, 2, 3)
    ]


def test_the_same_submission_delivered_twice_makes_one_experiment(world):
    filled(world.asha)
    answer = world.asha.submits()
    again = world.slack.replay(answer.request)
    world.settle()

    assert again.ok
    assert 1 == len(world.dana.dm)
    assert "EXP-2" not in said(world.asha, "mine")


def test_two_proposals_sent_at_once_get_two_numbers(world):
    forms = []
    for person in (world.asha, world.ben):
        filled(person)
        forms.append(person)
    with ThreadPoolExecutor(2) as pool:
        assert all(answer.ok for answer in pool.map(lambda person: person.submits(), forms))
    world.settle()

    names = sorted(top(person).text.split("*")[1].split(" ")[0] for person in forms)
    assert ["EXP-1", "EXP-2"] == names
    assert 2 == len(world.dana.dm)


def test_every_word_of_the_proposal_can_be_read_by_who_may_see_it(world):
    proposes(world)

    shown = said(world.ben, "show EXP-1")

    for name in ("title", "problem", "idea", "hypothesis", "prediction", "stop_sign", "worst", "undo", "team"):
        assert FILLED[name] in shown, name


def test_an_unknown_experiment_cannot_be_found(world):
    for words in ("show EXP-1", "exp1", "show 999999999", "show 00", "stop EXP-7"):
        assert "I cannot find that experiment." in said(world.asha, words), words
    for words in ("show", "show me", "show EXP-", "show 99999999999999"):
        assert "Name the experiment by its number, such as EXP-12." in said(world.asha, words), words


# --- who may see it ---


def reads(world: World, person: Person) -> dict[str, bool]:
    """Where somebody finds EXP-1: in the list, by its name, on Home."""
    person.opens_home()
    shown = said(person, "show EXP-1")
    assert ("I cannot find that experiment." in shown) is (FILLED["title"] not in shown)
    found = {"list": said(person, "list"), "show": shown, "home": person.home.text}
    return {place: FILLED["title"] in words for place, words in found.items()}


@pytest.mark.parametrize(
    ("visibility", "who"),
    [
        ("everyone", {"U0ASHA", "U0DANA", "U0BEN", "U0ADMIN"}),
        ("team", {"U0ASHA", "U0DANA", "U0BEN"}),
        ("involved", {"U0ASHA", "U0DANA"}),
    ],
)
def test_an_experiment_is_seen_by_those_its_owner_chose(world, visibility, who):
    runs(world, visibility=visibility, members=["U0BEN"])

    for person in (world.asha, world.dana, world.ben, world.admin):
        seen = person.id in who
        assert {"list": seen, "show": seen, "home": seen} == reads(world, person), person


def test_who_may_not_see_it_cannot_tell_it_from_one_that_is_not_there(world):
    proposes(world, visibility="involved")

    for words in ("show EXP-{}", "stop EXP-{}"):
        assert said(world.ben, words.format(2)) == said(world.ben, words.format(1))
    for words in ("check-in EXP-{}", "finish EXP-{}", "share EXP-{}"):
        shown = []
        for number in (1, 2):
            said(world.ben, words.format(number))
            shown.append(top(world.ben).text)
            world.ben.closes()
        assert shown[0] == shown[1]


# --- guests and outsiders ---


@pytest.mark.parametrize(
    ("traits", "words"),
    [
        ({"is_restricted": True}, "guests cannot use it yet"),
        ({"is_ultra_restricted": True}, "guests cannot use it yet"),
        ({"team": "T0OTHER"}, "This is for members of this organisation."),
    ],
)
def test_guests_and_outsiders_get_a_sentence_and_nothing_happens(world, traits, words):
    proposes(world)
    guest = world.slack.add_person("U0GUEST", "Gil Guest", **traits)

    for typed in ("", "help", "list", "mine", "waiting", "show EXP-1", "stop EXP-1", "learnings"):
        answer = guest.types("/experiment", typed)
        assert words in answer.text, typed
        assert [] == answer.shown.buttons, typed
    for typed in ("propose", "finish EXP-1", "settings"):
        guest.types("/experiment", typed)
        assert words in top(guest).text, typed
        assert not top(guest).body.get("submit")
        guest.closes()
    guest.opens_home()
    assert words in guest.home.text
    assert FILLED["title"] not in guest.home.text


# --- words that want to be more than words ---


def test_control_sequences_in_every_field_ping_nobody_and_break_nothing(world):
    runs(world, **{name: NASTY[:80] if name in {"title", "team"} else NASTY for name in WRITTEN})
    said(world.ben, "show EXP-1")
    said(world.ben, "list")
    for person in (world.asha, world.ben):
        person.opens_home()
        person.presses("Open", on="home")

    shown = everything_shown(world)

    assert shown.count("&lt;!channel&gt; &lt;@U0BEN&gt; &lt;http://evil|click&gt;") > 30
    assert "👩🏽‍🚀" in shown
    for forbidden in ("<!channel", "<@U0BEN>", "<http", "@channel", "@here", "\u202e", "\x00", "\ud83d"):
        assert forbidden not in shown, forbidden


def test_control_sequences_are_kept_in_the_draft(world):
    opened(world.asha)
    world.asha.fills(problem=NASTY)
    world.asha.closes()

    kept = opened(world.asha).values["problem"]

    assert NASTY.replace("\ud83d", "").replace("\x00", "") == kept


def test_the_longest_answers_of_all_fit_on_every_card(world):
    runs(world, **{name: "&" * (80 if name in {"title", "team"} else 600) for name in WRITTEN})
    said(world.asha, "show EXP-1")
    said(world.asha, "list")
    world.asha.opens_home()
    world.asha.presses("Open", on="home", value="1")

    assert "&amp;" * 500 in top(world.asha).text
