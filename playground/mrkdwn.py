"""Turns Slack's mrkdwn into words with style, as one person reads them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from zoneinfo import ZoneInfo

from rich.emoji import Emoji
from rich.text import Text

from playground.workspace import Member, Workspace

_PIECES = re.compile(
    r"```(?P<block>.+?)```|`(?P<code>[^`\n]+)`|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>\S(?:[^*\n]*\S)?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>\S(?:[^_\n]*\S)?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>\S(?:[^~\n]*\S)?)~(?![\w~])",
    re.DOTALL,
)
_STYLES = {"bold": "bold", "italic": "italic", "strike": "strike"}
_SLACK_EMOJI = {":white_check_mark:": "✅", ":heavy_check_mark:": "✔️", ":thumbsup:": "👍", ":+1:": "👍"}
_DAYS = {0: "today", -1: "yesterday", 1: "tomorrow"}


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


def mrkdwn(text: str, eyes: Eyes) -> Text:
    """The words of an mrkdwn text, styled."""
    shown = Text()
    for number, line in enumerate(_lines(text)):
        if number:
            shown.append("\n")
        quoted = line.startswith(("&gt;", ">"))
        body = re.sub(r"^(&gt;|>) ?", "", line) if quoted else line
        if quoted:
            shown.append("▎ ", "dim")
        shown.append_text(_inline(body, eyes))
    return shown


def plain(text: str) -> str:
    """The words of a plain text, with its emoji."""
    for name, picture in _SLACK_EMOJI.items():
        text = text.replace(name, picture)
    return Emoji.replace(text)


def _lines(text: str) -> list[str]:
    return [text] if "```" in text else text.split("\n")


def _inline(text: str, eyes: Eyes) -> Text:
    shown, end = Text(), 0
    for piece in _PIECES.finditer(text):
        shown.append(plain(unescape(text[end : piece.start()])))
        shown.append_text(_piece(piece, eyes))
        end = piece.end()
    return shown.append(plain(unescape(text[end:])))


def _piece(piece: re.Match[str], eyes: Eyes) -> Text:
    kind, inside = str(piece.lastgroup), piece[str(piece.lastgroup)]
    if kind == "block":
        return Text(f"\n{unescape(inside).strip()}\n", "cyan")
    if kind == "code":
        return Text(unescape(inside), "cyan")
    if kind == "angle":
        return _angle(inside, eyes)
    styled = _inline(inside, eyes)
    styled.stylize(_STYLES[kind])
    return styled


def _angle(inside: str, eyes: Eyes) -> Text:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return Text(f"@{eyes.name(target[1:])}", "bold blue")
    if target.startswith("#"):
        return Text(f"#{eyes.channel(target[1:])}", "bold blue")
    if target.startswith("!date^"):
        return Text(date(target, label, eyes))
    if target.startswith("!"):
        return Text(f"@{label or target[1:].partition('^')[0]}", "bold yellow")
    return Text(unescape(label or target), f"underline blue link {unescape(target)}")


def date(target: str, fallback: str, eyes: Eyes) -> str:
    """A date as Slack writes it for this person, or the fallback."""
    parts = target.split("^")
    if len(parts) < 3 or not parts[1].lstrip("-").isdigit():  # noqa: PLR2004  # The word, the seconds, the form.
        return unescape(fallback)
    moment = eyes.local(int(parts[1]))
    return re.sub(r"\{(\w+)\}", lambda token: _token(token[1], moment, eyes) or token[0], parts[2])


def _token(name: str, moment: datetime, eyes: Eyes) -> str:
    near = _DAYS.get((moment.date() - eyes.local(eyes.space.now().timestamp()).date()).days)
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
