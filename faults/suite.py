"""Rows that the test suite proves better: its files are run, and its own count is taken."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from faults.lane import NotHere

if TYPE_CHECKING:
    from faults.lane import Proof

ROOT = Path(__file__).parent.parent
PATIENCE = 400


def run_tests(proof: Proof, *files: str, chosen: str = "") -> None:
    """Run those of these files that there are, once for both engines; without any of them the row is not proved."""
    there = [file for file in files if (ROOT / file).exists()]
    if not there:
        raise NotHere("no test of it is there yet")
    proof.tally.how = "test suite"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *there,
        *(["-k", chosen] if chosen else []),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    figures = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|errors?|skipped)", done.stdout)}
    proof.tally.runs += figures.get("passed", 0)
    proof.tally.notes.append(", ".join(Path(file).name for file in there))
    proof.expects(done.returncode == 0, f"{figures}: {done.stdout[-600:]}")
