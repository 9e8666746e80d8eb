"""The state of one workspace: people, channels, messages, views, and the keys Slack hands out."""

import itertools
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any

from playground import limits, reading
from playground.validate import Refusal

if TYPE_CHECKING:
    from playground.files import File

Json = dict[str, Any]
Now = Callable[[], datetime]


@dataclass
class Member:
    """Somebody with an account, as the workspace knows them."""

    id: str
    name: str
    team: str
    tz: str = "Europe/London"
    is_admin: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    locale: str = "en-GB"
    title: str = ""

    @property
    def handle(self) -> str:
        """The short name in small letters."""
        return self.name.split()[0].lower() if self.name.split() else self.id.lower()


@dataclass
class Channel:
    """A channel, or a direct conversation when *people_of_dm* names its people."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    is_private: bool = False
    is_archived: bool = False
    is_read_only: bool = False
    is_shared: bool = False  # With another workspace, of the same organisation or of another.
    is_ext_shared: bool = False
    is_org_shared: bool = False
    topic: str = ""
    people_of_dm: tuple[str, ...] = ()

    @property
    def is_dm(self) -> bool:
        """Whether this is a direct conversation."""
        return bool(self.people_of_dm)


@dataclass
class Message:
    """One message, live: an update by the app is seen on this very object."""

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    only_for: str | None = None
    edited: str | None = None
    deleted: bool = False
    by_app: bool = False
    order: int = 0
    states: dict[str, Json] = field(default_factory=dict)
    version: int = 0
    before: dict[int, tuple[list[Json], list[Json]]] = field(default_factory=dict)  # Earlier blocks and attachments.

    def as_of(self, version: int) -> "Message":
        """The message as it was on a screen that has not been refreshed since *version*."""
        blocks, attachments = self.before.get(version, (self.blocks, self.attachments))
        return replace(self, blocks=blocks, attachments=attachments)

    def keep(self) -> None:
        """Remember what it shows at this version, for the screens that stand still."""
        self.before.setdefault(self.version, (self.blocks, self.attachments))

    def as_seen(self) -> "Message":
        """The message as it is shown now, for a screen that is not refreshed."""
        return replace(self)

    @property
    def ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return self.only_for is not None

    @property
    def all_blocks(self) -> list[Json]:
        """Its own blocks, and those of its attachments."""
        return [*self.blocks, *(block for each in self.attachments for block in each.get("blocks") or ())]

    def attachment_of(self, block_id: str) -> Json | None:
        """The attachment that holds a block, or nothing when the block is the message's own."""
        if any(block["block_id"] == block_id for block in self.blocks):
            return None
        holds = (
            each for each in self.attachments for block in each.get("blocks") or () if block["block_id"] == block_id
        )
        return next(holds, None)

    @property
    def buttons(self) -> list[str]:
        """The words on its buttons, also those in its attachments."""
        return reading.labels(self.all_blocks)

    @property
    def words(self) -> str:
        """Every word that can be seen on it: on its blocks, or its text when it has none, and on its attachments."""
        own = reading.words(self.blocks) if self.blocks else self.text
        return "\n".join(part for part in (own, *map(_words_on, self.attachments)) if part)


def _words_on(attachment: Json) -> str:
    if attachment.get("blocks"):
        return reading.words(attachment["blocks"])
    told = (attachment.get(name) for name in ("pretext", "title", "text", "fallback"))
    return "\n".join(str(each) for each in told if each)


@dataclass
class View:
    """A modal or a Home tab, live: an update by the app is seen on this very object."""

    id: str
    user: str
    body: Json
    hash: str
    root: str = ""
    previous: str | None = None
    open: bool = True
    order: int = 0
    filled: int = 0  # Grows when something else than this person's own page filled it in.
    state: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def kind(self) -> str:
        """Either modal or home."""
        return str(self.body["type"])

    @property
    def title(self) -> str:
        """The words at its head."""
        return str((self.body.get("title") or {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """Its blocks, every one with a block_id."""
        return list(self.body["blocks"])

    @property
    def all_blocks(self) -> list[Json]:
        """Its blocks, as a message names them."""
        return self.blocks

    @property
    def text(self) -> str:
        """Every word that can be seen on it."""
        ends = [(self.body.get(end) or {}).get("text", "") for end in ("submit", "close")]
        return "\n".join(part for part in (self.title, reading.words(self.blocks), *ends) if part)

    @property
    def buttons(self) -> list[str]:
        """The words on its buttons."""
        return reading.labels(self.blocks)

    @property
    def values(self) -> dict[str, Any]:
        """What stands in each field, by block_id."""
        return {
            block: reading.held(next(iter(actions.values())))
            if len(actions) == 1
            else {action: reading.held(entry) for action, entry in actions.items()}
            for block, actions in self.state.items()
        }

    @property
    def callback_id(self) -> str:
        """The app's name for this kind of view."""
        return str(self.body.get("callback_id") or "")

    @property
    def private_metadata(self) -> str:
        """What the app keeps in the view."""
        return str(self.body.get("private_metadata") or "")

    @property
    def external_id(self) -> str:
        """The app's own identifier of this one view."""
        return str(self.body.get("external_id") or "")


@dataclass
class Trigger:
    """The right to open one view, for a short time."""

    user: str
    made: datetime
    used: bool = False
    view: str | None = None


@dataclass
class ResponseUrl:
    """The right to answer an interaction a few times."""

    channel: str
    user: str
    made: datetime
    uses: int = 0
    message: str | None = None
    thread_ts: str | None = None


class Workspace:
    """Everything that is so; every method leaves it whole, under one lock."""

    def __init__(self, now: Now, team: str = "T0PLAY", bot_user: str = "U0APP", bot_name: str = "App") -> None:
        """Begin with the app's own bot user and nobody else."""
        self.lock = RLock()
        self.now = now
        self.wall = now  # Triggers age by it: where people move the clock, this one goes on as they do.
        self.team = team
        self.domain = "playground"
        self.bot_user = bot_user
        self.bot_id = "B0APP"
        self.app_id = "A0APP"
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: list[Message] = []
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, str] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.files: dict[str, File] = {}
        self.changes = 0  # Grows with everything that can be seen.
        self.watchers: list[Callable[[], None]] = []
        self._numbers = itertools.count(1)
        self._last = 0
        self.members[bot_user] = Member(bot_user, bot_name, team, is_bot=True)

    def clear(self) -> None:
        """Forget everything that happened, and everybody but the app."""
        with self.lock:
            self.members = {self.bot_user: self.members[self.bot_user]}
            for kept in (
                self.channels,
                self.views,
                self.stacks,
                self.homes,
                self.triggers,
                self.response_urls,
                self.files,
            ):
                kept.clear()
            self.messages.clear()
            self.number()

    def number(self) -> int:
        """The next number, never given twice; whoever watches hears that something may look different."""
        self.changes = next(self._numbers)
        for watcher in self.watchers:
            watcher()
        return self.changes

    def mark(self, message: Message) -> None:
        """Note that a message looks different now, and so does the head of its thread."""
        message.version = self.number()
        if message.thread_ts and message.thread_ts != message.ts:
            for head in self.messages:
                if (head.channel, head.ts) == (message.channel, message.thread_ts):
                    head.keep()
                    head.version = message.version

    def identifier(self, letter: str) -> str:
        """A new id that begins with *letter*."""
        return f"{letter}0{self.number():06d}"

    def ts(self) -> str:
        """A moment that is unique in this workspace and later than the one before."""
        moment = self.now().astimezone(UTC)
        micros = int(moment.timestamp()) * 1_000_000 + moment.microsecond
        self._last = max(micros, self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    @contextmanager
    def as_at(self, moment: datetime) -> Iterator[None]:
        """Let something happen at a moment that has just passed."""
        now, self.now = self.now, lambda: moment
        try:
            yield
        finally:
            self.now = now

    def member(self, user: str) -> Member:
        """The member, or Slack's refusal."""
        if user not in self.members:
            raise Refusal("user_not_found")
        return self.members[user]

    def dm(self, user: str) -> Channel:
        """The direct conversation of *user* with the app, opened when there is none."""
        identifier = f"D{user[1:]}"
        if identifier not in self.channels:
            people = {user, self.bot_user}
            self.channels[identifier] = Channel(
                identifier,
                "directmessage",
                members=people,
                is_private=True,
                people_of_dm=(user, self.bot_user),
            )
        return self.channels[identifier]

    def talk(self, one: str, other: str) -> Channel:
        """The direct conversation of two people, opened when there is none; the app is not in it."""
        first, second = sorted((one, other))
        identifier = f"D{first[1:]}{second}"
        if identifier not in self.channels:
            people = (first, second)
            self.channels[identifier] = Channel(
                identifier, "directmessage", members=set(people), is_private=True, people_of_dm=people
            )
        return self.channels[identifier]

    def say(self, channel: str, user: str, **said: Any) -> Message:
        """Put a message into a channel."""
        blocks = self.named(said.pop("blocks", None) or [])
        attachments = self._attached(said.pop("attachments", None) or [])
        message = Message(self.ts(), channel, user, blocks=blocks, attachments=attachments, order=self.number(), **said)
        self.messages.append(message)
        self.mark(message)
        return message

    def rewrite(self, message: Message, said: Json) -> None:
        """Let the app say something else in a message's place; blocks that are not mentioned stay."""
        message.keep()
        message.text = str(said.get("text") or said.get("markdown_text") or "")
        message.blocks = self.named(said["blocks"] or []) if "blocks" in said else message.blocks
        if "attachments" in said:
            message.attachments = self._attached(said["attachments"] or [])
        message.metadata = said.get("metadata") or message.metadata
        message.edited = self.ts()
        self.mark(message)

    def message(self, channel: str, ts: str) -> Message:
        """The message that everybody in the channel sees, or Slack's refusal."""
        for message in reversed(self.messages):
            if (message.channel, message.ts) == (channel, ts) and not message.deleted and not message.ephemeral:
                return message
        raise Refusal("message_not_found")

    def named(self, blocks: list[Json]) -> list[Json]:
        """A copy of the blocks in which every block and element has its id."""
        copies = [dict(block) for block in blocks]
        for block in copies:
            block.setdefault("block_id", secrets.token_hex(3))
            for name in ("accessory", "element"):
                if isinstance(block.get(name), dict):
                    block[name] = self._named_element(block[name])
            if block["type"] in ("actions", "context"):
                block["elements"] = [self._named_element(element) for element in block["elements"]]
        return copies

    def _attached(self, attachments: list[Json]) -> list[Json]:
        """A copy of the attachments, numbered, in which every block and element has its id."""
        copies = [{**one, "id": number} for number, one in enumerate(attachments, 1)]
        for one in copies:
            if one.get("blocks"):
                one["blocks"] = self.named(one["blocks"])
        return copies

    def _named_element(self, element: Json) -> Json:
        usable = element["type"] == "button" or element["type"] in reading.HELD
        return {"action_id": secrets.token_hex(3), **element} if usable else element

    def new_trigger(self, user: str, view: str | None = None) -> str:
        """A new right to open a view."""
        number = self.number()
        name = f"{number}.{self._last % 10**6}.{secrets.token_hex(16)}"
        self.triggers[name] = Trigger(user, self.wall(), view=view)
        return name

    def use_trigger(self, name: str) -> Trigger:
        """Spend a trigger, or refuse as Slack does."""
        trigger = self.triggers.get(name)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if self.wall() - trigger.made > limits.TRIGGER_AGE:
            raise Refusal("expired_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        trigger.used = True
        return trigger

    def new_response_url(self, channel: str, user: str, message: Message | None = None) -> str:
        """The name of a new right to answer, to be put behind the server's address."""
        name = f"{self.team}/{self.number()}/{secrets.token_hex(12)}"
        thread = message.thread_ts if message else None
        self.response_urls[name] = ResponseUrl(
            channel, user, self.now(), message=message.ts if message else None, thread_ts=thread
        )
        return name

    def new_hash(self) -> str:
        """A new mark of a view's version."""
        return f"{int(self.now().timestamp())}.{secrets.token_hex(4)}"

    def stack(self, user: str) -> list[View]:
        """The modals open before a person, the top one last."""
        return [self.views[name] for name in self.stacks.get(user, [])]

    def home(self, user: str) -> View | None:
        """The Home tab as the app published it for this person."""
        return self.views.get(self.homes.get(user, ""))

    def show(self, user: str, body: Json) -> View:
        """Open a modal on top of the person's stack."""
        self.refuse_twice(body)
        stack = self.stacks.setdefault(user, [])
        view = View(self.identifier("V"), user, body, self.new_hash(), order=self.number())
        view.root = stack[0] if stack else view.id
        view.previous = stack[-1] if stack else None
        stack.append(view.id)
        self.views[view.id] = view
        self._fill(view, body)
        return view

    def publish(self, user: str, body: Json) -> View:
        """Show a Home tab to one person."""
        view = self.home(user)
        self.refuse_twice(body, view)
        if view is None:
            view = View(self.identifier("V"), user, body, self.new_hash())
            view.root = view.id
            self.views[view.id] = view
            self.homes[user] = view.id
        self.change(view, body)
        return view

    def change(self, view: View, body: Json) -> None:
        """Replace what a view shows; what was typed stays where the fields are the same."""
        self.refuse_twice(body, view)
        self._fill(view, body)
        view.hash = self.new_hash()
        view.order = self.number()
        view.errors, view.trouble = {}, ""

    def _fill(self, view: View, body: Json) -> None:
        view.body = {**body, "blocks": self.named(body["blocks"])}
        view.state = reading.state_of(view.body["blocks"], view.state)

    def refuse_twice(self, body: Json, view: View | None = None) -> None:
        """Refuse an external_id that another open view has."""
        name = body.get("external_id")
        if name and any(
            other.open and other.external_id == name and other is not view for other in self.views.values()
        ):
            raise Refusal("duplicate_external_id")

    def close(self, user: str, *, everything: bool = False) -> list[View]:
        """Close the top modal, or all of them, and tell which were closed."""
        stack = self.stacks.get(user, [])
        closing = stack[:] if everything else stack[-1:]
        self.stacks[user] = stack[: len(stack) - len(closing)]
        views = [self.views[name] for name in reversed(closing)]
        for view in views:
            view.open = False
        self.number()
        return views

    def close_one(self, view: View) -> None:
        """Close one modal wherever it stands in its person's stack."""
        view.open = False
        self.stacks[view.user] = [name for name in self.stacks.get(view.user, []) if name != view.id]
        self.number()

    def open_view(self, view_id: str | None, external_id: str | None) -> View:
        """The open view of that id, or Slack's refusal."""
        for view in self.views.values():
            named = view.id == view_id if view_id else bool(external_id) and view.external_id == external_id
            if named and view.open:
                return view
        raise Refusal("not_found")
