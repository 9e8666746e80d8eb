"""Makes every fault of the catalogue happen, and says what came of it: python -m faults --only 3 --database sqlite."""

from __future__ import annotations

import random
import secrets
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from faults import database_rows, databases, dying, report, request_rows, slack_rows, time_rows
from faults.lane import Lane, NotHere, Proof, Tally
from faults.table import BOTH, ROWS, Row

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "faults.md"
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
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        folder.chmod(0o711)  # The PostgreSQL server may run as another user.
        server = stack.enter_context(databases.server(folder / "server")) if "postgres" in engines else None
        pool = stack.enter_context(ThreadPoolExecutor(len(engines)))
        lanes = [
            stack.enter_context(Lane(each, folder, server, seed, shared_tests=len(engines) > 1)) for each in engines
        ]
        for tallies in pool.map(lambda lane: prove_all(lane, rows, short=short), lanes):
            for number, tally in tallies.items():
                results[number].append(tally)
        versions = report.versions(server.version if server else "")
    seconds = time.monotonic() - began
    if not (short or only):
        report.write(PAGE, report.page(results, seed, versions, seconds))
    broken = [each for tallies in results.values() for tally in tallies for each in tally.broken]
    typer.echo(f"{sum(t.runs for ts in results.values() for t in ts)} runs in {seconds:.0f} s, seed {seed}; ", nl=False)
    typer.echo("everything held." if not broken else f"{len(broken)} things that must hold did not.")
    raise typer.Exit(bool(broken))


def prove_all(lane: Lane, rows: list[Row], *, short: bool) -> dict[int, Tally]:
    """Every row on one engine, in turn."""
    return {row.number: prove(lane, row, short=short) for row in rows if lane.engine in row.engines}


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
    typer.run(main)
