"""While an experiment runs: check-ins, what the sponsor hears of them, stopping, undoing, thanks."""

from __future__ import annotations

import pytest

QUESTION = "How is it going? One tap is enough"
ANSWERS = ["As expected", "Surprising", "Stuck", "We should stop"]
BESIDES = ["Nothing to report yet", "Ask me later", "Stop now"]
CARD = "It was signed off by <@U0DANA>"
AGREED = "says it is safe enough to try"
SAFELY = "*You stopped EXP-1 safely. Nothing else is needed today.*"
THANKS = "thanks you for stopping it in time"
RUNNING_BUTTONS = {*ANSWERS, *BESIDES, "Say how it is going", "Finish", "Extend once"}


def questions(person):
    return [each for each in person.dm if QUESTION in each.words]


def count(person):
    return len(person.dm)


def last_words(person):
    return person.dm[-1].words


def asked(world, **changes):
    """A running experiment whose owner has just been asked how it goes."""
    world.running(**changes)
    world.at("2026-06-16 10:00")
    return questions(world.asha)[-1]


def stopped(world):
    """A running experiment that its owner has just stopped, on Monday at ten."""
    world.running()
    world.asha.presses("Stop now")
    world.settle()


def shown_buttons(person):
    """Every button on the messages that everybody in the conversation would see."""
    return {label for each in person.dm if not each.ephemeral for label in each.buttons}


# Being asked.


def test_the_owner_is_asked_once_in_the_middle_at_ten_on_a_calm_day(world):
    world.running()  # The middle of 2 to 26 June is a Sunday.

    world.at("2026-06-16 09:59")
    assert [] == questions(world.asha)

    world.at("2026-06-16 10:00")
    [question] = questions(world.asha)
    assert ANSWERS + BESIDES == question.buttons
    assert "More calls than before." in question.words
    assert [] == questions(world.dana)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_the_owner_is_asked_at_ten_in_their_own_zone(world, zone):
    nila = world.slack.add_person("U0NILA", "Nila Rao", tz=zone)
    world.running(nila)

    world.at("2026-06-16 09:59", zone)
    assert [] == questions(nila)

    world.at("2026-06-16 10:00", zone)
    assert 1 == len(questions(nila))


@pytest.mark.parametrize(("calendar", "day"), [("GB-ENG", "2029-01-02"), ("GB-SCT", "2029-01-03")])
def test_nobody_is_asked_on_a_public_holiday_of_their_region(world, calendar, day):
    world.at("2028-12-18 09:00")
    world.set_up_digest(calendar=calendar)
    world.running(start="2028-12-19", end="2029-01-16")

    world.at(f"{day} 09:59")
    assert [] == questions(world.asha)

    world.at(f"{day} 10:00")
    assert 1 == len(questions(world.asha))


def test_a_check_in_keeps_its_hour_when_the_clocks_change(world):
    world.at("2026-10-12 10:00")
    world.running(start="2026-10-13", end="2026-11-10")

    world.at("2026-10-27 09:59")
    assert [] == questions(world.asha)

    world.at("2026-10-27 10:00")
    assert 1 == len(questions(world.asha))


def days_asked(world, last):
    """The days of June and July 2026 on which the owner is asked, each question being answered at once."""
    found = []
    for day in (f"2026-{month:02}-{number:02}" for month in (6, 7) for number in range(1, 31)):
        if "2026-06-01" < day <= last:
            world.at(f"{day} 10:00")
            if questions(world.asha):
                found.append(day)
                world.asha.presses("As expected")
                world.settle()
    return found


def test_up_to_four_weeks_there_is_one_check_in(world):
    world.running(end="2026-06-30")
    assert ["2026-06-16"] == days_asked(world, "2026-06-30")


def test_beyond_four_weeks_there_is_a_check_in_every_two_weeks(world):
    world.running(end="2026-07-15")
    assert ["2026-06-16", "2026-06-30", "2026-07-14"] == days_asked(world, "2026-07-15")


# Answering.


@pytest.mark.parametrize("answer", ["As expected", "Nothing to report yet"])
def test_one_tap_answers_the_check_in(world, answer):
    question = asked(world)

    world.asha.presses(answer)
    world.settle()

    assert world.asha.modal is None
    assert f"*{answer}*" in question.words
    assert ["Add something", "Stop now"] == question.buttons


@pytest.mark.parametrize("answer", ["Surprising", "Stuck", "We should stop"])
def test_one_tap_keeps_the_answer_and_the_short_form_is_only_an_offer(world, answer):
    question = asked(world)

    world.asha.presses(answer)
    assert f"Your answer is kept: *{answer}*" in world.asha.modal.text
    world.asha.closes()
    world.settle()

    assert f"*{answer}*" in question.words
    assert ["Add something", "Stop now"] == question.buttons


def test_a_second_answer_to_the_same_check_in_gets_a_sentence(world):
    question = asked(world)
    screen = question.as_seen()
    world.asha.presses("As expected", screen)

    world.asha.presses("Stuck", screen)
    world.settle()

    assert world.asha.modal is None
    assert "You have answered this check-in already. Your first answer stands; thank you." == last_words(world.asha)
    assert "*As expected*" in question.words


def test_ask_me_later_asks_again_on_the_next_working_day(world):
    asked(world)
    world.at("2026-06-19 16:00")  # A Friday.
    world.asha.presses("Ask me later", questions(world.asha)[-1])
    world.settle()
    assert "I will ask you again on" in last_words(world.asha)
    assert "Monday 22 June 2026" in last_words(world.asha)
    before = count(world.asha)

    world.at("2026-06-22 09:59")
    assert before == count(world.asha)

    world.at("2026-06-22 10:00")
    assert before + 1 == count(world.asha)
    assert ANSWERS + BESIDES == world.asha.dm[-1].buttons


def test_the_person_who_asks_for_later_a_second_time_sees_that_it_was_heard(world):
    asked(world)
    world.asha.presses("Ask me later")
    world.at("2026-06-17 10:00")
    reminder = world.asha.dm[-1]

    world.asha.presses("Ask me later", reminder)
    world.settle()
    assert "I will ask you again on" in reminder.words
    assert "Thursday 18 June 2026" in reminder.words
    assert "I will not ask again" not in reminder.words

    world.at("2026-06-18 10:00")
    assert "You can still say in one tap how it goes." in last_words(world.asha)


def test_there_is_one_reminder_after_two_working_days_and_then_quiet(world):
    asked(world)
    before = count(world.asha)

    world.at("2026-06-18 09:59")
    assert before == count(world.asha)

    world.at("2026-06-18 10:00")
    assert before + 1 == count(world.asha)
    assert "I will not ask again about this one." in last_words(world.asha)

    for day in (19, 22):
        world.at(f"2026-06-{day} 10:00")
    assert before + 1 == count(world.asha)


def test_an_answered_check_in_is_not_reminded_of(world):
    asked(world)
    world.asha.presses("As expected")
    before = count(world.asha)

    world.at("2026-06-18 10:00")
    assert before == count(world.asha)


def test_answering_the_reminder_answers_the_check_in(world):
    question = asked(world)
    world.at("2026-06-18 10:00")

    world.asha.presses("As expected", world.asha.dm[-1])
    world.settle()

    assert "*As expected*" in question.words
    assert "*As expected*" in last_words(world.asha)


def test_check_ins_missed_in_a_downtime_of_weeks_collapse_into_one(world):
    world.running(end="2026-07-22")
    world.stop_bot()
    before = count(world.asha)

    world.start_bot()
    world.at("2026-07-15 11:00")  # Due were 16 and 30 June, and 14 July.

    assert before + 1 == count(world.asha)
    assert 1 == len(questions(world.asha))


def test_an_open_check_in_gives_way_to_the_one_after_a_downtime(world):
    first = asked(world, end="2026-07-22")
    before = count(world.asha)
    world.at("2026-07-15 11:00")  # Due were a reminder, and the check-ins of 30 June and 14 July.

    assert before + 1 == count(world.asha)
    assert "was not answered, and need not be: there is a newer one" in first.words
    assert [] == first.buttons


def test_answering_a_check_in_that_was_replaced_gets_a_sentence(world):
    screen = asked(world, end="2026-07-22").as_seen()
    world.at("2026-06-30 10:00")

    world.asha.presses("As expected", screen)

    assert "Please answer the newer one." in last_words(world.asha)
    assert 1 == len(questions(world.asha))


# The short form.


def answers_with(world, **detail):
    """Answer that it is stuck, and say more."""
    asked(world)
    world.asha.presses("Stuck")
    world.asha.fills(**detail)
    world.asha.submits()
    world.settle()


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"signs": ["harm"]}, "somebody was harmed"),
        ({"signs": ["stop_sign_seen"]}, "the stop sign showed"),
        ({"need": "talk"}, "they need something: a talk"),
        ({"need": "time"}, "they need something: more time"),
    ],
)
def test_harm_a_stop_sign_or_a_need_reaches_the_sponsor(world, detail, words):
    answers_with(world, note="Two people were cross.", **detail)

    told = last_words(world.dana)
    assert f"<@U0ASHA> tells you: {words}." in told
    assert "Two people were cross." in told
    assert "<@U0DANA> has been told" in last_words(world.asha)


def test_a_note_alone_is_kept_and_never_reaches_the_sponsor(world):
    world.running()
    before = count(world.dana)

    world.at("2026-06-16 10:00")
    world.asha.presses("Surprising")
    world.asha.fills(note="They like the blue envelope.")
    world.asha.submits()
    world.settle()

    assert "They like the blue envelope." in last_words(world.asha)
    assert before == count(world.dana)
    assert not any("envelope" in each.words for each in world.dana.dm)


@pytest.mark.parametrize("answer", [*ANSWERS, "Nothing to report yet"])
def test_an_answer_alone_never_reaches_the_sponsor(world, answer):
    world.running()
    before = [each.words for each in world.dana.dm]
    world.at("2026-06-16 10:00")

    world.asha.presses(answer)
    world.settle()

    assert before == [each.words for each in world.dana.dm]


def test_what_was_added_can_be_changed_and_harm_said_later_is_news_to_the_sponsor(world):
    answers_with(world, note="It takes longer.", need="time")
    before = count(world.dana)

    world.asha.presses("Change what I added")
    assert "It takes longer." == world.asha.modal.values["note"]
    assert "time" == world.asha.modal.values["need"]
    world.asha.fills(signs=["harm"])
    world.asha.submits()
    world.settle()

    assert before + 1 == count(world.dana)
    assert "somebody was harmed; they need something: more time." in last_words(world.dana)


def test_a_worry_that_is_taken_back_is_not_left_as_an_empty_sentence(world):
    answers_with(world, signs=["harm"])

    world.asha.presses("Change what I added")
    world.asha.fills(signs=[])
    world.asha.submits()
    world.settle()

    assert "tells you: ." not in last_words(world.dana)
    assert "has changed what they said" in last_words(world.dana)
    assert "has been told" not in last_words(world.asha)


# Saying it unasked.


def test_the_owner_can_say_unasked_how_it_goes(world):
    world.running()
    world.asha.presses("Say how it is going")
    world.asha.fills(answer="stuck", note="The printer is broken.", need="helper")
    world.asha.submits()
    world.settle()

    assert "Thank you. I keep with EXP-1 how it goes." in world.asha.modal.text
    assert "they need something: a helper" in last_words(world.dana)
    assert "The printer is broken." in last_words(world.dana)


def test_saying_unasked_how_it_goes_answers_the_open_check_in(world):
    question = asked(world)
    world.asha.types("/experiment", "check-in EXP-1")
    world.asha.fills(answer="surprising", note="They write back.")
    world.asha.submits()
    world.settle()

    assert "*Surprising*" in question.words
    assert "They write back." in question.words
    before = count(world.asha)
    world.at("2026-06-18 10:00")
    assert before == count(world.asha)


def test_saying_unasked_how_it_goes_needs_an_answer(world):
    world.running()
    world.asha.types("/experiment", "check-in EXP-1")
    world.asha.fills(note="Only a note.")
    world.asha.submits(force=True)

    assert {"answer": "Choose one of these."} == world.asha.modal.errors
    assert "Only a note." == world.asha.modal.values["note"]


def test_nobody_else_can_say_how_it_goes(world):
    world.running()
    world.ben.types("/experiment", "check-in EXP-1")
    assert "Only the person who proposed this experiment can do that." in world.ben.modal.text


def test_how_it_goes_is_not_asked_of_what_has_stopped(world):
    stopped(world)
    world.asha.types("/experiment", "check-in EXP-1")
    assert "EXP-1 is stopped now" in world.asha.modal.text


# Stopping.


@pytest.mark.parametrize("words", [CARD, AGREED, QUESTION, "It ends on", "You answered"])
def test_stop_now_stops_it_in_one_tap_from_every_message_about_it(world, words):
    asked(world)
    if words == "You answered":
        world.asha.presses("As expected")
        world.settle()
    if words == "It ends on":
        world.at("2026-06-23 10:00")

    world.asha.presses("Stop now", world.newest(world.asha, words))

    assert SAFELY in last_words(world.asha)
    assert ["Undo the stop"] == world.asha.dm[-1].buttons


def test_stop_now_on_home_stops_it_in_one_tap(world):
    world.running()
    world.asha.opens_home()

    world.asha.presses("Stop now", "home")

    assert SAFELY in world.asha.modal.text
    assert "Stop now" not in world.asha.home.buttons
    assert "Write what it taught" in world.asha.home.buttons


def test_stop_now_in_the_window_about_it_stops_it_in_one_tap(world):
    world.running()
    world.asha.opens_home()
    world.asha.presses("Open", "home")

    world.asha.presses("Stop now")

    assert "You stopped it safely. Nothing else is needed today." in world.asha.modal.text
    assert "Undo the stop" in world.asha.modal.buttons


def test_a_stop_can_be_typed(world):
    world.running()
    answer = world.asha.types("/experiment", "stop EXP-1")

    assert SAFELY in answer.text
    assert ["Undo the stop"] == answer.shown.buttons


def test_every_other_message_about_it_loses_its_running_buttons(world):
    asked(world)
    world.at("2026-06-18 10:00")
    world.at("2026-06-23 10:00")
    assert shown_buttons(world.asha) >= RUNNING_BUTTONS

    world.asha.presses("Stop now", world.newest(world.asha, CARD))
    world.settle()

    assert {"Write what it taught", "Undo the stop"} == shown_buttons(world.asha)
    assert {"Read all of it"} == shown_buttons(world.dana)


def test_a_second_press_on_an_old_screen_gets_a_sentence_and_stops_nothing_twice(world):
    world.running()
    screen = world.newest(world.asha, CARD).as_seen()
    world.asha.presses("Stop now", screen)

    world.asha.presses("Stop now", screen)
    assert "EXP-1 is stopped now" in last_words(world.asha)

    world.at("2026-06-01 10:30")
    assert 1 == sum("stopped it on" in each.words for each in world.dana.dm)


def test_slack_repeating_the_press_changes_nothing(world):
    world.running()
    answer = world.asha.presses("Stop now")
    before = count(world.asha)

    world.slack.replay(answer.request)

    assert before == count(world.asha)


def test_somebody_else_cannot_stop_it_by_typing(world):
    world.running()
    for person in (world.ben, world.dana):
        answer = person.types("/experiment", "stop EXP-1")
        assert "Only the person who proposed this experiment can do that. Nothing was changed." == answer.text
    assert "Stop now" in shown_buttons(world.asha)


def test_somebody_else_cannot_stop_it_with_a_forged_button(world):
    world.running()
    world.ben.types("/experiment")

    world.forges(world.ben, world.ben.dm[-1], "stop", 1)

    assert "Only the person who proposed this experiment can do that. Nothing was changed." == last_words(world.ben)
    world.settle()
    assert "Stop now" in shown_buttons(world.asha)


def test_somebody_else_cannot_answer_a_check_in_with_a_forged_button(world):
    question = asked(world)
    world.ben.types("/experiment")

    world.forges(world.ben, world.ben.dm[-1], "check_in_expected", 1)
    world.settle()

    assert "Only the person who proposed this experiment can do that. Nothing was changed." == last_words(world.ben)
    assert ANSWERS + BESIDES == question.buttons


def test_whoever_cannot_see_it_does_not_learn_that_it_exists(world):
    world.running(visibility="involved")
    world.ben.types("/experiment")
    menu = world.ben.dm[-1]

    hidden = world.ben.types("/experiment", "stop EXP-1").text
    unknown = world.ben.types("/experiment", "stop EXP-99").text
    assert hidden == unknown
    assert "I cannot find that experiment." in hidden

    world.forges(world.ben, menu, "stop", 1)
    assert hidden == last_words(world.ben)


# Undoing.


def test_within_ten_minutes_a_stop_can_be_undone_and_nobody_else_hears_of_it(world):
    stopped(world)
    before = [each.words for each in world.dana.dm]
    world.at("2026-06-01 10:09")

    world.asha.presses("Undo the stop", world.newest(world.asha, SAFELY))
    world.settle()
    assert "EXP-1 runs again. Nobody else was told that it had stopped." == last_words(world.asha)
    assert "Stop now" in world.newest(world.asha, CARD).buttons

    world.at("2026-06-01 11:00")
    assert len(before) == count(world.dana)
    assert not any("stopped it" in each.words for each in world.dana.dm)


def test_the_card_offers_the_way_back_for_ten_minutes(world):
    stopped(world)
    card = world.newest(world.asha, "You stopped it safely")
    assert "Undo the stop" in card.buttons

    world.at("2026-06-01 10:11")
    assert ["Write what it taught"] == card.buttons


def test_after_ten_minutes_a_stop_stands(world):
    stopped(world)
    answer = world.newest(world.asha, SAFELY)
    world.at("2026-06-01 10:11")

    world.asha.presses("Undo the stop", answer)

    assert "The ten minutes to undo are over, so EXP-1 stays stopped. You can propose it again." == last_words(
        world.asha
    )
    assert "stopped it on" in last_words(world.dana)


def test_a_stop_from_home_can_be_undone_in_the_window(world):
    world.running()
    world.asha.opens_home()
    world.asha.presses("Stop now", "home")

    world.asha.presses("Undo the stop")
    world.settle()

    assert "EXP-1 runs again. Nobody else was told that it had stopped." in world.asha.modal.text
    assert "Stop now" in shown_buttons(world.asha)


def test_after_undoing_it_can_be_stopped_again_and_the_sponsor_hears_of_that(world):
    stopped(world)
    world.asha.presses("Undo the stop")
    world.settle()

    world.asha.presses("Stop now")
    world.at("2026-06-01 10:30")

    assert 1 == sum("stopped it on" in each.words for each in world.dana.dm)


def test_a_check_in_that_fell_due_during_an_undone_stop_is_still_asked(world):
    world.running()
    world.at("2026-06-16 09:55")
    world.asha.presses("Stop now")
    world.at("2026-06-16 10:03")
    assert [] == questions(world.asha)

    world.asha.presses("Undo the stop")
    world.settle()

    assert 1 == len(questions(world.asha))


def test_an_end_that_fell_due_during_an_undone_stop_still_comes(world):
    world.running()
    world.at("2026-06-29 09:55")
    world.asha.presses("Stop now")
    world.at("2026-06-29 10:03")

    world.asha.presses("Undo the stop")
    world.settle()

    assert "It has run to its end. What did it teach?" in last_words(world.asha)


# The sponsor and a stop.


def test_the_sponsor_hears_of_a_stop_after_ten_minutes_and_can_thank_first(world):
    stopped(world)
    before = count(world.dana)
    world.at("2026-06-01 10:09")
    assert before == count(world.dana)

    world.at("2026-06-01 10:11")
    news = world.dana.dm[-1]
    assert "<@U0ASHA> stopped it on" in news.words
    assert "Nothing else is needed from you today." in news.words
    assert "Thank them" == news.buttons[0]
    assert news.words.index("Thank them") < news.words.index("On the day you agreed, you wrote")
    assert "that is on me, not them." in news.words


def test_thanks_reach_the_owner_once(world):
    stopped(world)
    world.at("2026-06-01 10:11")
    news = world.dana.dm[-1]
    screen = news.as_seen()

    for _ in range(2):
        world.dana.presses("Thank them", screen)
        world.settle()

    assert "<@U0ASHA> reads your thanks now." in last_words(world.dana)
    assert 1 == sum(THANKS in each.words for each in world.asha.dm)
    assert ["Read all of it"] == news.buttons
    assert "You thanked <@U0ASHA> on" in news.words


def test_only_the_sponsor_can_thank_for_a_stop(world):
    stopped(world)
    world.at("2026-06-01 10:11")
    world.ben.types("/experiment")

    world.forges(world.ben, world.ben.dm[-1], "thank", 1)

    assert "Only the sponsor of this experiment can send this. Nothing was changed." == last_words(world.ben)
    assert not any(THANKS in each.words for each in world.asha.dm)


def test_there_is_nothing_to_thank_for_while_it_runs(world):
    world.running()

    world.forges(world.dana, world.dana.dm[-1], "thank", 1)

    assert "EXP-1 is not stopped, so there is nothing to thank for yet." == last_words(world.dana)


def test_a_stop_does_not_wait_for_slack_to_say_who_somebody_is(world):
    world.running()
    world.at("2026-06-03 10:00")
    world.slack.refuse("users.info", "ratelimited", status=429, retry_after=30, times=None)

    assert SAFELY in world.asha.types("/experiment", "stop EXP-1").text


def test_a_stop_on_home_is_told_even_when_home_has_changed_meanwhile(world):
    world.running()
    world.asha.opens_home()
    world.slack.refuse("views.publish", "hash_conflict")

    world.asha.presses("Stop now", "home")

    assert SAFELY in world.asha.modal.text
    assert ["Undo the stop"] == world.asha.modal.buttons


def test_an_answer_is_kept_even_when_the_short_form_opens_too_late(world):
    asked(world)
    world.slack.refuse("views.open", "expired_trigger_id")

    world.asha.presses("Stuck")
    world.settle()

    assert "You answered" in last_words(world.asha)
    assert "*Stuck*" in last_words(world.asha)


def test_who_flies_west_is_asked_once_that_day(world):
    world.running()
    world.at("2026-06-16 10:00")
    asked_before = len(questions(world.asha))
    world.asha.member.tz = "America/New_York"
    world.clock.set(world.clock.now().replace(hour=13))
    world.asha.types("/experiment", "mine")
    world.at("2026-06-16 10:00", "America/New_York")

    assert asked_before == len(questions(world.asha))


def test_the_sponsor_hears_that_the_end_was_moved(world):
    world.running()
    world.asha.presses("Extend once", on=world.asha.dm[0])
    world.asha.fills(end="2026-07-03")
    world.asha.submits()
    world.settle()

    assert "it runs until Friday 3 July 2026" in last_words(world.dana)
    assert "Your note names the earlier day" in last_words(world.dana)


def test_an_experiment_is_not_extended_beyond_what_is_small_here(world):
    world.set_up_digest(ceiling_weeks="4")
    world.running()
    world.asha.presses("Extend once", on=world.asha.dm[0])
    world.asha.fills(end="2026-07-01")
    world.asha.submits()

    assert "It can last until Tuesday 30 June 2026 at most." in world.asha.modal.errors["end"]
