"""Answers over a bad line: closed, reset, broken off, silent, or trickling."""

import asyncio
import secrets
import socket
import struct

from aiohttp import web

from playground.mishap import Reply

LOOK = 0.05  # Seconds between two looks whether a waiting app has gone.
TRICKLE = 1.0  # Seconds between two bytes of a slow answer.
AT_ONCE = struct.pack("ii", 1, 0)  # Linger for no time: the line is reset, not closed.


async def send(request: web.Request, reply: Reply, scopes: str) -> web.StreamResponse:
    """Answer, as well or as badly as the reply's line allows."""
    answer = _answer(reply, {"x-oauth-scopes": scopes, "x-slack-req-id": secrets.token_hex(16), **reply.headers})
    if reply.line == "hang":
        while not _gone(request):  # noqa: ASYNC110 - nothing tells when the app goes.
            await asyncio.sleep(LOOK)
    elif reply.line in ("half", "slow"):
        return await _part(request, answer, whole=reply.line == "slow")
    elif reply.line:
        _end(request, reset=reply.line == "reset")
    return answer


def _answer(reply: Reply, headers: dict[str, str]) -> web.Response:
    if isinstance(reply.body, str):
        kind = "text/html" if reply.body.startswith("<") else "application/json"
        return web.Response(text=reply.body, status=reply.status, headers=headers, content_type=kind)
    body = {name: value for name, value in reply.body.items() if name != "retry_after"}
    return web.json_response(body, status=reply.status, headers=headers)


async def _part(request: web.Request, answer: web.Response, *, whole: bool) -> web.StreamResponse:
    """Send all of an answer byte by byte, or half of it and no more."""
    words = bytes(answer.body or b"")  # type: ignore[arg-type]  # It was made from text above.
    stream = web.StreamResponse(status=answer.status, headers=answer.headers)
    stream.content_length = len(words)
    await stream.prepare(request)
    if whole:
        for place in range(len(words)):
            if _gone(request):
                break
            await stream.write(words[place : place + 1])
            await asyncio.sleep(TRICKLE)
    else:
        await stream.write(words[: len(words) // 2])
        _end(request, reset=False)
    return stream


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _end(request: web.Request, *, reset: bool) -> None:
    if request.transport is None:
        return
    line = request.transport.get_extra_info("socket")
    if reset and line is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    request.transport.abort()
