"""Writes people, channels, messages and views as Slack writes them."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from playground.workspace import Channel, Member, Message, View, Workspace

Json = dict[str, Any]


class Bodies:
    """The writer, with the workspace it reads from."""

    def __init__(self, space: Workspace) -> None:
        """Read from *space*."""
        self.space = space

    def channel_body(self, channel: Channel) -> Json:
        """The channel as Slack writes it."""
        body: Json = {
            "id": channel.id,
            "created": 0,
            "is_archived": channel.is_archived,
            "is_im": channel.is_dm,
        }
        if channel.is_dm:
            return {
                **body,
                "user": channel.people_of_dm[0],
                "is_user_deleted": self.space.members[channel.people_of_dm[0]].deleted,
            }
        return {
            **body,
            "name": channel.name,
            "name_normalized": channel.name,
            "is_channel": True,
            "is_group": False,
            "is_mpim": False,
            "is_private": channel.is_private,
            "is_general": False,
            "is_shared": channel.is_shared,
            "is_ext_shared": channel.is_ext_shared,
            "is_org_shared": channel.is_org_shared,
            "is_member": self.space.bot_user in channel.members,
            "is_read_only": channel.is_read_only,
            "num_members": len(channel.members),
            "creator": "U0PLAYGROUND",
            "context_team_id": self.space.team,
        }

    def message_body(self, message: Message, *, metadata: bool = True) -> Json:
        """The message as Slack writes it."""
        body: Json = {
            "type": "message",
            "user": message.user,
            "text": message.text,
            "ts": message.ts,
            "team": self.space.team,
        }
        if message.by_app:
            body |= {"bot_id": self.space.bot_id, "app_id": self.space.app_id}
        if message.files:
            body["upload"] = False
        for name in ("blocks", "attachments", "files", "thread_ts"):
            if getattr(message, name):
                body[name] = getattr(message, name)
        if message.edited:
            body["edited"] = {"user": message.user, "ts": message.edited}
        if metadata and message.metadata:
            body["metadata"] = message.metadata
        return body

    def user_body(self, member: Member, *, locale: bool = False) -> Json:
        """The member as Slack writes them."""
        body: Json = {
            "id": member.id,
            "team_id": member.team,
            "name": member.handle,
            "deleted": member.deleted,
            "profile": {
                "real_name": member.name,
                "real_name_normalized": member.name,
                "display_name": member.handle,
                "display_name_normalized": member.handle,
                "team": member.team,
            },
            "is_bot": member.is_bot,
            "is_app_user": False,
            "updated": 0,
        }
        if member.is_stranger:
            body["is_stranger"] = True
        if member.deleted:
            return body
        offset = self.space.now().astimezone(ZoneInfo(member.tz)).utcoffset()
        body |= {
            "real_name": member.name,
            "tz": member.tz,
            "tz_label": member.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "is_admin": member.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": member.is_restricted,
            "is_ultra_restricted": member.is_ultra_restricted,
        }
        return body | ({"locale": member.locale} if locale else {})

    def view_body(self, view: View) -> Json:
        """The view as Slack writes it, with what stands in its fields."""
        space, body = self.space, view.body
        modal = view.kind == "modal"
        title = body.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True}
        return {
            "id": view.id,
            "team_id": space.team,
            "type": view.kind,
            "blocks": body["blocks"],
            "private_metadata": view.private_metadata,
            "callback_id": view.callback_id,
            "state": {"values": json.loads(json.dumps(view.state))},
            "hash": view.hash,
            "title": title,
            "clear_on_close": bool(modal and body.get("clear_on_close")),
            "notify_on_close": bool(modal and body.get("notify_on_close")),
            "close": body.get("close"),
            "submit": body.get("submit"),
            "previous_view_id": view.previous,
            "root_view_id": view.root,
            "app_id": space.app_id,
            "external_id": view.external_id,
            "app_installed_team_id": space.team,
            "bot_id": space.bot_id,
        }
