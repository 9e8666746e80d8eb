"""In front of Bolt: only what Slack signed is read, what cannot be read is refused, and each request counts once."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import OrderedDict
from datetime import timedelta
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

from bot.points import Reach, nothing
from bot.shapes import COMMAND, SHAPES, fits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Body = dict[str, Any]

BIGGEST_BODY = 1_000_000
MOST_FIELDS = 200
DEEPEST = 64
LATEST = 300  # Seconds after which Slack itself says that a signature no longer counts.
EARLIEST = -60
LONGEST_TIMESTAMP = 12  # Digits: enough for thirty thousand years, and cheap to read.
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
REPEATED_WITHIN = timedelta(minutes=10)  # Longer than any signature counts.
MOST_REMEMBERED = 10_000
OURS_ALONE = "HTTP_X_SLACK_BOLT_"  # With such headers Bolt speaks to itself.


class Counts(Protocol):
    """Whoever counts what comes in."""

    def refused(self, reason: str) -> None:
        """One more request was refused."""

    def unknown(self, what: str) -> None:
        """One more request asked for what we do not know."""

    def answered(self, kind: str, seconds: float) -> None:
        """One more request was answered, after so many seconds."""


class Refused(Exception):  # noqa: N818 - a request is refused; nothing here is in error.
    """A request that goes no further; the reason is a word of ours and holds nothing of the request."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Remembered:
    """The last names that were noted, in bounded room; threads may share it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._noted: OrderedDict[str, datetime] = OrderedDict()
        self._turn = Lock()

    def __contains__(self, name: str) -> bool:
        with self._turn:
            noted = self._noted.get(name)
        return noted is not None and self._now() - noted < REPEATED_WITHIN

    def note(self, name: str) -> None:
        """Remember *name* for ten minutes; where room is short, the oldest makes place."""
        with self._turn:
            self._noted[name] = self._now()
            self._noted.move_to_end(name)
            while len(self._noted) > MOST_REMEMBERED:
                self._noted.popitem(last=False)


class Guard:
    """Stands before Bolt: looks at the signature first, and reads nothing that is not signed."""

    def __init__(self, secret: str, now: Callable[[], datetime], counts: Counts, reach: Reach = nothing) -> None:
        self._secret = secret.encode()
        self._now = now
        self._counts = counts
        self._reach = reach
        self._done = Remembered(now)

    def before(self, bolt: WSGIApplication) -> WSGIApplication:
        """The application that lets in to *bolt* what may go there."""

        def guarded(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            began = time.monotonic()
            try:
                signature, kind, body = self._genuine(environ)
            except Refused as refused:
                self._counts.refused(refused.reason)
                return _send(refused.status, start)
            self._reach("request.let-in")
            # One that still runs is not here yet and gets through: were it answered now and the first one failed, it
            # would be lost. Writes have their natural key in the database.
            if signature in self._done:
                self._counts.refused("repeated")
                return _send("200 OK", start)
            if kind is None:
                self._counts.unknown("type")
                return _send("200 OK", start)

            def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                if status.startswith("2"):
                    self._done.note(signature)
                return start(status, headers, *more)

            def answered() -> None:
                self._counts.answered(kind, time.monotonic() - began)
                self._reach("request.answered")

            return _Parts(bolt(_for_bolt(environ, body), begin), answered)

        return guarded

    def _genuine(self, environ: WSGIEnvironment) -> tuple[str, str | None, Body]:
        length = _length(environ)
        body = environ["wsgi.input"].read(length)
        signature = self._signature(environ, body)
        read = _read(environ, body)
        kind = kind_of(read)
        if kind and not fits(read, SHAPES[kind]):
            raise Refused("400 Bad Request", "shape")
        return signature, kind, read

    def _signature(self, environ: WSGIEnvironment, body: bytes) -> str:
        stamp = str(environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""))
        given = str(environ.get("HTTP_X_SLACK_SIGNATURE", ""))
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= LONGEST_TIMESTAMP):
            raise Refused("401 Unauthorized", "timestamp")
        if not EARLIEST <= self._now().timestamp() - int(stamp) <= LATEST:
            raise Refused("401 Unauthorized", "time")
        digest = hmac.new(self._secret, b"v0:%b:%b" % (stamp.encode(), body), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"v0={digest}".encode(), given.encode(errors="replace")):
            raise Refused("401 Unauthorized", "signature")
        return given


def kind_of(body: Body) -> str | None:
    """What kind of request this is, if it is one that we know."""
    said = body.get("type")
    if isinstance(said, str) and said in SHAPES:
        return said
    return COMMAND if "command" in body and said is None else None


def _length(environ: WSGIEnvironment) -> int:
    length = environ.get("CONTENT_LENGTH") or ""
    if environ.get("HTTP_TRANSFER_ENCODING") or not (length.isascii() and length.isdecimal()):
        raise Refused("411 Length Required", "length")
    if len(length) > len(str(BIGGEST_BODY)) or int(length) > BIGGEST_BODY:
        raise Refused("413 Content Too Large", "size")
    return int(length)


def _read(environ: WSGIEnvironment, body: bytes) -> Body:
    kind = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    if kind not in {FORM, JSON} or environ.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise Refused("415 Unsupported Media Type", "content type")
    try:
        text = body.decode()
        read = _form(text) if kind == FORM else _loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("400 Bad Request", "unreadable") from error
    if not isinstance(read, dict) or "\0" in text or _too_deep(read):
        raise Refused("400 Bad Request", "unreadable")
    return read


def _form(text: str) -> Any:
    fields = dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    return _loads(fields["payload"]) if "payload" in fields else fields


def _loads(text: str) -> Any:
    return json.loads(text, parse_constant=_no_number)


def _no_number(constant: str) -> None:
    # Python would read NaN and Infinity, which are no JSON.
    raise ValueError(constant)


def _too_deep(read: Body) -> bool:
    level: list[Any] = [read]
    for _ in range(DEEPEST):
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [one for each in inner for one in each if isinstance(one, dict | list)]
    return bool(level)


def _for_bolt(environ: WSGIEnvironment, body: Body) -> WSGIEnvironment:
    """The request as we have read it, so that Bolt reads nothing else; its own way loses every form with "payload"."""
    written = json.dumps(body).encode()
    kept = {name: value for name, value in environ.items() if not name.startswith(OURS_ALONE)}
    told = {"CONTENT_TYPE": JSON, "CONTENT_LENGTH": str(len(written)), "QUERY_STRING": ""}
    return {**kept, **told, "wsgi.input": BytesIO(written)}


def _send(status: str, start: StartResponse) -> Iterable[bytes]:
    start(status, [("content-type", "text/plain; charset=utf-8"), ("content-length", "0")])
    return [b""]


class _Parts:
    """An answer that says when it was handed over."""

    def __init__(self, parts: Iterable[bytes], handed_over: Callable[[], None]) -> None:
        self._parts = parts
        self._handed_over = handed_over

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        """The server has handed over all parts."""
        if close := getattr(self._parts, "close", None):
            close()
        self._handed_over()
