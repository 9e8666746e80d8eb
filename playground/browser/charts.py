"""Lays out Slack's native charts: every bar, line and slice, and the same numbers in words."""

import math
from collections.abc import Iterator
from typing import Any

from playground.browser.axes import TALL, TOP, Frame, categories, frame, ticks
from playground.browser.chart_parts import (
    WIDTH,
    Chart,
    Label,
    Mark,
    briefly,
    colour,
    dash,
    dot,
    exactly,
    key,
    number,
    place,
)

Json = dict[str, Any]
Numbers = list[float | None]
_LABELLED = 12  # Bars or points up to which each carries its number.
_TOLD = 24  # Numbers up to which all are told in one sentence.
_FILLED = 0.76  # The part of a category's width that its bars take.
_RADIUS = 92
_SLIVER = 0.04  # A slice so thin that its name would stand upon another's.
_ALL = 0.9999  # A slice that is the whole pie.


def plan(block: Json) -> Chart:
    """Everything that is to be drawn of a data_visualization block."""
    chart = block["chart"]
    return _pie(block["title"], chart) if chart["type"] == "pie" else _plot(block["title"], chart)


def _plot(title: str, chart: Json) -> Chart:
    kind, names, told = chart["type"], *_told_in(chart)
    values = {name: [number(each) for each in one] for name, one in told.items()}
    settings = chart.get("axis_config") or {}
    axes = frame(
        [each for one in values.values() for each in one if each is not None], names, settings.get("y_label", "")
    )
    below, deep = categories(names, axes)
    labels = [*ticks(axes), *below, *_titles(settings, axes, TOP + TALL + deep)]
    if len(names) * len(values) <= _LABELLED and (kind == "bar" or len(values) == 1):
        labels += _numbers(kind, list(values.values()), axes)
    return Chart(
        kind=kind,
        title=title,
        height=TOP + TALL + deep + (18 if settings.get("x_label") else 0),
        marks=list(_marks(kind, list(values.values()), axes)),
        labels=labels,
        grid=[(axes.left, axes.right, axes.y(step)) for step in axes.steps],
        keys=[key(kind, nth, name) for nth, name in enumerate(values)],
        head=[settings.get("x_label") or "Category", *values],
        rows=[[name, *(exactly(one[slot]) for one in told.values())] for slot, name in enumerate(names)],
        told=f"{kind.capitalize()} chart. {_words(names, told)}",
    )


def _told_in(chart: Json) -> tuple[list[str], dict[str, list[Any]]]:
    """The categories, and what each series tells of every one of them."""
    names = [str(each) for each in (chart.get("axis_config") or {}).get("categories") or []]
    nothing = [None] * len(names)
    series = {
        str(one.get("name")): [*(point.get("value") for point in one.get("data") or []), *nothing][: len(names)]
        for one in chart.get("series") or []
    }
    return names, series


def _words(names: list[str], told: dict[str, list[Any]]) -> str:
    points = [(value, name, one) for one, values in told.items() for name, value in zip(names, values, strict=True)]
    if len(points) <= _TOLD:
        several = len(told) > 1
        return "; ".join(
            f"{one}, {name}: {exactly(v)}" if several else f"{name}: {exactly(v)}" for v, name, one in points
        )
    known = [(value, f"{one}, {name}, {exactly(value)}") for value, name, one in points if number(value) is not None]
    ends = f" Lowest: {min(known)[1]}. Highest: {max(known)[1]}." if known else ""
    return f"{len(points)} numbers in {len(told)} series.{ends} Every number stands in the table that follows."


def _titles(settings: Json, axes: Frame, height: float) -> Iterator[Label]:
    if settings.get("x_label"):
        yield Label((axes.left + axes.right) / 2, height + 10, settings["x_label"])
    if settings.get("y_label"):
        yield Label(12, TOP + TALL / 2, settings["y_label"], turn=-90)


def _marks(kind: str, values: list[Numbers], axes: Frame) -> Iterator[Mark]:
    for nth, one in enumerate(values):
        yield from _bars(nth, one, len(values), axes) if kind == "bar" else _line(kind, nth, one, axes)


def _bars(nth: int, one: Numbers, together: int, axes: Frame) -> Iterator[Mark]:
    wide = axes.slot * _FILLED / together
    for slot, value in enumerate(one):
        if value is not None:
            x, thick = axes.x(slot + (1 - _FILLED) / 2) + wide * nth, place(max(1, wide - 1))
            path = f"M{place(x, axes.floor)}V{place(axes.y(value))}h{thick}V{place(axes.floor)}z"
            yield Mark("bar", colour(nth), path)


def _line(kind: str, nth: int, one: Numbers, axes: Frame) -> Iterator[Mark]:
    for run in _runs(one):
        points = [(axes.x(slot + 0.5), axes.y(value)) for slot, value in run]
        path = "L".join(place(x, y) for x, y in points)
        if kind == "area":
            first, last = (place(points[end][0], axes.floor) for end in (0, -1))
            yield Mark("area", colour(nth), f"M{first}L{path}L{last}z")
        yield Mark("line", colour(nth), f"M{path}", dash(nth))
        for x, y in points:
            yield Mark("dot", colour(nth), dot(nth, x, y))


def _runs(one: Numbers) -> Iterator[list[tuple[int, float]]]:
    """What lies between missing numbers."""
    run: list[tuple[int, float]] = []
    for slot, value in enumerate([*one, None]):
        if value is not None:
            run.append((slot, value))
        elif run:
            yield run
            run = []


def _numbers(kind: str, values: list[Numbers], axes: Frame) -> Iterator[Label]:
    wide = axes.slot * _FILLED / len(values)
    above = 5 if kind == "bar" else 9
    for nth, one in enumerate(values):
        for slot, value in enumerate(one):
            if value is not None:
                x = axes.x(slot + (1 - _FILLED) / 2) + wide * (nth + 0.5)
                yield Label(x, axes.y(value) + (14 if value < 0 else -above), briefly(value), kind="chart-value")


# --- pies ---


def _pie(title: str, chart: Json) -> Chart:
    segments = chart.get("segments") or []
    values = [max(0.0, number(one.get("value")) or 0.0) for one in segments]
    whole = math.fsum(values) or 1.0
    shares = [value / whole for value in values]
    names = [str(one.get("label")) for one in segments]
    told = [exactly(one.get("value")) for one in segments]
    rows = [list(row) for row in zip(names, told, map(_percent, shares), strict=True)]
    keys = [key("pie", nth, f"{name}: {value} ({share})") for nth, (name, value, share) in enumerate(rows)]
    return Chart(
        kind="pie",
        title=title,
        height=2 * _RADIUS + 56,
        marks=list(_slices(shares)),
        labels=list(_names(names, shares)),
        grid=[],
        keys=keys,
        head=["Part", "Number", "Share"],
        rows=rows,
        told="Pie chart. " + "; ".join(f"{name}: {value}, {share}" for name, value, share in rows) + ".",
    )


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.005 or share == 0 else "under 1%"  # noqa: PLR2004  # What would be told as 0 %.


def _slices(shares: list[float]) -> Iterator[Mark]:
    turned, top, middle = 0.0, place(*_on_rim(0)), place(*_on_rim(0, 0))
    for nth, share in enumerate(shares):
        begin, end = place(*_on_rim(turned)), place(*_on_rim(turned + share))
        turned += share
        if share > _ALL:
            bottom = place(*_on_rim(0.5))
            yield Mark("slice", colour(nth), f"M{top}{_arc(bottom, 0.5)}{_arc(top, 0.5)}z")
        elif share > 0:
            yield Mark("slice", colour(nth), f"M{middle}L{begin}{_arc(end, share)}z")


def _arc(end: str, share: float) -> str:
    return f"A{_RADIUS} {_RADIUS} 0 {int(share > 0.5)} 1 {end}"  # noqa: PLR2004  # Half a turn.


def _names(names: list[str], shares: list[float]) -> Iterator[Label]:
    turned = 0.0
    for name, share in zip(names, shares, strict=True):
        x, y = _on_rim(turned + share / 2, 1.1)
        turned += share
        if share >= _SLIVER:
            yield Label(x, y + 4, f"{name} {_percent(share)}", "start" if x >= WIDTH / 2 else "end", kind="chart-value")


def _on_rim(turn: float, out: float = 1.0) -> tuple[float, float]:
    angle = 2 * math.pi * turn
    return WIDTH / 2 + _RADIUS * out * math.sin(angle), _RADIUS + 28 - _RADIUS * out * math.cos(angle)
