"""Socket Mode: Slack's requests over a connection that the bot opens, and a watch that notices when it is deaf."""

from __future__ import annotations

import json
import secrets
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from threading import Thread, Timer
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import ConnectionState
from slack_sdk.socket_mode.interval_runner import IntervalRunner
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.guard import Remembered, kind_of
from bot.shapes import SHAPES, fits
from bot.web import SocketRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from slack_sdk.socket_mode.builtin.connection import Connection
    from slack_sdk.socket_mode.client import BaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

    from bot.compose import Bot

log = structlog.get_logger("bot.socket_mode")


@dataclass(frozen=True)
class Patience:
    """How many seconds pass until something is done about a silence."""

    ping: float = 5  # Between two pings, which Slack answers.
    silence: float = 45  # Without a frame; then a new connection is opened.
    hello: float = 60  # Without a greeting of Slack; then we are not ready.
    watch: float = 1  # Between two looks.
    farewell: float = 5  # In which a connection that has a successor is still read.


USUAL = Patience()


class Client(SocketModeClient):
    """The library's client, with a reader for each connection: the old one is read on while the new one begins."""

    farewell = USUAL.farewell

    def connect(self) -> None:
        """Open a new connection; what stands or still comes in the old one is not lost."""
        old = self.current_session
        if old is not None:
            old.close = lambda: self._leave(old)  # type: ignore[method-assign] # The library would close it at once.
        super().connect()
        new = self.current_session
        if new is not None:
            Thread(target=new.run_until_completion, args=(_open(),), name="socket", daemon=True).start()

    def _leave(self, old: Connection) -> None:
        later = Timer(self.farewell, _end, [old])
        later.daemon = True
        later.start()

    def _run_current_session(self) -> None:
        """Nothing: one reader of the library's for all connections is deaf while it waits for the old one."""


def _open() -> ConnectionState:
    return ConnectionState()  # type: ignore[no-untyped-call]


def _end(old: Connection) -> None:
    with suppress(AttributeError):  # Slack has just closed it, and the library looked too early.
        old.disconnect()


class Receiver:
    """The library's own client, which follows Slack's wishes to reconnect; what it does not notice is noticed here."""

    def __init__(self, bot: Bot, app_token: str, now: Callable[[], datetime], patience: Patience = USUAL) -> None:
        self._bot = bot
        self._patience = patience
        self._done = Remembered(now)
        self._greeted = ""  # The connection on which Slack said hello.
        self._well_at: float | None = None
        self._frames: tuple[Any, ...] = ()
        self._heard_at = time.monotonic()
        self._messages = 0
        self._missed = ""  # The connection whose end was noticed.
        # It asks for its connection through the app's own client, and so at the app's own address.
        app = bot.bolt
        self.client = Client(app_token, app.logger, app.client, ping_interval=patience.ping, proxy=app.client.proxy)
        self.client.farewell = patience.farewell
        self.client.socket_mode_request_listeners.append(self._take)  # Once: it stays whatever the connection.
        self.client.on_message_listeners.append(self._hear)
        self._watch = IntervalRunner(self._look, patience.watch)

    def connect(self) -> None:
        """Open the first connection, and watch over it and those that follow."""
        self.client.connect()
        self._watch.start()

    def close(self) -> None:
        """Close it, and watch no more."""
        if self._watch.is_alive():
            self._watch.shutdown()  # type: ignore[no-untyped-call]
        session = self.client.current_session
        with suppress(OSError):
            if session is not None and session.sock is not None:
                session.sock.shutdown(socket.SHUT_RDWR)  # The library would wait seconds for another frame.
        self.client.close()

    def facts(self) -> Mapping[str, str | None]:
        """What is wrong with the connection; `None` when nothing is."""
        self._note_health()
        if self._well_at is None:
            return {"socket": "Slack has not said hello yet."}
        lost = time.monotonic() - self._well_at > self._patience.hello
        return {"socket": "The connection to Slack is lost." if lost else None}

    def _take(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Answer one envelope; one that was answered well before is only acknowledged again."""
        began = time.monotonic()
        kind = kind_of(request.payload)
        if kind and not fits(request.payload, SHAPES[kind]):
            self._bot.metrics.refused("shape")
            return
        self._bot.store.reach("request.let-in")
        if kind is None or request.envelope_id in self._done:
            self._bot.metrics.refused("repeated") if kind else self._bot.metrics.unknown("type")
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
            return
        try:
            response = run_bolt_app(self._bot.bolt, request)
        except Exception:
            log.exception("A request failed.", reference=secrets.token_hex(4))
            return
        if response.status == HTTPStatus.OK:
            self._done.note(request.envelope_id)
        send_response(client, request, response, began)
        self._bot.metrics.answered(kind, time.monotonic() - began)
        self._bot.store.reach("request.answered")

    def _hear(self, message: str) -> None:
        self._messages += 1
        if '"hello"' in message and json.loads(message).get("type") == "hello":
            self._greeted = self.client.session_id() or ""
            self._note_health()

    def _note_health(self) -> None:
        if self.client.is_connected() and self._greeted == self.client.session_id():
            self._well_at = time.monotonic()

    def _look(self) -> None:
        """Look after the connection; whatever breaks here, there is a next time."""
        try:
            self._mend()
        except Exception as error:  # noqa: BLE001 - the library raises what it likes while a connection ends.
            log.warning("Slack opened no connection.", error=_reason(error))

    def _mend(self) -> None:
        """Open a new connection when the present one has ended, is silent, or does not take our pings."""
        self._note_health()
        session = self.client.current_session
        if session is None:
            return
        frames = (session.session_id, session.last_ping_pong_time, self._messages)
        if frames != self._frames:
            self._frames, self._heard_at = frames, time.monotonic()
        if not session.is_active():
            # The library tries again and again by itself, but begins a while later.
            if self._missed != session.session_id:
                self._missed = session.session_id
                self.client.connect_to_new_endpoint()
        elif self._silent() or session.consecutive_check_state_error_count:
            log.warning("The connection to Slack is silent; another is opened.")
            self._heard_at = time.monotonic()
            self.client.connect_to_new_endpoint(force=True)

    def _silent(self) -> bool:
        return time.monotonic() - self._heard_at > self._patience.silence


@contextmanager
def connected(line: Receiver) -> Iterator[Receiver]:
    """Receive Slack's requests over *line*, which needs no public address."""
    try:
        line.connect()
        yield line
    except (SlackClientError, OSError) as error:
        sentence = f"Slack opened no connection ({_reason(error)}): safe-to-fail doctor looks for the cause."
        raise SocketRefused(sentence) from error
    finally:
        line.close()


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    return str(response["error"]) if response is not None else (str(error).splitlines() or [type(error).__name__])[0]
