"""What an answer of Slack means for what was asked: taken, later, never, or nobody knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

USUAL_PAUSE = timedelta(seconds=30)
SHORTEST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_NUMBER = 9  # Digits of a wait: more than any pause, and few enough to count with.

# What Slack answers when a message will never arrive, in words for the people it concerns.
NEVER = {
    "channel_not_found": "the channel does not exist, or I am not in it.",
    "not_in_channel": "I am not a member of the channel.",
    "is_archived": "the channel is archived.",
    "user_not_found": "Slack does not know this person any more.",
    "user_disabled": "this person's account is switched off.",
    "cannot_dm_bot": "a bot cannot be written to.",
    "messages_tab_disabled": "the app's messages tab is switched off in Slack.",
    "restricted_action": "an administrator does not let me post there.",
    "restricted_action_read_only_channel": "only some people may post in this channel.",
    "restricted_action_thread_only_channel": "only replies are allowed in this channel.",
    "restricted_action_non_threadable_channel": "replies are not allowed in this channel.",
    "ekm_access_denied": "an administrator has suspended posting.",
    "access_denied": "an administrator does not let me post there.",
    "no_permission": "I may not post there.",
    "missing_scope": "I lack a permission in Slack; an administrator should install me again.",
    "team_access_not_granted": "I am not allowed in this workspace.",
    "message_not_found": "the message was deleted.",
    "cant_update_message": "the message cannot be changed any more.",
    "edit_window_closed": "the message cannot be changed any more.",
    "invalid_blocks": "Slack could not show the message.",
    "invalid_arguments": "Slack could not read the message.",
    "msg_too_long": "the message is too long for Slack.",
    "no_text": "the message is empty.",
    "msg_blocks_too_long": "the message is too long for Slack.",
    "invalid_blocks_format": "Slack could not show the message.",
    "invalid_attachments": "Slack could not show the message.",
    "message_limit_exceeded": "the workspace may post no more messages.",
    "cannot_reply_to_message": "this message takes no replies.",
    "restricted_action_thread_locked": "this message takes no replies any more.",
    "app_access_restricted": "an administrator does not let me post there.",
    "posting_to_channel_denied": "an administrator does not let me post there.",
    "is_inactive": "the message can no longer be changed.",
}
# Nothing is wrong with the place, but with how we wrote: plain words may still arrive.
UNSHOWABLE = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long"})
# The workspace itself is shut to us: nothing is wrong with the message, so it waits.
SHUT = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "team_not_found"})


@dataclass(frozen=True)
class Sent:
    """Slack took it."""

    channel: str
    ts: str


@dataclass(frozen=True)
class Later:
    """Slack definitely did not take it; the same again after *wait*, or after a growing delay."""

    reason: str
    wait: timedelta | None = None
    method: str | None = None  # That Slack asked to leave alone for so long; all of them when we are shut out.
    shut: bool = False


@dataclass(frozen=True)
class Never:
    """Slack definitely did not take it and never will; *error* is Slack's own name for why."""

    reason: str
    error: str = ""


@dataclass(frozen=True)
class Unknown:
    """The line broke or the answer makes no sense: perhaps Slack took it."""

    reason: str


Outcome = Sent | Later | Never | Unknown


def what_became(error: Exception, method: str, now: datetime) -> Later | Never | Unknown:
    """What a failed call means for what it was to do."""
    if isinstance(error, SlackApiError):
        return refused(error.response, method, now)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Later("Slack could not be reached")
    return Unknown(f"the line to Slack broke ({type(error).__name__})")


def refused(answer: Any, method: str, now: datetime) -> Later | Never | Unknown:
    """What a refusal of Slack means for what was asked."""
    # What could not be read comes as the bare response of HTTP.
    data, status = getattr(answer, "data", None), getattr(answer, "status_code", getattr(answer, "status", 0))
    error = str(data.get("error")) if isinstance(data, dict) else "something that cannot be read"
    if status == 429 or error in {"ratelimited", "rate_limited"}:  # noqa: PLR2004 - HTTP's own number
        return Later("Slack asked to wait", retry_after(answer.headers, now), method)
    if error in NEVER:
        return Never(NEVER[error], error)
    if error in SHUT:
        return Later(f"Slack shut us out ({error})", LONGEST_PAUSE, shut=True)
    return Unknown(f"Slack answered {error} ({status})")


def retry_after(headers: Any, now: datetime) -> timedelta:
    """How long Slack asks to wait, in seconds or until a date, within reason."""
    asked = str({str(name).lower(): value for name, value in dict(headers).items()}.get("retry-after", ""))
    return min(max(wished(asked, now), SHORTEST_PAUSE), LONGEST_PAUSE)


def wished(asked: str, now: datetime) -> timedelta:
    """The wait that *asked* stands for; half a minute where it stands for none."""
    if asked.isascii() and asked.isdigit():
        return timedelta(seconds=int(asked[:LONGEST_NUMBER]))
    try:
        return parsedate_to_datetime(asked) - now
    except (ValueError, TypeError, OverflowError):
        return USUAL_PAUSE
