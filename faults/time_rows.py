"""Rows 38 to 43: the clock jumps, weeks are missed, two workers see the same hour."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from faults.dying import ACTS, finish, passes_the_slot
from faults.suite import run_tests
from faults.table import SUITE, row

if TYPE_CHECKING:
    from faults.lane import Proof
    from faults.trial import Trial


def digests(trial: Trial) -> int:
    """How many digests stand in Slack, by the messages in the channel that are in no thread."""
    return sum(m["channel"] == "C0LEARN" and not m["deleted"] and not m["thread_ts"] for m in trial.slack.truth())


@row(38, "the clock jumps two hours back and on again around a digest", "one digest")
def jumps(proof: Proof) -> None:
    """Back after it was said, and on again."""
    with proof.trial("digest") as trial:
        trial.starts()
        passes_the_slot(trial)
        finish(trial, ACTS["digest"])
        trial.settles()
        for hours in (-2, 2, 2):
            trial.clock.advance(hours * 3600)
            time.sleep(2.5)
        trial.settles()
        proof.expects(digests(trial) == 1, f"{digests(trial)} digests")
        proof.judge(trial, "jumps", longest=0.0)


@row(39, "summer time both ways, in every zone, for years", "one instant for each local date", engines=SUITE)
def summer_time(proof: Proof) -> None:
    """What the suite proves."""
    run_tests(proof, "tests/test_cadence.py")


@row(40, "down over no, one, two and three digests", "one digest at the return")
def missed(proof: Proof) -> None:
    """Start the bot weeks later."""
    for weeks in (0, 1, 2, 3):
        with proof.trial("digest") as trial:
            trial.clock.advance(timedelta(weeks=weeks, minutes=1).total_seconds())
            trial.starts()
            finish_or_wait(trial)
            proof.expects(digests(trial) <= 1, f"{weeks} weeks: {digests(trial)} digests")
            proof.tally.notes.append(f"{weeks} weeks: {digests(trial)}")
            proof.judge(trial, f"{weeks} weeks", longest=0.0)


def finish_or_wait(trial: Trial) -> None:
    """Give it a few beats."""
    time.sleep(3)
    trial.settles()


@row(41, "zone data or the calendar change", "planned anew once", engines=SUITE)
def holidays(proof: Proof) -> None:
    """What the suite proves."""
    run_tests(proof, "tests/test_time.py", chosen="zone or calendar")


@row(42, "leap days, week 53, the 31st, the end of the year", "as the rules say", engines=SUITE)
def calendar(proof: Proof) -> None:
    """What the suite proves."""
    run_tests(proof, "tests/test_cadence.py", "tests/test_next_due.py")


@row(43, "two workers see the same hour", "one digest", engines=("postgres",))
def two_workers(proof: Proof) -> None:
    """Both beat when the slot comes."""
    for _ in range(3):
        with proof.trial("digest") as trial:
            trial.starts()
            trial.starts_one("worker")
            trial.starts_one("worker")
            time.sleep(2)
            finish(trial, ACTS["digest"])
            trial.settles()
            proof.expects(digests(trial) == 1, f"{digests(trial)} digests")
            proof.judge(trial, "two workers")
