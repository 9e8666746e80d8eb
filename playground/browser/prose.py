"""Turns a markdown block into HTML: no HTML of its own, no outside images, small headings."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from playground.browser.markup import address, link, tidy
from playground.emoji import plain

_DEMOTED = 3  # An h1 becomes an h4: the page, the pane and the message stand above.
_LEAST_HEADING = 6


@lru_cache(maxsize=512)
def html(text: str) -> Markup:
    """The markdown as HTML."""
    return Markup(_reader().render(tidy(text)))  # noqa: S704  # The reader escapes everything that it does not write.


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    rules: dict[str, Callable[..., str]] = {
        "text": _text,
        "image": _image,
        "link_open": _link_open,
        "heading_open": _heading,
        "heading_close": _heading,
        "th_open": _cell,
        "td_open": _cell,
        "table_open": _table_open,
        "table_close": _table_close,
    }
    for name, rule in rules.items():
        reader.add_render_rule(name, rule)
    return reader


def _text(_: RendererHTML, tokens: Sequence[Token], at: int, *__: Any) -> str:
    return escapeHtml(plain(tokens[at].content))


def _image(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    words = renderer.renderInlineAsText(tokens[at].children or [], options, env) or "image"
    in_link = sum(token.nesting for token in tokens[:at] if token.type.startswith("link_")) > 0
    return escapeHtml(words) if in_link else str(link(str(tokens[at].attrGet("src") or ""), words))


def _link_open(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    leads = address(str(token.attrGet("href") or ""))
    token.attrs = {"href": leads, "target": "_blank", "rel": "noopener noreferrer"} if leads else {}
    return renderer.renderToken(tokens, at, options, env)


def _heading(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    tokens[at].tag = f"h{min(int(tokens[at].tag[1]) + _DEMOTED, _LEAST_HEADING)}"
    return renderer.renderToken(tokens, at, options, env)


def _cell(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    align = str(token.attrs.pop("style", "")).removeprefix("text-align:")
    token.attrs |= {"scope": "col"} if token.tag == "th" else {}
    token.attrs |= {"class": f"align-{align}"} if align else {}
    return renderer.renderToken(tokens, at, options, env)


def _table_open(*_: Any) -> str:
    return '<div class="b-table" role="group" aria-label="Table" tabindex="0"><table>\n'


def _table_close(*_: Any) -> str:
    return "</table></div>\n"
