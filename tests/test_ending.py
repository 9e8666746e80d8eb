"""The end of an experiment: the notice, moving the end once, what it taught, reminders, a kind close."""

from __future__ import annotations

import pytest

from tests.world import FILLED, LEARNED

CARD = "It was signed off by <@U0DANA>"
NOTICE = "It ends on"
LEARNING_ASKED = "It has run to its end. What did it teach?"
STOPPED_ASKED = "What did it teach?"
REMINDER = "One sentence about what it taught is enough."
CLOSED = "I have closed it without a learning note."
WRITTEN = "*Expected, and locked at sign-off*"
ENDED = "*\nIt has "  # The first words under the title, in the sponsor's news of the end only.
NOT_YOURS = "Only the person who proposed this experiment can do that. Nothing was changed."


def said(person, words):
    return [each for each in person.dm if words in each.words]


def count(person):
    return len(person.dm)


def last_words(person):
    return person.dm[-1].words


def ended(world, **changes):
    """An experiment that has run to its end, on Monday 29 June."""
    world.running(**changes)
    world.at("2026-06-29 10:00")


def stopped_at(world, moment):
    """An experiment that its owner stopped at a local moment."""
    world.running()
    world.at(moment)
    world.asha.presses("Stop now")
    world.settle()


def writes(world, **changes):
    """Fill in the learning form, which is open, and send it."""
    world.asha.fills(**LEARNED | changes)
    answer = world.asha.submits()
    world.settle()
    return answer


# Three days before the end.


def test_three_days_before_the_end_the_owner_may_finish_extend_once_or_stop(world):
    world.running()
    world.at("2026-06-23 09:59")
    assert [] == said(world.asha, NOTICE)

    world.at("2026-06-23 10:00")
    [notice] = said(world.asha, NOTICE)
    assert "It ends on Friday 26 June 2026." in notice.words
    assert "Calls fall from 30 to 20 a week." in notice.words
    assert ["Stop now", "Say how it is going", "Finish", "Extend once"] == notice.buttons
    assert [] == said(world.dana, NOTICE)


def test_the_notice_comes_on_a_working_day(world):
    world.running(end="2026-06-24")  # Three days before is a Sunday.

    world.at("2026-06-19 10:00")
    assert 1 == len(said(world.asha, NOTICE))


# Moving the end.


def test_the_end_can_be_moved_once(world):
    world.running()
    world.at("2026-06-23 10:00")
    notice = world.newest(world.asha, NOTICE)

    world.asha.presses("Extend once", notice)
    assert "It ends on Friday 26 June 2026. You can move that once, to Monday 20 July 2026" in world.asha.modal.text
    assert "2026-07-20" == world.asha.modal.values["end"]
    world.asha.fills(end="2026-07-10")
    world.asha.submits()
    world.settle()

    assert world.asha.modal is None
    assert "It ends on Friday 10 July 2026. It was extended once, so it ends then." in notice.words
    assert ["Stop now", "Say how it is going", "Finish"] == notice.buttons


def test_the_latest_new_end_is_offered_and_taken(world):
    world.running()
    world.asha.presses("Extend once")
    world.asha.submits()
    world.settle()

    assert world.asha.modal is None
    assert "to Monday 20 July 2026" in world.newest(world.asha, CARD).words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-07-21", "at most. Choose an earlier end."),
        ("2026-06-26", "The new end must be later than the old one."),
        ("2026-06-20", "The new end must be later than the old one."),
    ],
)
def test_a_new_end_that_does_not_fit_is_refused_in_the_form(world, day, words):
    world.running()
    world.asha.presses("Extend once")
    world.asha.fills(end=day)
    world.asha.submits()

    assert words in world.asha.modal.errors["end"]
    assert "to Friday 26 June 2026" in world.newest(world.asha, CARD).words


def test_a_second_extension_is_refused_with_a_way_on(world):
    world.running()
    screen = world.newest(world.asha, CARD).as_seen()
    world.asha.presses("Extend once")
    world.asha.submits()

    world.asha.presses("Extend once", screen)

    assert "EXP-1 was extended once already. Finish it, and propose a new one if you like." in world.asha.modal.text


def test_what_was_extended_ends_at_its_new_end(world):
    world.running()
    world.asha.presses("Extend once")
    world.asha.fills(end="2026-07-10")
    world.asha.submits()

    world.at("2026-06-29 10:00")
    assert [] == said(world.asha, LEARNING_ASKED)
    world.at("2026-07-07 10:00")
    assert 1 == len(said(world.asha, NOTICE))
    world.at("2026-07-13 10:00")
    assert 1 == len(said(world.asha, LEARNING_ASKED))


@pytest.mark.parametrize("action", ["extend", "learn"])
def test_nobody_else_can_move_the_end_or_finish(world, action):
    world.running()
    world.ben.types("/experiment")

    world.forges(world.ben, world.ben.dm[-1], action, 1)

    assert NOT_YOURS in world.ben.modal.text


# The end.


def test_after_the_end_the_owner_is_asked_on_the_next_working_day_what_it_taught(world):
    world.running()
    for moment in ("2026-06-26 18:00", "2026-06-27 10:00", "2026-06-29 09:59"):
        world.at(moment)
        assert [] == said(world.asha, LEARNING_ASKED)

    world.at("2026-06-29 10:00")
    [asked] = said(world.asha, LEARNING_ASKED)
    assert "Calls fall from 30 to 20 a week." in asked.words
    assert "unless you" in asked.words  # Nobody else reads it unless the owner shares it.
    assert ["Write what it taught"] == asked.buttons


def test_the_sponsor_hears_that_it_has_ended(world):
    ended(world)

    assert ENDED in last_words(world.dana)
    assert "<@U0ASHA> may write what it taught within two weeks. Nothing is needed from you." in last_words(world.dana)


def test_the_sponsor_sees_when_the_learning_is_there(world):
    ended(world)
    world.asha.presses("Write what it taught")
    writes(world)

    [news] = said(world.dana, ENDED)
    assert "What it taught is written, and you can read it." in news.words
    world.dana.presses("Read all of it", news)
    assert "People ring because they do not know when we answer." in world.dana.modal.text


@pytest.mark.parametrize(("calendar", "day"), [("GB-ENG", "2026-09-01"), ("GB-SCT", "2026-08-31")])
def test_nobody_is_asked_what_it_taught_on_a_public_holiday(world, calendar, day):
    world.at("2026-08-03 10:00")
    world.set_up_digest(calendar=calendar)
    world.running(start="2026-08-04", end="2026-08-28")  # A Friday before a holiday of England only.

    world.at(f"{day} 09:59")
    assert [] == said(world.asha, LEARNING_ASKED)

    world.at(f"{day} 10:00")
    assert 1 == len(said(world.asha, LEARNING_ASKED))


def test_after_a_downtime_past_the_end_only_the_end_is_said(world):
    world.running()
    before = count(world.asha)

    world.at("2026-07-01 15:00")  # Due were a check-in, the notice and the end.

    assert before + 1 == count(world.asha)
    assert LEARNING_ASKED in last_words(world.asha)


# The learning form.


def test_the_form_shows_what_was_predicted_and_agreed(world):
    ended(world)
    world.asha.presses("Write what it taught")

    shown = world.asha.modal.text
    assert "You expected, locked at sign-off" in shown
    assert FILLED["prediction"] in shown
    assert FILLED["stop_sign"] in shown


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("seen", "Say what you saw, so that it can stand beside what you expected."),
        ("learned", "Finish the sentence: we learned that …"),
    ],
)
def test_an_empty_answer_is_refused_at_its_field_and_the_other_words_stay(world, field, sentence):
    ended(world)
    world.asha.presses("Write what it taught")
    world.asha.fills(**LEARNED | {field: "   ", "advice": "Ring them first."})
    world.asha.submits()

    assert {field: sentence} == world.asha.modal.errors
    assert "Ring them first." == world.asha.modal.values["advice"]
    assert [] == said(world.asha, WRITTEN)

    world.asha.fills(**{field: "Fewer people rang."})
    world.asha.submits()
    world.settle()
    assert 1 == len(said(world.asha, WRITTEN))


@pytest.mark.parametrize("field", ["expected", "kind", "harm", "decision"])
def test_a_choice_that_is_missing_is_asked_for_at_its_field(world, field):
    ended(world)
    world.asha.presses("Write what it taught")
    world.asha.fills(**{name: value for name, value in LEARNED.items() if name != field})
    world.asha.submits(force=True)

    assert [field] == list(world.asha.modal.errors)


def test_whether_it_worked_and_whether_it_was_well_made_are_kept_apart(world):
    ended(world)
    world.asha.presses("Write what it taught")
    writes(world, expected="no", kind="intelligent_failure", well_made=["small", "observable"])

    shown = world.asha.types("/experiment", "show EXP-1").text
    assert "*Did what was expected happen?* No, it did not" in shown
    assert "*Was the try well made?* Small, observable" in shown
    assert "It did not work, and it was worth trying" in shown


def test_what_was_written_can_be_read_back_with_everything_in_it(world):
    ended(world)
    world.asha.presses("Write what it taught")
    writes(
        world,
        surprised="Nobody asked for the form.",
        advice="Write the date large.",
        protected="Ben asked to ring them first.",
        decision_owner="U0BEN",
        decision_on="2026-07-31",
    )

    assert "Calls fall from 30 to 20 a week." in world.newest(world.asha, WRITTEN).words
    assert "Calls fell from 30 to 12 a week." in world.newest(world.asha, WRITTEN).words
    shown = world.asha.types("/experiment", "show EXP-1").text
    for words in ("Nobody asked for the form.", "Write the date large.", "Ben asked to ring them first."):
        assert words in shown
    assert "Keep doing it here, by <@U0BEN> on Friday 31 July 2026" in shown


def test_before_it_is_shared_a_learning_is_read_by_owner_and_sponsor_only(world):
    ended(world)
    world.asha.presses("Write what it taught")
    writes(world)

    assert LEARNED["learned"] in world.dana.types("/experiment", "show EXP-1").text
    assert LEARNED["learned"] not in world.ben.types("/experiment", "show EXP-1").text
    assert LEARNED["learned"] not in world.ben.types("/experiment", "learnings").text


def test_slack_repeating_the_form_writes_it_once(world):
    ended(world)
    world.asha.presses("Write what it taught")
    answer = writes(world)
    before = count(world.asha)

    again = world.slack.replay(answer.request)
    world.settle()

    assert again.ok
    assert before == count(world.asha)


def test_a_learning_is_written_once_and_a_second_window_gets_a_sentence(world):
    ended(world)
    screen = world.newest(world.asha, LEARNING_ASKED).as_seen()
    world.asha.presses("Write what it taught", screen)
    first = world.asha.modal
    world.asha.presses("Write what it taught", screen)
    writes(world)

    assert first is world.asha.modal
    writes(world, learned="Something else.")
    [sentence] = first.errors.values()
    assert "EXP-1 is done, and its learning is written now" in sentence
    assert "Something else." not in world.asha.types("/experiment", "show EXP-1").text


def test_the_button_on_an_old_screen_says_that_the_learning_is_written(world):
    ended(world)
    screen = world.newest(world.asha, LEARNING_ASKED).as_seen()
    world.asha.presses("Write what it taught")
    writes(world)

    world.asha.presses("Write what it taught", screen)

    assert "EXP-1 is done, and its learning is written now" in world.asha.modal.text


# Finishing early.


@pytest.mark.parametrize("way", ["press", "type"])
def test_an_experiment_can_be_finished_early(world, way):
    world.running()
    world.at("2026-06-10 15:00")

    if way == "press":
        world.asha.presses("Finish")
    else:
        world.asha.types("/experiment", "finish EXP-1")
    assert "Sending this finishes it." in world.asha.modal.text
    writes(world)

    assert 1 == len(said(world.asha, WRITTEN))
    assert ENDED in last_words(world.dana)


def test_looking_at_the_form_finishes_nothing(world):
    world.running()
    world.asha.presses("Finish")
    world.asha.closes()
    world.settle()

    assert "Stop now" in world.newest(world.asha, CARD).buttons


def test_what_is_finished_early_is_asked_nothing_more(world):
    world.running()
    world.asha.presses("Finish")
    writes(world)
    before = count(world.asha)

    for moment in ("2026-06-16 10:00", "2026-06-23 10:00", "2026-06-29 10:00", "2026-07-20 10:00"):
        world.at(moment)
    assert before == count(world.asha)


def test_a_form_opened_before_the_end_can_be_sent_after_it(world):
    world.running()
    world.at("2026-06-29 09:55")
    world.asha.presses("Finish")
    world.at("2026-06-29 10:05")

    writes(world)

    assert world.asha.modal is None
    assert 1 == len(said(world.asha, WRITTEN))
    assert 1 == len(said(world.dana, ENDED))


def test_what_was_not_agreed_cannot_be_finished(world):
    world.proposed()
    world.asha.types("/experiment", "finish EXP-1")
    assert "EXP-1 is waiting for its sponsor now" in world.asha.modal.text


# After a stop.


def test_after_a_stop_nothing_more_is_asked_that_day(world):
    stopped_at(world, "2026-06-03 09:00")
    before = count(world.asha)

    world.at("2026-06-03 10:00")
    world.at("2026-06-03 18:00")
    assert before == count(world.asha)

    world.at("2026-06-04 10:00")
    assert before + 1 == count(world.asha)
    assert "that was good practice. What did it teach?" in last_words(world.asha)
    assert ["Write what it taught"] == world.asha.dm[-1].buttons


def test_after_a_stop_on_a_friday_the_owner_is_asked_once_on_monday(world):
    stopped_at(world, "2026-06-05 15:00")
    before = count(world.asha)

    for day in (6, 7):
        world.at(f"2026-06-0{day} 10:00")
        assert before == count(world.asha)

    world.at("2026-06-08 10:00")
    assert before + 1 == count(world.asha)
    assert STOPPED_ASKED in last_words(world.asha)


def test_the_owner_may_write_at_once_what_a_stop_taught(world):
    stopped_at(world, "2026-06-03 09:00")
    world.asha.presses("Write what it taught")
    writes(world)
    before = count(world.asha)

    assert 1 == len(said(world.asha, WRITTEN))
    world.at("2026-06-03 18:00")
    assert before == count(world.asha)


def test_the_sponsor_still_hears_of_a_stop_whose_learning_is_written_at_once(world):
    stopped_at(world, "2026-06-03 09:00")
    world.asha.presses("Write what it taught")
    writes(world)

    world.at("2026-06-03 09:15")

    assert "<@U0ASHA> stopped it on" in last_words(world.dana)
    assert "Thank them" == world.dana.dm[-1].buttons[0]


# Reminders and the kind close.


def test_reminders_come_on_days_three_and_eight_and_on_day_fifteen_it_closes_kindly(world):
    ended(world)
    before = count(world.asha)
    arrived = []
    for day in range(30, 46):  # From Tuesday 30 June to Wednesday 15 July.
        world.at(f"2026-06-{day} 10:00" if day == 30 else f"2026-07-{day - 30:02} 10:00")
        if count(world.asha) > before:
            arrived.append((world.clock.now().day, last_words(world.asha)))
            before = count(world.asha)

    assert [2, 7, 14] == [day for day, _ in arrived]
    assert all(REMINDER in words for _, words in arrived[:2])
    assert CLOSED in arrived[2][1]


def test_reminders_and_the_close_wait_for_a_working_day(world):
    stopped_at(world, "2026-06-13 12:00")  # A Saturday: days 8 and 15 are a Sunday and a Sunday.
    world.at("2026-06-15 10:00")
    world.at("2026-06-16 10:00")
    before = count(world.asha)

    world.at("2026-06-21 10:00")
    assert before == count(world.asha)
    world.at("2026-06-22 10:00")
    assert REMINDER in last_words(world.asha)

    world.at("2026-06-28 10:00")
    assert [] == said(world.asha, CLOSED)
    world.at("2026-06-29 10:00")
    assert CLOSED in last_words(world.asha)


def test_a_reminder_does_not_press(world):
    ended(world)
    world.at("2026-07-02 10:00")

    assert "If there is no time for it, that is fine: it closes quietly by itself" in last_words(world.asha)
    assert ["Write what it taught"] == world.asha.dm[-1].buttons


def test_no_reminder_comes_once_the_learning_is_written(world):
    ended(world)
    world.asha.presses("Write what it taught")
    writes(world)
    before = count(world.asha)

    for day in ("02", "07", "14"):
        world.at(f"2026-07-{day} 10:00")
    assert before == count(world.asha)


def closed(world):
    ended(world)
    for day in ("02", "07", "14"):
        world.at(f"2026-07-{day} 10:00")


def test_the_close_blames_nobody_and_only_the_owner_hears_of_it(world):
    ended(world)
    before = count(world.dana)
    for day in ("02", "07", "14"):
        world.at(f"2026-07-{day} 10:00")

    assert "That is all right: you tried something." in last_words(world.asha)
    assert before == count(world.dana)


def test_what_is_closed_can_still_be_written_about(world):
    closed(world)

    world.asha.presses("Write what it taught", world.newest(world.asha, CLOSED))
    writes(world)

    assert 1 == len(said(world.asha, WRITTEN))
    assert "Share" in world.newest(world.asha, WRITTEN).buttons


def test_after_the_close_it_is_quiet(world):
    closed(world)
    before = count(world.asha)

    world.at("2026-08-14 10:00")

    assert before == count(world.asha)
