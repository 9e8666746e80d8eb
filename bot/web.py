"""The web: Slack's requests go to Bolt, a few addresses tell how the program is, the rest is 404."""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from slack_bolt import App

    Facts = Callable[[], Mapping[str, str | None]]

log = structlog.get_logger("bot.web")

BIGGEST_BODY = 1_000_000
THREADS = 8
STOP_SECONDS = 8
ABOUT = """Safe to Fail

A Slack bot that makes it ordinary, and personally safe, to try small risky things.
Use it in Slack: type /experiment there.

/healthz  is the program running?
/readyz   can it do its work?
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


def wsgi(app: App, facts: Facts) -> WSGIApplication:
    """Make the WSGI application of this Bolt app."""
    from slack_bolt.adapter.wsgi import SlackRequestHandler  # noqa: PLC0415 - keeps the command line quick.

    bolt = SlackRequestHandler(app)
    pages: dict[tuple[str, str], Callable[[], Answer]] = {
        ("GET", "/"): lambda: Answer("200 OK", ABOUT),
        ("GET", "/healthz"): lambda: Answer("200 OK", "ok\n"),
        ("GET", "/readyz"): lambda: _ready(facts),
    }

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        where = (environ.get("REQUEST_METHOD", ""), environ.get("PATH_INFO", ""))
        if where == ("POST", bolt.path):
            refusal = _refused(environ)
            return _send(refusal, start) if refusal else bolt(environ, start)
        return _send(pages.get(where, _nothing_here)(), start)

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


@contextmanager
def connected(app: App, app_token: str) -> Iterator[None]:
    """Receive Slack's requests over Socket Mode, which needs no public address."""
    from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler  # noqa: PLC0415 - as above.
    from slack_sdk.errors import SlackClientError  # noqa: PLC0415 - as above.

    # The handler asks for its connection through the app's own client, and so at the app's own address.
    handler = SocketModeHandler(app, app_token)
    try:
        handler.connect()  # type: ignore[no-untyped-call]
        yield
    except (SlackClientError, OSError) as error:
        sentence = f"Slack opened no connection ({_reason(error)}): safe-to-fail doctor looks for the cause."
        raise SocketRefused(sentence) from error
    finally:
        handler.close()  # type: ignore[no-untyped-call]


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


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    return str(response["error"]) if response is not None else str(error).splitlines()[0]


def _without_leaks(answer: WSGIApplication) -> WSGIApplication:
    def guarded(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            return answer(environ, start)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("A request failed.", reference=reference)
            return _send(Answer("500 Internal Server Error", f"Something broke: reference {reference}.\n"), start)

    return guarded


def _refused(environ: WSGIEnvironment) -> Answer | None:
    length = environ.get("CONTENT_LENGTH") or ""
    if not (length.isascii() and length.isdecimal()):
        return Answer("411 Length Required", "Say how long the request is.\n")
    if len(length) > len(str(BIGGEST_BODY)) or int(length) > BIGGEST_BODY:
        return Answer("413 Content Too Large", "The request is too large.\n")
    return None


def _ready(facts: Facts) -> Answer:
    try:
        found = dict(facts())
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("Readiness could not be told.", reference=reference)
        found = {"readiness": f"It could not be told: reference {reference}."}
    ready = not any(found.values())
    body = json.dumps({"ready": ready, "facts": {name: said or "ok" for name, said in found.items()}}) + "\n"
    return Answer("200 OK" if ready else "503 Service Unavailable", body, "application/json")


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
