"""Turns pieces of text into HTML that no text can break out of."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from markupsafe import Markup, escape

from playground.mrkdwn import (
    Block,
    Broadcast,
    ChannelName,
    Code,
    Date,
    Eyes,
    Line,
    Link,
    Mention,
    Piece,
    Styled,
    Words,
)

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SAFE_ADDRESS = re.compile(r"(?:https?://|slack://|mailto:|tel:)[^\s\x00-\x20]+", re.IGNORECASE)
_OWN_ADDRESS = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
_BREAK = Markup("<br>")
_TAGS = {
    "bold": Markup("<strong>%s</strong>"),
    "italic": Markup("<em>%s</em>"),
    "strike": Markup("<s>%s</s>"),
    "underline": Markup("<u>%s</u>"),
    "highlight": Markup("<mark>%s</mark>"),
}
_LINK = Markup('<a href="%s" target="_blank" rel="noopener noreferrer">%s</a>')
_MENTION = Markup('<bdi class="b-mention%s">%s%s</bdi>')
_TIME = Markup('<time datetime="%s" title="%s">%s</time>')
_CODE = Markup("<code>%s</code>")
_BLOCK = Markup("<pre><code>%s</code></pre>")
_QUOTE = Markup("<blockquote>%s</blockquote>")
_SMALL_QUOTE = Markup('<span class="b-quote">%s</span>')


def tidy(text: str) -> str:
    """The same words without what no screen can show."""
    return _CONTROLS.sub("", text)


def address(url: str) -> str:
    """The address if a link may lead there, else nothing."""
    return url if _SAFE_ADDRESS.fullmatch(url) else ""


def own_address(url: str) -> str:
    """The address if it leads to this very server, else nothing."""
    return url if _OWN_ADDRESS.fullmatch(url) else ""


def lines(text: str) -> Markup:
    """Words without any marks, a break for every new line."""
    text = tidy(text)
    return _BREAK.join(text.split("\n")) if "\n" in text else escape(text)


def flow(parsed: Iterable[Line], eyes: Eyes) -> Markup:
    """Lines that stand by themselves: quotes and code are blocks of their own."""
    shown: list[Markup] = []
    after_words = False
    for stands_alone, part in _parts(parsed, eyes):
        if after_words and not stands_alone:
            shown.append(_BREAK)
        shown.append(part)
        after_words = not stands_alone
    return _joined(shown)


def _parts(parsed: Iterable[Line], eyes: Eyes) -> Iterator[tuple[bool, Markup]]:
    quoted: list[Markup] = []
    for line in parsed:
        if line.quoted:
            quoted.append(phrase(line.pieces, eyes))
            continue
        if quoted:
            yield True, _QUOTE % _BREAK.join(quoted)
            quoted = []
        yield from _line(line, eyes)
    if quoted:
        yield True, _QUOTE % _BREAK.join(quoted)


def _line(line: Line, eyes: Eyes) -> Iterator[tuple[bool, Markup]]:
    words: list[Piece] = []
    for piece in line.pieces:
        if isinstance(piece, Block):
            if words:
                yield False, phrase(words, eyes)
            yield True, _BLOCK % tidy(piece.text)
            words = []
        else:
            words.append(piece)
    if words or not line.pieces:
        yield False, phrase(words, eyes)


def inline(parsed: Iterable[Line], eyes: Eyes) -> Markup:
    """The same lines where only words may stand, as on a label."""
    shown = ((phrase(line.pieces, eyes), line.quoted) for line in parsed)
    return _BREAK.join(_SMALL_QUOTE % words if quoted else words for words, quoted in shown)


def phrase(pieces: Iterable[Piece], eyes: Eyes) -> Markup:
    """Pieces in a row."""
    return _joined([_html(piece, eyes) for piece in pieces])


def _joined(parts: list[Markup]) -> Markup:
    return parts[0] if len(parts) == 1 else Markup().join(parts)


def _html(piece: Piece, eyes: Eyes) -> Markup:  # noqa: PLR0911  # One way for each kind of piece.
    match piece:
        case Words(text):
            return lines(text)
        case Styled(style, pieces):
            return _TAGS[style] % phrase(pieces, eyes)
        case Mention(user):
            return _MENTION % (" me" if user == eyes.member.id else "", "@", tidy(eyes.name(user)))
        case ChannelName(channel):
            return _MENTION % ("", "#", tidy(eyes.channel(channel)))
        case Broadcast(words):
            return _MENTION % (" all", "@", tidy(words))
        case Link(url, words):
            return link(url, words)
        case Date():
            return _time(piece, eyes)
        case Code(text) | Block(text):
            return _CODE % tidy(text)


def link(url: str, words: str) -> Markup:
    """A link that leads to another page, or the bare words where the address is none."""
    return _LINK % (url, tidy(words)) if address(url) else lines(words)


def _time(date: Date, eyes: Eyes) -> Markup:
    moment = datetime.fromtimestamp(date.seconds, UTC)
    shown = _TIME % (moment.isoformat(), tidy(date.fallback), tidy(eyes.date(date)))
    return _LINK % (date.url, shown) if address(date.url) else shown
