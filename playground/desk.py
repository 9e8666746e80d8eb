"""The desk where the app's calls arrive: mishaps first, then the Web API; everything is written down."""

import json
import logging
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from playground import limits
from playground.mishap import BROKEN, Mishap, Reply
from playground.validate import Refusal, refuse_for, require_message
from playground.web_api import WebApi
from playground.workspace import Message, ResponseUrl

Json = dict[str, Any]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """One call of the app, with what it was answered."""

    method: str
    args: Json
    answer: Any
    at: datetime
    status: int = 200
    scripted: bool = False
    order: int = 0
    seconds: float = 0.0
    ended: int = 0  # The number at which it came into the book.
    undone: bool = False  # The line ended before Slack took it.

    @property
    def ok(self) -> bool:
        """Whether Slack did what was asked."""
        good = self.answer.get("ok", True) if isinstance(self.answer, dict) else True
        return self.status == HTTPStatus.OK and bool(good) and not self.undone


@dataclass(frozen=True)
class Arrival:
    """A call that has come in and is not answered yet, and what shall go wrong with it."""

    method: str
    args: Json
    order: int
    at: datetime
    mishap: Mishap | None = None
    delay: float = 0.0
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Late:
    """A call whose line has ended, and that Slack will take all the same."""

    due: datetime
    arrival: Arrival
    act: Callable[[], Json]


class Desk:
    """Takes calls one at a time and keeps the book of them."""

    def __init__(self, api: WebApi, record: Path | None = None) -> None:
        """Answer from *api* and append each call to the file *record*, if there is one."""
        self.api = api
        self.record = record
        self.calls: list[Call] = []
        self.mishaps: list[Mishap] = []
        self.late: list[Late] = []
        self.arrived: list[Arrival] = []  # All calls, those under way too.

    def clear(self) -> None:
        """Forget every call, and whatever was to go wrong."""
        for book in (self.calls, self.mishaps, self.late, self.arrived):
            book.clear()

    def arrives(self, method: str, arguments: Json) -> Arrival:
        """Note the beginning of a call; whoever serves it waits for its delay before it is taken."""
        with self.api.space.lock:
            self.catch_up()
            order, at = self.api.space.number(), self.api.space.now()
            slow = [m for m in self.mishaps if m.only_delays and m.applies(method, arguments)]
            mishap = next((m for m in self.mishaps if not m.only_delays and m.applies(method, arguments)), None)
            delay = sum(m.delay for m in slow) + (mishap.delay if mishap else 0.0)
            self.arrived.append(Arrival(method, arguments, order, at, mishap, delay))
            return self.arrived[-1]

    def take(self, method: str, token: str | None, arguments: Json, arrival: Arrival | None = None) -> Reply:
        """Answer one call of the Web API."""
        append(self.record, {"method": method, "args": arguments})
        arrival = arrival or self.arrives(method, arguments)
        return self.answer(arrival, lambda: self.api.call(method, token, arguments))

    def take_response(self, name: str, said: Json, arrival: Arrival | None = None) -> Reply:
        """Answer one use of a response_url."""
        append(self.record, {"method": "response_url", "args": said})
        arrival = arrival or self.arrives("response_url", said)
        return self.answer(arrival, lambda: self._respond(name, said))

    def answer(self, arrival: Arrival, act: Callable[[], Json]) -> Reply:
        """Do what was asked, refuse it, or let go wrong what shall go wrong; and write it down."""
        mishap = arrival.mishap
        with self.api.space.lock:
            if mishap is None:
                return self._carry_out(arrival, act)
            if mishap.late is not None:
                self.late.append(Late(self.api.space.now() + timedelta(seconds=mishap.late), arrival, act))
            if mishap.late is not None or not mishap.done:
                return self._note(arrival, mishap.reply(), scripted=True, undone=True)
            return self._carry_out(arrival, act, mishap)

    def catch_up(self) -> None:
        """Take the late calls whose time has come, each at its own moment."""
        space = self.api.space
        with space.lock:
            due = sorted((one for one in self.late if one.due <= space.now()), key=lambda one: one.due)
            self.late[:] = [one for one in self.late if one not in due]
            for one in due:
                with space.as_at(one.due):
                    again = replace(one.arrival, order=space.number(), at=one.due)
                    self._carry_out(again, one.act, Mishap(again.method, line="close", done=True))

    def _carry_out(self, arrival: Arrival, act: Callable[[], Json], mishap: Mishap | None = None) -> Reply:
        try:
            reply = Reply(200, act())
        except Refusal as refusal:
            return self._note(arrival, Reply(refusal.status, refusal.body()))
        except Exception as error:  # noqa: BLE001  # Whatever breaks here must look to the app as if Slack broke.
            return self._surprise(arrival, error)
        return self._note(arrival, mishap.reply(reply) if mishap else reply, scripted=bool(mishap))

    def _surprise(self, arrival: Arrival, error: Exception) -> Reply:
        reference = secrets.token_hex(4)
        log.debug("The playground broke over %s, reference %s.", arrival.method, reference, exc_info=error)
        said = {"ok": False, "error": "internal_error", "reference": reference}
        return self._note(arrival, Reply(500, BROKEN.replace("wrong.", f"wrong: reference {reference}.")), said)

    def _note(
        self,
        arrival: Arrival,
        reply: Reply,
        answer: Json | str | None = None,
        *,
        scripted: bool = False,
        undone: bool = False,
    ) -> Reply:
        call = Call(
            arrival.method,
            arrival.args,
            (answer or reply.body) if reply.arrives else None,
            arrival.at,
            reply.status,
            scripted,
            arrival.order,
            time.monotonic() - arrival.began,
            undone=undone,
        )
        self._enter(call)
        return reply

    def _enter(self, call: Call) -> None:
        with self.api.space.lock:
            self.calls.append(replace(call, ended=self.api.space.number()))
            self.api.space.number()  # Whoever looks at the book sees that it has grown.

    def refuse_ack(self, kind: str, body: Json, refusal: Refusal) -> None:
        """Write down an acknowledgement that Slack could not use."""
        space = self.api.space
        self._enter(Call(kind, body, refusal.body(), space.now(), order=space.number()))

    def refuse_unread(self, method: str, refusal: Refusal) -> Reply:
        """Refuse a call whose body cannot be read."""
        return self._note(self.arrives(method, {}), Reply(refusal.status, refusal.body()))

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
