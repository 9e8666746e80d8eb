"""Carries what people do to the app: signed as Slack signs it, by HTTP or by Socket Mode."""

import hashlib
import hmac
import http.client
import json
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import urlencode, urlsplit

from playground import limits
from playground.desk import append
from playground.server import Server
from playground.workspace import Message, Now

Json = dict[str, Any]
_NEVER = datetime.fromtimestamp(0, UTC)

# What Slack calls each failure, and what a person at the page is told of it.
SENTENCES = {
    "operation_timeout": "The app took longer than {patience:g} seconds. Slack would show an error here.",
    "dispatch_unreachable": "Nobody listens at {address}: start the app, then try again.",
    "dispatch_unknown_error": "The app's answer broke off, or is too long to be read: see whether the app still runs.",
    "dispatch_failed": "The app answered {status} at {path}: {advice}",
    "invalid_blocks": "The app answered with blocks that Slack refuses: the refused call says where they are wrong.",
    "no_text": "The app answered with a message that says nothing: give it text or blocks.",
    "push_limit_reached": "The app wants to open a fourth form on top of three: Slack shows three at most.",
    "view_too_large": "The app answered with a form that is larger than Slack takes.",
}
OTHERWISE = "Slack could not use the app's answer ({error}): the refused call says what is wrong with it."
NO_ADDRESS = "No app is known yet: say where it listens, or connect it by Socket Mode."
_ADVICE = {
    3: "Slack does not follow it elsewhere; name the address itself.",
    401: "it does not trust the signature; check the secret and the clock.",
    404: "check the address that --app names, and that the app answers this.",
    4: "it refuses what Slack sends; its log says why.",
    5: "something broke in it; its log says what.",
}


@dataclass(frozen=True)
class Request:
    """One signed request, exactly as it goes over the wire."""

    kind: str
    payload: Json
    body: str
    headers: dict[str, str]
    attempt: int = 0


@dataclass
class Answer:
    """What the app said to a request, and what the person was shown at once."""

    request: Request
    status: int = 0
    body: Any = ""
    seconds: float = 0.0
    error: str = ""
    shown: Message | None = None
    headers: dict[str, str] = field(default_factory=dict)  # Their names in small letters.
    address: str = ""  # Where the request went, or nothing when it went through a socket, or nowhere.
    patience: float = limits.PATIENCE
    order: int = 0
    ended: int = 0  # The number at which it stood in the book as it stands now.
    at: datetime = _NEVER
    repeated: bool = False  # The second delivery of the same request.

    @property
    def ok(self) -> bool:
        """Whether the app answered well and in time."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES and not self.error

    @property
    def text(self) -> str:
        """The words shown to the person at once, or the sentence with which Slack reports a failure."""
        if self.error:
            return f"{self.request.payload.get('command') or 'That'} failed with the error “{self.error}”."
        return self.shown.words if self.shown and not self.shown.text else self.shown.text if self.shown else ""

    @property
    def sentence(self) -> str:
        """What happened and what to do, for a person at the page; nothing when all is well."""
        if self.ok:
            return ""
        if self.error == "dispatch_unreachable" and not self.address:
            return NO_ADDRESS
        where = urlsplit(self.address)
        return SENTENCES.get(self.error, OTHERWISE).format(
            error=self.error,
            status=self.status,
            patience=self.patience,
            address=f"{where.scheme}://{where.netloc}",
            path=where.path or "/",
            advice=_ADVICE.get(self.status) or _ADVICE.get(self.status // 100) or "that is no answer Slack knows.",
        )

    @property
    def may_be_sent_again(self) -> bool:
        """Whether a failed event is repeated: the app may ask Slack not to."""
        return self.headers.get("x-slack-no-retry") != "1"


@dataclass
class Delivery:
    """Signs requests, sends them, and keeps those that the app failed to answer."""

    now: Now  # The clock of the signatures.
    signing_secret: str
    server: Server
    record: Path | None = None
    address: str = ""
    patience: float = limits.PATIENCE
    failures: list[Answer] = field(default_factory=list)
    sent: list[Answer] = field(default_factory=list)
    on_sent: Callable[[Answer], None] | None = None
    twice: bool = False  # Whether every request arrives a second time, as it is.

    @property
    def listened_to(self) -> bool:
        """Whether there is an app to deliver to."""
        return bool(self.address or self.server.sockets)

    def request(self, kind: str, payload: Json) -> Request:
        """A signed request that carries *payload*."""
        if kind == "events_api":
            return self._signed(kind, payload, json.dumps(payload), "application/json")
        form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        return self._signed(kind, payload, urlencode(form), "application/x-www-form-urlencoded")

    def _signed(self, kind: str, payload: Json, body: str, content: str) -> Request:
        stamp = str(int(self.now().timestamp()))
        digest = hmac.new(self.signing_secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": content,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "application/json,*/*",
        }
        return Request(kind, payload, body, headers)

    def send(self, kind: str, payload: Json) -> Answer:
        """Sign, send, and tell what came back."""
        append(self.record, {"kind": kind, "payload": payload})
        return self.carry(self.request(kind, payload))

    def carry(self, request: Request) -> Answer:
        """Send a request as it is, signed before; where everything arrives twice, the first answer counts."""
        answer = self._carry(request)
        if self.twice:
            self._carry(request, repeated=True)
        return answer

    def _carry(self, request: Request, *, repeated: bool = False) -> Answer:
        space = self.server.desk.api.space
        with space.lock:
            order, at = space.number(), space.now()
        began = time.monotonic()
        answer = self._by_socket(request) if self.server.sockets else self._by_http(request)
        answer.seconds = time.monotonic() - began
        answer.order, answer.at, answer.repeated, answer.patience = order, at, repeated, self.patience
        if answer.seconds > self.patience and answer.error != "dispatch_unreachable":
            answer.error = "operation_timeout"
        if not answer.ok:
            answer.error = answer.error or "dispatch_failed"
            self.failures.append(answer)
        with space.lock:
            answer.ended = space.number()
            self.sent.append(answer)
            space.number()  # Whoever looks at the book sees that it has grown.
        if self.on_sent:
            self.on_sent(answer)
        return answer

    def again(self, failed: Answer) -> Answer:
        """Send a failed event once more, as Slack does, saying which time it is."""
        attempt = failed.request.attempt + 1
        reason = limits.EVENT_RETRY_REASONS.get(failed.error, "http_error")
        fresh = self.request(failed.request.kind, failed.request.payload)
        headers = {**fresh.headers, "X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        return self.carry(replace(fresh, headers=headers, attempt=attempt))

    def _by_http(self, request: Request) -> Answer:
        if not self.address:
            return Answer(request, error="dispatch_unreachable")
        where = urlsplit(self.address)
        answer = Answer(request, address=self.address)
        kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        connection = kind(where.hostname or "127.0.0.1", where.port, timeout=self.patience)
        try:
            connection.connect()
        except TimeoutError:
            answer.error = "operation_timeout"
            return answer
        except OSError:
            answer.error = "dispatch_unreachable"
            return answer
        try:
            with _hung_up_after(self.patience, connection):
                path = f"{where.path or '/'}{'?' if where.query else ''}{where.query}"
                connection.request("POST", path, request.body.encode(), request.headers)
                _read_into(answer, connection.getresponse())
        except TimeoutError:
            answer.error = "operation_timeout"
        except (OSError, http.client.HTTPException):
            answer.error = "dispatch_unknown_error"
        finally:
            connection.close()
        return answer

    def _by_socket(self, request: Request) -> Answer:
        envelope: Json = {
            "envelope_id": secrets.token_hex(16),
            "type": request.kind,
            "payload": request.payload,
            "accepts_response_payload": request.kind != "events_api",
        }
        if request.kind == "events_api":
            envelope |= {
                "retry_attempt": request.attempt,
                "retry_reason": request.headers.get("X-Slack-Retry-Reason", ""),
            }
        try:
            said = self.server.send_envelope(envelope, self.patience)
        except LookupError:
            return Answer(request, error="dispatch_unreachable")  # It has just gone.
        except (TimeoutError, FutureTimeoutError, ConnectionError):
            return Answer(request, error="operation_timeout")
        return Answer(request, HTTPStatus.OK, said.get("payload", ""))


@contextmanager
def _hung_up_after(seconds: float, connection: http.client.HTTPConnection) -> Iterator[None]:
    """Hang up when the whole answer takes too long, however steadily it trickles in."""
    line = connection.sock

    def hang_up() -> None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read_into(answer: Answer, response: http.client.HTTPResponse) -> None:
    answer.status = response.status
    answer.headers = {name.lower(): value for name, value in response.getheaders()}
    body = response.read(limits.RESPONSE_BYTES + 1)
    if len(body) > limits.RESPONSE_BYTES or response.length:  # A length that is left is what never came.
        answer.error = "dispatch_unknown_error"
    answer.body = _understood(body.decode(errors="replace"))


def _understood(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def checked_address(address: str) -> str:
    """The address itself; raises ValueError with a sentence when no app can listen there."""
    try:
        where = urlsplit(address)
        good = where.scheme in ("http", "https") and bool(where.hostname) and where.port != 0
    except ValueError:
        good = False
    if address and not good:
        message = f"{address!r} is no address such as http://127.0.0.1:4000/slack/events."
        raise ValueError(message)
    return address
