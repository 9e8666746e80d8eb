"""Where trouble becomes words: in the form, beside the message, or in a window, and to nobody else."""

from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt import BoltContext, BoltResponse
from slack_sdk import WebClient

from bot.domain.errors import AlreadyDone, UserError
from bot.listeners import commands
from bot.listeners.ask import Ask
from bot.listeners.sentences import NO_RECORDS, STILL_HERE, TOO_LATE, UNSURE, USED, said, sentence
from bot.services import reading
from bot.views import kit
from bot.views.kit import Block
from bot.views.names import Action

# The words after /experiment that open a form, with the button that opens the same one.
OPENS = {
    "propose": Action.PROPOSE,
    "settings": Action.SETTINGS,
    "check-in": Action.CHECK_IN,
    "finish": Action.LEARN,
    "share": Action.SHARE,
}


def handler(make: Callable[..., Ask]) -> Callable[..., BoltResponse]:
    """The one place where trouble becomes words; an event that failed is asked for again."""

    def trouble(error: Exception, body: dict[str, Any], client: WebClient, context: BoltContext) -> BoltResponse:
        if isinstance(error, AlreadyDone) or said(error) in USED:
            return BoltResponse(status=200, body="")
        words = sentence(error)
        if body.get("event"):
            return BoltResponse(status=503, body="")
        ask = make(body, client, context)
        ask.note_refusal(error)
        if said(error) in TOO_LATE:
            return offer_again(ask, words)
        return tell(ask, words, error.field if isinstance(error, UserError) else None)

    return trouble


def offer_again(ask: Ask, words: str) -> BoltResponse:
    """The form could not be opened in time: a button opens it, beside what was pressed or in a direct message."""
    again = button_again(ask)
    blocks = [kit.section(words), *kit.actions(again)]
    if ask.body.get("command"):
        return BoltResponse(status=200, body={"response_type": "ephemeral", **kit.message(*blocks)})
    try:
        if ask.body.get("response_url"):
            ask.say(*blocks)
        else:
            ask.slack().chat_postMessage(channel=ask.person, **kit.message(*blocks))
    except Exception as error:  # noqa: BLE001 - there is no other way left to reach them
        structlog.get_logger().warning("a sentence could not be shown", error=str(error))
    return BoltResponse(status=200, body="")


def button_again(ask: Ask) -> Block | None:
    """The same button as the one that was pressed, or the one that stands for what was typed."""
    label = "Open the form"
    if ask.body.get("actions"):
        name = ask.action["action_id"]
        return kit.button(label, Action(name), ask.value or "-") if name in set(Action) else None
    words = commands.split(ask.body.get("text", ""))
    action = OPENS.get(words[0].lower()) if words else Action.PROPOSE
    if action is None or action in {Action.PROPOSE, Action.SETTINGS}:
        return kit.button(label, action) if action else None
    try:
        return kit.button(label, action, reading.find(ask.store, ask.act, words[1]).id)
    except (UserError, IndexError):  # The form would not open for them anyway.
        return None


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
