"""What the HTML of one element needs to know: its name, what it holds, what it offers and whom it tells."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2s
from textwrap import shorten
from typing import Any

from playground import block_kit, entering, reading, rich_text
from playground.browser import markup
from playground.emoji import said
from playground.mrkdwn import Eyes, parse

Json = dict[str, Any]
_MOST = 3000  # Characters in a typed field that names no other number.
_FILES = 10
_NAME = 100  # Characters of a section that name the element beside it.
_LEAST_ASKED = 3  # Characters after which an external select asks, unless it says otherwise.
_USUAL = {
    "static_select": "Choose one",
    "external_select": "Choose one",
    "users_select": "Choose a person",
    "conversations_select": "Choose a conversation",
    "channels_select": "Choose a channel",
    "multi_static_select": "Choose some",
    "multi_external_select": "Choose some",
    "multi_users_select": "Choose people",
    "multi_conversations_select": "Choose conversations",
    "multi_channels_select": "Choose channels",
    "radio_buttons": "Choose one",
    "checkboxes": "Choose any",
    "datepicker": "Date",
    "timepicker": "Time",
    "datetimepicker": "Date and time",
    "overflow": "More actions",
}


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen."""

    value: str
    text: Json
    about: Json | None = None
    chosen: bool = False
    url: str = ""

    @property
    def words(self) -> str:
        """What is written on it, in one line."""
        return said(self.text)

    @property
    def line(self) -> str:
        """What is written on it, with what is said about it."""
        return f"{self.words} – {said(self.about)}" if self.about else self.words


@dataclass(frozen=True)
class Group:
    """Choices under one heading; without a heading they stand by themselves."""

    title: str
    choices: list[Choice]


@dataclass(frozen=True)
class Control:
    """One element as a person meets it."""

    id: str
    kind: str
    block: str
    action: str
    element: Json
    deed: str
    tells: str
    called: str
    labelled: bool = False
    described: str = ""
    wrong: bool = False
    needed: bool = False
    held: Any = None
    value: str = ""
    groups: list[Group] = field(default_factory=list)

    @property
    def placeholder(self) -> str:
        """What stands in it while it is empty."""
        return said(self.element.get("placeholder"))

    @property
    def choices(self) -> list[Choice]:
        """Everything that can be chosen, without the headings."""
        return [choice for group in self.groups for choice in group.choices]

    @property
    def chosen(self) -> list[Choice]:
        """What is chosen."""
        return [choice for choice in self.choices if choice.chosen]

    @property
    def usual(self) -> str:
        """What stands in such an element when the app says nothing else."""
        return _USUAL.get(self.kind, "")

    @property
    def focus(self) -> bool:
        """Whether it is where a person begins."""
        return bool(self.element.get("focus_on_load"))

    @property
    def several(self) -> bool:
        """Whether several things can be chosen from a list."""
        return self.kind.startswith("multi_")

    @property
    def opens(self) -> bool:
        """Whether it is a list that opens, so that no label can point at it."""
        return self.several and self.kind != "multi_external_select"

    @property
    def most(self) -> int:
        """The most characters or files that it takes."""
        if self.kind == "file_input":
            return int(self.element.get("max_files") or _FILES)
        return int(self.element.get("max_length") or _MOST)

    @property
    def at_most(self) -> int:
        """The most things that can be chosen, or 0 when any number can."""
        return int(self.element.get("max_selected_items") or 0)

    @property
    def least_asked(self) -> int:
        """The fewest characters after which suggestions are asked for."""
        return int(self.element.get("min_query_length", _LEAST_ASKED))

    @property
    def accepts(self) -> str:
        """The kinds of file that it takes, as a browser reads them."""
        return ",".join(f".{kind.lstrip('.')}" for kind in self.element["filetypes"])

    @property
    def files(self) -> list[Json]:
        """The files that were chosen."""
        return list(self.held) if self.kind == "file_input" else []


@lru_cache(maxsize=4096)
def short(*names: str) -> str:
    """Eight digits that stand for a name in the ids of a page."""
    return blake2s("\0".join(names).encode(errors="replace"), digest_size=4).hexdigest()


def control(block: Json, element: Json, eyes: Eyes, at: str, *, state: Json, errors: dict[str, str]) -> Control:
    """The element as it stands before this person's eyes."""
    name, action, kind = block.get("block_id", ""), element.get("action_id", ""), element["type"]
    where = f"{at}-{short(name, action)}"
    is_input, is_wrong = block["type"] == "input", name in errors
    entered = (state.get(name) or {}).get(action) or (reading.initially(element) if kind in reading.HELD else None)
    held = reading.held(entered)
    ends = [f"{where}-error"] * (is_input and is_wrong) + [f"{where}-hint"] * (is_input and bool(block.get("hint")))
    return Control(
        id=where,
        kind=kind,
        block=name,
        action=action,
        element=element,
        deed="choose" if entering.says_at_once(block, element) else "fill",
        tells=_tells(block, element),
        called=_called(block, element, eyes),
        labelled=is_input,
        described=" ".join(ends),
        wrong=is_wrong and is_input,
        needed=is_input and not block.get("optional"),
        held=held,
        value=_value(kind, held, eyes),
        groups=list(_groups(element, _chosen(held), _picked(entered), eyes)),
    )


def _tells(block: Json, element: Json) -> str:
    if element["type"] not in block_kit.TYPED or not block.get("dispatch_action"):
        return ""
    on = (element.get("dispatch_action_config") or {}).get("trigger_actions_on", ["on_enter_pressed"])
    words = {"on_enter_pressed": "enter", "on_character_entered": "type"}
    return " ".join(words[each] for each in words if each in on)


def _called(block: Json, element: Json, eyes: Eyes) -> str:
    if block["type"] == "input":
        return said(block["label"])
    if block["type"] == "section" and block.get("text"):
        return shorten(_plain(block["text"], eyes), _NAME, placeholder="…")
    return said(element.get("placeholder")) or _USUAL.get(element["type"], "")


def _plain(text: Json, eyes: Eyes) -> str:
    return markup.flow(parse(text["text"]), eyes).striptags() if text["type"] == "mrkdwn" else said(text)


def _value(kind: str, held: Any, eyes: Eyes) -> str:
    if held is None:
        return ""
    if kind == "datetimepicker":
        return f"{eyes.local(held):%Y-%m-%dT%H:%M}"
    if kind == "rich_text_input":
        return rich_text.words(held)
    return str(held)


def _chosen(held: Any) -> list[str]:
    return [str(each) for each in held] if isinstance(held, list) else [] if held is None else [str(held)]


def _picked(entered: Json | None) -> list[Json]:
    """The whole options that were chosen, which an external select alone remembers."""
    value = (entered or {}).get("selected_options") or (entered or {}).get("selected_option") or []
    return value if isinstance(value, list) else [value]


def _groups(element: Json, chosen: list[str], picked: list[Json], eyes: Eyes) -> Iterator[Group]:
    kind = element["type"].removeprefix("multi_")
    if kind == "users_select":
        yield Group("", _people(chosen, eyes))
    elif kind in ("channels_select", "conversations_select"):
        yield Group("", _channels(chosen, element.get("filter") or {}, eyes))
    else:
        offered = [*(element.get("options") or [])]
        grouped = element.get("option_groups") or []
        known = {each["value"] for each in offered} | {each["value"] for group in grouped for each in group["options"]}
        offered = [*(each for each in picked if each["value"] not in known), *offered]
        if offered:
            yield Group("", [_choice(each, chosen) for each in offered])
        for group in grouped:
            yield Group(said(group["label"]), [_choice(each, chosen) for each in group["options"]])


def _choice(option: Json, chosen: list[str]) -> Choice:
    chosen_now = option["value"] in chosen
    return Choice(option["value"], option["text"], option.get("description"), chosen_now, option.get("url") or "")


def _people(chosen: list[str], eyes: Eyes) -> list[Choice]:
    offered = [
        member.id
        for member in sorted(eyes.space.members.values(), key=lambda member: member.name)
        if not (member.is_bot or member.deleted)
    ]
    return [_named(user, eyes.name(user), chosen) for user in _with(offered, chosen)]


def _channels(chosen: list[str], only: Json, eyes: Eyes) -> list[Choice]:
    kinds = only.get("include") or ("public", "private")
    offered = [
        channel.id
        for channel in sorted(eyes.space.channels.values(), key=lambda channel: channel.name)
        if not (channel.is_dm or channel.is_archived)
        and ("private" if channel.is_private else "public") in kinds
        and (not channel.is_private or eyes.member.id in channel.members)
    ]
    return [_named(name, f"#{eyes.channel(name)}", chosen) for name in _with(offered, chosen)]


def _with(offered: list[str], chosen: list[str]) -> list[str]:
    return [*(each for each in chosen if each not in offered), *offered]


def _named(value: str, name: str, chosen: list[str]) -> Choice:
    return Choice(value, {"type": "plain_text", "text": name, "emoji": False}, chosen=value in chosen)
