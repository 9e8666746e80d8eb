"""Asks Slack whether the digest may be posted in a channel."""

from collections.abc import Callable

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.services.channels import UNREACHABLE, Standing

TROUBLE = {
    "channel_not_found": "channel_not_found",
    "missing_scope": "unknown",
    "no_permission": "unknown",
    "not_allowed_token_type": "unknown",
}


def looker(client: WebClient, token: str) -> Callable[[str], Standing]:
    """Gives the look at a channel by id; whatever goes wrong is an answer too."""

    def look(channel: str) -> Standing:
        try:
            found = client.conversations_info(channel=channel, token=token)["channel"]
        except SlackApiError as error:
            return Standing(channel, TROUBLE.get(str(error.response.get("error")), UNREACHABLE))
        except (OSError, KeyError, ValueError):
            return Standing(channel, UNREACHABLE)
        return Standing(channel, trouble(found))

    return look


def trouble(found: dict[str, bool]) -> str | None:
    """The first thing that keeps the digest out of a channel, in one word."""
    if found.get("is_archived"):
        return "is_archived"
    if not found.get("is_member"):
        return "not_in_channel"
    shared = ("is_ext_shared", "is_shared", "is_org_shared")
    return "shared" if any(found.get(name) for name in shared) else None
