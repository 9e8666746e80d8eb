"""The stage: people from a config, time that moves, and everything beginning again."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from slack_sdk import WebClient

from playground import config
from playground.browser.mishaps import Mishaps
from playground.browser.screen import Look, Screens
from playground.browser.tour import Guide, Story
from playground.stage import CannotBe, HostMishap, Stage, Turns

BEGINS = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
OFFICE = {
    "begins": BEGINS,
    "people": [{"id": "U0ASHA", "name": "Asha Patel"}, {"id": "U0BEN", "name": "Ben Novak", "tz": "America/New_York"}],
    "channels": [
        {"id": "C0TEA", "name": "tea"},
        {"id": "C0QUIET", "name": "quiet", "members": ["U0BEN"], "private": True},
    ],
}


class Bell:
    """An app that rings in a channel at certain moments, and at some of them does nothing that can be seen."""

    def __init__(self, stage, *rings, quiet=()):
        self.stage, self.rings, self.quiet = stage, sorted([*rings, *quiet]), quiet
        self.waiting = list(self.rings)
        self.client = WebClient(stage.slack.bot_token, base_url=stage.slack.api_url, retry_handlers=[])
        self.mishaps = (HostMishap("mute", "The bell is mute", "It does not ring.", self.waiting.clear),)

    def next_due(self):
        return self.waiting[0] if self.waiting else None

    def settle(self):
        while self.waiting and self.waiting[0] <= self.stage.clock.now():
            due = self.waiting.pop(0)
            if due not in self.quiet:
                self.client.chat_postMessage(channel="C0TEA", text=f"Ring at {due:%H:%M}")

    def start_again(self):
        self.waiting = list(self.rings)


def after(**span):
    return BEGINS + timedelta(**span)


@pytest.fixture
def make(request):
    """Open a stage with a bell that rings at these moments."""

    def opened(*rings, quiet=(), **more):
        stage = Stage(config.read(OFFICE | more))
        stage.__enter__()
        request.addfinalizer(lambda: stage.__exit__(None, None, None))
        stage.host = Bell(stage, *rings, quiet=quiet)
        return stage

    return opened


def said(stage, who="U0ASHA"):
    return [(message.words, float(message.ts)) for message in stage.slack.person(who).sees("C0TEA")]


def test_what_falls_due_on_the_way_arrives_at_its_own_moment(make):
    stage = make(after(hours=2), after(hours=30))
    stage.passes("+1 day")
    [(words, moment)] = said(stage)

    assert words == "Ring at 10:30"
    assert 0 <= moment - after(hours=2).timestamp() < 5
    assert after(days=1) <= stage.clock.now() < after(days=1, minutes=1)


def test_the_next_thing_due_is_the_next_that_can_be_seen(make):
    stage = make(after(days=3), quiet=(after(hours=1), after(hours=2)))
    stage.passes("next")

    assert [words for words, _ in said(stage)] == ["Ring at 08:30"]
    assert stage.clock.now() - after(days=3) < timedelta(minutes=1)


def test_when_nothing_is_due_time_stands_and_a_sentence_says_so(make):
    stage = make()

    with pytest.raises(CannotBe, match="Nothing is due"):
        stage.passes("next")
    assert stage.clock.now() - BEGINS < timedelta(minutes=1)


def test_what_stays_due_does_not_hold_up_time(make):
    """As when Slack refuses a message for hours."""
    stage = make()
    stage.host.next_due = lambda: after(minutes=1)
    stage.passes("+1 week")

    assert stage.clock.now() >= after(weeks=1)


@pytest.mark.parametrize("move", ["backwards", "-1 day", "+1 year", "+9999 days"])
def test_time_moves_by_known_lengths_only(make, move):
    with pytest.raises(CannotBe, match="minutes, hours, days or weeks"):
        make().passes(move)


def test_time_does_not_move_backwards(make):
    with pytest.raises(CannotBe, match="forward only"):
        make().passes(BEGINS - timedelta(days=1))


def test_everything_begins_again(make):
    stage = make(after(hours=1))
    stage.passes("+1 day")
    era = stage.era
    stage.start_again()

    assert said(stage) == []
    assert stage.slack.calls == []
    assert stage.clock.now() - BEGINS < timedelta(minutes=1)
    assert stage.era != era
    stage.passes("+1 day")
    assert len(said(stage)) == 1


def test_what_must_have_happened_happens_before_anybody_looks(make):
    stage = make(prepare=[{"who": "U0ASHA", "at": "C0TEA", "say": "Hello"}])
    stage.prepare()

    assert [words for words, _ in said(stage)] == ["Hello"]


def test_a_foreign_app_keeps_its_own_time(request):
    """Its signatures are checked against the clock on the wall, so they are stamped with that."""
    stage = Stage(config.read({name: OFFICE[name] for name in ("people", "channels")}))
    stage.clock.advance(timedelta(days=30))
    stamp = stage.slack.delivery.request("slash_commands", {}).headers["X-Slack-Request-Timestamp"]

    assert abs(int(stamp) - datetime.now(UTC).timestamp()) < 60


# --- guide and story ---

GUIDE = [
    {"title": "Say hello", "words": "Write it.", "who": "U0ASHA", "until": {"who": "U0BEN", "sees": "Hello"}},
    {"title": "Wait", "words": "Let it ring.", "who": "U0ASHA", "until": {"who": "U0BEN", "sees": "Ring"}},
]


def test_the_guide_goes_on_when_what_it_waits_for_can_be_seen(make):
    stage = make(after(hours=1), guide=GUIDE)
    guide = Guide(stage)
    guide.look()
    assert guide.next.title == "Say hello"

    stage.slack.person("U0ASHA").says("Hello Ben", "C0TEA")
    guide.look()
    assert guide.next.title == "Wait"

    stage.passes("next")
    guide.look()
    assert guide.next is None


def test_the_guide_does_not_take_what_somebody_else_sees(make):
    stage = make(guide=[GUIDE[0] | {"until": {"who": "U0ASHA", "sees": "Hello"}}])
    guide = Guide(stage)
    stage.slack.person("U0BEN").says("Hello", "C0QUIET")
    guide.look()

    assert guide.next is not None


STORY = [
    {"tell": "Asha says hello."},
    {"who": "U0ASHA", "at": "C0TEA", "say": "Hello"},
    {"clock": "next"},
    {"who": "U0BEN", "look": "C0TEA"},
]


def finished(story):
    assert story.wait(20)


def test_the_story_plays_to_its_end_and_can_be_played_again(make):
    stage = make(after(hours=1), story=STORY)
    story = Story(stage, pace=0.01)
    for _ in range(2):
        story.play()
        finished(story)

        assert story.over
        assert story.trouble == ""
        assert [words for words, _ in said(stage)] == ["Hello", "Ring at 09:30"]
        assert (story.told, story.turn.who, story.turn.at) == ("Asha says hello.", "U0BEN", "C0TEA")


def test_a_story_that_cannot_go_on_says_so(make):
    stage = make(story=[{"who": "U0ASHA", "press": "Nowhere"}, {"tell": "Never told."}])
    story = Story(stage, pace=0.01)
    story.play()
    finished(story)

    assert "Choose Start again." in story.trouble
    assert story.told == ""


def test_a_paused_story_goes_on_where_it_was(make):
    stage = make(after(hours=1), story=STORY)
    story = Story(stage, pace=60)
    era = begun(story)
    story.pause()
    finished(story)
    assert story.place == 1

    story.pace = 0.01
    story.play()
    finished(story)
    assert stage.era == era
    assert story.over
    assert [words for words, _ in said(stage)] == ["Hello", "Ring at 09:30"]


def begun(story):
    """Play until the first deed is done, and give the era in which it was."""
    done = threading.Event()
    story.stage.slack.space.watchers.append(lambda: story.place == 1 and done.set())
    story.play()
    assert done.wait(20)
    return story.stage.era


def test_two_clicks_at_once_play_one_story(make):
    stage = make(after(hours=1), story=STORY)
    story = Story(stage, pace=0.01)
    clicks = [threading.Thread(target=story.play) for _ in range(4)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    finished(story)

    assert story.trouble == ""
    assert [words for words, _ in said(stage)] == ["Hello", "Ring at 09:30"]


def test_a_form_can_be_opened_however_far_the_clock_jumps_meanwhile(make):
    stage = make()
    trigger = stage.slack.space.new_trigger("U0ASHA")
    stage.clock.advance(timedelta(days=1))

    assert stage.slack.space.use_trigger(trigger).user == "U0ASHA"


# --- who acts when ---


def test_people_act_together_and_time_passes_alone():
    turns, told = Turns(), []

    def alone():
        with turns.alone(), turns.alone(), turns.together():
            told.append("alone")

    moving = threading.Thread(target=alone)
    with turns.together():
        moving.start()
        other = threading.Thread(target=lambda: told.append("together") if enters(turns) else None)
        other.start()
        other.join(20)
        assert told == ["together"]
    moving.join(20)
    assert told == ["together", "alone"]


def enters(turns):
    with turns.together():
        return True


# --- mishaps ---


def test_a_mishap_is_on_until_it_has_happened_or_is_switched_off(make):
    stage = make()
    mishaps = Mishaps(stage)
    mishaps.switch("limited")
    assert mishaps.left("limited") == 3

    for _ in range(3):
        answer = stage.slack.desk.take("chat.postMessage", stage.slack.bot_token, {"channel": "C0TEA", "text": "x"})
        assert answer.status == 429
    assert not mishaps.is_on("limited")

    mishaps.switch("slow")
    assert (mishaps.is_on("slow"), mishaps.left("slow")) == (True, None)
    mishaps.switch("slow")
    assert not mishaps.is_on("slow")


def test_the_apps_own_mishaps_stand_beside_slacks(make):
    mishaps = Mishaps(make(after(hours=1)))
    assert [row["name"] for row in mishaps.rows()] == ["slow", "limited", "broken", "cut", "twice", "mute"]

    mishaps.switch("mute")
    assert mishaps.stage.next_due() is None
    with pytest.raises(LookupError):
        mishaps.switch("unknown")


# --- screens ---


def test_a_screen_turns_to_the_nearest_place_that_is_there(make):
    screens = Screens(make().slack)

    def settled(words):
        look = screens.settled(Look.read(1, words))
        return look.who, look.at

    assert settled("U0NOBODY@C0TEA") == ("U0ASHA", "C0TEA")
    assert settled("U0ASHA@C0GONE") == ("U0ASHA", "C0TEA")
    assert settled("U0ASHA@C0QUIET") == ("U0ASHA", "C0TEA")
    assert settled("U0BEN@C0QUIET") == ("U0BEN", "C0QUIET")
    assert settled("U0BEN@U0BEN") == ("U0BEN", "C0TEA")
    assert settled("U0BEN@home@x@y") == ("U0BEN", "home")


def test_what_was_said_elsewhere_is_unread_until_somebody_looks(make):
    stage = make()
    screens = Screens(stage.slack)
    stage.slack.person("U0BEN").says("One", "C0TEA")
    stage.slack.person("U0BEN").says("Two", "C0TEA")

    def unread():
        groups = screens.places(stage.slack.person("U0ASHA"), Look(1, "U0ASHA", "app"))
        return {place["name"]: place["unread"] for group in groups for place in group["places"]}

    assert unread()["tea"] == 2
    screens.pane(Look(1, "U0ASHA", "C0TEA"))
    assert unread()["tea"] == 0


def test_two_people_can_talk_without_the_app(make):
    stage = make()
    screens = Screens(stage.slack)
    place = screens.place(stage.slack.person("U0ASHA"), "U0BEN")
    stage.slack.person("U0ASHA").says("Between us", place.id)

    def shown(who, at):
        return [row["message"].text for day in screens.pane(Look(1, who, at))["days"] for row in day["messages"]]

    assert shown("U0BEN", "U0ASHA") == ["Between us"]
    assert shown("U0BEN", "app") == []
    assert stage.slack.bot_user not in place.members
