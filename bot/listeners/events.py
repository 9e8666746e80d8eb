"""What Slack tells unasked: about people, about channels, and that the app was removed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.channel import looker
from bot.domain.errors import UserError
from bot.listeners.ask import SILENT_SLACK, Ask, facts
from bot.services import digest, leaving, people
from bot.services.channels import UNREACHABLE


def answer(ask: Ask) -> None:
    """Take one event; the same one a second time changes nothing."""
    EVENTS[ask.body["event"]["type"]](ask)


def told_at(ask: Ask) -> datetime:
    """The moment that an event speaks of."""
    event = ask.body["event"]
    return datetime.fromtimestamp(float(event.get("event_ts") or ask.body["event_time"]), UTC)


def person_changed(ask: Ask) -> None:
    """Somebody's name, zone or account is not what it was."""
    user = ask.body["event"]["user"]
    people.hear(ask.store, ask.once, facts(user, ask.team), told_at(ask))


def app_removed(ask: Ask) -> None:
    """The app was taken out of the workspace."""
    leaving.leave(ask.store, ask.once, told_at(ask))


def tokens_revoked(ask: Ask) -> None:
    """Tokens were revoked; ours is among them if a bot's is."""
    tokens: dict[str, Any] = ask.body["event"].get("tokens") or {}
    if tokens.get("bot"):
        leaving.leave(ask.store, ask.once, told_at(ask))


def channel_changed(ask: Ask) -> None:
    """Something about a channel changed: what is so now, Slack is asked, so that late events do no harm."""
    event = ask.body["event"]
    channel = event.get("channel")
    channel = str(channel["id"] if isinstance(channel, dict) else channel)
    if not digest.is_told_in(ask.store, ask.team, channel):
        return
    standing = looker(ask.client, str(ask.client.token))(channel)
    if standing.trouble == UNREACHABLE:
        raise UserError(SILENT_SLACK)  # Slack tells it again.
    digest.hear_of_channel(ask.store, ask.once, standing, shared_anew=event["type"] == "channel_shared")


EVENTS: dict[str, Callable[[Ask], None]] = {
    "user_change": person_changed,
    "app_uninstalled": app_removed,
    "tokens_revoked": tokens_revoked,
    "channel_archive": channel_changed,
    "channel_unarchive": channel_changed,
    "channel_deleted": channel_changed,
    "channel_shared": channel_changed,
    "channel_unshared": channel_changed,
}
SUBSCRIBED = re.compile(rf"\A(?:{'|'.join(EVENTS)})\Z")
