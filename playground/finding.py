"""Finds the channels and threads that the app names, or refuses as Slack does."""

from typing import Any

from playground.bodies import Bodies
from playground.validate import Refusal
from playground.workspace import Channel

Json = dict[str, Any]


class Finding(Bodies):
    """What the app may see and speak in."""

    def channel(self, name: object) -> Channel:
        """The channel of that id, where the app may know of it."""
        channel = self.space.channels.get(str(name))
        hidden = channel is not None and channel.is_private and self.space.bot_user not in channel.members
        if channel is None or hidden:
            raise Refusal("channel_not_found")
        return channel

    def dm(self, user: str) -> Channel:
        """The app's direct conversation with somebody."""
        member = self.space.member(user)
        if member.is_bot:
            raise Refusal("cannot_dm_bot")
        if member.deleted:
            raise Refusal("user_disabled")
        return self.space.dm(user)

    def thread(self, channel: Channel, ts: object) -> str | None:
        """The head of the thread that *ts* stands in, if any is named."""
        if not ts:
            return None
        try:
            parent = self.space.message(channel.id, str(ts))
        except Refusal:
            raise Refusal("thread_not_found") from None
        return parent.thread_ts or parent.ts
