"""What a person reads when something cannot be done: a sentence about it, or a reference to quote."""

import secrets
from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt import BoltContext, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.domain.errors import AlreadyDone, UserError
from bot.listeners.ask import Ask
from bot.views import kit

TOO_LATE = {
    "expired_trigger_id",
    "trigger_expired",
    "exchanged_trigger_id",
    "trigger_exchanged",
    "invalid_trigger",
}
OVERTAKEN = {"hash_conflict", "not_found"}
SLOW_SLACK = "Slack was too slow to open the form. Nothing was changed. Please press once more."
NO_RECORDS = (
    "I cannot reach my records just now, so nothing was saved. Please try again in a few minutes. "
    "What you typed is still here."
)


def handler(make: Callable[..., Ask]) -> Callable[..., BoltResponse]:
    """The one place where trouble becomes words."""

    def trouble(error: Exception, body: dict[str, Any], client: WebClient, context: BoltContext) -> BoltResponse:
        ask = make(body, client, context)
        if isinstance(error, AlreadyDone) or said(error) in OVERTAKEN:
            return BoltResponse(status=200, body="")
        if isinstance(error, UserError):
            return tell(ask, error.sentence, error.field)
        if said(error) in TOO_LATE:
            return tell(ask, SLOW_SLACK)
        return surprise(ask, error)

    return trouble


def said(error: Exception) -> str:
    """Slack's own name of the error, if it is one of Slack's."""
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else ""


def surprise(ask: Ask, error: Exception) -> BoltResponse:
    """Something nobody foresaw: logged with a reference; an event is asked for again."""
    reference = secrets.token_hex(4)
    structlog.get_logger().error("a request could not be answered", reference=reference, exc_info=error)
    if ask.body.get("event"):
        return BoltResponse(status=503, body="")
    if isinstance(error, DBAPIError | PoolTimeout):
        return tell(ask, f"{NO_RECORDS} (Reference {reference})")
    return tell(
        ask,
        "Something went wrong on my side. Please look at the app's Home tab before you try again. If it happens again, "
        f"tell your administrator this reference: {reference}.",
    )


def tell(ask: Ask, sentence: str, field: str | None = None) -> BoltResponse:
    """Say *sentence* to the person who asked, in the place that fits, and leave what they typed alone."""
    kind = ask.body.get("type")
    if kind == "view_submission":
        return in_form(ask, sentence, field)
    if ask.body.get("command"):
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": sentence})
    if kind in {"block_actions", "shortcut", "message_action"}:
        try:
            ask.say(kit.section(sentence))
        except SlackApiError as error:
            structlog.get_logger().warning("a sentence could not be shown", error=said(error))
    return BoltResponse(status=200, body="")


def in_form(ask: Ask, sentence: str, field: str | None) -> BoltResponse:
    """A sentence below the field it is about, or below the first one."""
    fields = [each["block_id"] for each in ask.view["blocks"] if each["type"] == "input"]
    if not fields:
        view = kit.notice("Safe to Fail", sentence)
        return BoltResponse(status=200, body={"response_action": "update", "view": view})
    place = field if field in fields else fields[0]
    return BoltResponse(status=200, body={"response_action": "errors", "errors": {place: sentence}})
