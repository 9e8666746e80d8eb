"""The web: Slack's requests go past the guard to Bolt, a few addresses tell how the program is, the rest is 404."""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from slack_bolt import App
    from slack_bolt.adapter.wsgi.http_request import WsgiHttpRequest

    from bot.guard import Guard
    from bot.metrics import Metrics

    Facts = Callable[[], Mapping[str, str | None]]

log = structlog.get_logger("bot.web")

Seen = TypeVar("Seen")

SLACK = "/slack/events"
LOOK_SECONDS = 2.5  # Whoever asks after us waits three.
THREADS = 8
STOP_SECONDS = 8
ABOUT = """Safe to Fail

A Slack bot that makes it ordinary, and personally safe, to try small risky things.
Use it in Slack: type /experiment there.

/healthz  is the program running?
/readyz   can it do its work?
/metrics  what it has counted
"""


class PortTaken(Exception):  # noqa: N818 - the message is a sentence for a person.
    """Another program already listens where we should."""


class SocketRefused(Exception):  # noqa: N818 - the message is a sentence for a person.
    """Slack would not open a Socket Mode connection."""


@dataclass(frozen=True)
class Answer:
    """What goes back to whoever asked."""

    status: str
    body: str
    kind: str = "text/plain; charset=utf-8"


class Bot(Protocol):
    """What answers, what stands before it, and what counts both."""

    @property
    def bolt(self) -> App:
        """What answers Slack."""

    @property
    def guard(self) -> Guard:
        """What lets in only what Slack signed."""

    @property
    def metrics(self) -> Metrics:
        """What is counted."""


def wsgi(bot: Bot, facts: Facts) -> WSGIApplication:
    """Make the WSGI application of this bot."""
    bolt = bot.guard.before(_handler(bot))
    shown = pages(bot.metrics, facts)

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        asks_slack = (environ.get("REQUEST_METHOD"), environ.get("PATH_INFO")) == ("POST", SLACK)
        return (bolt if asks_slack else shown)(environ, start)

    return _without_leaks(answer)


def _handler(bot: Bot) -> WSGIApplication:
    from slack_bolt import BoltRequest, BoltResponse  # noqa: PLC0415 - keeps the command line quick.
    from slack_bolt.adapter.wsgi import SlackRequestHandler  # noqa: PLC0415 - as above.

    class Handler(SlackRequestHandler):
        """Bolt's own, which would break on a field of another type than it expects."""

        def dispatch(self, request: WsgiHttpRequest) -> BoltResponse:
            """Answer a request, or refuse one that Bolt cannot read."""
            try:
                read = BoltRequest(body=request.get_body(), headers=request.get_headers())
            except Exception:  # noqa: BLE001 - it looks into many fields, each in its own way.
                bot.metrics.refused("shape")
                return BoltResponse(status=400, body="")
            return self.app.dispatch(read)

    return Handler(bot.bolt, SLACK)


def pages(metrics: Metrics, facts: Facts) -> WSGIApplication:
    """Make the WSGI application that only tells how the program is."""
    # One look at a time: where the database does not answer, the next one would only wait behind it.
    looking = ThreadPoolExecutor(1, "looking")
    known: dict[tuple[str, str], Callable[[], Answer]] = {
        ("GET", "/"): lambda: Answer("200 OK", ABOUT),
        ("GET", "/healthz"): lambda: Answer("200 OK", "ok\n"),
        ("GET", "/readyz"): lambda: _ready(looking, facts),
        ("GET", "/metrics"): lambda: _measured(looking, metrics),
    }

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        where = (environ.get("REQUEST_METHOD", ""), environ.get("PATH_INFO", ""))
        return _send(known.get(where, _nothing_here)(), start)

    return _without_leaks(answer)


def serve(application: WSGIApplication, host: str, port: int) -> None:
    """Answer requests until SIGTERM or SIGINT, then finish those that are under way."""
    from granian.constants import Interfaces  # noqa: PLC0415 - keeps the command line quick.

    refuse_taken(host, port)
    server = _one_process_server()(
        "bot.web",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        backpressure=THREADS * 16,
        log_enabled=False,
    )
    server.serve(target_loader=lambda: application, wrap_loader=False)


def refuse_taken(host: str, port: int, otherwise: str = "set PORT") -> None:
    """Say so when the port is in use: granian would share it, and each program get half the requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sentence = f"Port {port} cannot be used ({error.strerror}): stop what uses it, or {otherwise}."
            raise PortTaken(sentence) from error


def _one_process_server() -> type[Any]:
    from granian.server.mt import MTServer  # noqa: PLC0415 - keeps the command line quick.

    class OneProcess(MTServer):
        """Granian with its worker in a thread of this process: half the memory, and nothing to hand over."""

        def _check_gil(self) -> None:
            # Granian makes this server for Python without a GIL; our few threads are glad of it either way.
            return

        def signal_handler_interrupt(self, *args: object, **kwargs: object) -> None:
            """Stop; whatever still hangs after a few seconds is given up, because nothing is lost by that."""
            giving_up = threading.Timer(STOP_SECONDS, os._exit, (1,))
            giving_up.daemon = True
            giving_up.start()
            super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]

    return OneProcess


def _without_leaks(answer: WSGIApplication) -> WSGIApplication:
    def guarded(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            return answer(environ, start)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("A request failed.", reference=reference)
            return _send(Answer("500 Internal Server Error", f"Something broke: reference {reference}.\n"), start)

    return guarded


def _ready(looking: ThreadPoolExecutor, facts: Facts) -> Answer:
    try:
        found = dict(_in_time(looking, facts))
    except TimeoutError:
        found = {"readiness": "It could not be told in time: the database is slow or away."}
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("Readiness could not be told.", reference=reference)
        found = {"readiness": f"It could not be told: reference {reference}."}
    ready = not any(found.values())
    body = json.dumps({"ready": ready, "facts": {name: said or "ok" for name, said in found.items()}}) + "\n"
    return Answer("200 OK" if ready else "503 Service Unavailable", body, "application/json")


def _measured(looking: ThreadPoolExecutor, metrics: Metrics) -> Answer:
    try:
        return Answer("200 OK", _in_time(looking, metrics.page), "text/plain; version=0.0.4; charset=utf-8")
    except TimeoutError:
        return Answer("503 Service Unavailable", "The database is slow or away.\n")


def _in_time(looking: ThreadPoolExecutor, look: Callable[[], Seen]) -> Seen:
    """What *look* sees; `TimeoutError` when that takes too long."""
    seen = looking.submit(look)
    try:
        return seen.result(LOOK_SECONDS)
    finally:
        seen.cancel()  # What has not begun by now is wanted by nobody.


def _nothing_here() -> Answer:
    return Answer("404 Not Found", "There is nothing here.\n")


def _send(answer: Answer, start: StartResponse) -> Iterable[bytes]:
    body = answer.body.encode()
    headers = [
        ("content-type", answer.kind),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
    ]
    start(answer.status, headers)
    return [body]
