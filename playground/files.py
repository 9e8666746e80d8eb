"""Files of a workspace: announced, received, shared and forgotten."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from playground import limits
from playground.validate import Refusal

Json = dict[str, Any]
_MIME = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_UNKNOWN = ("application/octet-stream", "binary", "Binary")
KINDS = {
    "png": ("image/png", "png", "PNG"),
    "jpg": ("image/jpeg", "jpg", "JPEG"),
    "jpeg": ("image/jpeg", "jpg", "JPEG"),
    "gif": ("image/gif", "gif", "GIF"),
    "webp": ("image/webp", "webp", "WebP"),
    "svg": ("image/svg+xml", "svg", "SVG"),
    "pdf": ("application/pdf", "pdf", "PDF"),
    "txt": ("text/plain", "text", "Plain Text"),
    "md": ("text/markdown", "markdown", "Markdown (raw)"),
    "csv": ("text/csv", "csv", "CSV"),
    "json": ("application/json", "json", "JSON"),
    "html": ("text/html", "html", "HTML"),
    "xml": ("application/xml", "xml", "XML"),
    "zip": ("application/zip", "zip", "Zip"),
    "mp3": ("audio/mpeg", "mp3", "MP3"),
    "mp4": ("video/mp4", "mp4", "MPEG 4 Video"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", "Word Document"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "Excel Spreadsheet"),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx", "PowerPoint"),
}
SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class Life(StrEnum):
    """How far a file has come."""

    ANNOUNCED = "announced"
    RECEIVED = "received"
    COMPLETE = "complete"
    DELETED = "deleted"


@dataclass
class File:
    """One file and its bytes."""

    id: str
    name: str
    user: str
    size: int
    made: datetime
    title: str = ""
    alt_txt: str = ""
    mime: str = ""
    data: bytes = b""
    life: Life = Life.ANNOUNCED
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    shares: list[tuple[str, str]] = field(default_factory=list)  # Channels, and the messages in them.

    @property
    def kind(self) -> tuple[str, str, str]:
        """Its MIME type, and Slack's short and long word for it."""
        known = KINDS.get(self.extension, _UNKNOWN)
        good = known is _UNKNOWN and _MIME.fullmatch(self.mime)
        return (self.mime, *known[1:]) if good else known

    @property
    def extension(self) -> str:
        """What stands behind the last dot of its name."""
        return self.name.rpartition(".")[2].lower()

    @property
    def safe_name(self) -> str:
        """Its name as it may stand in an address or a header."""
        return re.sub(r"[^a-z0-9_.-]+", "_", self.name.lower()).lstrip(".") or "file"

    def receive(self, data: bytes) -> None:
        """Take the bytes that were announced, once."""
        if self.life is not Life.ANNOUNCED:
            raise Refusal("file_not_found", ("[ERROR] this upload URL was used before",), status=404)
        if len(data) != self.size:
            told = f"[ERROR] {len(data)} bytes came where {self.size} were announced"
            raise Refusal("file_update_failed", (told,), status=400)
        self.data = data
        self.life = Life.RECEIVED

    def forget(self) -> None:
        """Delete it, with its bytes."""
        self.data = b""
        self.life = Life.DELETED


def named(name: str) -> str:
    """A file's name without the folders before it, and without what cannot be seen."""
    shown = re.sub(r"[\x00-\x1f\x7f]", "", name).replace("\\", "/").rpartition("/")[2].strip()
    return shown[: limits.FILE_NAME]
