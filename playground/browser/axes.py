"""The axes of a chart: where they stand, what is written along them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground.browser.chart_parts import WIDTH, Label, briefly

Json = dict[str, Any]
TOP = 16
TALL = 190  # The height of the plot alone.
_LETTER = 6.3  # About the width of a letter on an axis.
_SLANT = 55  # Degrees by which long names of categories lean.


@dataclass(frozen=True)
class Frame:
    """Where the axes stand, and which numbers they begin and end with."""

    left: float
    right: float
    low: float
    high: float
    step: float
    slots: int

    @property
    def slot(self) -> float:
        """The width that one category has."""
        return (self.right - self.left) / max(1, self.slots)

    @property
    def floor(self) -> float:
        """Where nought stands."""
        return self.y(0)

    @property
    def steps(self) -> list[float]:
        """The numbers along the left."""
        return [self.low + self.step * nth for nth in range(round((self.high - self.low) / self.step) + 1)]

    def x(self, slot: float) -> float:
        """Where a category stands, counted from the left."""
        return self.left + self.slot * slot

    def y(self, value: float) -> float:
        """Where a number stands."""
        return TOP + TALL * (self.high - value) / (self.high - self.low)


def frame(values: list[float], names: list[str], title: str = "") -> Frame:
    """Axes on which all *values* and the *names* of the categories have room; nought is always on them."""
    low, high, step = _ends(values)
    wide = max(len(briefly(edge)) for edge in (low, high, low + step, high - step))
    left = 10 + wide * _LETTER + (16 if title else 0)
    slot = (WIDTH - 12 - left) / max(1, len(names))
    if _longest(names) > slot - 4:  # The first name leans out to the left.
        left = max(left, _longest(names) * math.cos(math.radians(_SLANT)) - slot / 2 + 8)
    return Frame(left, WIDTH - 12, low, high, step, len(names))


def _ends(values: list[float]) -> tuple[float, float, float]:
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    high = high if high > low else low + 1
    rough = (high - low) / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * nice for nice in (1, 2, 2.5, 5, 10) if size * nice >= rough * 0.999)
    if all(value == round(value) for value in values):
        step = max(1.0, step)
    return math.floor(low / step) * step, math.ceil(high / step - 1e-9) * step, step


def _longest(names: list[str]) -> float:
    return max((len(name) for name in names), default=0) * _LETTER


def ticks(axes: Frame) -> Iterator[Label]:
    """The numbers along the left."""
    for tick in axes.steps:
        yield Label(axes.left - 6, axes.y(tick) + 4, briefly(round(tick, 12)), "end")


def categories(names: list[str], axes: Frame) -> tuple[list[Label], float]:
    """The names below, aslant when they are long, and how much room they take."""
    y, longest = TOP + TALL, _longest(names)
    if longest <= axes.slot - 4:
        return [Label(axes.x(slot + 0.5), y + 16, name) for slot, name in enumerate(names)], 24
    slanted = [Label(axes.x(slot + 0.5) + 4, y + 12, name, "end", -_SLANT) for slot, name in enumerate(names)]
    return slanted, 16 + longest * math.sin(math.radians(_SLANT))
