"""Paints Block Kit as HTML for one person's eyes: every block, and every element with what stands in it."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from playground import controls, markup, rich_text
from playground.controls import Control
from playground.emoji import plain, said
from playground.mrkdwn import Eyes, parse

Json = dict[str, Any]
_TEMPLATES = Path(__file__).parent / "templates"


def draw(
    blocks: list[Json],
    eyes: Eyes,
    *,
    at: str,
    state: Json | None = None,
    errors: dict[str, str] | None = None,
) -> Markup:
    """Blocks as this person sees them; *at* begins every id, *state* and *errors* are what the surface holds."""
    return _macro("draw")(blocks, Pen(eyes, at, state, errors))


def text(mrkdwn_text: str, eyes: Eyes) -> Markup:
    """A message without blocks."""
    return _macro("words")(markup.flow(parse(mrkdwn_text), eyes))


@cache
def _macro(name: str) -> Any:
    return getattr(_environment().get_template("blocks.html").module, name)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_tidy,
        auto_reload=False,
    )


def _tidy(value: Any) -> Any:
    return markup.tidy(value) if isinstance(value, str) and not isinstance(value, Markup) else value


class Pen:
    """What the templates ask for: ids, words and controls on one surface before one person's eyes."""

    def __init__(self, eyes: Eyes, at: str, state: Json | None = None, errors: dict[str, str] | None = None) -> None:
        """Look at the surface called *at* through *eyes*."""
        self.eyes = eyes
        self.at = at
        self.state = state or {}
        self.errors = errors or {}

    def id(self, block: Json) -> str:
        """The id of a block on the page."""
        return f"{self.at}-{controls.short(block.get('block_id', ''))}"

    def error(self, block: Json) -> str:
        """What is wrong with an input, if anything."""
        return self.errors.get(block.get("block_id", ""), "")

    def control(self, block: Json, element: Json) -> Control:
        """An element with what stands in it."""
        return controls.control(block, element, self.eyes, self.at, state=self.state, errors=self.errors)

    def flow(self, text: Json) -> Markup:
        """A text object that stands by itself."""
        if text["type"] == "mrkdwn":
            return markup.flow(parse(text["text"], verbatim=bool(text.get("verbatim"))), self.eyes)
        return markup.lines(said(text))

    def inline(self, text: Json) -> Markup:
        """A text object on a label."""
        if text["type"] == "mrkdwn":
            return markup.inline(parse(text["text"], verbatim=bool(text.get("verbatim"))), self.eyes)
        return markup.lines(said(text))

    def rich(self, words: Iterable[Json]) -> Markup:
        """A line of a rich text."""
        return markup.phrase((rich_text.piece(word) for word in words), self.eyes)

    said = staticmethod(said)
    plain = staticmethod(plain)
    address = staticmethod(markup.address)
    own_address = staticmethod(markup.own_address)
