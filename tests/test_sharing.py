"""Sharing what an experiment taught: only by its owner's hand, after a preview, and back again at any time."""

from __future__ import annotations

import pytest

from tests.world import FILLED, LEARNED

WRITTEN = "*Expected, and locked at sign-off*"
TAKEN_BACK = "This learning was taken back by the people who shared it."
NOBODY_SHARED = "No experiment has shared a learning this week."
NOT_YOURS = "Only the person who proposed this experiment can do that. Nothing was changed."
IN_PRIVATE = "a slip, or harm to somebody, is put right in private first."
WHO = {"owner": "<@U0ASHA>", "sponsor": "<@U0DANA>", "team": "House moves", "number": "EXP-1"}
PREVIEWED = {"names": [*WHO], "team": ["team"], "no_names": []}


def said(person, words):
    return [each for each in person.dm if words in each.words]


def last_words(person):
    return person.dm[-1].words


def channel(world):
    """Everything that everybody in the channel of the digest sees, threads too."""
    return "\n".join(each.words for each in world.ben.sees("C0LEARN") if not each.ephemeral)


def posts(world):
    return [each for each in world.ben.sees("C0LEARN") if not each.ephemeral and not each.thread_ts]


def learned(world, **changes):
    """An experiment whose learning is written, and a channel for the digest."""
    world.set_up_digest()
    world.running()
    world.learned(**changes)


def stops_and_writes(world, person, **changes):
    """Stop it, and write at once what it taught."""
    person.presses("Stop now")
    world.settle()
    person.presses("Write what it taught")
    person.fills(**LEARNED | changes)
    person.submits()
    world.settle()


def stopped_and_learned(world):
    """An experiment that was stopped on Tuesday at half past nine, and whose learning was written at once."""
    world.set_up_digest()
    world.running()
    world.at("2026-06-02 09:30")
    stops_and_writes(world, world.asha)


def told(world, level="names"):
    """A learning that the digest of Thursday 4 June has told."""
    learned(world)
    world.shared(level=level)
    world.at("2026-06-04 10:00")


# By the owner's hand only.


def test_nothing_is_told_unless_the_owner_presses_share(world):
    learned(world)
    assert "unless you share it. You see a preview first." in world.newest(world.asha, WRITTEN).words

    world.at("2026-06-04 10:00")

    assert NOBODY_SHARED in channel(world)
    assert LEARNED["learned"] not in channel(world)


def test_looking_at_the_preview_shares_nothing(world):
    learned(world)
    world.asha.presses("Share")
    world.asha.fills(level="names")
    world.asha.closes()

    world.at("2026-06-04 10:00")

    assert LEARNED["learned"] not in channel(world)


def test_what_is_shared_is_told_in_the_next_digest(world):
    learned(world)
    world.shared()
    assert "will be told in the next digest: with our names" in world.newest(world.asha, WRITTEN).words
    assert "" == channel(world)

    world.at("2026-06-04 10:00")

    assert LEARNED["learned"] in channel(world)
    assert "was told in the digest: with our names" in world.newest(world.asha, WRITTEN).words


def test_sharing_can_be_typed(world):
    learned(world)
    world.asha.types("/experiment", "share EXP-1")
    world.asha.submits()

    world.at("2026-06-04 10:00")
    assert LEARNED["learned"] in channel(world)


@pytest.mark.parametrize("who", ["U0BEN", "U0DANA", "U0ADMIN"])
def test_nobody_else_can_share(world, who):
    learned(world)
    person = world.slack.person(who)

    person.types("/experiment", "share EXP-1")

    assert NOT_YOURS in person.modal.text


def test_nobody_else_can_share_or_take_back_with_a_forged_button(world):
    told(world)
    post = posts(world)[0]

    world.forges(world.ben, post, "take_back", 1)
    assert NOT_YOURS == world.ben.sees("C0LEARN")[-1].words
    world.forges(world.ben, post, "share", 1)
    assert NOT_YOURS in world.ben.modal.text

    world.settle()
    assert LEARNED["learned"] in channel(world)


def test_there_is_nothing_to_share_before_it_is_learned(world):
    world.running()
    world.asha.types("/experiment", "share EXP-1")
    assert "EXP-1 is running now" in world.asha.modal.text


def test_the_preview_says_where_and_that_there_is_no_channel_yet(world):
    world.running()
    world.learned()
    world.asha.presses("Share")
    assert "once an admin has chosen" in world.asha.modal.text
    world.asha.closes()

    world.set_up_digest()
    world.asha.presses("Share")
    assert "in <#C0LEARN>" in world.asha.modal.text


# The preview and the levels.


@pytest.mark.parametrize("level", PREVIEWED)
def test_the_preview_changes_with_the_level(world, level):
    learned(world)
    world.asha.presses("Share")
    world.asha.fills(level="names")
    world.asha.fills(level=level)

    preview = world.asha.modal.text.split("Readers will see:")[1]
    shown = [part for part, words in WHO.items() if words in preview]
    assert PREVIEWED[level] == shown
    assert LEARNED["learned"] in preview


@pytest.mark.parametrize("level", PREVIEWED)
def test_the_channel_sees_what_the_preview_showed(world, level):
    learned(world)
    world.asha.presses("Share")
    world.asha.fills(level=level)
    preview = world.asha.modal.text.split("Readers will see:")[1].splitlines()
    world.asha.submits()

    world.at("2026-06-04 10:00")

    post, detail = (each for each in world.ben.sees("C0LEARN") if not each.ephemeral)
    told_lines = [line for line in post.words.splitlines() if line in preview]
    assert FILLED["hypothesis"] in "\n".join(told_lines)
    assert LEARNED["learned"] in "\n".join(told_lines)
    assert set(detail.words.splitlines()) <= set(preview)


def test_before_a_choice_is_made_the_team_is_told_and_nobody_by_name(world):
    learned(world)
    world.asha.presses("Share")

    assert "team" == world.asha.modal.values["level"]
    assert "<@U0ASHA>" not in world.asha.modal.text


def test_the_form_is_honest_about_who_may_find_out(world):
    learned(world)
    world.asha.presses("Share")

    [level] = [each for each in world.asha.modal.blocks if each["block_id"] == "level"]
    assert "Without names, administrators" in level["hint"]["text"]
    assert "people who ask for records may still be able to find out" in level["hint"]["text"]


@pytest.mark.parametrize("level", PREVIEWED)
def test_the_channel_reads_no_more_of_who_it_was_than_was_chosen(world, level):
    told(world, level)

    seen = channel(world) + "".join(each.text for each in world.ben.sees("C0LEARN"))
    assert LEARNED["learned"] in seen
    assert PREVIEWED[level] == [part for part, words in WHO.items() if words in seen]


def test_with_names_the_sponsors_own_line_comes_first(world):
    told(world)
    words = posts(world)[0].words
    assert words.index("“I agreed to this.” <@U0DANA>") < words.index(FILLED["title"])


# A day to breathe after a stop.


def test_after_a_stop_there_is_a_day_to_breathe(world):
    stopped_and_learned(world)
    assert "After a stop there is a day to breathe" in world.newest(world.asha, WRITTEN).words

    world.at("2026-06-03 09:29")
    world.asha.presses("Share", world.newest(world.asha, WRITTEN))

    assert "you can share EXP-1 from Wednesday 3 June at 09:30. I will remind you" in world.asha.modal.text
    assert "Nothing was shared." in world.asha.modal.text


def test_the_day_to_breathe_is_told_in_the_owners_own_zone(world):
    nila = world.slack.add_person("U0NILA", "Nila Rao", tz="Asia/Kolkata")
    world.running(nila)
    stops_and_writes(world, nila)

    nila.types("/experiment", "share EXP-1")

    assert "from Tuesday 2 June at 14:30" in nila.modal.text


def test_the_owner_is_reminded_when_the_day_is_over_and_can_share_then(world):
    stopped_and_learned(world)
    world.at("2026-06-03 09:29")
    assert [] == said(world.asha, "The day to breathe is over.")

    world.at("2026-06-03 10:00")
    reminder = world.newest(world.asha, "The day to breathe is over.")
    world.asha.presses("Share", reminder)
    world.asha.submits()
    world.settle()
    assert "If you want, you can share" not in reminder.words
    assert ["Take back"] == reminder.buttons

    world.at("2026-06-04 10:00")
    assert "It was stopped in time, as agreed." in channel(world)


def test_after_a_finish_there_is_no_need_to_wait(world):
    learned(world)
    assert "day to breathe" not in world.newest(world.asha, WRITTEN).words

    world.asha.presses("Share")
    assert "Readers will see:" in world.asha.modal.text


def test_a_stop_can_be_shared_late_without_a_reminder(world):
    world.running()
    world.asha.presses("Stop now")
    world.at("2026-06-03 12:00")
    world.asha.presses("Write what it taught", world.asha.dm[-1])
    world.asha.fills(**LEARNED)
    world.asha.submits()
    world.settle()
    assert "day to breathe" not in last_words(world.asha)

    world.asha.presses("Share", world.newest(world.asha, WRITTEN))
    assert "Readers will see:" in world.asha.modal.text


# What is put right in private.


@pytest.mark.parametrize("changes", [{"kind": "slip"}, {"harm": "yes"}])
def test_a_slip_or_harm_at_the_end_is_not_shared_and_that_is_said_kindly(world, changes):
    learned(world, **changes)
    message = world.newest(world.asha, WRITTEN)
    assert [] == message.buttons
    assert "A slip, or harm to somebody, is put right in private first" in message.words

    world.asha.types("/experiment", "share EXP-1")
    assert IN_PRIVATE in world.asha.modal.text
    assert "Talk it over with your sponsor. Nothing was shared." in world.asha.modal.text


def test_harm_in_a_check_in_keeps_it_from_the_channel(world):
    world.running()
    world.at("2026-06-16 10:00")
    world.asha.presses("Stuck")
    world.asha.fills(signs=["harm"])
    world.asha.submits()
    world.settle()
    world.learned()

    assert [] == world.newest(world.asha, WRITTEN).buttons
    world.asha.types("/experiment", "share EXP-1")
    assert IN_PRIVATE in world.asha.modal.text


def test_harm_keeps_the_reminder_after_a_stop_away(world):
    world.running()
    stops_and_writes(world, world.asha, harm="yes")

    world.at("2026-06-03 10:00")
    assert [] == said(world.asha, "The day to breathe is over.")


@pytest.mark.parametrize("kind", ["intelligent_failure", "several", "unclear"])
def test_every_other_ending_can_be_shared(world, kind):
    learned(world, kind=kind, expected="no")
    assert ["Share"] == world.newest(world.asha, WRITTEN).buttons


# Taking back.


def test_what_is_taken_back_before_the_digest_is_never_told(world):
    learned(world)
    world.shared()

    world.asha.presses("Take back")
    world.settle()
    assert "What EXP-1 taught is taken back." in last_words(world.asha)

    world.at("2026-06-04 10:00")
    assert NOBODY_SHARED in channel(world)
    assert LEARNED["learned"] not in channel(world)


def test_what_is_taken_back_after_the_digest_is_replaced_in_the_post_and_its_thread(world):
    told(world)
    post = posts(world)[0]
    assert ["This helps me", "Thank you"] == post.buttons

    world.asha.presses("Take back")
    world.settle()

    assert 2 == channel(world).count(TAKEN_BACK)
    for words in (LEARNED["learned"], LEARNED["seen"], FILLED["title"], *WHO.values()):
        assert words not in channel(world)
        assert words not in "".join(each.text for each in world.ben.sees("C0LEARN"))
    assert [] == post.buttons


def test_what_is_taken_back_is_found_by_nobody_else_any_more(world):
    told(world)
    assert LEARNED["learned"] in world.ben.types("/experiment", "learnings").text
    world.asha.presses("Take back")

    assert LEARNED["learned"] not in world.ben.types("/experiment", "learnings").text
    assert LEARNED["learned"] not in world.ben.types("/experiment", "show EXP-1").text
    world.ben.opens_home()
    assert LEARNED["learned"] not in world.ben.home.text


def test_what_was_taken_back_can_be_shared_again_and_is_told_as_new_in_time(world):
    learned(world)
    world.shared()
    world.asha.presses("Take back")
    world.settle()
    assert "You took it back, so the channel does not show it." in world.newest(world.asha, WRITTEN).words

    world.shared(level="team")
    world.at("2026-06-04 10:00")

    assert 1 == channel(world).count(f"*Learned:* {LEARNED['learned']}")
    assert "<@U0ASHA>" not in channel(world)


def test_what_was_told_and_taken_back_can_be_shown_again_with_fewer_names(world):
    told(world)
    world.asha.presses("Take back")
    world.settle()

    world.shared(level="no_names")

    assert TAKEN_BACK not in channel(world)
    assert 1 == channel(world).count(f"*Learned:* {LEARNED['learned']}")
    assert not any(words in channel(world) for words in WHO.values())

    world.at("2026-06-11 10:00")
    assert NOBODY_SHARED in posts(world)[-1].words


def test_there_is_nothing_to_take_back_twice(world):
    learned(world)
    world.shared()
    screen = world.newest(world.asha, WRITTEN).as_seen()
    world.asha.presses("Take back", screen)

    world.asha.presses("Take back", screen)

    assert "EXP-1 is not shared, so there is nothing to take back." == last_words(world.asha)


def test_what_is_shared_is_not_shared_twice(world):
    learned(world)
    screen = world.newest(world.asha, WRITTEN).as_seen()
    world.shared()

    world.asha.presses("Share", screen)

    assert "EXP-1 is shared already. You can take it back at any time." in world.asha.modal.text


def test_slack_repeating_the_form_shares_once(world):
    learned(world)
    world.asha.presses("Share")
    answer = world.asha.submits()
    world.settle()
    world.asha.presses("Take back")
    world.settle()

    assert world.slack.replay(answer.request).ok

    world.at("2026-06-04 10:00")
    assert NOBODY_SHARED in channel(world)


@pytest.mark.parametrize("level", PREVIEWED)
def test_whoever_looks_it_up_reads_no_more_names_than_were_shared(world, level):
    learned(world)
    world.shared(level=level)

    card = world.ben.types("/experiment", "show EXP-1").text

    assert [each for each in ("owner", "sponsor", "team") if WHO[each] in card] == [
        each for each in PREVIEWED[level] if each != "number"
    ]
    assert "<@U0ASHA>" in world.dana.types("/experiment", "show EXP-1").text


def test_the_owner_is_told_who_can_read_the_learning_before_it_is_shared(world):
    learned(world)

    assert "Your sponsor and the people of the team can read it; nobody else, unless you share it." in last_words(
        world.asha
    )


def test_where_a_learning_cannot_be_taken_back_its_owner_is_told(world):
    learned(world)
    world.shared()
    world.at("2026-06-04 10:00")
    world.slack.channels["C0LEARN"].is_archived = True

    world.asha.presses("Take back", on=said(world.asha, WRITTEN)[-1])
    world.settle()

    assert "I could not replace what you took back in <#C0LEARN>" in last_words(world.asha)
    world.was_refused("is_archived")


def test_a_learning_that_is_shared_again_says_where_it_will_stand(world):
    learned(world)
    world.shared()
    world.at("2026-06-04 10:00")
    world.asha.presses("Take back", on=said(world.asha, WRITTEN)[-1])
    world.settle()
    world.asha.presses("Share", on=said(world.asha, WRITTEN)[-1])

    assert "it stands again where it stood in the digest before" in world.asha.modal.text


def test_what_could_not_be_replaced_once_is_replaced_when_it_is_taken_back_again(world):
    learned(world)
    world.shared()
    world.at("2026-06-04 10:00")
    world.slack.channels["C0LEARN"].is_archived = True
    world.asha.presses("Take back", on=said(world.asha, WRITTEN)[-1])
    world.settle()
    world.was_refused("is_archived")

    world.slack.channels["C0LEARN"].is_archived = False
    world.asha.presses("Share", on=said(world.asha, WRITTEN)[-1])
    world.asha.submits()
    world.settle()
    world.asha.presses("Take back", on=said(world.asha, WRITTEN)[-1])
    world.settle()

    assert TAKEN_BACK in channel(world)
    assert FILLED["problem"] not in channel(world)
