"""The catalogue: every fault with its number, its sentence, what must hold, and the function that proves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from faults.lane import Proof

BOTH = ("sqlite", "postgres")
SUITE = ("sqlite",)  # Once: the suite runs its tests on both by itself.
ROWS: dict[int, Row] = {}


@dataclass(frozen=True)
class Row:
    """One fault."""

    number: int
    fault: str
    holds: str
    prove: Callable[[Proof], None]
    short: bool
    engines: tuple[str, ...]


def row(
    number: int, fault: str, holds: str, *, short: bool = False, engines: tuple[str, ...] = BOTH
) -> Callable[[Callable[[Proof], None]], Callable[[Proof], None]]:
    """Enter a function into the catalogue."""

    def enter(prove: Callable[[Proof], None]) -> Callable[[Proof], None]:
        ROWS[number] = Row(number, fault, holds, prove, short, engines)
        return prove

    return enter
