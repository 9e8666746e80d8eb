"""The parts of a chart: shapes, words and keys, each at its place, and numbers in words."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

Json = dict[str, Any]
WIDTH = 480
_MOST = 1e100  # No chart can show more; beyond it a sum is no number.
_PLAIN = 1e15  # Up to here a number is written out.
_COLOURS = 12
_DASHES = ("", "7 3", "2 3", "9 3 2 3")
_DOTS = (
    "M{x} {y}m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M{x} {y}m-4-4h8v8h-8z",
    "M{x} {y}m0-5l5 9h-10z",
    "M{x} {y}m0-5.5l5.5 5.5-5.5 5.5-5.5-5.5z",
    "M{x} {y}m0 5l5-9h-10z",
    "M{x} {y}m-5-1.5h3.5v-3.5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5z",
)


class Mark(NamedTuple):
    """One shape, and the series whose colour it has."""

    kind: str
    series: int
    path: str
    dash: str = ""


class Label(NamedTuple):
    """A few words at a place; *turn* is an angle in degrees."""

    x: float
    y: float
    words: str
    anchor: str = "middle"
    turn: int = 0
    kind: str = "chart-label"


class Key(NamedTuple):
    """What a colour and its pattern stand for."""

    series: int
    name: str
    path: str
    dash: str


@dataclass(frozen=True)
class Chart:
    """A chart with everything in its place."""

    kind: str
    title: str
    height: float
    marks: list[Mark]
    labels: list[Label]
    grid: list[tuple[float, float, float]]
    keys: list[Key]
    head: list[str]
    rows: list[list[str]]
    told: str
    width: int = WIDTH


def number(told: Any) -> float | None:
    """What was told as a number that can be drawn, or nothing."""
    if isinstance(told, bool) or not isinstance(told, int | float) or not -math.inf < told < math.inf:
        return None
    return float(max(-_MOST, min(_MOST, told)))


def exactly(told: Any) -> str:
    """A number as it was told."""
    known = number(told)
    if known is None:
        return "no number"
    if abs(known) >= _PLAIN:
        return f"{known:.6g}"
    return f"{known:,.0f}" if known == round(known) else f"{round(known, 6):,}"


def briefly(value: float) -> str:
    """A number in as few letters as an axis has room for."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if abs(value) >= size:
            return f"{value / size:.4g}{letter}"
    return f"{value:,.0f}" if value == round(value) else f"{value:.4g}"


def colour(nth: int) -> int:
    """The number in the class of the nth series."""
    return nth % _COLOURS + 1


def dash(nth: int) -> str:
    """How the line of the nth series is broken."""
    return _DASHES[nth % len(_DASHES)]


def dot(nth: int, x: float, y: float) -> str:
    """The shape of the nth series' points."""
    return _DOTS[nth % len(_DOTS)].format(x=place(x), y=place(y))


def place(*ends: float) -> str:
    """Places as a path writes them."""
    return " ".join(f"{end:.1f}".removesuffix(".0") for end in ends)


def key(kind: str, nth: int, name: str) -> Key:
    """What the legend shows for the nth series."""
    if kind in ("line", "area"):
        return Key(colour(nth), name, dot(nth, 14, 8), dash(nth))
    return Key(colour(nth), name, "M6 0h16v16h-16z", "")
