"""Commands a playground in another process."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from faults.clock import SharedClock

ROOT = Path(__file__).parent.parent
PATIENCE = 60


class Refused(Exception):  # noqa: N818 - what could not be done is often the point.
    """The playground could not do what was asked."""


class Remote:
    """Starts a playground and speaks to its door; every name is something that may be asked there."""

    def __init__(self, clock: SharedClock) -> None:
        self.clock = clock

    def __enter__(self) -> Self:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.stand", str(self.clock.path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        self._address = f"http://127.0.0.1:{int(line)}/"
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.communicate(timeout=PATIENCE)

    def __getattr__(self, name: str) -> Any:
        """What may be asked at the door, as a method."""
        return lambda *args, **more: self._ask(name, *args, **more)

    def _ask(self, name: str, *args: Any, **more: Any) -> Any:
        body = json.dumps({"do": name, "args": args, "more": more}).encode()
        with urllib.request.urlopen(self._address, body, timeout=PATIENCE) as answer:  # noqa: S310 - our own process.
            said = json.load(answer)
        if "error" in said:
            raise Refused(said["error"])
        return said["answer"]
