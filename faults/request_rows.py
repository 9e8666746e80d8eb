"""Rows 16 to 25 and 47: what people and Slack send, twice, at once, late or forged."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from faults.dying import ACTS, finish, passes_the_slot
from faults.lane import at_once
from faults.remote import Refused
from faults.suite import run_tests
from faults.table import SUITE, row

if TYPE_CHECKING:
    from faults.lane import Proof
    from faults.trial import Trial

SEVERAL_BEATS = 3.0  # Real seconds.


def count(trial: Trial, table: str, where: str = "1 = 1") -> int:
    """How many rows there are."""
    return int(trial.database.rows(f"SELECT count(*) AS times FROM {table} WHERE {where}")[0]["times"])


@row(16, "one submission arrives four more times, in turn and at once", "one effect")
def repeated(proof: Proof) -> None:
    """The same signed request again."""
    for together in (False, True):
        with proof.trial("ready") as trial:
            trial.starts()
            trial.proposes("Ring back")
            answers = trial.slack.again("interactive", 4, at_once=together)
            proof.expects(all(answer["ok"] for answer in answers), "a repetition was not answered well")
            proof.expects(count(trial, "experiments") == 1, "it had more than one effect")
            proof.judge(trial, f"at once: {together}")


@row(17, "an event that only arrives as a repetition", "carried out")
def first_heard_as_a_retry(proof: Proof) -> None:
    """Nobody listens the first time."""
    for retry in (1, 3):
        with proof.trial("ready") as trial:
            bot = trial.starts()[-1]
            trial.slack.send_to("http://127.0.0.1:9/slack/events")
            trial.slack.does("U0ASHA", "opens_home")
            trial.slack.send_to(f"{bot.address}/slack/events")
            trial.slack.again("events_api", 1, retry=retry)
            published = [call for call in trial.slack.calls() if call["method"] == "views.publish" and call["ok"]]
            proof.expects(published, "the repeated event was dropped")
            proof.judge(trial, f"retry {retry}")


@row(18, "events out of order, and a day late", "nothing goes back", engines=SUITE)
def out_of_order(proof: Proof) -> None:
    """What was proved, and what was not."""
    run_tests(proof, "tests/test_leaving.py", "tests/test_lifecycle.py")


@row(20, "many clicks at once by one person on one button", "one winner", engines=("sqlite", "postgres"))
def double_click(proof: Proof) -> None:
    """Eight copies of a submission, and two windows of one form."""
    for number in range(4):
        with proof.trial("asked") as trial:
            trial.starts()
            if proof.engine == "postgres":
                trial.starts_one("web").wait_until_it_answers()
            trial.slack.does("U0DANA", "presses", "Safe enough to try")
            trial.sees_a_form("U0DANA", "cover_note")
            at_once(*[lambda: submits(trial, "U0DANA")] * (2 + number))
            trial.slack.again("interactive", 8, at_once=True)
            finish(trial, ACTS["changed message"])
            agreed = count(trial, "audit", "step = 'agree'")
            proof.expects(agreed == 1, f"agreed {agreed} times")
            proof.judge(trial, "double click")


def submits(trial: Trial, who: str) -> object:
    """Submit, unless the form has just closed."""
    try:
        return trial.slack.does(who, "submits")
    except Refused:
        return None


@row(21, "the sponsor agrees while the owner withdraws", "one winner, as the table of the life allows")
def agree_and_withdraw(proof: Proof) -> None:
    """Both at the same moment; whoever is second is told."""
    winners: list[str] = []
    for _ in range(4):
        with proof.trial("asked") as trial:
            trial.starts()
            trial.slack.does("U0DANA", "presses", "Safe enough to try")
            trial.sees_a_form("U0DANA", "cover_note")
            at_once(lambda: submits(trial, "U0DANA"), lambda: withdraws(trial))
            proof.judge(trial, "agree and withdraw")
            winners.append(str(trial.database.rows("SELECT status FROM experiments")[0]["status"]))
    proof.tally.notes.append(f"ended as {', '.join(sorted(set(winners)))}")


def withdraws(trial: Trial) -> object:
    """Withdraw, and say yes when asked."""
    try:
        answer = trial.slack.does("U0ASHA", "presses", "Withdraw")
        if trial.slack.screen("U0ASHA"):
            answer = trial.slack.does("U0ASHA", "submits")
    except Refused as refused:
        trial.notes.append(str(refused))
        return None
    return answer


@row(
    22,
    "stale buttons, unknown numbers, another team's, a tampered version",
    "refused, told, nothing changed",
    engines=SUITE,
)
def forged_presses(proof: Proof) -> None:
    """What the suite proves for every button."""
    run_tests(proof, "tests/test_requests.py")


@row(
    23,
    "a form that is sent after the change, twice, or by a guest",
    "the words stay, nothing is overwritten",
    engines=SUITE,
)
def late_forms(proof: Proof) -> None:
    """What the suite proves for every form."""
    run_tests(proof, "tests/test_propose.py", "tests/test_sign_off.py")


@row(
    24,
    "forged, missing, old and future signatures, strange bytes and numbers",
    "401, no word of it in the log",
    engines=SUITE,
)
def forged_signatures(proof: Proof) -> None:
    """What the suite proves with made-up requests."""
    run_tests(proof, "tests/test_guard.py")


@row(25, "a signed request is replayed four minutes later", "no second effect")
def replayed(proof: Proof) -> None:
    """Also by a process that has just started and remembers nothing."""
    with proof.trial("ready") as trial:
        trial.starts()
        trial.proposes("Ring back")
        trial.settles()
        trial.kills()
        trial.clock.advance(240)
        trial.starts()
        trial.slack.again("interactive", 3)
        trial.slack.again("slash_commands", 1)
        proof.expects(count(trial, "experiments") == 1, "it had more than one effect")
        proof.judge(trial, "replayed", longest=0.0)


@row(26, "huge bodies, a million fields, deep JSON, bad UTF-8, no length", "4xx, little memory", engines=SUITE)
def hostile_bodies(proof: Proof) -> None:
    """What the suite proves with made-up requests."""
    run_tests(proof, "tests/test_guard.py")


@row(27, "every field of a request dropped, renamed or of another type", "never 5xx, never another team", engines=SUITE)
def grammar(proof: Proof) -> None:
    """What the suite proves with made-up requests."""
    run_tests(proof, "tests/test_guard.py")


@row(
    44,
    "Socket Mode: refreshed, cut, silent, everything twice",
    "back within a minute, nothing lost or doubled",
    engines=SUITE,
)
def sockets(proof: Proof) -> None:
    """What the suite proves with real sockets."""
    run_tests(proof, "tests/test_socket.py")


@row(
    47, "somebody's account is switched off, a channel is archived, in the middle", "failed or waiting with its reason"
)
def flips(proof: Proof) -> None:
    """State changes in Slack between the deed and the message."""
    with proof.trial("digest") as trial:
        trial.slack.flips("channel", "C0LEARN", is_archived=True)
        trial.starts()
        passes_the_slot(trial)
        time.sleep(SEVERAL_BEATS)
        proof.judge(trial, "archived", held=True)
    with proof.trial("ready") as trial:
        trial.starts()
        trial.slack.flips("member", "U0DANA", deleted=True)
        trial.proposes("Ring back")
        proof.judge(trial, "switched off")


@row(50, "hostile words in every field", "inert wherever they are shown", engines=SUITE)
def hostile_words(proof: Proof) -> None:
    """What the suite proves for every message and page."""
    run_tests(proof, "tests/test_text_safety.py")
