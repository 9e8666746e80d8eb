"""The doors for bytes: upload URLs where files come in, and the addresses where they are given out."""

import asyncio
import re
from urllib.parse import quote

from aiohttp import web

from playground import limits, wire
from playground.desk import Desk
from playground.files import SHOWN_INLINE, File
from playground.mishap import Reply
from playground.validate import Refusal

SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


class Filing:
    """Takes and gives the bytes of files."""

    def __init__(self, desk: Desk) -> None:
        """Work beside *desk*, which writes down what the app does here too."""
        self.desk = desk
        self.api = desk.api

    def add_routes(self, application: web.Application) -> None:
        """Add the doors to the server."""
        application.router.add_post("/upload/v1/{ticket}", self._upload)
        application.router.add_get("/files/{id}/{name}", self._give)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        try:
            data = await wire.upload(request, limits.FILE_BYTES)
        except Refusal as refusal:
            return _told(request, self.desk.refuse_unread("upload", refusal))
        ticket = request.match_info["ticket"]
        arrival = self.desk.arrives("upload", {"bytes": len(data)})
        await asyncio.sleep(arrival.delay)
        reply = self.desk.answer(arrival, lambda: self.api.receive(ticket, data))
        return _told(request, reply, f"OK - {len(data)}")

    async def _give(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["id"]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not token and _at_this_machine(request):
            try:
                return _shown(self.api.file(name))
            except Refusal:
                return web.Response(text="This file is not there any more.", status=404, headers=SAFE)
        arrival = self.desk.arrives("url_private", {"file": name})
        await asyncio.sleep(arrival.delay)
        reply = self.desk.answer(arrival, lambda: self.api.let_read(name, token))
        if reply.status == wire.ELSEWHERE:
            return web.Response(status=reply.status, headers={"Location": f"/?redir={quote(request.path, safe='')}"})
        answer = _told(request, reply)
        return _shown(self.api.space.files[name]) if answer.status == web.HTTPOk.status_code else answer


def _told(request: web.Request, reply: Reply, good: str = "OK") -> web.Response:
    if reply.line and request.transport is not None:
        request.transport.abort()
    if isinstance(reply.body, str):
        return web.Response(text=reply.body, status=reply.status, content_type="text/html")
    if reply.body.get("ok"):
        return web.Response(text=good)
    status = max(reply.status, web.HTTPBadRequest.status_code)  # Whoever sends bytes looks at the status alone.
    return web.json_response(reply.body, status=status, headers=reply.headers)


def _shown(file: File) -> web.Response:
    mime = file.kind[0]
    how = "inline" if mime in SHOWN_INLINE else "attachment"
    named = f"{how}; filename=\"{file.safe_name}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    return web.Response(body=file.data, headers={**SAFE, "Content-Type": mime, "Content-Disposition": named})


def _at_this_machine(request: web.Request) -> bool:
    """Whether a page of ours asks, in a browser on this machine: apps say nothing of where they fetch from."""
    host = re.sub(r":\d+$", "", request.host).strip("[]")
    ours = request.headers.get("Sec-Fetch-Site") in ("same-origin", "none")
    return ours and wire.is_loopback(host) and wire.is_loopback(request.remote or "")
