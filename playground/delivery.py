"""Carries what people do to the app: signed as Slack signs it, by HTTP or by Socket Mode."""

import hashlib
import hmac
import http.client
import json
import secrets
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from playground import limits
from playground.desk import append
from playground.server import Server
from playground.workspace import Message, Now

Json = dict[str, Any]


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


@dataclass
class Delivery:
    """Signs requests, sends them, and keeps those that the app failed to answer."""

    now: Now
    signing_secret: str
    server: Server
    record: Path | None = None
    address: str = ""
    patience: float = limits.PATIENCE
    failures: list[Answer] = field(default_factory=list)
    sent: list[Answer] = field(default_factory=list)
    on_sent: Callable[[Answer], None] | None = None

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
        """Send a request as it is, signed before."""
        began = time.monotonic()
        answer = self._by_socket(request) if self.server.sockets else self._by_http(request)
        answer.seconds = time.monotonic() - began
        if answer.seconds > self.patience and not answer.error:
            answer.error = "operation_timeout"
        self.sent.append(answer)
        if not answer.ok:
            answer.error = answer.error or "dispatch_failed"
            self.failures.append(answer)
        if self.on_sent:
            self.on_sent(answer)
        return answer

    def again(self, failed: Answer) -> Answer:
        """Send a failed event once more, as Slack does, saying which time it is."""
        attempt = failed.request.attempt + 1
        reason = "http_timeout" if failed.error == "operation_timeout" else "http_error"
        fresh = self.request(failed.request.kind, failed.request.payload)
        headers = {**fresh.headers, "X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        return self.carry(replace(fresh, headers=headers, attempt=attempt))

    def _by_http(self, request: Request) -> Answer:
        if not self.address:
            message = "Nobody listens: say where the app is with send_to(), or connect it by Socket Mode."
            raise RuntimeError(message)
        where = urlsplit(self.address)
        connection = http.client.HTTPConnection(where.hostname or "127.0.0.1", where.port, timeout=self.patience)
        try:
            connection.request("POST", where.path or "/", request.body.encode(), request.headers)
            response = connection.getresponse()
            return Answer(request, response.status, _read(response.read().decode()))
        except TimeoutError:
            return Answer(request, error="operation_timeout")
        except (OSError, http.client.HTTPException):
            return Answer(request, error="dispatch_unreachable")
        finally:
            connection.close()

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
        except (TimeoutError, FutureTimeoutError, ConnectionError):
            return Answer(request, error="operation_timeout")
        return Answer(request, HTTPStatus.OK, said.get("payload", ""))


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
