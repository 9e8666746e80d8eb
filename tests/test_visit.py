"""The page's guide and its story, driven as a visitor drives them, with the real bot behind them."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from bot.playing import Playing
from bot.visit import workspace
from playground import config
from playground.browser import tour
from playground.stage import Stage

MANIFEST = yaml.safe_load((Path(__file__).parent.parent / "manifest.yml").read_text())


@pytest.fixture(scope="module")
def opened():
    """The workspace with the bot in it, once for all visits."""
    with Stage(config.read(workspace(MANIFEST))) as stage, Playing(stage.slack, stage.clock) as host:
        stage.host = host
        yield stage


@pytest.fixture
def stage(opened):
    """The workspace as a visitor finds it; in the end Slack has refused nothing."""
    opened.start_again()
    yield opened
    assert [(call.method, call.answer) for call in opened.slack.refused] == []
    assert [(each.status, each.body) for each in opened.slack.failures] == []


def does(stage, who, **deed):
    """Let somebody do one thing."""
    stage.does(config.DeedPart(who=who, **deed))


def fills(stage, step):
    """Fill in what the step knows of the form on top."""
    known = {block["block_id"] for block in stage.slack.person(step.who).modal.blocks} & set(step.fill)
    if known:
        does(stage, step.who, fill={name: step.fill[name] for name in known})


def digest(stage):
    """What the app has told everybody in the channel."""
    return [each for each in stage.slack.person("U0BEN").sees("C0LEARN") if each.user == stage.slack.bot_user]


def everything_seen(stage):
    """Every word that somebody has been shown."""
    return "\n".join(message.words for message in stage.slack.messages)


def test_the_digest_has_its_channel_before_anybody_comes(stage):
    assert "2026-06-04 09:00" == f"{stage.next_due():%Y-%m-%d %H:%M}"
    assert [] == [view for person in stage.slack.people for view in person.modals]


def test_the_guide_is_done_in_five_steps_by_doing_what_it_points_to(stage):
    guide = tour.Guide(stage)
    pointed = []

    def do():
        """Use what the guide points to, as its step says."""
        step, point = guide.next, guide.point
        person = stage.slack.person(step.who)
        pointed.append((guide.done, point))
        if point.startswith("clock: "):
            stage.passes(point.removeprefix("clock: "))
        elif point.startswith("/"):
            does(stage, step.who, at=step.at, type=step.type)
        elif point == "Close":
            does(stage, step.who, close="all")
        elif person.modal and point == person.modal.body.get("submit", {}).get("text"):
            fills(stage, step)
            does(stage, step.who, submit=True)
        else:
            does(stage, step.who, press=point)
        guide.look()

    guide.look()
    while guide.next and len(pointed) < 20:
        do()

    assert [
        (0, "/experiment propose"),
        (0, "Check and send"),
        (1, "Safe enough to try"),
        (1, "Agree and send"),
        (2, "Close"),
        (2, "clock: next"),
        (2, "Stop now"),
        (3, "clock: +1 day"),
        (3, "Write what it taught"),
        (3, "Keep it"),
        (3, "Share"),
        (3, "Share"),
        (4, "clock: next"),
        (4, "Thank you"),
    ] == pointed
    assert "Thursday 4 June" == f"{stage.clock.now():%A} {stage.clock.now().day} {stage.clock.now():%B}"
    assert "One of three picked up." in digest(stage)[0].words


def test_the_story_plays_to_its_end_and_both_trials_are_told(stage):
    for deed in stage.config.story:
        stage.does(deed)

    seen = everything_seen(stage)
    assert "It was stopped in time, as agreed." in seen
    assert "What was expected happened." in seen
    assert "thanks you for stopping it in time" in seen
    assert "What it taught reached <@U0DANA>" in seen
    assert [] == [view for person in stage.slack.people for view in person.modals]


def test_the_story_is_of_a_length_that_people_watch(stage):
    story = stage.config.story
    kinds = Counter(deed.kind for deed in story)

    assert 30 <= len(story) - kinds["tell"] <= 45
    assert 8 <= kinds["tell"]
    assert [] == [(one.tell, two.tell) for one, two in pairwise(story) if one.tell and two.tell]


def test_what_the_guide_says_can_be_read_at_a_glance(stage):
    assert 5 == len(stage.config.guide)
    assert [] == [step.title for step in stage.config.guide if len(step.words) > 260 or step.words.count(".") > 2]
