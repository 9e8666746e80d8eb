"""The digest's channel: archived, deleted, closed to us, or open to people of another organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.world import LEARNED

if TYPE_CHECKING:
    from playground.person import Person
    from playground.workspace import Message
    from tests.world import World

THURSDAY = "2026-06-04 10:00"
QUESTION = "May the weekly digest be posted in <#C0LEARN>?"
CANNOT = "The weekly digest could not be posted in <#C0LEARN>"
SHARED = [{"is_ext_shared": True, "is_shared": True}, {"is_shared": True}, {"is_org_shared": True}]


def posts(world: World, channel: str = "C0LEARN") -> list[str]:
    return [
        each.words
        for each in world.slack.messages
        if each.channel == channel and not (each.ephemeral or each.thread_ts)
    ]


def said(person: Person, words: str) -> list[Message]:
    return [each for each in person.dm if words in each.words]


def paused(world: World) -> str | None:
    with world.engine.connect() as connection:
        return str(connection.execute(text("SELECT digest_paused FROM workspaces")).scalar())


def to_tell(world: World) -> None:
    """A learning that waits for Thursday's digest."""
    world.set_up_digest()
    world.running()
    world.learned()
    world.shared()


def allows(world: World) -> None:
    world.admin.presses("Post it there all the same")
    world.settle()


@pytest.mark.parametrize("flags", SHARED)
def test_before_each_digest_slack_is_asked_and_strangers_read_nothing(world, flags):
    to_tell(world)
    for name, value in flags.items():
        setattr(world.slack.channels["C0LEARN"], name, value)
    world.at(THURSDAY)
    world.at("2026-06-05 09:00")

    assert [] == posts(world)
    [asked] = said(world.admin, QUESTION)
    assert ["Post it there all the same", "Choose another channel"] == asked.buttons
    assert [] == said(world.ben, QUESTION)


def test_posted_all_the_same_it_comes_within_two_days(world):
    to_tell(world)
    world.slack.channels["C0LEARN"].is_ext_shared = True
    world.at(THURSDAY)
    world.at("2026-06-05 09:00")
    allows(world)

    assert LEARNED["learned"] in posts(world)[0]
    world.at("2026-06-11 10:00")
    assert 2 == len(posts(world))
    assert 1 == len(said(world.admin, "this is settled"))


def test_after_two_days_what_was_learned_waits_for_the_next_digest(world):
    to_tell(world)
    world.slack.channels["C0LEARN"].is_ext_shared = True
    world.at(THURSDAY)
    world.at("2026-06-07 09:00")
    allows(world)
    assert [] == posts(world)

    world.at("2026-06-11 10:00")
    assert [LEARNED["learned"] in each for each in posts(world)] == [True]


def test_another_channel_can_be_chosen_instead(world):
    world.slack.add_channel("C0OURS", "ours", members=["U0BEN", "U0ADMIN"])
    world.slack.invite_bot("C0OURS")
    to_tell(world)
    world.slack.channels["C0LEARN"].is_ext_shared = True
    world.at(THURSDAY)
    world.admin.presses("Choose another channel")
    world.admin.fills(digest_channel="C0OURS")
    world.admin.submits()
    world.admin.closes(everything=True)
    world.at("2026-06-11 10:00")

    assert [] == posts(world)
    assert LEARNED["learned"] in posts(world, "C0OURS")[0]
    assert said(world.admin, "this is settled")


def test_what_was_allowed_is_asked_again_when_the_channel_is_shared_anew(world):
    to_tell(world)
    world.slack.changes_channel("C0LEARN", "channel_shared", is_ext_shared=True)
    world.settle()
    allows(world)
    world.clock.advance(timedelta(minutes=1))
    world.slack.changes_channel("C0LEARN", "channel_shared", is_ext_shared=True)
    world.at(THURSDAY)

    assert 2 == len(said(world.admin, QUESTION))
    assert "shared" == paused(world)
    assert [] == posts(world)


def test_once_it_is_ours_alone_again_it_is_posted_and_a_later_sharing_is_asked_about(world):
    to_tell(world)
    world.slack.changes_channel("C0LEARN", "channel_shared", is_ext_shared=True)
    world.at(THURSDAY)
    world.slack.changes_channel("C0LEARN", "channel_unshared", is_ext_shared=False)
    world.settle()
    assert 1 == len(posts(world))

    world.slack.channels["C0LEARN"].is_ext_shared = True
    world.at("2026-06-11 10:00")
    assert 1 == len(posts(world))


def test_a_stale_question_and_somebody_who_may_not_decide_get_a_sentence(world):
    to_tell(world)
    world.slack.channels["C0LEARN"].is_ext_shared = True
    world.at(THURSDAY)
    asked = said(world.admin, QUESTION)[0].as_seen()
    value = asked.blocks[1]["elements"][0]["value"]
    world.forges(world.ben, world.ben.types("/experiment").shown, "allow_channel", value)
    assert "Whoever set up the digest, an admin or a steward can decide this." in world.ben.dm[-1].words
    assert [] == posts(world)

    allows(world)
    world.admin.presses("Post it there all the same", on=asked)
    assert "This question is no longer open." in world.admin.dm[-1].words
    for tampered in ("999", "1", "x"):
        world.forges(world.admin, asked, "allow_channel", tampered)
        assert "no longer" in world.admin.dm[-1].words


def test_without_the_permission_to_look_somebody_is_asked_before_anything_is_posted(world):
    to_tell(world)
    world.slack.refuse("conversations.info", "missing_scope", times=None)
    world.at(THURSDAY)
    assert [] == posts(world)
    assert "I cannot find out whether" in said(world.admin, QUESTION)[0].words

    allows(world)
    assert 1 == len(posts(world))
    world.at("2026-06-11 10:00")
    assert 2 == len(posts(world))


def test_while_slack_does_not_answer_nothing_is_posted_and_a_little_later_it_is(world):
    to_tell(world)
    world.slack.refuse("conversations.info", status=500, times=1)
    world.at(THURSDAY)
    assert [] == posts(world)

    world.at("2026-06-04 10:02")
    assert 1 == len(posts(world))
    assert [] == said(world.admin, CANNOT)


@pytest.mark.parametrize("how", ["archived", "deleted", "left"])
def test_who_set_it_up_hears_of_it_once_a_week_with_what_to_do_and_home_shows_it(world, how):
    to_tell(world)
    loses(world, how)
    for moment in (THURSDAY, "2026-06-04 15:00", "2026-06-05 10:00", "2026-06-07 10:00"):
        world.at(moment)

    [told] = said(world.admin, CANNOT)
    assert "type `/invite @Safe to Fail` there" in told.words
    assert ["Choose another channel"] == told.buttons
    world.admin.opens_home()
    assert "*The last digest could not be posted:*" in world.admin.home.text
    world.ben.opens_home()
    assert "could not be posted" not in world.ben.home.text
    world.at("2026-06-11 10:00")
    assert 2 == len(said(world.admin, CANNOT))
    assert [] == [call for call in world.slack.calls if call.method == "conversations.join"]


def loses(world: World, how: str) -> None:
    if how == "archived":
        world.slack.changes_channel("C0LEARN", "channel_archive", is_archived=True)
    elif how == "deleted":
        world.slack.refuse("conversations.info", "channel_not_found", times=None)
    else:
        world.slack.channels["C0LEARN"].members.discard(world.slack.bot_user)


def test_when_it_works_again_within_two_days_the_digest_catches_up(world):
    to_tell(world)
    loses(world, "left")
    world.at(THURSDAY)
    world.at("2026-06-05 09:00")
    world.slack.invite_bot("C0LEARN")
    world.at("2026-06-05 09:11")

    assert [LEARNED["learned"] in each for each in posts(world)] == [True]


def test_a_channel_that_is_opened_again_is_posted_in_at_once(world):
    to_tell(world)
    world.slack.changes_channel("C0LEARN", "channel_archive", is_archived=True)
    world.at(THURSDAY)
    world.slack.changes_channel("C0LEARN", "channel_unarchive", is_archived=False)
    world.settle()

    assert 1 == len(posts(world))


def test_a_digest_that_slack_refused_is_posted_once_within_two_days(world):
    to_tell(world)
    world.slack.refuse("chat.postMessage", "restricted_action", times=2, where={"channel": "C0LEARN"})
    for moment in (THURSDAY, "2026-06-04 11:00", "2026-06-04 12:00", "2026-06-04 18:00"):
        world.at(moment)

    assert [LEARNED["learned"] in each for each in posts(world)] == [True]
    thread = [each for each in world.ben.sees("C0LEARN") if each.thread_ts and each.thread_ts != each.ts]
    assert 1 == len(thread)


def test_events_about_other_channels_change_nothing(world):
    world.slack.add_channel("C0ELSE", "else", members=["U0BEN"])
    to_tell(world)
    for kind in ("channel_archive", "channel_shared", "channel_deleted"):
        assert world.slack.changes_channel("C0ELSE", kind).ok
    world.at(THURSDAY)

    assert 1 == len(posts(world))


def test_an_event_that_comes_late_changes_nothing_because_slack_is_asked(world):
    to_tell(world)
    world.slack.send_event({"type": "channel_archive", "channel": "C0LEARN", "event_ts": "1780000000.000100"})
    world.at(THURSDAY)

    assert 1 == len(posts(world))


def test_where_whoever_set_it_up_is_gone_the_admins_are_asked(world):
    world.slack.add_person("U0NEW", "Nia New", is_admin=True)
    to_tell(world)
    world.slack.person("U0NEW").types("/experiment")
    world.slack.changes_person("U0ADMIN", deleted=True)
    world.slack.channels["C0LEARN"].is_ext_shared = True
    world.at(THURSDAY)

    assert said(world.slack.person("U0NEW"), QUESTION)


def test_home_says_it_when_slack_does_not_let_us_post(world):
    to_tell(world)
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE workspaces SET suspended = 'invalid_auth'"))
    world.admin.opens_home()

    assert "*Slack does not let me post just now* (invalid_auth)" in world.admin.home.text
