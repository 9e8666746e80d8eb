"""The Web API's methods that read what was said, as well as Slack lets an app read it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from playground.paging import between, page, true
from playground.validate import Refusal
from playground.web_files import FileMethods
from playground.workspace import Channel, Message

Json = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """How much of the truth Slack shows to an app that reads."""

    lag: timedelta = timedelta(0)  # How long a message is not shown yet.
    page: int | None = None  # How many messages one answer holds at most.
    metadata: bool = True  # Whether metadata is shown to whoever asks for it.


class HistoryMethods(FileMethods):
    """Reads channels and threads."""

    reading = Reading()

    def _conversations_history(self, arguments: Json) -> Json:
        channel = self._readable(arguments)
        said = [m for m in self._visible(channel) if m.thread_ts in (None, m.ts) and between(m.ts, arguments)]
        bodies = self._bodies(said[::-1], arguments)
        return {**page("messages", bodies, arguments, self.reading.page), "pin_count": 0}

    def _conversations_replies(self, arguments: Json) -> Json:
        channel = self._readable(arguments)
        try:
            parent = self.space.message(channel.id, str(arguments["ts"]))
        except Refusal:
            raise Refusal("thread_not_found") from None
        said = [
            m for m in self._visible(channel) if m is parent or (m.thread_ts == parent.ts and between(m.ts, arguments))
        ]
        return page("messages", self._bodies(said, arguments), arguments, self.reading.page)

    def _bodies(self, said: list[Message], arguments: Json) -> list[Json]:
        metadata = self.reading.metadata and true(arguments.get("include_all_metadata"))
        return [self.message_body(message, metadata=metadata) for message in said]

    def _readable(self, arguments: Json) -> Channel:
        channel = self.channel(arguments["channel"])
        if self.space.bot_user not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    def _visible(self, channel: Channel) -> list[Message]:
        lag = self.reading.lag
        newest = (self.space.now() - lag).timestamp()
        return [
            m
            for m in self.space.messages
            if m.channel == channel.id and not m.deleted and not m.ephemeral and (not lag or float(m.ts) <= newest)
        ]
