"""Charts tell their numbers in shapes, in words and in a table."""

import re

import pytest
from test_refusals import CHART

DAYS = ["Mon", "Tue", "Wed"]


def chart(kind, categories=DAYS, title="Cups", axes=None, **series):
    data = [
        {"name": name, "data": [{"label": c, "value": v} for c, v in zip(categories, values, strict=True)]}
        for name, values in series.items()
    ]
    settings = {"categories": list(categories), **(axes or {})}
    return {**CHART, "title": title, "chart": {"type": kind, "series": data, "axis_config": settings}}


def pie(**segments):
    data = [{"label": label, "value": value} for label, value in segments.items()]
    return {**CHART, "title": "Cups", "chart": {"type": "pie", "segments": data}}


def cells(page):
    return [[cell.words for cell in row.every if cell.tag in ("th", "td")] for row in page.one("table").all("tr")]


@pytest.mark.parametrize("kind", ["bar", "line", "area"])
def test_a_chart_tells_its_numbers_in_words(painted, kind):
    page = painted(chart(kind, tea=[1, 2.5, 1200], milk=[0, -3, 4], axes={"x_label": "Day", "y_label": "Cups"}))
    picture = page.one("svg", role="img")

    assert page.one("figcaption").words == "Cups"
    assert page.one(id=picture["aria-labelledby"]).words == "Cups"
    assert page.one(id=picture["aria-describedby"]).words == (
        f"{kind.capitalize()} chart. tea, Mon: 1; tea, Tue: 2.5; tea, Wed: 1,200;"
        " milk, Mon: 0; milk, Tue: -3; milk, Wed: 4"
    )
    assert cells(page) == [["Day", "tea", "milk"], ["Mon", "1", "0"], ["Tue", "2.5", "-3"], ["Wed", "1,200", "4"]]
    assert [head["scope"] for head in page.all("th")] == ["col"] * 3 + ["row"] * 3
    assert page.one("caption").words == "Cups"
    assert {"Mon", "Tue", "Wed", "Day", "Cups"} < {label.words for label in picture.all("text")}


def test_a_colour_is_never_the_only_sign_of_a_series(painted):
    names = [f"n{number}" for number in range(12)]
    bars = painted(chart("bar", **{name: [1, 2, 3] for name in names}))
    lines = painted(chart("line", **{name: [1, 2, 3] for name in names}))

    assert [item.words for item in bars.one("ul", class_="b-legend").all("li")] == names
    fills = {key.all("path", class_="pattern")[0]["fill"] for key in bars.all("li")[1:]}
    assert len(fills) == 11
    assert {fill.removeprefix("url(#").removesuffix(")") for fill in fills} == {p["id"] for p in bars.all("pattern")}
    looks = {(item.one(class_="line")["stroke-dasharray"], item.one(class_="dot")["d"]) for item in lines.all("li")}
    assert len(looks) == 12
    colours = {mark["class"] for mark in lines.one("svg", role="img").all("path", class_="line")}
    assert colours == {f"line series-{number}" for number in range(1, 13)}


def test_few_bars_carry_their_numbers(painted):
    few, many = painted(chart("bar", n=[1, -2, 3])), painted(chart("bar", list("abcdefghijklm"), n=range(13)))

    assert [label.words for label in few.all("text", class_="chart-value")] == ["1", "-2", "3"]
    assert many.all("text", class_="chart-value") == []


def test_many_numbers_are_summed_up_and_stand_in_the_table(painted):
    categories = [f"day {number}" for number in range(20)]
    page = painted(chart("line", categories, a=range(20), b=range(5, 25)))

    assert page.one("desc").words == (
        "Line chart. 40 numbers in 2 series. Lowest: a, day 0, 0. Highest: b, day 19, 24."
        " Every number stands in the table that follows."
    )
    assert len(cells(page)) == 21
    assert {label["transform"] is not None for label in page.all("text") if label.words.startswith("day")} == {True}


@pytest.mark.parametrize("kind", ["bar", "line", "area"])
@pytest.mark.parametrize(
    "values",
    [(0, 0, 0), (5, 5, 5), (-1, -2, -3), (1e-9, 2e-9, 0), (10**400, -(10**400), 1e308), (0.1, 0.2, 0.3), (7, 1e15, 8)],
)
def test_whatever_the_numbers_everything_stays_in_the_picture(painted, kind, values):
    page = painted(chart(kind, n=values))
    picture = page.one("svg", role="img")
    wide, high = (float(each) for each in picture["viewbox"].split()[2:])
    upright = [mark["d"] for mark in picture.all("path") if mark["class"].split()[0] in ("grid", "bar", "line", "area")]

    for path in upright:
        assert "nan" not in path
        assert "inf" not in path
        for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path):
            assert 0 <= float(x) <= wide
            assert 0 <= float(y) <= high
    assert len([label for label in picture.all("text") if label["text-anchor"] == "end"]) >= 2


def test_a_number_that_is_none_leaves_a_gap(painted):
    page = painted(chart("line", list("abcd"), n=[1, float("nan"), float("inf"), 4]))

    assert [row[1] for row in cells(page)] == ["n", "1", "no number", "no number", "4"]
    assert len(page.one("svg", role="img").all("path", class_="dot")) == 2


def test_a_chart_without_any_number_still_says_so(painted):
    page = painted(chart("bar", [f"c{n}" for n in range(20)], a=[float("nan")] * 20, b=[float("nan")] * 20))

    assert page.one("desc").words.startswith("Bar chart. 40 numbers in 2 series. Every")
    assert page.one("svg", role="img").all("path", class_="bar") == []


def test_a_pie_tells_its_shares(painted):
    page = painted(pie(tea=150, milk=49.5, salt=0.5, air=0, debt=-4))

    assert cells(page) == [
        ["Part", "Number", "Share"],
        ["tea", "150", "75%"],
        ["milk", "49.5", "25%"],
        ["salt", "0.5", "under 1%"],
        ["air", "0", "0%"],
        ["debt", "-4", "0%"],
    ]
    assert page.one("desc").words.startswith("Pie chart. tea: 150, 75%; milk: 49.5, 25%")
    assert [item.words for item in page.all("li")][:2] == ["tea: 150 (75%)", "milk: 49.5 (25%)"]
    assert len(page.one("svg", role="img").all("path", class_="slice")) == 3
    assert [label.words for label in page.all("text")] == ["tea 75%", "milk 25%"]


def test_a_pie_of_one_part_is_whole_and_one_of_none_is_empty(painted):
    assert len(painted(pie(all=3)).all("path", class_="slice")) == 1
    assert painted(pie(none=0)).all("path", class_="slice") == []


def test_long_axes_are_written_shortly(painted):
    page = painted(chart("bar", n=[0, 2_500_000, 4_000_000]))

    assert {"0", "1M", "2M", "3M", "4M"} <= {label.words for label in page.all("text")}
