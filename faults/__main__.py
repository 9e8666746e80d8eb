"""Makes every fault of the catalogue happen, and says what came of it: python -m faults --only 3 --database sqlite."""

from __future__ import annotations

import random
import secrets
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from faults import database_rows, dying, report, request_rows, slack_rows, time_rows
from faults.lane import Lane, NotHere, Proof, Tally
from faults.table import BOTH, ROWS, Row

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "faults.md"
LANES = 3  # On each engine: a lane mostly waits for the bot's next beat.
ROOMS = (dying, slack_rows, request_rows, database_rows, time_rows)  # Each enters its rows into the table.


class Engines(StrEnum):
    """On which engines."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    BOTH = "both"


def main(
    *,
    seed: Annotated[int | None, typer.Option(help="Makes what is left to chance the same again.")] = None,
    only: Annotated[list[int] | None, typer.Option(help="The number of a row; may be given several times.")] = None,
    short: Annotated[bool, typer.Option("--short", help="The most telling rows, in less than a minute.")] = False,
    database: Annotated[Engines, typer.Option(help="On which engine.")] = Engines.BOTH,
) -> None:
    """Prove with real processes that nothing is lost and nothing is said twice."""
    seed = secrets.randbelow(10**6) if seed is None else seed
    rows = [ROWS[number] for number in sorted(ROWS) if number in (only or ROWS) and (ROWS[number].short or not short)]
    engines = BOTH if database is Engines.BOTH else (database.value,)
    typer.echo(f"{len(rows)} rows on {' and '.join(engines)}, seed {seed}.")
    began = time.monotonic()
    results: dict[int, list[Tally]] = {row.number: [] for row in rows}
    with TemporaryDirectory(prefix="faults-") as folder, ThreadPoolExecutor(len(engines) * LANES) as pool:
        Path(folder).chmod(0o711)
        waiting = {engine: SimpleQueue[Row]() for engine in engines}
        for row in rows:
            for engine in set(row.engines) & set(engines):
                waiting[engine].put(row)
        lanes = [
            pool.submit(prove_all, waiting[engine], engine, Path(folder) / f"{engine}-{number}", seed, short=short)
            for engine in engines
            for number in range(min(LANES, len(rows)))
        ]
        for lane in lanes:
            for number, tally in lane.result():
                results[number].append(tally)
    versions = report.versions([tally for tallies in results.values() for tally in tallies])
    seconds = time.monotonic() - began
    if not (short or only):
        told = report.summary(results, seed, versions, seconds)
        report.write(PAGE, report.page(results, told))
        report.tell_readme(ROOT / "README.md", told)
    tell(results, seconds, seed)


def tell(results: dict[int, list[Tally]], seconds: float, seed: int) -> None:
    """Say on the screen what came of everything, and end with 1 when something broke."""
    everything = [tally for tallies in results.values() for tally in tallies]
    broken = sum(len(tally.broken) for tally in everything)
    lost, doubled = sum(tally.lost for tally in everything), sum(tally.doubled for tally in everything)
    runs = sum(tally.runs for tally in everything)
    typer.echo(f"{runs} runs in {seconds:.0f} s, {lost} lost, {doubled} doubled, seed {seed}; ", nl=False)
    typer.echo(f"{broken} things that must hold did not." if broken else "everything held.")
    raise typer.Exit(bool(broken))


def prove_all(
    waiting: SimpleQueue[Row], engine: str, folder: Path, seed: int, *, short: bool
) -> list[tuple[int, Tally]]:
    """Rows on one engine, one after the other, as long as any waits."""
    proved: list[tuple[int, Tally]] = []
    with Lane(engine, folder, seed) as lane, suppress(Empty):
        while True:
            row = waiting.get_nowait()
            proved.append((row.number, prove(lane, row, short=short)))
            proved[-1][1].version = lane.server.version if lane.server else ""
    return proved


def prove(lane: Lane, row: Row, *, short: bool) -> Tally:
    """One row on one engine; what breaks in the proof itself is told as broken, too."""
    tally = Tally(lane.engine)
    began = time.monotonic()
    luck = random.Random(f"{lane.seed} {row.number} {lane.engine}")  # noqa: S311 - to be the same again.
    try:
        row.prove(Proof(lane, tally, luck, short))
    except NotHere as missing:
        tally.missing = str(missing)
    except Exception:  # noqa: BLE001 - the other rows are still to be proved.
        tally.broken.append(traceback.format_exc(limit=-4))
    tally.seconds = time.monotonic() - began
    typer.echo(line(row, tally))
    for each in tally.broken:
        typer.echo(f"        {each}")
    return tally


def line(row: Row, tally: Tally) -> str:
    """What is said on the screen of one row."""
    end = tally.missing or "; ".join(["BROKEN" if tally.broken else "held", *tally.notes])
    figures = f"{tally.runs} runs, {tally.lost} lost, {tally.doubled} doubled, {tally.held} held"
    return f"{row.number:3} {tally.engine:8} {tally.seconds:5.0f} s  {figures}; {row.fault}: {end}"


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
