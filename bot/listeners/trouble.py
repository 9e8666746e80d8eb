"""Where trouble becomes words: in the form, beside the message, or in a window, and to nobody else."""

from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt import BoltContext, BoltResponse
from slack_sdk import WebClient

from bot.domain.errors import AlreadyDone, UserError
from bot.listeners.ask import Ask
from bot.listeners.sentences import NO_RECORDS, STILL_HERE, UNSURE, USED, said, sentence
from bot.views import kit


def handler(make: Callable[..., Ask]) -> Callable[..., BoltResponse]:
    """The one place where trouble becomes words; an event that failed is asked for again."""

    def trouble(error: Exception, body: dict[str, Any], client: WebClient, context: BoltContext) -> BoltResponse:
        if isinstance(error, AlreadyDone) or said(error) in USED:
            return BoltResponse(status=200, body="")
        words = sentence(error)
        if body.get("event"):
            return BoltResponse(status=503, body="")
        return tell(make(body, client, context), words, error.field if isinstance(error, UserError) else None)

    return trouble


def tell(ask: Ask, words: str, field: str | None = None) -> BoltResponse:
    """Say *words* to the person who asked, in the place that fits, and leave what they typed alone."""
    if ask.body.get("type") == "view_submission":
        return in_form(ask, words, field)
    if ask.body.get("command"):
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": words})
    try:
        ask.say(kit.section(words))
    except Exception as error:  # noqa: BLE001 - there is no other way left to reach them
        structlog.get_logger().warning("a sentence could not be shown", error=str(error))
    return BoltResponse(status=200, body="")


def in_form(ask: Ask, words: str, field: str | None) -> BoltResponse:
    """The words below the field that they are about, or below the first one."""
    fields = [each["block_id"] for each in ask.view["blocks"] if each["type"] == "input"]
    if not fields:
        view = kit.notice("Safe to Fail", words)
        return BoltResponse(status=200, body={"response_action": "update", "view": view})
    place = field if field in fields else fields[0]
    told = f"{words} {STILL_HERE}" if words.startswith((NO_RECORDS, UNSURE)) else words
    return BoltResponse(status=200, body={"response_action": "errors", "errors": {place: told}})
