"""A line to the database that can be cut, or swallow the answer of COMMIT."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

CHUNK = 65536


class Proxy:
    """Passes everything on between a port of this machine and a server's socket."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.cut_commits = 0  # How many proposals' answers of COMMIT are still to be swallowed.
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._lines: list[socket.socket] = []

    def __enter__(self) -> Self:
        """Let them in."""
        threading.Thread(target=self._welcome, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Cut everything."""
        self._door.close()
        self.cut()

    def cut(self) -> None:
        """Cut every line."""
        for line in self._lines:
            _close(line)
        self._lines.clear()

    def _welcome(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.target)
                self._lines += [near, far]
                armed = threading.Event()  # COMMIT has gone through on this line.
                for source, drain, forth in ((near, far, True), (far, near, False)):
                    passing = threading.Thread(target=self._pass, args=(source, drain, armed, forth), daemon=True)
                    passing.start()

    def _pass(self, source: socket.socket, drain: socket.socket, armed: threading.Event, forth: bool) -> None:  # noqa: FBT001
        wanted = False  # The transaction that saves a proposal, and no other.
        with suppress(OSError):
            while data := source.recv(CHUNK):
                wanted = wanted or (forth and b"INSERT INTO experiments" in data)
                if wanted and self.cut_commits and b"COMMIT" in data:
                    self.cut_commits -= 1
                    armed.set()
                if not forth and armed.is_set():
                    break  # The server has done it, and nobody hears of it.
                drain.sendall(data)
        _close(source)
        _close(drain)


def _close(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
