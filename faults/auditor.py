"""Looks, when all is over, at Slack's truth and at the database, and at nothing else; says what must not be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.domain.lifecycle import NEXT, Status, Step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from faults.databases import Database, Row

Json = dict[str, Any]
FINAL = {"sent", "held", "cancelled", "failed"}


@dataclass
class Findings:
    """What was found after one run."""

    broken: list[str] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    held: int = 0
    seen: dict[str, float] = field(default_factory=dict)  # Each key that stands in Slack, and when it was said.


def audit(
    database: Database, truth: list[Json], now: datetime, outputs: Iterable[Path], secrets: Iterable[str]
) -> Findings:
    """Everything that can be checked without asking the bot."""
    found = Findings()
    rows = database.rows("SELECT * FROM outbox ORDER BY id")
    visible = [message for message in truth if not message["deleted"]]
    everything_is_settled(rows, truth, now, found)
    nothing_is_said_twice(rows, visible, found)
    histories_are_legal(database, found)
    nothing_leaks(outputs, secrets, found)
    if trouble := database.trouble():
        found.broken.append(f"I7: {trouble}")
    return found


def everything_is_settled(rows: list[Row], truth: list[Json], now: datetime, found: Findings) -> None:
    """I1: every committed message is sent and stands in Slack, or is held, cancelled or failed with a reason."""
    said = {message["proof"] for message in truth}
    for row in rows:
        is_waiting = row["state"] == "waiting" and moment(row["due"]) > now
        if row["state"] not in FINAL and not is_waiting:
            found.broken.append(f"I1: {row['key']} is still {row['state']}")
        if row["state"] in {"failed", "held", "cancelled"} and not row["reason"]:
            found.broken.append(f"I1: {row['key']} is {row['state']} without a reason")
        if row["state"] == "sent" and (not row["ts"] or row["proof"] not in said):
            found.lost += 1
            found.broken.append(f"I1: {row['key']} is marked as sent and does not stand in Slack")
        found.held += row["state"] == "held"


def nothing_is_said_twice(rows: list[Row], visible: list[Json], found: Findings) -> None:
    """I2: at most one visible message for each key, and none without a key; changes are in the place of the message."""
    keys = {row["proof"]: row["key"] for row in rows}
    times = Counter(message["proof"] for message in visible)
    for proof, count in times.items():
        if proof not in keys:
            found.broken.append(f"I2: {count} messages stand in Slack that no row knows")
        elif count > 1:
            found.doubled += count - 1
            found.broken.append(f"I2: {keys[proof]} stands in Slack {count} times")
    places = {(row["channel"], row["ts"]) for row in rows if row["state"] == "sent"}
    for message in visible:
        key = keys.get(message["proof"], "")
        found.seen[key] = float(message["ts"])
        sent = next((row for row in rows if row["key"] == key and row["state"] == "sent"), None)
        if sent and times[message["proof"]] == 1 and (message["channel"], message["ts"]) not in places:
            found.broken.append(f"I2: {key} stands elsewhere than the database says")


def histories_are_legal(database: Database, found: Findings) -> None:
    """I3 and what there is of I4: the audit's steps lead by the table of the life to the status; one answer each."""
    steps = database.rows("SELECT experiment_id, step FROM audit WHERE experiment_id IS NOT NULL ORDER BY id")
    for row in database.rows("SELECT id, status FROM experiments"):
        status = Status.PROPOSED
        for each in [step["step"] for step in steps if step["experiment_id"] == row["id"]]:
            if each not in set(Step):
                continue
            if Step(each) not in NEXT[status]:
                found.broken.append(f"I3: experiment {row['id']}: {each} while {status}")
                break
            status = NEXT[status][Step(each)]
        if status != row["status"]:
            found.broken.append(f"I4: experiment {row['id']} is {row['status']}, and its audit says {status}")
    for row in database.rows(
        "SELECT experiment_id, count(*) AS times FROM sign_offs WHERE answer = 'agreed' "
        "GROUP BY experiment_id HAVING count(*) > 1"
    ):
        found.broken.append(f"I3: experiment {row['experiment_id']} was agreed to {row['times']} times")


def nothing_leaks(outputs: Iterable[Path], secrets: Iterable[str], found: Findings) -> None:
    """I6: no secret in anything that a process ever wrote."""
    hidden = [each.encode() for each in secrets]
    for output in outputs:
        written = output.read_bytes()
        if any(each in written for each in hidden):
            found.broken.append(f"I6: a secret stands in {output.name}")


def moment(value: Any) -> datetime:
    """A moment as either engine keeps it."""
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read if read.tzinfo else read.replace(tzinfo=UTC)
