"""The bot's real processes: started, killed, stopped and continued, with everything they ever wrote."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent
PATIENCE = 30
FORGOTTEN = ("SLACK_", "DATABASE_", "PORT", "PUBLIC_URL", "CRASH_AT", "CLOCK_FILE", "LOG_LEVEL")


def free_port() -> int:
    """A port of this machine that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Bot:
    """One process of the bot."""

    command: str
    process: subprocess.Popen[bytes]
    output: Path
    port: int
    crash_at: str

    @property
    def address(self) -> str:
        """Where it listens for Slack."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    @property
    def died_at_its_point(self) -> bool:
        """Whether it killed itself at the moment that it was told."""
        return bool(self.crash_at) and self.process.poll() == -signal.SIGKILL

    def signals(self, number: int) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill it without any clean-up."""
        if self.alive:
            self.process.kill()
            self.process.wait(PATIENCE)

    def wait_for_death(self, seconds: float) -> bool:
        """Wait for its end, and say whether it came."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def status(self, path: str = "/healthz") -> int:
        """How it answers at an address, or 0 when it does not."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:  # noqa: S310 - our own process.
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def wait_until_it_answers(self) -> None:
        """Wait until it serves, or is dead."""
        until = time.monotonic() + PATIENCE
        while self.alive and self.status() != 200 and time.monotonic() < until:  # noqa: PLR2004 - HTTP's OK.
            time.sleep(0.03)


def start(folder: Path, command: str, settings: Mapping[str, str], crash_at: str = "") -> Bot:
    """Start one process; everything it writes is kept in a file."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(FORGOTTEN)}
    port = free_port()
    number = len(list(folder.glob("bot-*.log")))
    output = folder / f"bot-{number}.log"
    at = {"CRASH_AT": crash_at} if crash_at else {}
    words = [command, "--host", "127.0.0.1"] if command in ("run", "web") else command.split()
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            cwd=folder,
            env={**ours, "PYTHONPATH": str(ROOT), "PORT": str(port), **settings, **at},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    return Bot(command, process, output, port, crash_at)
