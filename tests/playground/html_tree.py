"""HTML as a reader meets it: a tree of elements with their words and their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VOID = {"br", "hr", "img", "input"}


@dataclass
class Node:
    """One element."""

    tag: str
    attrs: dict[str, str | None] = field(default_factory=dict)
    inside: list[Node | str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """Every word in it, with the white space of a screen."""
        return " ".join("".join(self.pieces).split())

    @property
    def pieces(self) -> Iterator[str]:
        """The words as they stand, with a new line where a screen has one."""
        for part in self.inside:
            if isinstance(part, str):
                yield part
            elif part.tag == "br":
                yield "\n"
            else:
                yield from part.pieces
                if part.tag not in INLINE:
                    yield "\n"

    @property
    def every(self) -> Iterator[Node]:
        """Every element in it, in order."""
        for part in self.inside:
            if isinstance(part, Node):
                yield part
                yield from part.every

    def all(self, tag: str = "", **attrs: str) -> list[Node]:
        """Every element of that kind; an attribute's name is written with _ for -, a class is one of several."""
        return [node for node in self.every if node.fits(tag, attrs)]

    def one(self, tag: str = "", **attrs: str) -> Node:
        """The only element of that kind."""
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} of {tag} {attrs} in {self.skeleton}"
        return found[0]

    def fits(self, tag: str, attrs: dict[str, str]) -> bool:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return tag in ("", self.tag) and all(self._has(name, value) for name, value in wanted.items())

    def _has(self, name: str, value: str) -> bool:
        mine = self.attrs.get(name)
        return value in (mine or "").split() if name == "class" else mine == value

    def __getitem__(self, name: str) -> str | None:
        return self.attrs.get(name)

    @property
    def skeleton(self) -> list[tuple[str, tuple[str, ...]]]:
        """The tags and the names of their attributes, without any word."""
        return [(node.tag, tuple(node.attrs)) for node in self.every]


INLINE = {"a", "b", "bdi", "code", "em", "mark", "s", "span", "strong", "time", "u", "text", "tspan"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("page")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute stands twice in <{tag}>"
        node = Node(tag, dict(attrs))
        self.open[-1].inside.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Node(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def read(html: str) -> Node:
    """The tree of some HTML; anything that is not well nested fails."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is never closed"
    return reader.open[0]


def name_of(page: Node, node: Node) -> str:
    """What a screen reader calls a control."""
    if node["aria-label"]:
        return str(node["aria-label"])
    labels = [label for label in page.all("label") if label["for"] == node["id"] or node in label.every]
    legends = [part for part in node.inside if isinstance(part, Node) and part.tag == "legend"]
    return (labels or legends or [node])[0].words


def described(page: Node, node: Node) -> list[str]:
    """What a screen reader adds to the name."""
    names = (node["aria-describedby"] or "").split()
    return [page.one(id=name).words for name in names]
