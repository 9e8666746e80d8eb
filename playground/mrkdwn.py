"""Reads Slack's mrkdwn into pieces, which every renderer turns into words in its own way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from typing import NamedTuple
from zoneinfo import ZoneInfo

from playground.emoji import plain
from playground.workspace import Member, Workspace

_BLOCK = re.compile(r"```(.+?)```", re.DOTALL)
_PIECES = re.compile(
    r"`(?P<code>[^`\n]+)`|<(?P<angle>[^<>\n]+)>|(?P<address>https?://[^\s<>|]*[^\s<>|.,;:!?'\")*_~])"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)
_QUOTE = re.compile(r"(?:(?P<everything>(?:&gt;|>){3})|&gt;|>) ?")
_MOMENT = re.compile(r"-?[0-9]{1,12}")
_FIRST, _LAST = -62_000_000_000, 253_000_000_000  # What a calendar of four-digit years can hold.
_DAYS = {0: "today", -1: "yesterday", 1: "tomorrow"}


class Words(NamedTuple):
    """Words as they are, with their emoji."""

    text: str


class Styled(NamedTuple):
    """Pieces in one style: bold, italic, strike, underline or highlight."""

    style: str
    pieces: "tuple[Piece, ...]"


class Mention(NamedTuple):
    """Somebody, by id."""

    user: str


class ChannelName(NamedTuple):
    """A channel, by id."""

    channel: str


class Broadcast(NamedTuple):
    """Many people at once: here, channel, everyone, or the name of a group."""

    words: str


class Link(NamedTuple):
    """An address and what is written on it."""

    url: str
    words: str


class Date(NamedTuple):
    """A moment, the form in which it is shown, a link behind it, and words for those who cannot read it."""

    seconds: int
    form: str
    url: str
    fallback: str


class Code(NamedTuple):
    """A few words of code in a line."""

    text: str


class Block(NamedTuple):
    """Lines of code that stand by themselves."""

    text: str


Piece = Words | Styled | Mention | ChannelName | Broadcast | Link | Date | Code | Block


class Line(NamedTuple):
    """One line, and whether it is quoted."""

    pieces: tuple[Piece, ...]
    quoted: bool = False


@dataclass(frozen=True)
class Eyes:
    """Whose eyes look: they know names and their own time of day."""

    space: Workspace
    member: Member

    def name(self, user: str) -> str:
        """What this person calls somebody."""
        known = self.space.members.get(user)
        return known.name if known else user

    def channel(self, channel: str) -> str:
        """What a channel is called."""
        known = self.space.channels.get(channel)
        return known.name if known else channel

    def local(self, seconds: float) -> datetime:
        """A moment on this person's clock."""
        return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(self.member.tz))

    def time(self, ts: str) -> str:
        """When a message was said."""
        moment = self.local(float(ts))
        return f"{moment:%a} {moment.day} {moment:%b %H:%M}"

    def date(self, date: Date) -> str:
        """A date as Slack writes it for this person."""
        moment, today = self.local(date.seconds), self.local(self.space.now().timestamp())
        days = (moment.date() - today.date()).days
        return re.sub(r"\{(\w+)\}", lambda token: _token(token[1], moment, days) or token[0], date.form)


@lru_cache(maxsize=4096)
def parse(text: str, *, verbatim: bool = False) -> tuple[Line, ...]:
    """The lines of an mrkdwn text; *verbatim* makes no link of an address that is only written out."""
    lines, everything = [], False
    for first, *rest in _lines(text):
        mark = _QUOTE.match(first)
        everything = everything or bool(mark and mark["everything"])
        words = first[mark.end() :] if mark else first
        pieces = [*_pieces(words, verbatim=verbatim)]
        for number, part in enumerate(rest):
            pieces += _pieces(part, verbatim=verbatim) if number % 2 else [Block(unescape(part).strip())]
        lines.append(Line(tuple(pieces), quoted=bool(mark) or everything))
    return tuple(lines)


def _lines(text: str) -> list[list[str]]:
    """Each line as words and code by turns: what stands between fences may itself hold lines."""
    lines: list[list[str]] = [[]]
    for number, part in enumerate(_BLOCK.split(text)):
        if number % 2:
            lines[-1].append(part)
        else:
            first, *more = part.split("\n")
            lines[-1].append(first)
            lines += [[line] for line in more]
    return lines


def _pieces(text: str, *, verbatim: bool) -> Iterator[Piece]:
    end = 0
    for found in _PIECES.finditer(text):
        if found.start() > end:
            yield Words(plain(unescape(text[end : found.start()])))
        yield _piece(found, verbatim=verbatim)
        end = found.end()
    if end < len(text):
        yield Words(plain(unescape(text[end:])))


def _piece(found: re.Match[str], *, verbatim: bool) -> Piece:
    kind, inside = str(found.lastgroup), found[str(found.lastgroup)]
    if kind == "code":
        return Code(unescape(inside))
    if kind == "angle":
        return _angle(inside)
    if kind == "address":
        address = unescape(inside)
        return Words(address) if verbatim else Link(address, address)
    return Styled(kind, tuple(_pieces(inside, verbatim=verbatim)))


def _angle(inside: str) -> Piece:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return Mention(target[1:])
    if target.startswith("#"):
        return ChannelName(target[1:])
    if target.startswith("!date^"):
        return _date(target.split("^"), unescape(label))
    if target.startswith("!"):
        return Broadcast(unescape(label or target[1:].partition("^")[0]).removeprefix("@"))
    return Link(unescape(target), plain(unescape(label or target)))


def _date(parts: list[str], fallback: str) -> Piece:
    if len(parts) < 3:  # noqa: PLR2004  # The word, the seconds, the form.
        return Words(fallback)
    return date(parts[1], unescape(parts[2]), unescape("^".join(parts[3:])), fallback)


def date(seconds: str, form: str, url: str = "", fallback: str = "") -> Date | Words:
    """A date, or its fallback where the moment cannot be read."""
    if not _MOMENT.fullmatch(seconds) or not _FIRST <= int(seconds) <= _LAST:
        return Words(fallback)
    return Date(int(seconds), form, url, fallback)


def _token(name: str, moment: datetime, days: int) -> str:
    near = _DAYS.get(days)
    if name.endswith("_pretty") and near:
        return near
    forms = {
        "date_num": f"{moment:%Y-%m-%d}",
        "date": f"{moment.day} {moment:%B} {moment.year}",
        "date_short": f"{moment.day} {moment:%b} {moment.year}",
        "date_long": f"{moment:%A} {moment.day} {moment:%B} {moment.year}",
        "time": f"{moment:%H:%M}",
        "time_secs": f"{moment:%H:%M:%S}",
        "ago": f"on {moment.day} {moment:%B}",
    }
    return forms.get(name.removesuffix("_pretty"), "")
