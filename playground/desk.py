"""The desk where the app's calls arrive: mishaps first, then the Web API; everything is written down."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from playground import limits
from playground.validate import Refusal, refuse_for, require_message
from playground.web_api import WebApi
from playground.workspace import Message, ResponseUrl

Json = dict[str, Any]
Where = Callable[[Json], bool] | Json | None
BROKEN = "<!DOCTYPE html><html><head><title>Server Error</title></head><body>Something went wrong.</body></html>"


@dataclass(frozen=True)
class Call:
    """One call of the app, with what it was answered."""

    method: str
    args: Json
    answer: Any
    at: datetime
    status: int = 200
    scripted: bool = False

    @property
    def ok(self) -> bool:
        """Whether Slack did what was asked."""
        good = self.answer.get("ok", True) if isinstance(self.answer, dict) else True
        return self.status == HTTPStatus.OK and bool(good)


@dataclass(frozen=True)
class Reply:
    """What goes back over the wire; a cut one never arrives."""

    status: int
    body: Json | str
    cut: bool = False

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
    retry_after: int | None = None
    where: Where = None
    cut: bool = False
    done: bool = False

    def applies(self, method: str, arguments: Json) -> bool:
        """Whether this call is the one, counting it off when it is."""
        if self.method != method or self.times == 0 or not self._fits(arguments):
            return False
        self.times = None if self.times is None else self.times - 1
        return True

    def _fits(self, arguments: Json) -> bool:
        if callable(self.where):
            return self.where(arguments)
        return all(arguments.get(name) == value for name, value in (self.where or {}).items())

    def reply(self) -> Reply:
        """What the app is told, or not told."""
        body: Json | str = {"ok": False, "error": self.error or "internal_error"}
        status = 429 if self.error == "ratelimited" else self.status
        if isinstance(body, dict) and status == HTTPStatus.TOO_MANY_REQUESTS:
            body["retry_after"] = self.retry_after or 1
        return Reply(status, BROKEN if status >= HTTPStatus.INTERNAL_SERVER_ERROR else body, cut=self.cut)


class Desk:
    """Takes calls one at a time and keeps the book of them."""

    def __init__(self, api: WebApi, record: Path | None = None) -> None:
        """Answer from *api* and append each call to the file *record*, if there is one."""
        self.api = api
        self.record = record
        self.calls: list[Call] = []
        self.mishaps: list[Mishap] = []

    def take(self, method: str, token: str | None, arguments: Json) -> Reply:
        """Answer one call of the Web API."""
        append(self.record, {"method": method, "args": arguments})
        return self._take(method, arguments, lambda: self.api.call(method, token, arguments))

    def take_response(self, name: str, said: Json) -> Reply:
        """Answer one use of a response_url."""
        append(self.record, {"method": "response_url", "args": said})
        return self._take("response_url", said, lambda: self._respond(name, said))

    def _take(self, method: str, arguments: Json, act: Callable[[], Json]) -> Reply:
        with self.api.space.lock:
            mishap = next((m for m in self.mishaps if m.applies(method, arguments)), None)
            if mishap and not (mishap.cut or mishap.done):
                return self._note(method, arguments, mishap.reply(), scripted=True)
            try:
                reply = Reply(200, act())
            except Refusal as refusal:
                return self._note(method, arguments, Reply(refusal.status, refusal.body()))
            return self._note(method, arguments, mishap.reply() if mishap else reply, scripted=bool(mishap))

    def _note(self, method: str, arguments: Json, reply: Reply, *, scripted: bool = False) -> Reply:
        answer = None if reply.cut else reply.body
        self.calls.append(Call(method, arguments, answer, self.api.space.now(), reply.status, scripted))
        return reply

    def refuse_ack(self, kind: str, body: Json, refusal: Refusal) -> None:
        """Write down an acknowledgement that Slack could not use."""
        self.calls.append(Call(kind, body, refusal.body(), self.api.space.now()))

    def _respond(self, name: str, said: Json) -> Json:
        right = self.api.space.response_urls.get(name)
        if right is None or self.api.space.now() - right.made > limits.RESPONSE_URL_AGE:
            raise Refusal("expired_url", status=404)
        if right.uses >= limits.RESPONSE_URL_USES:
            raise Refusal("used_url", status=404)
        unknown = sorted(set(said) - limits.RESPONSE_FIELDS)
        refuse_for("invalid_arguments", [(f"/{name}", "unknown argument") for name in unknown])
        if said.get("response_type") not in (None, "ephemeral", "in_channel"):
            refuse_for("invalid_arguments", [("/response_type", "must be ephemeral or in_channel")])
        if not said.get("delete_original"):
            require_message(said)
        right.uses += 1
        self.answer_with(right, said)
        return {"ok": True}

    def answer_with(self, right: ResponseUrl, said: Json) -> Message | None:
        """Say, replace or delete as an interaction's answer asks."""
        space = self.api.space
        original = next((m for m in space.messages if (m.channel, m.ts) == (right.channel, right.message)), None)
        if said.get("delete_original"):
            if original:
                original.deleted = True
                space.mark(original)
            return None
        if said.get("replace_original") and original and not original.deleted:
            space.rewrite(original, {"blocks": [], "attachments": [], **said})
            return original
        everybody = said.get("response_type") == "in_channel"
        return space.say(
            right.channel,
            space.bot_user,
            text=str(said.get("text") or ""),
            blocks=said.get("blocks"),
            attachments=said.get("attachments") or [],
            thread_ts=said.get("thread_ts") or right.thread_ts,
            only_for=None if everybody else right.user,
            by_app=True,
        )


def append(path: Path | None, entry: Json) -> None:
    """Add one line to a file, whole, so that several processes may share it."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, json.dumps(entry, ensure_ascii=False).encode() + b"\n")
    finally:
        os.close(handle)
