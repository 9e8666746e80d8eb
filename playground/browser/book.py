"""Writes what went to the app and what came from it as rows for the inspector."""

import json
from collections.abc import Iterator
from typing import Any

from playground.browser.screen import local
from playground.delivery import Answer
from playground.desk import Call
from playground.slack import Slack

Json = dict[str, Any]
SHOWN = 200  # The newest entries; older ones are in the book, not on the page.


def pages(slack: Slack, zone: str, since: int = 0, *, most: int = SHOWN) -> Json:
    """How much happened, and the newest of it; entries that were drawn *since* are marked as the same."""
    with slack.space.lock:
        answers, calls = list(slack.delivery.sent), list(slack.desk.calls)
    every: list[Answer | Call] = [*answers, *calls]
    entries = sorted(every, key=lambda each: -each.order)[:most]
    return {
        "requests": len(answers),
        "calls": len(calls),
        "refused": sum(not each.ok for each in every),
        "entries": [{**_row(each, zone), "same": each.ended <= since} for each in entries],
    }


def entry(slack: Slack, order: int) -> Json | None:
    """One entry whole, as JSON."""
    with slack.space.lock:
        every: list[Answer | Call] = [*slack.delivery.sent, *slack.desk.calls]
    for each in every:
        if each.order == order:
            return _whole(each)
    return None


def _row(each: Answer | Call, zone: str) -> Json:
    row = {"order": each.order, "refused": not each.ok, "took": f"{each.seconds * 1000:.0f} ms"}
    row["at"] = local(each.at, zone).rpartition(", ")[2]
    if isinstance(each, Answer):
        return row | {"way": "to the app", "name": _name(each), "result": each.error or str(each.status)}
    error = each.answer.get("error", "") if isinstance(each.answer, dict) else ""
    cut = "the line was cut" if each.answer is None else str(each.status)
    return row | {"way": "to Slack", "name": each.method, "result": "ok" if each.ok else error or cut}


def _name(answer: Answer) -> str:
    payload = answer.request.payload
    kind = payload.get("command") or payload.get("type") or answer.request.kind
    detail = (payload.get("event") or {}).get("type") or payload.get("callback_id")
    if payload.get("actions"):
        detail = payload["actions"][0].get("action_id")
    elif isinstance(payload.get("view"), dict):
        detail = payload["view"].get("callback_id")
    return f"{kind} {detail or payload.get('text') or ''}".strip()


def _whole(each: Answer | Call) -> Json:
    if isinstance(each, Answer):
        again = {"attempt": each.request.attempt} if each.request.attempt else {}
        answer = {"status": each.status, **({"error": each.error} if each.error else {}), "body": each.body}
        question = _pretty({"headers": each.request.headers, **again, "payload": each.request.payload})
        return {"asked": "Request", "question": question, "answer": _pretty(answer), "pointers": []}
    return {
        "asked": f"{each.method} with",
        "question": _pretty(each.args),
        "answer": _pretty(each.answer) if each.answer is not None else "None: the line was cut.",
        "pointers": list(_pointers(each.answer)),
    }


def _pointers(answer: Any) -> Iterator[str]:
    if isinstance(answer, dict) and not answer.get("ok", True):
        yield from (answer.get("response_metadata") or {}).get("messages") or ()
        if answer.get("needed"):
            yield f"The manifest grants {answer.get('provided') or 'nothing'}; this needs {answer['needed']}."


def _pretty(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
