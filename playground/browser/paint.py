"""Paints Block Kit as HTML for one person's eyes: every block, and every element with what stands in it."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from playground import rich_text
from playground.browser import charts, controls, markup, prose
from playground.browser.chart_parts import Chart
from playground.browser.controls import Control
from playground.emoji import plain, said
from playground.mrkdwn import Eyes, parse

Json = dict[str, Any]
_FILE = re.compile(r"/files/(\w+)/")
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
    return _call("draw", blocks, Pen(eyes, at, state, errors))


def text(mrkdwn_text: str, eyes: Eyes) -> Markup:
    """A message without blocks."""
    return _call("words", markup.flow(parse(mrkdwn_text), eyes))


def _call(macro: str, *given: Any) -> Markup:
    drawn: Markup = getattr(_templates().get_template("blocks.html").module, macro)(*given)
    return drawn


@cache
def _templates() -> Environment:
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

    def chart(self, block: Json) -> Chart:
        """A chart with everything in its place."""
        return charts.plan(block)

    def columns(self, table: Json) -> list[str]:
        """The classes of a table's columns."""
        return [_column(setting or {}) for setting in table.get("column_settings") or []]

    def raw(self, cell: Json) -> Markup:
        """A cell of a table that holds bare words or a number."""
        return markup.lines(plain(str(cell.get("text") or cell.get("value") or "")))

    def image_address(self, image: Json) -> str:
        """Where an image stands: on another server, or among this workspace's own files."""
        if image.get("image_url"):
            return str(image["image_url"])
        named = image.get("slack_file") or {}
        found = _FILE.search(str(named.get("url") or ""))
        file = self.eyes.space.files.get(str(named.get("id") or (found and found[1])))
        return f"/files/{file.id}/{file.safe_name}" if file else ""

    said = staticmethod(said)
    typed = staticmethod(rich_text.typed)
    link = staticmethod(markup.link)
    address = staticmethod(markup.address)
    own_address = staticmethod(markup.own_address)
    markdown = staticmethod(prose.html)


def _column(setting: Json) -> str:
    align = f"align-{setting['align']}" if setting.get("align") in ("left", "center", "right") else ""
    return " ".join(part for part in (align, "wrap" if setting.get("is_wrapped") else "") if part)
