"""Starts the real command line as a process of its own, and ends it again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
PATIENCE = 20
HTTP = {"SLACK_SIGNING_SECRET": "s" * 32, "SLACK_BOT_TOKEN": "xoxb-1-secret"}


def free_port() -> int:
    """A port of this machine that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**settings: str) -> dict[str, str]:
    """The environment of this process, with these settings of the bot and no others."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DATABASE_", "PORT"))}
    return ours | settings


def command(words: tuple[str, ...], *, real: bool) -> list[str]:
    """The command line around a very small bot, or the real one."""
    program = ["-m", "bot"] if real else [str(HERE / "stand_in.py")]
    return [sys.executable, *program, *words]


def finished(folder: Path, *words: str, real: bool = False, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(words, real=real),
        cwd=folder,
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@contextmanager
def running(folder: Path, *words: str, real: bool = False, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command that goes on, until the block ends."""
    with subprocess.Popen(
        command(words, real=real),
        cwd=folder,
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def ended(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str]:
    """Ask the process to end; its status, and what it wrote to stderr."""
    process.send_signal(number)
    _out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, err


def fetch(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Ask over HTTP; the status, and what was answered."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers or {}), timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.02)


def wait_for(url: str, status: int = 200) -> tuple[float, str]:
    """Wait until the address answers so; how long it took, and the answer."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        try:
            found, body = fetch(url)
        except (urllib.error.URLError, ConnectionError):
            found, body = 0, ""
        if found == status:
            return time.monotonic() - began, body
        time.sleep(0.02)
    raise AssertionError(f"{url} never answered {status}, last {found}: {body}")
