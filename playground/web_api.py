"""The Web API over the state of a workspace: what each method does, and what it refuses."""

import re
from typing import TYPE_CHECKING, Any

from playground import limits
from playground.history import HistoryMethods
from playground.paging import page, true
from playground.rates import Rates
from playground.validate import Refusal, require_message, require_view
from playground.workspace import Channel, Member, Message, Trigger, View, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]


class WebApi(HistoryMethods):
    """Answers the app's calls; raises a Refusal where Slack says no."""

    def __init__(self, space: Workspace, tokens: dict[str, str], scopes: frozenset[str] | None) -> None:
        """Serve *space* to holders of *tokens*; no *scopes* means that all are granted."""
        super().__init__(space, tokens, scopes)
        self.app_home: Json = {}  # That part of the manifest.
        self.rates = Rates()
        self.socket_url: Callable[[], str] = str
        self._doors: dict[str, Callable[[Json], Json]] = {
            name: getattr(self, "_" + _snake(name)) for name in limits.METHODS
        }

    def call(self, method: str, token: str | None, arguments: Json) -> Json:
        """Do what the method does and give Slack's answer."""
        with self.space.lock:
            if method not in limits.METHODS:
                raise Refusal("unknown_method", more=(("req_method", method),))
            self._check_token(method, token)
            self.rates.count(method, self.space.now())
            self._check_scope(method, arguments)
            self._check_arguments(method, arguments)
            return {"ok": True, **self._doors[method](arguments)}

    def _check_token(self, method: str, token: str | None) -> None:
        if method == "api.test":
            return
        if not token:
            raise Refusal("not_authed")
        if token not in self.tokens:
            raise Refusal("invalid_auth")
        if self.tokens[token] == "revoked":
            raise Refusal("token_revoked")
        if self.tokens[token] != limits.METHODS[method].token:
            raise Refusal("not_allowed_token_type")

    def _check_scope(self, method: str, arguments: Json) -> None:
        needed = _scopes_for(method, arguments, self.space)
        if self.scopes is not None and needed and not self.scopes & set(needed):
            provided = ",".join(sorted(self.scopes))
            raise Refusal("missing_scope", more=(("needed", ",".join(needed)), ("provided", provided)))

    def _check_arguments(self, method: str, arguments: Json) -> None:
        rules = limits.METHODS[method]
        wrong = [
            f"[ERROR] missing required field: {name}" for name in rules.required if arguments.get(name) in (None, "")
        ]
        wrong += [f"[ERROR] unknown argument: {name}" for name in arguments if name not in rules.known]
        if wrong and method != "api.test":
            raise Refusal("invalid_arguments", tuple(wrong))

    # --- api, auth, apps ---

    def _api_test(self, arguments: Json) -> Json:
        if arguments.get("error"):
            raise Refusal(str(arguments["error"]), more=(("args", arguments),))
        return {"args": arguments} if arguments else {}

    def _auth_test(self, _: Json) -> Json:
        space = self.space
        return {
            "url": f"https://{space.domain}.slack.test/",
            "team": space.domain.title(),
            "user": self._bot.handle,
            "team_id": space.team,
            "user_id": space.bot_user,
            "bot_id": space.bot_id,
            "is_enterprise_install": False,
        }

    def _apps_connections_open(self, _: Json) -> Json:
        return {"url": self.socket_url()}

    @property
    def _bot(self) -> Member:
        return self.space.members[self.space.bot_user]

    # --- chat ---

    def _chat_post_message(self, arguments: Json) -> Json:
        channel = self._where_to_speak(arguments)
        require_message(arguments)
        thread = self.thread(channel, arguments.get("thread_ts"))
        self.rates.count_post(channel.id, self.space.now())
        first, *parts = _parts(arguments)
        said = self._say(channel, arguments, text=first, thread_ts=thread)
        for part in parts:
            self._say(channel, {}, text=part, thread_ts=thread)
        return {"channel": channel.id, "ts": said.ts, "message": self.message_body(said)}

    def _say(self, channel: Channel, arguments: Json, **more: Any) -> Message:
        fields = {name: arguments.get(name) or [] for name in ("blocks", "attachments")}
        more.setdefault("metadata", arguments.get("metadata"))
        return self.space.say(channel.id, self.space.bot_user, by_app=True, **fields, **more)

    def _chat_post_ephemeral(self, arguments: Json) -> Json:
        channel = self._where_to_speak(arguments)
        reader = str(arguments["user"])
        if reader not in self.space.members or reader not in channel.members:
            raise Refusal("user_not_in_channel")
        require_message(arguments)
        thread = self.thread(channel, arguments.get("thread_ts"))
        text = str(arguments.get("text") or arguments.get("markdown_text") or "")
        said = self._say(channel, arguments, text=text, thread_ts=thread, only_for=reader, metadata=None)
        return {"message_ts": said.ts}

    def _chat_update(self, arguments: Json) -> Json:
        message = self._own_message(arguments, "cant_update_message")
        forgets = arguments.get("metadata") == {}
        said = {name: value for name, value in arguments.items() if not (forgets and name == "metadata")}
        if not said.keys() & {"text", "markdown_text"} and said.keys() & {"blocks", "attachments"}:
            said["text"] = message.text
        require_message(said, most=limits.UPDATE_TEXT)
        self.space.rewrite(message, said)
        if forgets:
            message.metadata = None
        told = {"channel": message.channel, "ts": message.ts, "text": message.text}
        return {**told, "message": self.message_body(message)}

    def _chat_delete(self, arguments: Json) -> Json:
        message = self._own_message(arguments, "cant_delete_message")
        message.deleted = True
        self.space.mark(message)
        return {"channel": message.channel, "ts": message.ts}

    def _own_message(self, arguments: Json, otherwise: str) -> Message:
        channel = self.channel(arguments["channel"])
        message = self.space.message(channel.id, str(arguments["ts"]))
        if message.user != self.space.bot_user:
            raise Refusal(otherwise)
        if channel.is_archived:
            raise Refusal("is_archived")
        return message

    def _where_to_speak(self, arguments: Json) -> Channel:
        name = str(arguments["channel"])
        member = self.space.members.get(name)
        if member is not None and arguments.get("user") is None and not member.deleted:
            channel = self.dm(name)
        else:
            channel = self.channel(name)
        if channel.is_dm and self.app_home.get("messages_tab_enabled") is False:
            raise Refusal("messages_tab_disabled")
        if channel.is_archived:
            raise Refusal("is_archived")
        if channel.is_read_only:
            raise Refusal("restricted_action")
        public = self.scopes is not None and "chat:write.public" in self.scopes and not channel.is_private
        if self.space.bot_user not in channel.members and not public:
            raise Refusal("not_in_channel")
        return channel

    # --- conversations ---

    def _conversations_open(self, arguments: Json) -> Json:
        if arguments.get("channel"):
            return {"channel": {"id": self.channel(arguments["channel"]).id}}
        users = [name for name in _as_list(arguments.get("users")) if name]
        if not users:
            raise Refusal("users_list_not_supplied")
        if len(users) > limits.PEOPLE_IN_A_CONVERSATION:
            raise Refusal("too_many_users")
        if len(users) > 1:
            raise Refusal("method_not_supported_for_channel_type")
        known = f"D{users[0][1:]}" in self.space.channels
        channel = self.dm(users[0])
        more = {"no_op": True, "already_open": True} if known else {}
        whole = {"created": 0, "is_im": True, "user": users[0]} if true(arguments.get("return_im")) else {}
        return {**more, "channel": {"id": channel.id, **whole}}

    def _conversations_info(self, arguments: Json) -> Json:
        return {"channel": self.channel_body(self.channel(arguments["channel"]))}

    def _conversations_list(self, arguments: Json) -> Json:
        kinds = set(_as_list(arguments.get("types") or "public_channel"))
        found = [
            self.channel_body(channel)
            for channel in self.space.channels.values()
            if _kind(channel) in kinds
            and not (channel.is_archived and true(arguments.get("exclude_archived")))
            and (not channel.is_private or self.space.bot_user in channel.members)
        ]
        return page("channels", found, arguments)

    # --- users ---

    def _users_info(self, arguments: Json) -> Json:
        member = self.space.member(str(arguments["user"]))
        return {"user": self.user_body(member, locale=true(arguments.get("include_locale")))}

    def _users_list(self, arguments: Json) -> Json:
        locale = true(arguments.get("include_locale"))
        everybody = [self.user_body(m, locale=locale) for m in self.space.members.values() if not m.is_stranger]
        return page("members", everybody, arguments) | {"cache_ts": int(self.space.now().timestamp())}

    # --- views ---

    def _views_open(self, arguments: Json) -> Json:
        body = require_view(arguments["view"], "modal")
        self.space.refuse_twice(body)
        trigger = self._trigger(arguments)
        if len(self.space.stack(trigger.user)) >= limits.VIEW_STACK:
            raise Refusal("push_limit_reached")
        return {"view": self.view_body(self.space.show(trigger.user, body))}

    def _views_push(self, arguments: Json) -> Json:
        body = require_view(arguments["view"], "modal")
        self.space.refuse_twice(body)
        trigger = self._trigger(arguments)
        stack = self.space.stack(trigger.user)
        if not stack or trigger.view is None:
            raise Refusal("not_found")
        if len(stack) >= limits.VIEW_STACK:
            raise Refusal("push_limit_reached")
        return {"view": self.view_body(self.space.show(trigger.user, body))}

    def _trigger(self, arguments: Json) -> Trigger:
        name = arguments.get("trigger_id") or arguments.get("interactivity_pointer")
        if not name:
            raise Refusal("invalid_arguments", ("[ERROR] missing required field: trigger_id",))
        return self.space.use_trigger(str(name))

    def _views_update(self, arguments: Json) -> Json:
        if bool(arguments.get("view_id")) == bool(arguments.get("external_id")):
            raise Refusal("invalid_arguments", ("[ERROR] must have view_id or external_id, and not both",))
        body = require_view(arguments["view"])
        view = self.space.open_view(arguments.get("view_id"), arguments.get("external_id"))
        if view.kind != body["type"]:
            raise Refusal("invalid_arguments", (f"[ERROR] must be {view.kind} [json-pointer:/view/type]",))
        _check_hash(view, arguments)
        self.space.change(view, body)
        return {"view": self.view_body(view)}

    def _views_publish(self, arguments: Json) -> Json:
        body = require_view(arguments["view"], "home")
        if self.app_home.get("home_tab_enabled") is False:
            raise Refusal("not_enabled")
        user = str(arguments["user_id"])
        if user not in self.space.members or self.space.members[user].is_bot:
            raise Refusal("invalid_arguments", ("[ERROR] invalid `user_id`",))
        view = self.space.home(user)
        if view is not None:
            _check_hash(view, arguments)
        return {"view": self.view_body(self.space.publish(user, body))}


def _snake(method: str) -> str:
    words = re.sub(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]", lambda big: f"_{big[0]}", method.replace(".", "_"))
    return words.lower()


def _scopes_for(method: str, arguments: Json, space: Workspace) -> tuple[str, ...]:
    scopes = limits.METHODS[method].scopes
    channel = space.channels.get(str(arguments.get("channel")))
    if not method.startswith("conversations."):
        return scopes
    if method == "conversations.open":
        return ("mpim:write",) if len(_as_list(arguments.get("users"))) > 1 else ("im:write",)
    if method == "conversations.list":
        return scopes
    start = "channels" if channel is None else {"im": "im", "private_channel": "groups"}.get(_kind(channel), "channels")
    return tuple(scope for scope in scopes if scope.startswith(f"{start}:"))


def _kind(channel: Channel) -> str:
    if channel.is_dm:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def _check_hash(view: View, arguments: Json) -> None:
    if arguments.get("hash") and arguments["hash"] != view.hash:
        raise Refusal("hash_conflict")


def _parts(arguments: Json) -> list[str]:
    text = str(arguments.get("text") or arguments.get("markdown_text") or "")
    if arguments.get("blocks") or len(text) <= limits.MESSAGE_PART:
        return [text]
    return [text[start : start + limits.MESSAGE_PART] for start in range(0, len(text), limits.MESSAGE_PART)]


def _as_list(value: object) -> list[str]:
    return [str(item).strip() for item in value] if isinstance(value, list) else str(value or "").split(",")
