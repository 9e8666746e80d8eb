"""Rows 7 to 15: Slack, or the line to it, misbehaves."""

from __future__ import annotations

import time
from datetime import UTC, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from faults.dying import ACTS, POST, finish, waits_for_call
from faults.table import row
from faults.trial import LOOK

if TYPE_CHECKING:
    from faults.lane import Proof
    from faults.trial import Trial
    from playground.mishap import Line

LONGEST_CALL = 11.0  # Real seconds: the bot's own limit is ten.
LONGEST_BAN = 600  # Seconds that the bot obeys at most.
HOURS = 6 * 3600
MOST_CALLS = 2  # For one message: as it was written, and once more in plain words.
SETTLED = 60  # Seconds after which the bot looks.
NEW, DIGEST = "new message", "digest"
LATE = ((5, NEW), (30, DIGEST), (59, NEW), (59, DIGEST), (61, NEW), (90, DIGEST), (300, NEW))


def acts(
    proof: Proof, act: str, about: str, *, held: bool = False, reading: dict[str, Any] | None = None, **mishap: Any
) -> Trial:
    """Let somebody act while something goes wrong, and judge what came of it."""
    with proof.trial(ACTS[act].scene) as trial:
        trial.slack.refuse(method=POST, **mishap)
        if reading:
            trial.slack.limit_reading(**reading)
        trial.starts()
        finish(trial, ACTS[act])
        proof.judge(trial, about, held=held)
        calls = [call["seconds"] for call in trial.slack.calls() if call["method"] == POST]
        proof.expects(max(calls, default=0) < LONGEST_CALL, f"{about}: a call took {max(calls, default=0):.0f} s")
    return trial


@row(7, "Slack takes a message or not, and the line is closed, reset, broken off or silent", "one message", short=True)
def bad_lines(proof: Proof) -> None:
    """Every bad line, in direct conversations and in a channel."""
    lines: tuple[Line, ...] = ("half",) if proof.short else ("close", "reset", "half", "hang")
    for number, line in enumerate(lines):
        for done in (True,) if proof.short else (True, False):
            act = "digest" if number % 2 else "new message"
            acts(proof, act, f"{act}, {line}, taken: {done}", line=line, done=done, times=2)


@row(8, "Slack takes a message 5, 30, 59, 61, 300 s after the line broke", "one message in the end")
def taken_late(proof: Proof) -> None:
    """Late enough that it was sent again: the second is deleted."""
    for late, act in LATE:
        with proof.trial(ACTS[act].scene) as trial:
            trial.slack.refuse(method=POST, late=late)
            trial.starts()
            finish(trial, ACTS[act])
            trial.settles()
            proof.judge(trial, f"{act}, {late} s late")
            deleted = sum(message["deleted"] for message in trial.slack.truth())
            proof.expects(not deleted or late > SETTLED, f"{act}: sent twice though only {late} s late")
            if deleted:
                proof.tally.notes.append(f"{late} s late: the second was deleted")


@row(
    9,
    "history lags, omits what messages carry, gives small pages, or may be read once a minute",
    "never taken for absent",
)
def poor_reading(proof: Proof) -> None:
    """The answer is lost though Slack has taken it, and looking is hard."""
    readings: tuple[tuple[str, dict[str, Any]], ...] = (
        (NEW, {"lag": 30}),
        (DIGEST, {"lag": 10}),
        (DIGEST, {"page": 15}),
        (NEW, {"page": 1, "per_minute": 1}),
        (DIGEST, {"page": 1, "per_minute": 1}),
        (NEW, {"metadata": False}),
    )
    for act, reading in readings:
        held = "metadata" in reading
        acts(proof, act, f"{act}, {reading}", held=held, reading=reading, line="close", done=True)
        deleted = [message for message in proof.lane.slack.truth() if message["deleted"]]
        proof.expects(not deleted, f"{act}, {reading}: it was taken for absent")


@row(
    10,
    "Slack asks to wait: in seconds, until a date, for ages, without saying how long",
    "no call too soon, nothing lost",
    short=True,
)
def asked_to_wait(proof: Proof) -> None:
    """A storm of 429, each with another way to say until when."""
    for said in ("number",) if proof.short else ("number", "date", "missing", "huge", "nonsense"):
        with proof.trial("ready") as trial:
            date = format_datetime((trial.clock.now() + timedelta(seconds=20)).astimezone(UTC), usegmt=True)
            asked = {"number": 7, "date": date, "missing": "", "huge": 10**8, "nonsense": "soon"}[said]
            least = {"number": 7, "date": 15, "missing": 1, "huge": LONGEST_BAN, "nonsense": 1}[said]
            trial.slack.refuse(method=POST, error="ratelimited", retry_after=asked, times=2)
            trial.starts()
            trial.proposes("Ring back")
            proof.judge(trial, said)
            posts = [call for call in trial.slack.calls() if call["method"] == POST]
            refused = [call["at"] for call in posts if call["error"] == "ratelimited"]
            first = next((call["at"] for call in posts if call["ok"]), 0.0)
            wait = first - max(refused, default=0.0)
            proof.expects(wait >= least - 1, f"{said}: called again after {wait:.0f} s")


@row(
    11,
    "500, 503, 504, fatal_error, internal_error, bad JSON, an unknown error, after taking the message or not",
    "one message",
)
def broken_answers(proof: Proof) -> None:
    """Answers of which nobody can know what they mean."""
    kinds: tuple[dict[str, Any], ...] = (
        {"status": 500},
        {"status": 503},
        {"status": 504},
        {"error": "fatal_error"},
        {"error": "internal_error"},
        {"body": '{"ok": tr'},
        {"body": "<html>Down for maintenance"},
        {"error": "never_heard_of"},
    )
    for number, kind in enumerate(kinds):
        act, done = (DIGEST if number % 2 else NEW), bool(number // 2 % 2)
        acts(proof, act, f"{act}, {kind}, taken: {done}", done=done, **kind)


NEVER = (
    *("channel_not_found", "not_in_channel", "is_archived", "cannot_dm_bot"),
    *("messages_tab_disabled", "restricted_action", "ekm_access_denied", "access_denied", "no_permission"),
    *("team_access_not_granted", "msg_too_long", "no_text", "invalid_blocks", "message_limit_exceeded"),
)


@row(12, "every documented refusal of a message", "failed with its reason, and not tried again and again")
def refused_for_good(proof: Proof) -> None:
    """One message after the other is refused for each reason that Slack names; whom it does not know is gone then."""
    for errors in (NEVER, ("user_not_found",), ("user_disabled",)):
        refused_one_by_one(proof, errors)


def refused_one_by_one(proof: Proof, errors: tuple[str, ...]) -> None:
    """Each of these reasons in turn."""
    with proof.trial("ready") as trial:
        trial.starts()
        for error in errors:
            trial.slack.refuse(method=POST, error=error, where={"channel": "U0DANA"}, times=MOST_CALLS)
            trial.proposes(f"Idea for {error}")
            trial.settles()
            trial.slack.forgive()
        proof.judge(trial, "refused for good")
        rows = [row for row in trial.outbox() if row["recipient"] == "U0DANA"]
        failed = [row for row in rows if row["state"] == "failed"]
        most = max((row["attempts"] for row in rows), default=0)
        proof.expects(len(failed) >= len(errors), f"{len(failed)} of {len(errors)} failed")
        proof.expects(all(row["reason"] for row in failed), "one failed without a reason")
        proof.expects(most <= MOST_CALLS, f"one was tried {most} times")
    proof.tally.notes.append(f"{len(errors)} reasons, at most {most} calls a message")


@row(13, "Slack is away for six hours while people go on", "all arrives, in order, at most one a second in a lane")
def away(proof: Proof) -> None:
    """A real backlog, as large as people make in a test; a day's backlog of thousands is only more of the same."""
    with proof.trial("ready") as trial:
        trial.starts()
        trial.slack.refuse(method=POST, status=503, times=None)
        for number in range(12):
            trial.proposes(f"Idea {number}")
        trial.slack.forgive()
        trial.slack.open(opened=False)
        for _ in range(6):
            time.sleep(1.5)
            trial.clock.advance(HOURS / 6)
        trial.slack.open(opened=True)
        began = time.monotonic()
        proof.judge(trial, "away", longest=0.0)
        drained = time.monotonic() - began
        posts = [call["at"] for call in trial.slack.calls() if call["ok"] and call["channel"] == "U0DANA"]
        gaps = [later - earlier for earlier, later in pairwise(posts)]
        proof.expects(min(gaps, default=1.0) > 0.9, f"two messages in a lane within {min(gaps, default=0):.2f} s")  # noqa: PLR2004
    proof.tally.notes.append(f"{len(trial.promised)} proposals, drained in {drained:.0f} s")


@row(14, "no such name, no TLS, nobody listens", "nothing counts as sent, all arrives later")
def unreachable(proof: Proof) -> None:
    """The bot is started with an address of Slack that cannot be reached in different ways."""
    for address in ("https://no-such-host.invalid/api/", "", "http://127.0.0.1:9/api/"):
        with proof.trial("ready") as trial:
            trial.slack.refuse(method=POST, error="ratelimited", retry_after=5, times=2)
            started = trial.starts()
            trial.proposes("Ring back")
            waits_for_call(trial)
            trial.kills()
            trial.slack.forgive()
            trial.clock.advance(3600)
            trial.api_url = address or trial.slack.api_url().replace("http:", "https:")
            started = [trial.starts_one("run" if proof.engine == "sqlite" else "worker")]
            time.sleep(4)
            states = {row["state"] for row in trial.outbox()}
            proof.expects(not states & {"sent", "held"}, f"{address or 'no TLS'}: {states}")
            proof.expects(all(bot.alive for bot in started), f"{address or 'no TLS'}: it ended")
            trial.kills()
            trial.api_url = ""
            trial.clock.advance(3600)
            trial.starts()
            proof.judge(trial, address or "no TLS", longest=0.0)


@row(15, "an answer of one byte a second", "the total time-out ends the call")
def slow_answers(proof: Proof) -> None:
    """Slack trickles, after taking the message."""
    trial = acts(proof, "new message", "trickling", line="slow", done=True)
    longest = max(call["seconds"] for call in trial.slack.calls())
    proof.tally.notes.append(f"longest call {longest:.0f} s")
    time.sleep(LOOK)
