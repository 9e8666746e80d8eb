"""The bot as the page has it: alive by itself, taken away, and begun anew."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from structlog.testing import capture_logs

from bot.playing import Playing
from playground import Clock, Slack
from tests.programs import wait_until
from tests.world import FILLED, MONDAY

MANIFEST = yaml.safe_load((Path(__file__).parent.parent / "manifest.yml").read_text())


class Office:
    """Two people, a clock that runs, and the bot."""

    def __init__(self, slack, clock, host):
        self.slack, self.clock, self.host = slack, clock, host
        self.furnish()

    def furnish(self):
        self.asha = self.slack.add_person("U0ASHA", "Asha Patel", tz="Europe/London")
        self.dana = self.slack.add_person("U0DANA", "Dana Okafor", tz="Europe/London")

    def proposes(self):
        self.asha.types("/experiment", "propose")
        self.asha.fills(**FILLED)
        answer = self.asha.submits()
        if self.asha.modal:
            self.asha.closes(everything=True)
        return answer

    def befalls(self, name):
        next(each for each in self.host.mishaps if each.name == name).act()


@pytest.fixture
def office(request):
    """The office, with nobody's help but the heartbeat; its clock runs, unless the parameter says otherwise."""
    clock = Clock(MONDAY, runs=getattr(request, "param", True))
    # Nobody draws the log here: a drawn traceback takes longer than Slack waits.
    with capture_logs(), Slack(now=clock.now, manifest=MANIFEST) as slack, Playing(slack, clock) as host:
        yield Office(slack, clock, host)
        assert [(call.method, call.answer) for call in slack.refused] == []


def threads():
    """The threads of this process, by name."""
    return {each.name for each in threading.enumerate()}


def test_it_says_what_is_due_without_being_asked(office):
    office.proposes()

    wait_until(lambda: office.dana.dm)
    assert "is it safe enough to try?" in office.dana.dm[0].words


@pytest.mark.parametrize("office", [False], indirect=True, ids=["a clock that stands still"])
def test_whoever_tries_it_need_not_wait_for_the_pace_of_a_channel(office):
    for _ in range(3):
        office.proposes()

    wait_until(lambda: 3 == len(office.dana.dm))
    assert timedelta(seconds=2) <= office.clock.now() - MONDAY < timedelta(seconds=10)


def test_it_settles_at_once_what_is_due_and_knows_what_is_due_next(office):
    office.proposes()
    office.host.settle()

    assert ["EXP-1: is it safe enough to try?"] == [each.text.split("\n")[0] for each in office.dana.dm]
    assert "2026-06-02 09:00" == f"{office.host.next_due():%Y-%m-%d %H:%M}"


def test_it_does_what_falls_due_when_the_clock_is_moved(office):
    office.proposes()
    office.host.settle()
    office.clock.set(office.host.next_due())
    office.host.settle()

    assert "is waiting for your answer" in office.dana.dm[-1].words


def test_while_the_database_is_locked_nothing_is_lost_and_afterwards_it_works(office):
    office.asha.types("/experiment", "propose")
    office.asha.fills(**FILLED)
    office.befalls("database-locked")
    office.befalls("database-locked")
    refused = office.asha.submits()
    errors = dict(office.asha.modal.errors)
    office.host.rest()
    taken = office.asha.submits()
    office.host.settle()

    assert refused.ok
    assert "nothing was saved" in errors["title"]
    assert taken.ok
    assert 1 == len(office.dana.dm)


def test_while_the_database_is_locked_time_can_pass(office):
    office.proposes()
    office.befalls("database-locked")
    office.host.settle()

    assert 1 == len(office.dana.dm)


def test_a_bot_that_was_restarted_goes_on_from_its_database_and_says_nothing_twice(office):
    office.proposes()
    office.host.settle()
    office.befalls("bot-restarted")
    office.befalls("bot-restarted")
    gone = office.dana.presses("Safe enough to try")
    unknown = office.host.next_due()
    office.host.settle()
    office.dana.presses("Safe enough to try")
    office.dana.submits()
    office.host.settle()

    assert "dispatch_unreachable" == gone.error
    assert unknown is None
    assert 1 == len(office.dana.dm)
    assert "says it is safe enough to try" in office.asha.dm[-1].words


@pytest.mark.parametrize("mishap", [None, "database-locked", "bot-restarted"])
def test_it_begins_again_with_nothing_remembered(office, mishap):
    office.proposes()
    office.host.settle()
    if mishap:
        office.befalls(mishap)
    office.host.start_again()
    office.slack.clear()
    office.furnish()
    before = office.host.next_due()
    office.proposes()
    office.host.settle()

    assert before is None
    assert ["EXP-1: is it safe enough to try?"] == [each.text.split("\n")[0] for each in office.dana.dm]


@pytest.mark.parametrize("mishap", [None, "database-locked", "bot-restarted"])
def test_nothing_is_left_behind_and_nobody_waits_for_a_mishap(mishap):
    before = threads()
    clock = Clock(MONDAY, runs=True)
    with capture_logs(), Slack(now=clock.now, manifest=MANIFEST) as slack:
        began = time.monotonic()
        with Playing(slack, clock) as host:
            office = Office(slack, clock, host)
            office.proposes()
            during = threads()
            if mishap:
                office.befalls(mishap)
        took = time.monotonic() - began

    assert before < during
    assert before == threads()
    assert took < 4


def test_each_mishap_says_what_to_watch_for_in_one_sentence(office):
    assert ["database-locked", "bot-restarted"] == [each.name for each in office.host.mishaps]
    assert {1} == {each.watch.count(".") for each in office.host.mishaps}
    assert timedelta(0) < office.clock.now() - MONDAY
