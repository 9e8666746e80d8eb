"""Draws Block Kit for a terminal: every block, and every element with what stands in it."""

from datetime import date
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from playground import reading, rich_text
from playground.emoji import plain
from playground.mrkdwn import (
    Block,
    Broadcast,
    ChannelName,
    Code,
    Date,
    Eyes,
    Link,
    Mention,
    Piece,
    Styled,
    Words,
    parse,
)
from playground.validate import options_of

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
_BUTTONS = {"primary": "bold white on dark_green", "danger": "bold white on dark_red"}
_STYLES = {"highlight": "reverse"}
_BAR = 24  # The width of a chart's longest bar.


def mrkdwn(text: str, eyes: Eyes) -> Text:
    """The words of an mrkdwn text, styled."""
    shown = []
    for line in parse(text):
        words = _inline(line.pieces, eyes)
        shown.append(Text("▎ ", "dim").append_text(words) if line.quoted else words)
    return Text("\n").join(shown)


def _inline(pieces: tuple[Piece, ...], eyes: Eyes) -> Text:
    return Text().join(_piece(piece, eyes) for piece in pieces)


def _piece(piece: Piece, eyes: Eyes) -> Text:  # noqa: PLR0911  # One way for each kind of piece.
    match piece:
        case Words(text):
            return Text(text)
        case Styled(style, pieces):
            styled = _inline(pieces, eyes)
            styled.stylize(_STYLES.get(style, style))
            return styled
        case Mention(user):
            return Text(f"@{eyes.name(user)}", "bold blue")
        case ChannelName(channel):
            return Text(f"#{eyes.channel(channel)}", "bold blue")
        case Broadcast(words):
            return Text(f"@{words}", "bold yellow")
        case Link(url, words):
            return Text(words, f"underline blue link {url}")
        case Date():
            return Text(eyes.date(piece))
        case Code(text):
            return Text(text, "cyan")
        case Block(text):
            return Text(f"\n{text}\n", "cyan")


class Pen:
    """Draws for one person's eyes, with the state and the errors of one surface at hand."""

    def __init__(self, eyes: Eyes, state: Json | None = None, errors: dict[str, str] | None = None) -> None:
        """Look through *eyes*; a modal brings its *state* and *errors*."""
        self.eyes = eyes
        self.state = state or {}
        self.errors = errors or {}

    def blocks(self, blocks: list[Json]) -> Group:
        """All the blocks, one below the other."""
        drawn: list[RenderableType] = []
        for block in blocks:
            if drawn and block["type"] not in ("divider", "context"):
                drawn.append(Text())
            drawn.append(self.block(block))
        return Group(*drawn)

    def block(self, block: Json) -> RenderableType:
        """One block."""
        draw: Callable[[Json], RenderableType] | None = getattr(self, f"_{block['type']}", None)
        return draw(block) if draw else Text(f"({block['type']})", "dim")

    def text(self, text: Json | None) -> Text:
        """A text object."""
        if not text:
            return Text()
        return mrkdwn(text["text"], self.eyes) if text["type"] == "mrkdwn" else Text(plain(text["text"]))

    # --- blocks ---

    def _section(self, block: Json) -> RenderableType:
        left: list[RenderableType] = [self.text(block["text"])] if block.get("text") else []
        if block.get("fields"):
            left.append(self._pairs(block["fields"]))
        accessory = block.get("accessory")
        if not accessory:
            return Group(*left)
        drawn = self.element(block, accessory)
        if accessory["type"] in ("radio_buttons", "checkboxes"):
            return Group(*left, drawn)
        row = Table.grid(expand=True, padding=(0, 1))
        row.add_column(ratio=1)
        row.add_column(justify="right")
        row.add_row(Group(*left), drawn)
        return row

    def _pairs(self, fields: list[Json]) -> Table:
        grid = Table.grid(expand=True, padding=(0, 2))
        grid.add_column(ratio=1)
        grid.add_column(ratio=1)
        for start in range(0, len(fields), 2):
            grid.add_row(*(self.text(field) for field in fields[start : start + 2]))
        return grid

    def _header(self, block: Json) -> RenderableType:
        return Text(plain(block["text"]["text"]), "bold underline")

    def _divider(self, _: Json) -> RenderableType:
        return Rule(style="dim")

    def _context(self, block: Json) -> RenderableType:
        line = Text("  ").join(self.element(block, piece) for piece in block["elements"])
        line.stylize("dim")
        return line

    def _actions(self, block: Json) -> RenderableType:
        drawn = [self.element(block, element) for element in block["elements"]]
        return Text("  ").join(drawn) if all("\n" not in one.plain for one in drawn) else Group(*drawn)

    def _input(self, block: Json) -> RenderableType:
        label = self.text(block["label"])
        label.stylize("bold")
        if block.get("optional"):
            label.append(" (optional)", "dim")
        element = block["element"]
        drawn: list[RenderableType] = [label, self._box(block, element)]
        if block["block_id"] in self.errors:
            drawn.append(Text(f"✗ {self.errors[block['block_id']]}", "bold red"))
        if block.get("hint"):
            hint = self.text(block["hint"])
            hint.stylize("dim italic")
            drawn.append(hint)
        return Group(*drawn)

    def _box(self, block: Json, element: Json) -> RenderableType:
        drawn = self.element(block, element)
        if not element["type"].endswith("_input"):
            return drawn
        style = "red" if block["block_id"] in self.errors else "dim"
        return Panel(drawn, box=box.ROUNDED, border_style=style, padding=(0, 1))

    def _image(self, block: Json) -> Text:
        return Text(f"🖼  {plain((block.get('title') or {}).get('text') or block['alt_text'])}", "italic")

    def _markdown(self, block: Json) -> RenderableType:
        return Markdown(block["text"])

    def _video(self, block: Json) -> RenderableType:
        return Text(f"▶  {plain(block['title']['text'])}", "italic")

    def _alert(self, block: Json) -> RenderableType:
        return Panel(self.text(block["text"]), border_style="yellow", box=box.HEAVY)

    def _table(self, block: Json) -> RenderableType:
        head, *rows = [[self._cell(cell) for cell in row] for row in block["rows"]]
        drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        settings = [*(block.get("column_settings") or []), *([None] * len(head))]
        for cell, setting in zip(head, settings, strict=False):
            drawn.add_column(cell, justify=(setting or {}).get("align", "left"))
        for row in rows:
            drawn.add_row(*row)
        return drawn

    def _cell(self, cell: Json) -> Text:
        return Text(plain(cell["text"])) if cell["type"] == "raw_text" else self._rich_text(cell)

    def _data_visualization(self, block: Json) -> RenderableType:
        chart = block["chart"]
        drawn = Table(title=block["title"], box=None, show_header=False, title_justify="left")
        series = chart.get("series") or [{"name": "", "data": chart.get("segments") or []}]
        most = max([point.get("value", 0) for one in series for point in one.get("data", [])], default=0) or 1
        for one in series:
            for point in one.get("data", []):
                bar = "█" * round(_BAR * point.get("value", 0) / most)
                drawn.add_row(
                    str(point.get("label", "")),
                    str(one.get("name", "")),
                    Text(bar, "green"),
                    str(point.get("value", "")),
                )
        return drawn

    def _rich_text(self, block: Json) -> Text:
        return Text("\n").join(self._rich_part(part) for part in block["elements"])

    def _rich_part(self, part: Json) -> Text:
        kind, inner = part["type"], part.get("elements") or []
        if kind == "rich_text_list":
            indent = "  " * part.get("indent", 0)
            marks = (f"{n}. " if part.get("style") == "ordered" else "• " for n in range(1, len(inner) + 1))
            return Text("\n").join(
                Text(indent + mark).append_text(self._rich_part(one)) for mark, one in zip(marks, inner, strict=True)
            )
        shown = Text().join(_piece(rich_text.piece(word), self.eyes) for word in inner)
        if kind == "rich_text_quote":
            return Text("▎ ", "dim").append_text(shown)
        if kind == "rich_text_preformatted":
            shown.stylize("cyan")
        return shown

    # --- elements ---

    def element(self, block: Json, element: Json) -> Text:
        """One element, with what stands in it."""
        kind = element["type"]
        if kind in ("plain_text", "mrkdwn", "image"):
            return self._image(element) if kind == "image" else self.text(element)
        if kind in ("button", "workflow_button"):
            return Text(f"[ {plain(element['text']['text'])} ]", _BUTTONS.get(element.get("style", ""), "bold"))
        held = self._held(block, element)
        if kind in ("radio_buttons", "checkboxes"):
            return self._ticks(element, held)
        if kind == "overflow":
            return Text("[ ⋯ ]", "bold")
        shown = self._shown(element, held)
        return shown if kind.endswith("_input") else Text("[ ").append_text(shown).append(" ▾ ]")

    def _held(self, block: Json, element: Json) -> Any:
        entered = (self.state.get(block.get("block_id", "")) or {}).get(element.get("action_id", ""))
        return reading.held(entered or reading.initially(element))

    def _ticks(self, element: Json, held: Any) -> Text:
        on, off = ("(•)", "( )") if element["type"] == "radio_buttons" else ("[x]", "[ ]")
        chosen = held if isinstance(held, list) else [held]
        lines = []
        for option in element["options"]:
            line = Text(f"{on if option['value'] in chosen else off} ").append_text(self.text(option["text"]))
            if option.get("description"):
                line.append(f"  {plain(option['description']['text'])}", "dim")
            lines.append(line)
        return Text("\n").join(lines)

    def _shown(self, element: Json, held: Any) -> Text:
        if held in (None, "", []):
            hint = (element.get("placeholder") or {}).get("text") or _EMPTY.get(element["type"], "")
            return Text(plain(hint), "dim italic")
        if isinstance(held, dict):
            return self._rich_text(held)
        several = held if isinstance(held, list) else [held]
        return Text(", ".join(self._one(element, one) for one in several))

    def _one(self, element: Json, held: Any) -> str:
        kind = element["type"]
        if kind == "file_input":
            return f"📎 {held['name']}"
        labels = {option["value"]: plain(option["text"]["text"]) for option in options_of(element)}
        if "users" in kind:
            return self.eyes.name(str(held))
        if "channels" in kind or "conversations" in kind:
            return f"#{self.eyes.channel(str(held))}"
        if kind == "datepicker":
            day = date.fromisoformat(held)
            return f"{day:%a} {day.day} {day:%b %Y}"
        if kind == "datetimepicker":
            return f"{self.eyes.local(held):%Y-%m-%d %H:%M}"
        return str(labels.get(held, held))


_EMPTY = {"datepicker": "Select a date", "timepicker": "Select a time", "datetimepicker": "Select a moment"}


def indented(what: RenderableType, by: int = 4) -> Padding:
    """The same, further to the right."""
    return Padding(what, (0, 0, 0, by))
