"""Reads Slack's rich text into the same pieces as mrkdwn."""

from typing import Any

from playground.emoji import plain
from playground.mrkdwn import Broadcast, ChannelName, Code, Link, Mention, Piece, Styled, Words, date

Json = dict[str, Any]
_STYLES = ("bold", "italic", "strike", "underline", "highlight")


def piece(word: Json) -> Piece:
    """One word of a rich text, in its style."""
    style = word.get("style") or {}
    shown = _bare(word)
    if style.get("code") and isinstance(shown, Words):
        shown = Code(shown.text)
    for name in _STYLES:
        if style.get(name):
            shown = Styled(name, (shown,))
    return shown


def _bare(word: Json) -> Piece:  # noqa: PLR0911  # One way for each kind of word.
    match word["type"]:
        case "user":
            return Mention(str(word["user_id"]))
        case "channel":
            return ChannelName(str(word["channel_id"]))
        case "usergroup" | "team":
            return Broadcast(str(word.get("usergroup_id") or word.get("team_id")))
        case "broadcast":
            return Broadcast(str(word["range"]))
        case "emoji":
            return Words(plain(f":{word['name']}:"))
        case "link":
            return Link(str(word["url"]), str(word.get("text") or word["url"]))
        case "date":
            words = str(word.get("fallback") or "")
            return date(str(word["timestamp"]), str(word["format"]), str(word.get("url") or ""), words)
        case _:
            return Words(str(word.get("text") or word.get("value") or ""))


def words(node: Json | list[Any]) -> str:
    """What a rich text says in plain words, as somebody would type it: a line for each part."""
    parts = node.get("elements") or [] if isinstance(node, dict) else node
    return "\n".join(typed(part) for part in parts)


def typed(part: Json) -> str:
    """What one part of a rich text says in plain words."""
    inner = part.get("elements") or []
    if part["type"] == "rich_text_list":
        marks = (f"{number}. " if part.get("style") == "ordered" else "• " for number in range(1, len(inner) + 1))
        return "\n".join(mark + typed(one) for mark, one in zip(marks, inner, strict=True))
    return "".join(_typed(word) for word in inner)


def _typed(word: Json) -> str:
    shown = _bare(word)
    match shown:
        case Mention(user):
            return f"<@{user}>"
        case ChannelName(channel):
            return f"<#{channel}>"
        case Broadcast(name):
            return f"@{name}"
        case Link(url, label):
            return label or url
        case Words(text):
            return text
        case _:
            return str(word.get("fallback") or "")
