"""Writes what was proved, as a page of the documentation."""

from __future__ import annotations

import platform
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from faults.table import ROWS

if TYPE_CHECKING:
    from pathlib import Path

    from faults.lane import Tally

BEGIN, END = "<!-- faults -->", "<!-- /faults -->"  # Around the lines in the README.
HEAD = """# What happens when things fail

Written by `make faults`; do not edit. Every line is a fault that was made to happen to real processes of the bot, or,
where it says so, one that the test suite proves. Afterwards an auditor, which asks only the playground's Slack and the
database, looks for what must not be: a message that was lost, one that stands there twice, a history that the table of
the life forbids, a secret in the log, a damaged database. Audit rows are compared with what is so; it does not look at
their chain yet.

- *lost*: confirmed to somebody or marked as sent, and not there.
- *doubled*: stands in Slack more than once at the end.
- *held*: left to a person, because nothing could be known.
- *delay*: the longest from the deed to the message, by the bot's clock.
"""


def summary(results: dict[int, list[Tally]], seed: int, versions: dict[str, str], seconds: float) -> str:
    """What came of the last run, in a few lines, for this page and for the README."""
    when = datetime.now(UTC).date()
    engines = " and ".join(f"{name} {version}" for name, version in versions.items())
    real = [tally for tallies in results.values() for tally in tallies if tally.how == "processes"]
    runs = sum(tally.runs for tally in real)
    lost, doubled, held = (sum(getattr(tally, name) for tally in real) for name in ("lost", "doubled", "held"))
    broken = sum(bool(tally.broken) for tallies in results.values() for tally in tallies)
    missing = sum(bool(tally.missing) for tally in real)
    return (
        f"Last run: {when:%-d %B %Y}, {len(results)} faults, {runs} runs of real processes on {engines}\n"
        f"(Python {platform.python_version()}, {seconds / 60:.0f} minutes, seed {seed}): **{lost} lost, {doubled} "
        f"doubled**, {held} held for a person;\n{broken} checks that did not hold, {missing} that could not be run."
    )


def page(results: dict[int, list[Tally]], told: str) -> str:
    """The whole page."""
    lines = [
        HEAD,
        told,
        "",
        "| # | fault | engine | how | runs | lost | doubled | held | delay | outcome |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [line(number, tally) for number in sorted(results) for tally in results[number]]
    return "\n".join(lines) + "\n"


def line(number: int, tally: Tally) -> str:
    """One row on one engine."""
    engine = tally.engine if tally.how == "processes" else "both"
    start = f"| {number} | {ROWS[number].fault} | {engine} |"
    if tally.missing:
        return f"{start} not run | | | | | | {tally.missing} |"
    outcome = f"broken: {len(tally.broken)}" if tally.broken else ROWS[number].holds
    said = "; ".join([outcome, *tally.notes])
    figures = f"{tally.runs} | {tally.lost} | {tally.doubled} | {tally.held} | {tally.longest:.0f} s"
    if tally.how != "processes":
        figures = f"{tally.runs} | | | |"
    return f"{start} {tally.how} | {figures} | {said} |"


def versions(tallies: list[Tally]) -> dict[str, str]:
    """The versions of the engines that were used."""
    server = next((tally.version for tally in tallies if tally.version), "")
    return {"SQLite": sqlite3.sqlite_version} | ({"PostgreSQL": server} if server else {})


def write(path: Path, text: str) -> None:
    """Put the page where the documentation is."""
    path.write_text(text)


def tell_readme(path: Path, told: str) -> None:
    """Put what came of the last run beside the promises."""
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n{told} Row by row: [docs/faults.md](docs/faults.md).\n{END}{after}")
