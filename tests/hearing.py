"""Hears what the program writes to its log during a test."""

from __future__ import annotations

import io
import json
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog

from bot import log

if TYPE_CHECKING:
    from collections.abc import Iterator


class Log(io.StringIO):
    """The log as it was written."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its lines, read."""
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def said(self, event: str) -> list[dict[str, Any]]:
        """The lines about one event."""
        return [line for line in self.lines if line["event"] == event]


@contextmanager
def listening(level: str = "INFO") -> Iterator[Log]:
    """Configure the log as the program does; afterwards everything is as before."""
    root = logging.getLogger()
    before, was = root.handlers[:], root.level
    written = Log()
    log.configure(written, level)
    try:
        yield written
    finally:
        root.handlers[:] = before
        root.setLevel(was)
        structlog.reset_defaults()
