"""The one clock of a proof: a file of seconds that the bot's processes and the playground's Slack read alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BEGINS = datetime(2026, 6, 1, 9, tzinfo=UTC)  # A Monday, ten o'clock in London.


class SharedClock:
    """Runs on as the machine's clock does, and may be moved for everybody at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def offset(self) -> float:
        """By how many seconds it differs from the machine's clock."""
        return float(self.path.read_text())

    def now(self) -> datetime:
        """The moment it shows."""
        return datetime.now(UTC) + timedelta(seconds=self.offset)

    def set(self, moment: datetime) -> None:
        """Move it to a moment."""
        part = self.path.with_suffix(".part")
        part.write_text(str((moment - datetime.now(UTC)).total_seconds()))
        part.rename(self.path)  # Whoever reads meanwhile reads the whole of the old or of the new.

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.set(self.now() + timedelta(seconds=seconds))
