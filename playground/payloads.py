"""Builds what Slack tells an app when a person does something."""

from typing import Any

from playground.reading import state_of
from playground.web_api import WebApi
from playground.workspace import Channel, Member, Message, View

Json = dict[str, Any]
VERIFICATION_TOKEN = "not-a-real-token"  # noqa: S105  # Slack's old field; apps check signatures instead.


class Payloads:
    """Writes payloads from the state of the workspace."""

    def __init__(self, api: WebApi, respond_at: str) -> None:
        """Read from *api*; response_urls begin with *respond_at*."""
        self.api = api
        self.space = api.space
        self.respond_at = respond_at

    def command(self, who: Member, channel: Channel, command: str, text: str) -> Json:
        """A slash command."""
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": self.space.team,
            "team_domain": self.space.domain,
            "channel_id": channel.id,
            "channel_name": channel.name,
            "user_id": who.id,
            "user_name": who.handle,
            "command": command,
            "text": text,
            "api_app_id": self.space.app_id,
            "is_enterprise_install": "false",
            "response_url": self._response_url(channel, who),
            "trigger_id": self.space.new_trigger(who.id),
        }

    def shortcut(self, who: Member, callback_id: str) -> Json:
        """A global shortcut."""
        return {
            "type": "shortcut",
            "token": VERIFICATION_TOKEN,
            "action_ts": self.space.ts(),
            "team": self._team(),
            "user": {"id": who.id, "username": who.handle, "team_id": who.team},
            "is_enterprise_install": False,
            "callback_id": callback_id,
            "trigger_id": self.space.new_trigger(who.id),
        }

    def message_shortcut(self, who: Member, callback_id: str, message: Message) -> Json:
        """A shortcut used on a message."""
        channel = self.space.channels[message.channel]
        return {
            "type": "message_action",
            "token": VERIFICATION_TOKEN,
            "team": self._team(),
            "user": {"id": who.id, "name": who.handle, "team_id": who.team},
            "is_enterprise_install": False,
            "callback_id": callback_id,
            "action_ts": self.space.ts(),
            "trigger_id": self.space.new_trigger(who.id),
            "response_url": self._response_url(channel, who, message),
            "message_ts": message.ts,
            "channel": {"id": channel.id, "name": channel.name},
            "message": self.api.message_body(message),
        }

    def action_in_message(self, who: Member, message: Message, action: Json) -> Json:
        """An element used in a message."""
        channel = self.space.channels[message.channel]
        payload = {
            **self._interaction("block_actions", who),
            "container": _container(message, message.attachment_of(action["block_id"])),
            "trigger_id": self.space.new_trigger(who.id),
            "channel": {"id": channel.id, "name": channel.name},
            "state": {"values": state_of(message.all_blocks, message.states.get(who.id))},
            "response_url": self._response_url(channel, who, message),
            "actions": [self._stamped(action)],
        }
        return payload if message.ephemeral else {**payload, "message": self.api.message_body(message)}

    def action_in_view(self, who: Member, view: View, action: Json) -> Json:
        """An element used in a modal or on the Home tab."""
        modal = view.id if view.kind == "modal" else None
        return {
            **self._interaction("block_actions", who),
            "container": _container(view),
            "trigger_id": self.space.new_trigger(who.id, modal),
            "view": self.api.view_body(view),
            "actions": [self._stamped(action)],
        }

    def suggestion(self, who: Member, surface: Message | View, place: tuple[str, str], typed: str) -> Json:
        """A question for the options of an external select, which stands at the block and action of *place*."""
        block_id, action_id = place
        asked = {
            **self._interaction("block_suggestion", who),
            "container": _container(surface, None if isinstance(surface, View) else surface.attachment_of(block_id)),
            "block_id": block_id,
            "action_id": action_id,
            "value": typed,
        }
        if isinstance(surface, View):
            return {**asked, "view": self.api.view_body(surface)}
        channel = self.space.channels[surface.channel]
        asked["channel"] = {"id": channel.id, "name": channel.name}
        return asked if surface.ephemeral else {**asked, "message": self.api.message_body(surface)}

    def submission(self, who: Member, view: View) -> Json:
        """A modal sent off."""
        return {
            **self._interaction("view_submission", who),
            "trigger_id": self.space.new_trigger(who.id, view.id),
            "view": self.api.view_body(view),
        }

    def closing(self, who: Member, view: View, *, everything: bool) -> Json:
        """A modal closed without sending; what was typed is not told."""
        body = {**self.api.view_body(view), "state": {"values": {}}}
        return {**self._interaction("view_closed", who), "view": body, "is_cleared": everything}

    def event(self, event: Json) -> Json:
        """The envelope of an event."""
        space = self.space
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": space.team,
            "api_app_id": space.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": space.identifier("Ev"),
            "event_time": int(space.now().timestamp()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": space.team,
                    "user_id": space.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{space.identifier('X')}",
        }

    def home_opened(self, who: Member, tab: str) -> Json:
        """Somebody looks at the app's Home or messages tab."""
        event: Json = {
            "type": "app_home_opened",
            "user": who.id,
            "channel": self.space.dm(who.id).id,
            "tab": tab,
            "event_ts": self.space.ts(),
        }
        view = self.space.home(who.id)
        if view is not None and tab == "home":
            event["view"] = self.api.view_body(view)
        return self.event(event)

    def message_said(self, message: Message, kind: str) -> Json:
        """Somebody said something."""
        body = {
            **self.api.message_body(message),
            "type": kind,
            "channel": message.channel,
            "event_ts": message.ts,
        }
        if kind == "message":
            dm = self.space.channels[message.channel].is_dm
            private = self.space.channels[message.channel].is_private
            body["channel_type"] = "im" if dm else "group" if private else "channel"
        return self.event(body)

    def _interaction(self, kind: str, who: Member) -> Json:
        user = {"id": who.id, "username": who.handle, "name": who.handle, "team_id": who.team}
        return {
            "type": kind,
            "token": VERIFICATION_TOKEN,
            "team": self._team(),
            "user": user,
            "api_app_id": self.space.app_id,
            "is_enterprise_install": False,
        }

    def _team(self) -> Json:
        return {"id": self.space.team, "domain": self.space.domain}

    def _stamped(self, action: Json) -> Json:
        return {**action, "action_ts": self.space.ts()}

    def _response_url(self, channel: Channel, who: Member, message: Message | None = None) -> str:
        return self.respond_at + self.space.new_response_url(channel.id, who.id, message)


def _container(surface: Message | View, attachment: Json | None = None) -> Json:
    if isinstance(surface, View):
        return {"type": "view", "view_id": surface.id}
    place: Json = {"type": "message", "message_ts": surface.ts, "channel_id": surface.channel}
    thread = {"thread_ts": surface.thread_ts} if surface.thread_ts else {}
    if attachment is not None:
        place |= {"type": "message_attachment", "attachment_id": attachment["id"], "is_app_unfurl": False}
    return {**place, "is_ephemeral": surface.ephemeral, **thread}
