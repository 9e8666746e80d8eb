"""What can go wrong with a call, and what the app is told of it, or not told."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Literal

Json = dict[str, Any]
Where = Callable[[Json], bool] | Json | None
# How the line behaves: it is closed or reset without an answer, breaks off after half of it, stays silent, or trickles.
Line = Literal["", "close", "reset", "half", "hang", "slow"]

BROKEN = "<!DOCTYPE html><html><head><title>Server Error</title></head><body>Something went wrong.</body></html>"
EVERY = "*"  # The method of a mishap that happens to every call.


@dataclass(frozen=True)
class Reply:
    """What goes back over the wire, and how the line behaves meanwhile."""

    status: int
    body: Json | str
    line: Line = ""

    @property
    def arrives(self) -> bool:
        """Whether the app can read the whole of it, if it waits long enough."""
        return self.line in ("", "slow")

    @property
    def headers(self) -> dict[str, str]:
        """The headers that belong to the body."""
        wait = self.body.get("retry_after") if isinstance(self.body, dict) else None
        return {"Retry-After": str(wait)} if wait else {}


@dataclass
class Mishap:
    """Something that shall go wrong, so many times, where it applies."""

    method: str
    error: str = ""
    times: int | None = 1
    status: int = 200
    retry_after: int | str | None = None
    where: Where = None
    cut: bool = False
    done: bool = False
    delay: float = 0.0  # Seconds before Slack takes the call.
    line: Line = ""
    late: float | None = None  # Seconds of the workspace's clock until Slack takes the call, after the line's end.
    body: str | None = None  # What is answered instead of JSON that makes sense.

    def __post_init__(self) -> None:
        """A cut line ends after Slack has taken the call; a late call ends its line unless something is answered."""
        if self.cut:
            self.line, self.done = "close", True
        if self.late is not None and not (self.line or self._says):
            self.line = "close"

    @property
    def _says(self) -> bool:
        return bool(self.error or self.body is not None or self.status != HTTPStatus.OK)

    @property
    def only_delays(self) -> bool:
        """Whether the call goes through as ever when its time has come."""
        return bool(self.delay) and not (self._says or self.done or self.line or self.late is not None)

    def applies(self, method: str, arguments: Json) -> bool:
        """Whether this call is the one, counting it off when it is."""
        if self.method not in (method, EVERY) or self.times == 0 or not self._fits(arguments):
            return False
        self.times = None if self.times is None else self.times - 1
        return True

    def _fits(self, arguments: Json) -> bool:
        if callable(self.where):
            return self.where(arguments)
        return all(arguments.get(name) == value for name, value in (self.where or {}).items())

    def reply(self, truth: Reply | None = None) -> Reply:
        """What the app is told; the truth, where only the line is bad."""
        if truth and self.line and not self._says:
            return replace(truth, line=self.line)
        if self.body is not None:
            return Reply(self.status, self.body, self.line)
        body: Json = {"ok": False, "error": self.error or "internal_error"}
        status = HTTPStatus.TOO_MANY_REQUESTS if self.error == "ratelimited" else self.status
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Reply(status, BROKEN, self.line)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            body["retry_after"] = 1 if self.retry_after in (None, 0) else self.retry_after
        return Reply(status, body, self.line)
