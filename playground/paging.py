"""How Slack reads the arguments that many methods share: pages, switches, moments."""

import re
from typing import Any

from playground import limits
from playground.validate import Refusal

Json = dict[str, Any]


def page(name: str, items: list[Json], arguments: Json, most: int | None = None) -> Json:
    """One page of *items*, at most so many, with the cursor of the next."""
    start = _whole(arguments.get("cursor") or 0, "invalid_cursor")
    asked = _whole(arguments.get("limit") or most or limits.PAGE, "invalid_limit")
    end = start + (min(asked, most) if most else asked)
    more = end < len(items)
    cursor = {"next_cursor": str(end) if more else ""}
    return {name: items[start:end], "has_more": more, "response_metadata": cursor}


def _whole(given: object, otherwise: str) -> int:
    if not re.fullmatch(r"\d{1,9}", str(given)):
        raise Refusal(otherwise)
    return int(str(given))


def true(value: object) -> bool:
    """Whether a switch is on."""
    return value in (True, 1, "1", "true", "True")


def between(ts: str, arguments: Json) -> bool:
    """Whether a message lies in the span that was asked for."""
    oldest, latest = (_moment(arguments, name) for name in ("oldest", "latest"))
    if true(arguments.get("inclusive")) and float(ts) in (oldest, latest):
        return True
    return (not oldest or float(ts) > oldest) and (not latest or float(ts) < latest)


def _moment(arguments: Json, name: str) -> float:
    given = str(arguments.get(name) or 0)
    if not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", given):
        raise Refusal(f"invalid_ts_{name}")
    return float(given)
