"""Nobody's words reach the log, whatever fails."""

from __future__ import annotations

import json
import re

import pytest

from tests.hands import runs
from tests.hearing import listening
from tests.signed import command, run, without
from tests.test_guard import home_opened, send
from tests.world import FILLED, fills_at_once

MARKER = "zanzibar"
TEXTS = ("title", "problem", "idea", "hypothesis", "prediction", "stop_sign", "worst", "undo", "team")
WORDS = {name: f"{MARKER} {FILLED[name]}" for name in TEXTS}
TABLES = ("people", "experiments", "outbox", "inbox", "drafts", "sign_offs", "audit")


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_whatever_fails_no_words_of_people_and_no_token_reach_the_log(world, level):
    with listening(level) as log:
        runs(world, **WORDS)
        for table in TABLES:
            with without(world, table):
                fails_everywhere(world)
        run(world, "DELETE FROM sign_offs")
        fails_everywhere(world)
        world.slack.refuse("*", "internal_error", times=5)
        fails_everywhere(world)
        send(world, f'{{"type": "{MARKER}'.encode(), "application/json")
        send(world, f"command={MARKER}".encode(), secret="another")
        send(world, json.dumps({"type": MARKER, "text": MARKER}).encode(), "application/json")
    world.slack.failures.clear()
    world.slack.calls[:] = [call for call in world.slack.calls if call not in world.slack.refused]

    assert log.said("a request could not be answered")
    assert MARKER not in log.getvalue().lower()
    assert not re.search(r"xox[a-z]-(?!\[secret\])", log.getvalue())
    assert all(line["event"] and line["level"] and line["timestamp"] for line in log.lines)


def fails_everywhere(world):
    """Type, press, fill in and look, each with words of a person."""
    world.asha.types("/experiment", f"learnings {MARKER}")
    world.asha.types("/experiment", f"{MARKER} EXP-1")
    world.slack.replay(command(world, f"show EXP-1 {MARKER}"))
    world.slack.replay(home_opened(world))
    if world.asha.types("/experiment", "propose").ok and world.asha.modal and "title" in str(world.asha.modal.blocks):
        fills_at_once(world.asha, **FILLED | WORDS)
        world.asha.submits()
    if world.asha.modal:
        world.asha.closes(everything=True)
