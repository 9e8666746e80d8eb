"""Rows 1 to 6 and 19: processes die, are stopped, or are told to end."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.points import POINTS
from faults.table import row
from faults.trial import LOOK, READY_TO_SHARE, SETTLES

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from faults.lane import Proof
    from faults.trial import Trial

POST = "chat.postMessage"
PATIENCE = 12.0  # Real seconds in which a named moment must come.
DRAINED = 15.0  # Seconds in which a process that is told to end must have ended.
MINUTES = 120  # Seconds that are two times as long as the bot waits before it looks.


@dataclass(frozen=True)
class Act:
    """What somebody or the clock does, and how the database shows that it is done."""

    scene: str
    do: Callable[[Trial], object]
    done: str


def passes_the_slot(trial: Trial) -> None:
    """Let ten o'clock on Thursday come."""
    trial.clock.set(max(trial.clock.now(), READY_TO_SHARE + timedelta(seconds=31)))


ACTS = {
    "new message": Act("ready", lambda trial: trial.proposes("Ring back"), "SELECT 1 AS x FROM experiments"),
    "changed message": Act(
        "asked", lambda trial: trial.agrees(), "SELECT 1 AS x FROM experiments WHERE status = 'running'"
    ),
    "digest": Act("digest", passes_the_slot, "SELECT 1 AS x FROM digests"),
}
REQUEST = ("request.let-in", "request.answered")
WORK = ("work.begun", "work.done", "work.committed")
SEND = ("send.claimed", "send.answered", "send.marked")
ELSEWHERE = {"migrate.begun"}  # tests/test_processes.py kills a migration there.
LOOKS = ("look.claimed", "look.answered", "look.marked")
LOST_ANSWER: dict[str, Any] = {"method": POST, "line": "close", "done": True}
Story = tuple[str, tuple[str, ...], dict[str, Any] | None]


def stories(luck: random.Random) -> list[Story]:
    """Every act with every moment at which a process dies in it, and by chance that of its successor."""
    single: list[Story] = [
        (act, (f"{point}:{nth}",), None)
        for act in ACTS
        for points, nth in ((REQUEST, 2), (WORK, 1), (SEND, 1))
        for point in points
        if not (act == "digest" and points == REQUEST)
    ]
    second: list[Story] = [("new message", (f"{point}:2",), None) for point in SEND]
    second += [("digest", (f"{point}:2",), None) for point in SEND]
    looks: list[Story] = [("digest", ("send.answered:1", f"{point}:1"), None) for point in LOOKS]
    looks += [("new message", (f"{point}:1",), LOST_ANSWER) for point in LOOKS]
    again: list[Story] = [("new message", ("send.claimed:1", f"{point}:1"), None) for point in SEND]
    again += [("new message", ("send.answered:1", f"{point}:2"), None) for point in SEND]
    again += [("changed message", ("work.committed:1", f"{point}:1"), None) for point in SEND]
    sure: list[Story] = [("new message", ("send.claimed:1", f"{point}:1"), None) for point in LOOKS]
    late: list[Story] = [("new message", ("double.deleted:1",), {"method": POST, "late": 90})]
    late += [("new message", ("send.answered:2", "double.deleted:1"), {"method": POST, "late": 90})]
    return [
        *single,
        *second,
        *luck.sample(looks, 5),
        *luck.sample(again, 4),
        *late,
        *sure,
        ("digest", ("due.committed:1",), None),
    ]


TELLING: tuple[Story, ...] = (
    ("new message", ("send.claimed:1", "look.answered:1"), None),
    ("changed message", ("send.answered:1",), None),
)


@row(1, "kill -9 at every named moment, also of the successor", "nothing lost, nothing doubled", short=True)
def at_every_point(proof: Proof) -> None:
    """Die at a moment, start again, perhaps die once more, and come to the end."""
    wanted: set[str] = set()
    for act, points, mishap in TELLING if proof.short else stories(proof.luck):
        wanted |= set(points)
        with proof.trial(ACTS[act].scene) as trial:
            if mishap:
                trial.slack.refuse(**mishap)
            play(trial, ACTS[act], points)
            proof.judge(trial, f"{act} {' '.join(points)}")
    missed = sorted({point.split(":")[0] for point in wanted} - {point.split(":")[0] for point in proof.tally.hit})
    proof.tally.notes.append(f"{len(proof.tally.hit)} of {len(wanted)} moments reached")
    proof.expects(not missed, f"moments that were never reached: {', '.join(missed)}")
    if not proof.short:
        unnamed = sorted(set(POINTS) - {point.split(":")[0] for point in wanted} - ELSEWHERE)
        proof.expects(not unnamed, f"moments in no story: {', '.join(unnamed)}")


def play(trial: Trial, act: Act, points: tuple[str, ...]) -> None:
    """Let processes die one after the other while something is to be done, then let one finish it."""
    for point in points:
        started = trial.starts(point, at_once=False)
        if not trial.database.rows(act.done):
            act.do(trial)
        trial.waits_for_a_death(started, PATIENCE)
    trial.starts()
    finish(trial, act)


def finish(trial: Trial, act: Act) -> None:
    """Do it until it is done, as people do who are told that it did not work; raises when it never is."""
    until = time.monotonic() + SETTLES
    while not trial.database.rows(act.done):
        if time.monotonic() > until:
            message = f"never done: {act.done}; {trial.notes[-1:]}"
            raise TimeoutError(message)
        act.do(trial)
        time.sleep(LOOK)


@row(2, "kill -9 at random moments", "nothing lost, nothing doubled")
def at_random(proof: Proof) -> None:
    """Kill again and again, while people go on."""
    kills = 0
    for _ in range(3):
        with proof.trial("ready") as trial:
            for number in range(10):
                trial.starts()
                trial.proposes(f"Idea {number}")
                time.sleep(proof.luck.uniform(0, 0.3) * proof.luck.choice((1, 5)))
                trial.kills()
                trial.clock.advance(proof.luck.choice((1, 30, 61)))
                kills += 1
            trial.starts()
            proof.judge(trial, "random kills")
    proof.tally.notes.append(f"{kills} kills")


@row(3, "kill -9 after Slack has taken a message, before the answer is read", "found again, not doubled", short=True)
def between_write_and_read(proof: Proof) -> None:
    """Slack takes it and stays silent; the bot is killed meanwhile."""
    for act in ("new message",) if proof.short else ("new message", "digest", "new message"):
        with proof.trial(ACTS[act].scene) as trial:
            trial.slack.refuse(method=POST, line="hang", done=True)
            trial.starts()
            ACTS[act].do(trial)
            waits_for_call(trial)
            trial.kills()
            trial.slack.forgive()
            trial.starts()
            proof.judge(trial, act)


def waits_for_call(trial: Trial, channel: str = "") -> bool:
    """Wait until the bot has called Slack to post, there or anywhere."""
    until = time.monotonic() + PATIENCE
    while not any(method == POST and where.startswith(channel) for method, where in trial.slack.arrived()):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


@row(
    4,
    "a worker is stopped for twice the wait while it sends, then goes on",
    "nobody takes over, one message",
    short=True,
)
def stopped_and_continued(proof: Proof) -> None:
    """Stop the sender in the middle of its call, let another try to take over, and let it go on."""
    with proof.trial("ready") as trial:
        trial.slack.refuse(method=POST, delay=1.0, where={"channel": "U0DANA"})
        sender = trial.starts()[0]
        trial.proposes("Ring back")
        waits_for_call(trial, "U0DANA")
        sender.signals(signal.SIGSTOP)
        trial.clock.advance(MINUTES)
        other = trial.starts_one("worker" if proof.engine == "postgres" else "run")
        if proof.engine == "postgres":
            time.sleep(4)
            states = {row["recipient"]: row["state"] for row in trial.outbox()}
            proof.expects(states.get("U0DANA") == "sending", f"while it was stopped, its message was {states}")
        else:
            proof.expects(other.wait_for_death(PATIENCE), "a second process on the same file was not refused")
            said = other.output.read_text()
            proof.expects("Another process already uses" in said, f"the second process said {said[-200:]!r}")
        sender.signals(signal.SIGCONT)
        proof.judge(trial, "stopped")


@row(5, "a stopped worker is killed, and another starts", "found again, one message")
def stopped_and_killed(proof: Proof) -> None:
    """Stop the sender in its call, kill it, start another."""
    for done in (True, False):
        with proof.trial("ready") as trial:
            trial.slack.refuse(method=POST, line="hang", done=done)
            sender = trial.starts()[0]
            trial.proposes("Ring back")
            waits_for_call(trial)
            sender.signals(signal.SIGSTOP)
            trial.clock.advance(MINUTES)
            trial.kills()
            trial.slack.forgive()
            trial.starts()
            proof.judge(trial, f"taken: {done}")


@row(6, "told to end while it sends", "ended within 15 s, one message", short=True)
def told_to_end(proof: Proof) -> None:
    """SIGTERM while a call is under way."""
    slowest = 0.0
    for delay in (1.0,) if proof.short else (1.0, 4.0):
        with proof.trial("ready") as trial:
            trial.slack.refuse(method=POST, delay=delay, times=2)
            started = trial.starts()
            trial.proposes("Ring back")
            waits_for_call(trial)
            began = time.monotonic()
            for bot in started:
                bot.signals(signal.SIGTERM)
            ended = [bot.wait_for_death(DRAINED) for bot in started]
            slowest = max(slowest, time.monotonic() - began)
            proof.expects(all(ended), "it did not end within 15 s")
            trial.kills()
            trial.starts()
            proof.judge(trial, "told to end")
    proof.tally.notes.append(f"ended after {slowest:.1f} s at most")


@row(19, "kill -9 after Slack's request was answered", "what was confirmed happens after the restart", short=True)
def after_the_answer(proof: Proof) -> None:
    """Die right after the answer to the form: the proposal and its messages are there."""
    for _ in range(1 if proof.short else 3):
        with proof.trial("ready") as trial:
            started = trial.starts("request.answered:2")
            trial.proposes("Ring back")
            proof.expects(trial.waits_for_a_death(started, PATIENCE), "the moment was never reached")
            trial.starts()
            finish(trial, ACTS["new message"])
            trial.settles()
            rows = trial.database.rows("SELECT count(*) AS times FROM experiments")
            proof.expects(rows[0]["times"] == 1, f"there are {rows[0]['times']} proposals")
            proof.judge(trial, "after the answer")
