"""A line to PostgreSQL that can be cut, hang, or lose the answer to a COMMIT."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL

CHUNK = 65536
COMMIT = b"COMMIT\0"


class Proxy:
    """Passes everything on between a port of this machine and a server, until it is told to misbehave."""

    def __init__(self, behind: URL) -> None:
        self.behind = behind
        self.hangs = threading.Event()
        self.loses_commits = 0  # How many answers of COMMIT are still to be swallowed.
        self.spares_commits = 0  # How many come through before.
        self.only_after = b""  # Only those of transactions in which this was said.
        self.hangs_then = False
        self._lines: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._welcome, daemon=True).start()

    def __enter__(self) -> Self:
        """It is open already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the line away."""
        self.close()

    def cut(self) -> None:
        """Break every connection."""
        for line in self._lines:
            _close(line)
        self._lines.clear()

    def close(self) -> None:
        """Let nobody in any more, and break every connection."""
        _close(self._door)
        self.cut()

    def _welcome(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = _reached(self.behind)
                self._lines += [near, far]
                lost = threading.Event()  # COMMIT has gone through on this line, and its answer is not to come back.
                for way, ends in ((self._there, (near, far, lost)), (self._back, (far, near, lost))):
                    threading.Thread(target=way, args=ends, daemon=True).start()

    def _there(self, near: socket.socket, far: socket.socket, lost: threading.Event) -> None:
        wanted = not self.only_after
        with _quietly(near, far):
            while data := near.recv(CHUNK):
                wanted = wanted or self.only_after in data
                if wanted and COMMIT in data and self._loses():
                    lost.set()
                    far.sendall(data)
                    if self.hangs_then:
                        self.hangs.set()
                elif not self.hangs.is_set():
                    far.sendall(data)

    def _loses(self) -> bool:
        if not self.loses_commits:
            return False
        self.spares_commits -= 1
        if self.spares_commits >= 0:
            return False
        self.loses_commits -= 1
        return True

    def _back(self, far: socket.socket, near: socket.socket, lost: threading.Event) -> None:
        with _quietly(near, far):
            while data := far.recv(CHUNK):
                if lost.is_set():
                    return  # The server has done it, and nobody hears of it.
                if not self.hangs.is_set():
                    near.sendall(data)


def _reached(url: URL) -> socket.socket:
    """A connection to the server itself, which may listen on a socket of the machine only."""
    host = str(url.query.get("host", url.host))
    if not host.startswith("/"):
        return socket.create_connection((host, url.port or 5432))
    far = socket.socket(socket.AF_UNIX)
    far.connect(f"{host}/.s.PGSQL.{url.port or 5432}")
    return far


def _close(one: socket.socket) -> None:
    """Close a socket, also one on which a thread waits."""
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextmanager
def _quietly(*both: socket.socket) -> Iterator[None]:
    """Until either end is gone; then neither is there."""
    with suppress(OSError):
        yield
    for each in both:
        _close(each)
