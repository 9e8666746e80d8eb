"""The Web API's methods for files, by Slack's external upload flow."""

from typing import TYPE_CHECKING, Any, NoReturn

from playground import limits
from playground.files import File, Life, named
from playground.finding import Finding
from playground.validate import Refusal, check_blocks, refuse_for
from playground.workspace import Channel, Message, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]


class FileMethods(Finding):
    """Takes files from the app and from people, and shares them."""

    def __init__(self, space: Workspace, tokens: dict[str, str], scopes: frozenset[str] | None) -> None:
        """Keep the files in *space*, for holders of *tokens*; no *scopes* means that all are granted."""
        super().__init__(space)
        self.tokens = tokens
        self.scopes = scopes
        self.address: Callable[[], str] = str  # Of the server that takes and gives the bytes.

    # --- what the app calls ---

    def _files_get_upload_url_external(self, arguments: Json) -> Json:
        size, name = _length(arguments["length"]), named(str(arguments["filename"]))
        if not name:
            _no("/filename", "must name a file")
        if arguments.get("snippet_type") and size > limits.SNIPPET_BYTES:
            raise Refusal("snippet_too_large")
        alt_txt = str(arguments.get("alt_txt") or "")
        if len(alt_txt) > limits.ALT_TXT:
            raise Refusal("alt_txt_too_large")
        file = self._announced(name, self.space.bot_user, size)
        file.alt_txt = alt_txt
        return {"upload_url": f"{self.address()}/upload/v1/{file.ticket}", "file_id": file.id}

    def _files_complete_upload_external(self, arguments: Json) -> Json:
        titles = _listed(arguments["files"])
        files = [self._ready(identifier) for identifier in titles]
        channels = self._rooms(arguments)
        thread = self.thread(channels[0], arguments.get("thread_ts")) if channels else None
        said: Json = {"text": str(arguments.get("initial_comment") or "")}
        if not said["text"] and arguments.get("blocks") is not None:
            refuse_for("invalid_blocks", check_blocks(arguments["blocks"]))
            said["blocks"] = arguments["blocks"]
        for file in files:
            file.title = titles[file.id] or file.name
            file.life = Life.COMPLETE
        for channel in channels:
            self._share(files, channel, thread_ts=thread, **said)
        return {"files": [self.file_body(file) for file in files]}

    def _files_info(self, arguments: Json) -> Json:
        file = self._known(str(arguments["file"]))
        return {"file": self.file_body(file), "comments": [], "response_metadata": {"next_cursor": ""}}

    def _files_delete(self, arguments: Json) -> Json:
        file = self._known(str(arguments["file"]))
        if file.user != self.space.bot_user:
            raise Refusal("cant_delete_file")
        file.forget()
        for message in self.space.messages:
            if any(each["id"] == file.id for each in message.files):
                message.files = [_stone(each) if each["id"] == file.id else each for each in message.files]
                self.space.mark(message)
        return {}

    # --- what happens beside the calls ---

    def receive(self, ticket: str, data: bytes) -> Json:
        """Take the bytes that were sent to an upload URL."""
        file = next((file for file in self.space.files.values() if file.ticket == ticket), None)
        if file is None:
            raise Refusal("file_not_found", ("[ERROR] no such upload URL",), status=404)
        file.receive(data)
        return {"ok": True, "file": file.id}

    def keep(self, user: str, name: str, data: bytes, mime: str = "") -> File:
        """Take a file from a person's own disk; it is shared nowhere yet."""
        file = self._announced(named(name) or "file", user, len(data))
        file.mime = mime
        file.receive(data)
        file.title, file.life = file.name, Life.COMPLETE
        return file

    def file(self, identifier: str) -> File:
        """The whole file of that id, or Slack's refusal."""
        return self._known(identifier)

    def let_read(self, identifier: str, token: str) -> Json:
        """Whether the holder of *token* may have the bytes; Slack sends everybody else to its page for signing in."""
        if not token:
            raise Refusal("not_authed", status=302)
        if self.tokens.get(token) != "bot":
            raise Refusal("invalid_auth", status=302)
        if self.scopes is not None and "files:read" not in self.scopes:
            raise Refusal("missing_scope", status=302, more=(("needed", "files:read"),))
        try:
            return {"ok": True, "file": self._known(identifier).id}
        except Refusal as refusal:
            raise Refusal(refusal.error, status=404) from None

    def file_body(self, file: File) -> Json:
        """The file as Slack writes it."""
        rooms = [self.space.channels[channel] for channel, _ in file.shares]
        public = [room.id for room in rooms if not room.is_private]
        return {
            **self._shown(file),
            "is_public": bool(public),
            "comments_count": 0,
            "is_starred": False,
            "shares": self._shares(file),
            "channels": public,
            "groups": [room.id for room in rooms if room.is_private and not room.is_dm],
            "ims": [room.id for room in rooms if room.is_dm],
        }

    # --- inside ---

    def _announced(self, name: str, user: str, size: int) -> File:
        if size > limits.FILE_BYTES:
            raise Refusal("file_upload_size_restricted")
        held = sum(file.size for file in self.space.files.values() if file.life is not Life.DELETED)
        if held + size > limits.FILES_BYTES:
            raise Refusal("storage_limit_reached")
        file = File(self.space.identifier("F"), name, user, size, self.space.now())
        self.space.files[file.id] = file
        return file

    def _known(self, identifier: str) -> File:
        file = self.space.files.get(identifier)
        if file is None or file.life in (Life.ANNOUNCED, Life.RECEIVED):
            raise Refusal("file_not_found")
        if file.life is Life.DELETED:
            raise Refusal("file_deleted")
        return file

    def _ready(self, identifier: str) -> File:
        file = self.space.files.get(identifier)
        if file is None or file.life is Life.ANNOUNCED:
            raise Refusal("file_not_found")
        if file.user != self.space.bot_user:
            raise Refusal("access_denied")
        if file.life is not Life.RECEIVED:
            raise Refusal("file_update_failed")
        return file

    def _rooms(self, arguments: Json) -> list[Channel]:
        one = arguments.get("channel_id")
        if one and str(one)[0] not in "CGDZ":
            _no("/channel_id", "input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$")
        several = [name.strip() for name in str(arguments.get("channels") or "").split(",") if name.strip()]
        if len(several) > limits.CHANNELS_OF_A_FILE:
            raise Refusal("channels_limit_exceeded")
        names = list(dict.fromkeys([*([str(one)] if one else []), *several]))
        if arguments.get("thread_ts") and len(names) != 1:
            _no("/thread_ts", "must come with one channel")
        return [self._room(name) for name in names]

    def _room(self, name: str) -> Channel:
        channel = self.dm(name) if name in self.space.members else self.channel(name)
        if self.space.bot_user not in channel.members:
            raise Refusal("not_in_channel")
        if channel.is_archived or channel.is_read_only:
            raise Refusal("posting_to_channel_denied")
        return channel

    def _share(self, files: list[File], channel: Channel, **said: Any) -> Message:
        shown = [self._shown(file) for file in files]
        message = self.space.say(channel.id, self.space.bot_user, by_app=True, files=shown, **said)
        for file in files:
            file.shares.append((channel.id, message.ts))
        return message

    def _shown(self, file: File) -> Json:
        mime, short, long = file.kind
        at = f"{self.address()}/files/{file.id}/{file.safe_name}"
        body: Json = {
            "id": file.id,
            "created": int(file.made.timestamp()),
            "timestamp": int(file.made.timestamp()),
            "name": file.name,
            "title": file.title or file.name,
            "mimetype": mime,
            "filetype": short,
            "pretty_type": long,
            "user": file.user,
            "user_team": self.space.team,
            "editable": False,
            "size": file.size,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": False,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": at,
            "url_private_download": at,
            "permalink": at,
            "has_rich_preview": False,
            "file_access": "visible",
        }
        return body | ({"alt_txt": file.alt_txt} if file.alt_txt else {})

    def _shares(self, file: File) -> Json:
        found: Json = {}
        for channel, ts in file.shares:
            room = self.space.channels[channel]
            share = {"ts": ts, "team_id": self.space.team, "share_user_id": file.user, "reply_count": 0}
            kind = found.setdefault("private" if room.is_private else "public", {})
            kind.setdefault(channel, []).append(share if room.is_dm else {**share, "channel_name": room.name})
        return found


def _no(at: str, what: str) -> NoReturn:
    raise Refusal("invalid_arguments", (f"[ERROR] {what} [json-pointer:{at}]",))


def _length(given: object) -> int:
    text = str(given)
    if not text.isascii() or not text.isdigit() or len(text) > limits.DIGITS:
        _no("/length", "must be an integer")
    if int(text) == 0:
        raise Refusal("missing_argument")
    return int(text)


def _listed(given: object) -> dict[str, str]:
    if not isinstance(given, list) or not given:
        _no("/files", "must be an array of files")
    troubles = [
        (f"/files/{index}", "must be an object with an id") for index, one in enumerate(given) if not _named(one)
    ]
    refuse_for("invalid_arguments", troubles)
    return {one["id"]: str(one.get("title") or "") for one in given}


def _named(one: object) -> bool:
    fields = {"id", "title", "highlight_type"}
    return isinstance(one, dict) and isinstance(one.get("id"), str) and one.keys() <= fields


def _stone(body: Json) -> Json:
    return {"id": body["id"], "mode": "tombstone"}
