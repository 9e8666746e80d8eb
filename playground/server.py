"""The doors on loopback: the Web API, response_urls and Socket Mode, served from a thread of their own."""

import asyncio
import errno
import json
import logging
import secrets
import socket
from concurrent.futures import Future
from dataclasses import replace
from http import HTTPStatus
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import WSMessage, WSMsgType, web

from playground import limits, trouble, wire
from playground.desk import Desk
from playground.filing import Filing
from playground.mishap import Reply
from playground.validate import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Json = dict[str, Any]
HERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where everywhere is on this machine.


class PortTaken(Exception):  # noqa: N818 - the message is a sentence for a person.
    """The playground cannot listen where it should: another program does, or there is no such address here."""


class _Quiet(logging.Logger):
    """Notes for debugging only what a client did wrong: the client is told, and the screen is for people."""

    def __init__(self) -> None:
        super().__init__(__name__)
        self.parent = logging.getLogger(__name__)

    def error(self, msg: object, *args: Any, **more: Any) -> None:
        """The same, at the level of debugging."""
        self.debug(msg, *args, **more)


def _named(request: web.Request) -> str:
    """The host by whose name somebody asks."""
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return ""


class Server:
    """An HTTP server that hands every call to the desk."""

    def __init__(self, desk: Desk, scopes: str, port: int = 0) -> None:
        """Serve *desk*; a *port* of 0 takes any free one."""
        self.desk = desk
        self.scopes = scopes
        self.port = port
        self.host = "127.0.0.1"
        self.more: Callable[[web.Application], None] | None = None  # Adds further routes, such as those of a page.
        self.sockets: list[web.WebSocketResponse] = []
        self.greets = True  # Whether whoever connects is told hello.
        self.acknowledged: list[str] = []  # Every envelope as often as the app has acknowledged it.
        self._deaf: set[web.WebSocketResponse] = set()
        self._waiting: dict[str, Future[Json]] = {}
        self._tickets: set[str] = set()
        self._loop: asyncio.AbstractEventLoop
        self._thread: Thread | None = None
        self._connected = Event()

    @property
    def address(self) -> str:
        """Where the server listens."""
        return f"http://{self._place}"

    @property
    def _place(self) -> str:
        host = HERE.get(self.host, self.host)
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    def start(self) -> None:
        """Open the doors and return when they are open; after a stop they open at the same port.

        Raises PortTaken when they cannot be opened there.
        """
        self._loop = asyncio.new_event_loop()
        ready: Future[int] = Future()
        self._thread = Thread(target=self._run, args=(ready,), name="playground", daemon=True)
        self._thread.start()
        try:
            self.port = ready.result(timeout=30)
        except (OSError, UnicodeError) as error:
            self._thread = None
            raise PortTaken(self._why_not(error)) from error

    def _why_not(self, error: OSError | UnicodeError) -> str:
        if isinstance(error, UnicodeError | socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            return f"{self.host!r} is no address of this machine: name one, such as 127.0.0.1 or 0.0.0.0."
        return f"Port {self.port} cannot be used ({error.strerror}): stop what uses it, or name another port."

    def stop(self) -> None:
        """Close the doors and wait until they are closed."""
        if self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=30)
        self._thread = None

    def application(self) -> web.Application:
        """The routes, with those that were added."""
        application = web.Application(client_max_size=limits.REQUEST_BYTES, middlewares=[self._only_ours])
        application.router.add_route("*", "/api/{method}", self._api)
        application.router.add_post("/respond/{name:.+}", self._response)
        application.router.add_get("/socket/{ticket}", self._socket)
        Filing(self.desk).add_routes(application)
        if self.more:
            self.more(application)
        return application

    @web.middleware
    async def _only_ours(self, request: web.Request, handler: "Handler") -> web.StreamResponse:
        """Refuse what a page of another site asks for: an app sends no such header, and has our name right."""
        # Another site could also give its own name our address, and then read what stands here.
        strange = wire.is_loopback(self.host) and not wire.is_loopback(_named(request))
        if strange or request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            return web.Response(status=HTTPStatus.FORBIDDEN, text="The playground answers to its own pages only.\n")
        return await handler(request)

    def _run(self, ready: "Future[int]") -> None:
        asyncio.set_event_loop(self._loop)
        runner = web.AppRunner(
            self.application(), access_log=None, shutdown_timeout=0.5, auto_decompress=False, logger=_Quiet()
        )
        try:
            self._loop.run_until_complete(runner.setup())
            site = web.TCPSite(runner, self.host, self.port)
            self._loop.run_until_complete(site.start())
            ready.set_result(runner.addresses[0][1])
        except (OSError, UnicodeError) as error:
            self._loop.run_until_complete(runner.cleanup())
            self._loop.close()
            ready.set_exception(error)
            return
        self._loop.run_forever()
        self._loop.run_until_complete(self._close(runner))
        self._loop.close()

    async def _close(self, runner: web.AppRunner) -> None:
        for one in list(self.sockets):
            await one.close()
        await runner.cleanup()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            arguments = await wire.arguments(request)
        except Refusal as refusal:
            return await self._send(request, self.desk.refuse_unread(method, refusal))
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        token = bearer or str(arguments.get("token") or "")
        arguments.pop("token", None)
        arrival = self.desk.arrives(method, arguments)
        await asyncio.sleep(arrival.delay)
        return await self._send(request, self.desk.take(method, token, arguments, arrival))

    async def _response(self, request: web.Request) -> web.StreamResponse:
        try:
            said = {name: value for name, value in (await wire.arguments(request)).items() if value is not None}
        except Refusal as refusal:
            status = max(refusal.status, HTTPStatus.BAD_REQUEST)  # Here an app looks at the status alone.
            return await self._send(request, self.desk.refuse_unread("response_url", replace(refusal, status=status)))
        arrival = self.desk.arrives("response_url", said)
        await asyncio.sleep(arrival.delay)
        return await self._send(request, self.desk.take_response(request.match_info["name"], said, arrival))

    async def _send(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        return await trouble.send(request, reply, self.scopes)

    # --- Socket Mode ---

    def new_ticket(self) -> str:
        """An address at which an app may connect once."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return f"ws://{self._place}/socket/{ticket}"

    def wait_for_socket(self, seconds: float = 10) -> bool:
        """Wait until an app is connected by Socket Mode."""
        return self._connected.wait(seconds)

    def send_envelope(self, envelope: Json, patience: float = limits.PATIENCE, *, copies: int = 1) -> Json:
        """Send one envelope, or several copies of it, to a connected app and wait for the first acknowledgement."""
        waiting = self._waiting[envelope["envelope_id"]] = Future()
        try:
            for _ in range(copies):
                self._soon(self._tell(self.sockets[-1], envelope), patience)
            return waiting.result(timeout=patience)
        finally:
            del self._waiting[envelope["envelope_id"]]

    def send_disconnect(self, reason: str = "warning") -> None:
        """Ask every connected app to connect anew; the reason is Slack's, such as "warning" or "refresh_requested"."""
        for line in list(self.sockets):
            self._soon(self._tell(line, {"type": "disconnect", "reason": reason, "debug_info": {}}))

    def close_sockets(self) -> None:
        """Close every connection, as Slack does a while after it has asked for a new one."""
        for line in list(self.sockets):
            asyncio.run_coroutine_threadsafe(line.close(), self._loop)

    def cut_sockets(self) -> None:
        """Cut every connection without a word."""
        for line in list(self.sockets):
            self._loop.call_soon_threadsafe(self._cut, line)

    def fall_silent(self) -> None:
        """Let every connection stay open and swallow everything: from now on nothing comes back, no pong either."""
        self._deaf.update(self.sockets)

    def _soon(self, doing: "Coroutine[Any, Any, None]", patience: float = limits.PATIENCE) -> None:
        asyncio.run_coroutine_threadsafe(doing, self._loop).result(timeout=patience)

    async def _tell(self, line: web.WebSocketResponse, what: Json) -> None:
        if line not in self._deaf:
            await line.send_json(what)

    def _cut(self, line: web.WebSocketResponse) -> None:
        if (transport := line.get_extra_info("socket")) is not None:
            transport.shutdown(socket.SHUT_RDWR)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["ticket"] not in self._tickets:
            return web.Response(status=HTTPStatus.FORBIDDEN)
        self._tickets.discard(request.match_info["ticket"])
        line = web.WebSocketResponse(autoping=False)
        await line.prepare(request)
        if self.greets:
            hello = {"type": "hello", "num_connections": len(self.sockets) + 1}
            await line.send_json({**hello, "connection_info": {"app_id": self.desk.api.space.app_id}})
        self.sockets.append(line)
        self._connected.set()
        try:
            async for message in line:
                await self._heard(line, message)
        finally:
            self.sockets.remove(line)
            self._deaf.discard(line)
            if not self.sockets:
                self._connected.clear()
        return line

    async def _heard(self, line: web.WebSocketResponse, message: WSMessage) -> None:
        if line in self._deaf:
            return
        if message.type == WSMsgType.PING:
            await line.pong(message.data)
        elif message.type == WSMsgType.TEXT:
            self._acknowledged(message.data)

    def _acknowledged(self, data: str) -> None:
        try:
            said = json.loads(data)
        except ValueError:
            return
        if isinstance(said, dict):
            self.acknowledged.append(str(said.get("envelope_id", "")))
        waiting = self._waiting.get(said.get("envelope_id", "")) if isinstance(said, dict) else None
        if waiting is not None and not waiting.done():
            waiting.set_result(said)
