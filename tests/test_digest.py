"""The weekly digest: when it comes, what it says, how readers answer, and what happens when it cannot be posted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import FILLED, LEARNED

HEADER = "What our experiments taught us"
QUIET = "No experiment has shared a learning this week. Good trials take their time."
EARLIER = "One from earlier that is still worth knowing:"
PRIVATE_THANKS = "Thank you. The people who shared it are told; nobody else is, and nobody counts."
HELPED = "What it taught reached <@"
TROUBLE = "The weekly digest could not be posted in <#C0LEARN>"
CANNOT = [("not_in_channel", "I am not a member of the channel."), ("is_archived", "the channel is archived.")]


def posts(world, channel="C0LEARN"):
    """The digests in a channel, oldest first; everything else there is a reply or for one person."""
    return [each for each in world.ben.sees(channel) if not each.ephemeral and not each.thread_ts]


def thread(world, post):
    return [each for each in world.ben.sees("C0LEARN") if each.thread_ts == post.ts]


def answer(person):
    """What the person was told last, in the channel and for their eyes only."""
    message = person.sees("C0LEARN")[-1]
    assert person.id == message.only_for
    return message.words


def said(person, words):
    return [each for each in person.dm if words in each.words]


def tells(world, *titles, start="2026-06-02", end="2026-06-26", **learned):
    """Run, learn and share an experiment for each title, in that order."""
    for title in titles or [FILLED["title"]]:
        world.running(title=title, start=start, end=end)
        world.learned(**learned)
        world.shared()
        world.clock.advance(timedelta(minutes=1))  # Slack takes fifty changes a minute.


def told(world):
    """One learning that the digest of Thursday 4 June has told; gives the post."""
    world.set_up_digest()
    tells(world)
    world.at("2026-06-04 10:00")
    return posts(world)[0]


def titles(post):
    """The titles told in a post, in their order, where they are called Trial 1, Trial 2 and so on."""
    return [line.split("Trial ")[1].rstrip("*") for line in post.words.splitlines() if "Trial " in line]


# When.


def test_the_digest_comes_on_thursday_at_ten(world):
    world.set_up_digest()
    tells(world)

    world.at("2026-06-04 09:59")
    assert [] == posts(world)

    world.at("2026-06-04 10:00")
    assert LEARNED["learned"] in posts(world)[0].words


def test_the_digest_comes_on_the_day_at_the_hour_and_in_the_zone_of_the_settings(world):
    world.set_up_digest(digest_weekday="2", digest_hour="16", zone="America/New_York")

    world.at("2026-06-02 15:59", "America/New_York")
    assert [] == posts(world)

    world.at("2026-06-02 16:00", "America/New_York")
    assert 1 == len(posts(world))


def test_the_digest_comes_at_ten_local_time_on_both_sides_of_the_clock_change(world):
    world.at("2026-10-19 10:00")
    world.set_up_digest()

    for count, day in enumerate(("2026-10-22", "2026-10-29"), 1):
        world.at(f"{day} 09:59")
        assert count - 1 == len(posts(world))
        world.at(f"{day} 10:00")
        assert count == len(posts(world))


def test_an_hour_that_comes_twice_makes_one_digest(world):
    world.at("2026-10-24 10:00")
    world.set_up_digest(digest_weekday="7", digest_hour="1")

    for moment in ("2026-10-25 00:00", "2026-10-25 01:00", "2026-10-25 02:00"):
        world.at(moment, "UTC")  # The first and the second one o'clock of London, and an hour later.
        assert 1 == len(posts(world))


def test_an_hour_that_does_not_come_makes_a_digest_all_the_same(world):
    world.at("2027-03-27 10:00")
    world.set_up_digest(digest_weekday="7", digest_hour="1")

    world.at("2027-03-28 00:59", "UTC")
    assert [] == posts(world)
    world.at("2027-03-28 01:00", "UTC")
    assert 1 == len(posts(world))


def test_there_is_one_digest_a_week_over_the_turn_of_a_year_with_fifty_three_weeks(world):
    world.at("2026-12-21 10:00")
    world.set_up_digest()

    for count, day in enumerate(("2026-12-24", "2026-12-31", "2027-01-07", "2027-01-14"), 1):
        world.at(f"{day} 10:00")
        world.at(f"{day} 18:00")
        assert count == len(posts(world))


@pytest.mark.parametrize("moment", ["2026-06-05 15:00", "2026-06-04 10:01"])
def test_a_first_set_up_in_the_middle_of_a_week_posts_nothing_late(world, moment):
    world.at(moment)
    world.set_up_digest()
    tells(world, start="2026-06-08")
    world.at("2026-06-07 10:00")
    assert [] == posts(world)

    world.at("2026-06-11 10:00")
    assert LEARNED["learned"] in posts(world)[0].words


def test_without_a_channel_there_is_no_digest(world):
    tells(world)
    for day in ("04", "11", "18"):
        world.at(f"2026-06-{day} 10:00")
    assert [] == posts(world)


def test_when_the_channel_is_taken_out_of_the_settings_the_digest_stops(world):
    world.set_up_digest()
    world.at("2026-06-04 10:00")
    world.set_up_digest(digest_channel=None)

    world.at("2026-06-11 10:00")
    assert 1 == len(posts(world))


# Once.


def test_a_week_has_one_digest_however_often_the_worker_looks(world):
    post = told(world)
    for _ in range(5):
        world.bot.beat()
    for moment in ("2026-06-04 10:01", "2026-06-04 11:00", "2026-06-05 10:00", "2026-06-10 10:00"):
        world.at(moment)

    assert [post] == posts(world)
    assert 1 == len(thread(world, post))


def test_a_restart_tells_nothing_again(world):
    post = told(world)
    world.stop_bot()
    world.start_bot()
    world.at("2026-06-04 10:01")

    assert [post] == posts(world)
    assert 1 == len(thread(world, post))


def test_a_restart_between_a_digest_and_its_thread_loses_nothing(world):
    world.set_up_digest()
    tells(world)
    world.clock.set(world.clock.now().replace(day=4))
    world.bot.beat()
    world.stop_bot()
    world.start_bot()
    world.settle()

    [post] = posts(world)
    assert 1 == len(thread(world, post))


def test_another_day_in_the_same_week_makes_no_second_digest(world):
    told(world)
    world.set_up_digest(digest_weekday="5")

    world.at("2026-06-05 10:00")
    assert 1 == len(posts(world))

    world.at("2026-06-12 10:00")
    assert 2 == len(posts(world))


def test_each_learning_is_told_once_as_new(world):
    told(world)
    tells(world, "Another trial", start="2026-06-05")
    world.at("2026-06-11 10:00")

    first, second = posts(world)
    assert FILLED["title"] in first.words
    assert "Another trial" not in first.words
    assert FILLED["title"] not in second.words
    assert "Another trial" in second.words


def test_a_new_channel_is_told_only_what_is_new(world):
    told(world)
    world.slack.add_channel("C0OTHER", "ideas", members=["U0BEN", "U0ADMIN"])
    world.slack.invite_bot("C0OTHER")
    world.set_up_digest(digest_channel="C0OTHER")

    world.at("2026-06-11 10:00")

    assert 1 == len(posts(world))
    assert QUIET in posts(world, "C0OTHER")[0].words


# What it says.


def test_one_message_tells_each_learning_in_short_and_the_thread_tells_more(world):
    post = told(world)

    assert HEADER in post.words
    assert FILLED["problem"] not in post.words
    [detail] = thread(world, post)
    for words in (FILLED["problem"], FILLED["idea"], FILLED["prediction"], LEARNED["seen"]):
        assert words in detail.words


def test_each_item_says_first_what_was_tried_and_last_thanks(world):
    words = told(world).words

    order = [
        "“I agreed to this.” <@U0DANA>",
        FILLED["title"],
        FILLED["hypothesis"],
        "What was expected happened",
        LEARNED["seen"],
        LEARNED["learned"],
        "What happens next: keep doing it here.",
        "Thank you, <@U0ASHA> and House moves.",
        "This helps me",
    ]
    places = [words.index(each) for each in order]
    assert sorted(places) == places


def test_the_whole_of_it_is_in_the_text_that_screen_readers_read(world):
    post = told(world)

    for words in (HEADER, FILLED["hypothesis"], LEARNED["seen"], LEARNED["learned"], "This helps me"):
        assert words in post.text


def test_at_most_five_are_told_and_the_rest_next_week_in_the_order_of_sharing(world):
    world.set_up_digest()
    tells(world, *(f"Trial {number}" for number in range(1, 7)), learned="A long story. " * 42)

    world.at("2026-06-04 10:00")
    world.at("2026-06-11 10:00")

    first, second = posts(world)
    assert ["1", "2", "3", "4", "5"] == titles(first)
    assert ["6"] == titles(second)
    assert 5 == len(thread(world, first))
    assert 1 == len(thread(world, second))


def test_what_worked_and_what_was_stopped_stand_in_one_list(world):
    world.set_up_digest()
    world.running(title="Trial 1")
    world.asha.presses("Stop now")
    world.settle()
    world.asha.presses("Write what it taught")
    world.asha.fills(**LEARNED | {"expected": "no", "kind": "intelligent_failure"})
    world.asha.submits()
    world.settle()
    world.at("2026-06-02 10:30")
    world.shared()
    tells(world, "Trial 2")

    world.at("2026-06-04 10:00")

    [post] = posts(world)
    assert ["1", "2"] == titles(post)
    assert "*What was expected did not happen.* It was stopped in time, as agreed." in post.words
    assert "*What was expected happened.*" in post.words
    assert "fail" not in post.words.lower()


def test_people_cannot_be_pinged_by_what_somebody_wrote(world):
    world.set_up_digest()
    tells(world, learned="<!channel> and <@U0BEN> should know.")
    world.at("2026-06-04 10:00")

    [post] = posts(world)
    assert "<!channel>" not in post.words + post.text
    assert "<@U0BEN>" not in post.words + post.text


# An empty week.


def test_the_first_empty_week_says_so_in_one_honest_line(world):
    world.set_up_digest()
    world.at("2026-06-04 10:00")

    [post] = posts(world)
    assert QUIET in post.words
    assert EARLIER not in post.words
    assert [] == post.buttons


def test_an_empty_week_tells_one_older_learning_again(world):
    told(world)
    world.at("2026-06-11 10:00")

    again = posts(world)[-1]
    assert QUIET in again.words
    assert EARLIER in again.words
    assert LEARNED["learned"] in again.words
    assert ["This helps me", "Thank you"] == again.buttons
    assert [] == thread(world, again)


def test_empty_weeks_take_turns_with_the_older_learnings(world):
    world.set_up_digest()
    tells(world, "Trial 1", "Trial 2")
    for day in ("2026-06-04", "2026-06-11", "2026-06-18", "2026-06-25"):
        world.at(f"{day} 10:00")

    assert [["1", "2"], ["1"], ["2"], ["1"]] == [titles(each) for each in posts(world)]


def test_an_older_learning_that_is_taken_back_leaves_the_empty_week_too(world):
    told(world)
    world.at("2026-06-11 10:00")
    again = posts(world)[-1]

    world.asha.presses("Take back")
    world.settle()

    assert LEARNED["learned"] not in again.words
    assert QUIET in again.words
    assert [] == again.buttons


# After a downtime.


def test_a_digest_less_than_two_days_late_is_caught_up(world):
    world.set_up_digest()
    tells(world)
    world.stop_bot()

    world.start_bot()
    world.at("2026-06-06 09:59")

    assert 1 == len(posts(world))
    world.at("2026-06-06 10:30")
    assert 1 == len(posts(world))


def test_a_digest_more_than_two_days_late_is_left_out_and_its_content_waits(world):
    world.set_up_digest()
    tells(world)
    world.stop_bot()

    world.start_bot()
    world.at("2026-06-06 10:01")
    assert [] == posts(world)

    world.at("2026-06-11 10:00")
    assert [LEARNED["learned"] in each.words for each in posts(world)] == [True]


def test_after_several_weeks_down_there_is_one_digest(world):
    world.set_up_digest()
    tells(world)
    world.stop_bot()

    world.start_bot()
    world.at("2026-06-25 12:00")
    world.at("2026-06-25 18:00")

    [post] = posts(world)
    assert LEARNED["learned"] in post.words


# When it cannot be posted.


def shut_out(world, reason):
    """The channel of the digest can no longer be posted in."""
    if reason == "is_archived":
        world.slack.channels["C0LEARN"].is_archived = True
    else:
        world.slack.channels["C0LEARN"].members.discard(world.slack.bot_user)


def let_in(world):
    world.slack.channels["C0LEARN"].is_archived = False
    world.slack.invite_bot("C0LEARN")


@pytest.mark.parametrize(("reason", "words"), CANNOT)
def test_who_set_it_up_is_told_why_it_could_not_be_posted_and_what_to_do(world, reason, words):
    world.set_up_digest()
    tells(world)
    shut_out(world, reason)

    world.at("2026-06-04 10:00")
    world.at("2026-06-04 12:00")

    [trouble] = said(world.admin, TROUBLE)
    assert f"{TROUBLE}: {words} Nothing is lost" in trouble.words
    assert "type `/invite @Safe to Fail` there" in trouble.words
    assert [] == said(world.ben, TROUBLE)


@pytest.mark.parametrize(("reason", "words"), CANNOT)
def test_the_home_of_an_admin_shows_that_it_could_not_be_posted(world, reason, words):
    world.set_up_digest()
    shut_out(world, reason)
    world.at("2026-06-04 10:00")

    for person, shown in ((world.admin, True), (world.ben, False)):
        person.opens_home()
        assert shown == (f"*The last digest could not be posted:* {words}" in person.home.text)

    let_in(world)
    world.at("2026-06-11 10:00")
    world.admin.opens_home()
    assert "could not be posted" not in world.admin.home.text


@pytest.mark.parametrize(("reason", "words"), CANNOT)
def test_nothing_is_lost_when_it_cannot_be_posted(world, reason, words):
    world.set_up_digest()
    tells(world)
    shut_out(world, reason)
    world.at("2026-06-04 10:00")
    assert "will be told in the next digest" in world.newest(world.asha, "*Expected, and locked").words

    let_in(world)
    world.at("2026-06-11 10:00")

    [post] = posts(world)
    assert LEARNED["learned"] in post.words
    assert 1 == len(thread(world, post))
    assert "was told in the digest" in world.newest(world.asha, "*Expected, and locked").words


def test_each_week_that_cannot_be_posted_is_told_of_once(world):
    world.set_up_digest()
    shut_out(world, "not_in_channel")
    for moment in ("2026-06-04 10:00", "2026-06-05 10:00", "2026-06-11 10:00", "2026-06-12 10:00"):
        world.at(moment)

    assert 2 == len(said(world.admin, TROUBLE))


# How readers answer.


def test_a_reader_says_that_it_helps_and_is_thanked_in_private(world):
    post = told(world)

    world.ben.presses("This helps me", post)

    assert PRIVATE_THANKS == answer(world.ben)
    assert world.admin.sees("C0LEARN")[-1] is not world.ben.sees("C0LEARN")[-1]


def test_the_owner_is_told_who_was_helped_and_no_number(world):
    post = told(world)
    world.ben.presses("This helps me", post)
    world.settle()
    world.admin.presses("Thank you", post)
    world.settle()

    [news] = said(world.asha, HELPED)
    assert "What it taught reached <@U0BEN> and <@U0ADMIN>: it helped them, or they say thank you." in news.words
    assert " 2" not in news.words
    assert "two" not in news.words


def test_a_second_press_harms_nobody(world):
    post = told(world)
    for button in ("This helps me", "This helps me", "Thank you"):
        world.ben.presses(button, post)
        world.settle()
        assert PRIVATE_THANKS == answer(world.ben)

    [news] = said(world.asha, HELPED)
    assert 1 == news.words.count("<@U0BEN>")


def test_the_post_does_not_change_when_it_is_answered(world):
    post = told(world)
    before = post.as_seen()

    world.ben.presses("This helps me", post)
    world.settle()

    assert (before.words, before.edited) == (post.words, post.edited)


def test_an_owner_who_presses_gets_a_sentence(world):
    post = told(world)

    world.asha.presses("Thank you", post)
    world.settle()

    assert "This one is your own. Thank you for sharing it." == answer(world.asha)
    assert [] == said(world.asha, HELPED)


def test_an_old_screen_of_what_was_taken_back_gives_a_sentence(world):
    screen = told(world).as_seen()
    world.asha.presses("Take back")
    world.settle()

    world.ben.presses("This helps me", screen)

    assert "This learning was taken back by the people who shared it, so there is nothing to answer." == answer(
        world.ben
    )
    assert [] == said(world.asha, HELPED)


def test_a_learning_that_is_not_shared_cannot_be_answered(world):
    post = told(world)
    world.running(title="A secret", start="2026-06-05")
    world.learned()

    world.forges(world.ben, post, "helps", 2)
    world.settle()

    assert PRIVATE_THANKS != answer(world.ben)
    assert [] == said(world.asha, HELPED)


def test_the_older_learning_of_an_empty_week_can_be_answered(world):
    told(world)
    world.at("2026-06-11 10:00")

    world.ben.presses("Thank you", posts(world)[-1])
    world.settle()

    assert PRIVATE_THANKS == answer(world.ben)
    assert 1 == len(said(world.asha, HELPED))


# The preview.


def test_the_preview_shows_the_next_digest_to_the_asker_only_and_without_buttons(world):
    world.set_up_digest()
    tells(world)

    shown = world.ben.types("/experiment", "digest preview", "C0LEARN").shown

    assert "*A preview of the next digest.* It will be posted in <#C0LEARN>. Only you see this." in shown.words
    assert LEARNED["learned"] in shown.words
    assert [] == shown.buttons
    assert "U0BEN" == shown.only_for
    assert [] == posts(world)


def test_the_preview_changes_nothing(world):
    world.set_up_digest()
    tells(world)
    for _ in range(2):
        world.ben.types("/experiment", "digest preview")

    world.at("2026-06-04 10:00")

    preview = LEARNED["learned"]
    assert preview in posts(world)[0].words


def test_the_preview_says_the_same_as_the_digest(world):
    world.set_up_digest()
    tells(world, "Trial 1", "Trial 2")
    preview = world.ben.types("/experiment", "digest preview").text.splitlines()

    world.at("2026-06-04 10:00")

    [post] = posts(world)
    buttons = {"This helps me", "Thank you"}
    assert [line for line in post.words.splitlines() if line not in buttons] == preview[-len(preview) + 1 :]


def test_the_preview_of_an_empty_week_turns_no_older_learning(world):
    told(world)
    tells(world, "Trial 2", start="2026-06-05")
    world.at("2026-06-11 10:00")
    for _ in range(3):
        assert EARLIER in world.ben.types("/experiment", "digest preview").text

    world.at("2026-06-18 10:00")
    assert FILLED["title"] in posts(world)[-1].words


def test_the_preview_without_a_channel_says_so(world):
    shown = world.ben.types("/experiment", "digest preview").text
    assert "No channel is set yet, so it is not posted." in shown
