"""What a person reads when something breaks: one sentence, and a reference to quote when nobody foresaw it."""

import secrets

import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.domain.errors import Unsure, UserError

TOO_LATE = {"expired_trigger_id", "trigger_expired", "invalid_trigger"}
USED = {"exchanged_trigger_id", "trigger_exchanged"}  # A trigger opens one form, and this one did so already.
SLOW_SLACK = "Slack was too slow to open the form. Please press once more."
NO_RECORDS = "I cannot reach my records just now, so nothing was saved. Please try again in a few minutes."
UNSURE = (
    "I cannot reach my records just now, and do not know whether this was saved. "
    "Please look at the app's Home tab in a few minutes, before you try again."
)
STILL_HERE = "What you typed is still here."


def said(error: Exception) -> str:
    """Slack's own name of the error, if it is one of Slack's."""
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else ""


def sentence(error: Exception) -> str:
    """The sentence for a person; a surprise is logged under the reference that the sentence names."""
    if isinstance(error, UserError):
        return error.sentence
    if said(error) in TOO_LATE:
        return SLOW_SLACK
    reference = secrets.token_hex(4)
    structlog.get_logger().error("a request could not be answered", reference=reference, exc_info=error)
    if isinstance(error, Unsure):
        return f"{UNSURE} (Reference {reference})"
    if isinstance(error, DBAPIError | PoolTimeout):
        return f"{NO_RECORDS} (Reference {reference})"
    return (
        "Something went wrong on my side. Please look at the app's Home tab before you try again. If it happens again, "
        f"tell your administrator this reference: {reference}."
    )
