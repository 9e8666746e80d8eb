"""Somebody who has no mouse: only keys, and what has the focus."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.visitor import Visitor

MOST = 120  # More keys than this to get somewhere, and the way is lost.

# The focus is seen by an outline, of the element or of the frame around it, and nothing lies on top of it.
SEEN = """element => {
  const frame = element.closest(".composer") || element;
  const { outlineStyle, outlineWidth } = getComputedStyle(frame);
  const { left, top, width, height } = element.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + Math.min(height, innerHeight) / 2];
  const there = document.elementFromPoint(x, y);
  return {
    outlined: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    inView: x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight,
    uncovered: element.contains(there) || Boolean(there?.closest("label, legend, summary")),
  };
}"""


class Typist:
    """Uses the page of *visitor* by keyboard alone."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.keys = visitor.page.keyboard

    @property
    def focus(self) -> Locator:
        """What has the focus."""
        return self.visitor.page.locator(":focus")

    def hears(self) -> str:
        """What a screen reader says of the focus: its role and its name."""
        return self.focus.aria_snapshot().split("\n")[0] if self.focus.count() else ""

    def goes_to(self, words: str, *, inside: Locator | None = None, back: bool = False) -> None:
        """Press Tab, or Shift+Tab to go *back*, until the focus is heard with these words."""
        heard = []
        for _ in range(MOST):
            self.keys.press("Shift+Tab" if back else "Tab")
            self.is_seen()
            heard.append(self.hears())
            if re.search(words, heard[-1]) and (inside is None or self.is_in(inside)):
                return
        raise AssertionError(f"{words!r} was not reached; heard was:\n" + "\n".join(heard))

    def is_in(self, where: Locator) -> bool:
        """Whether the focus is somewhere inside."""
        return where.evaluate("element => element.contains(document.activeElement)")

    def is_seen(self) -> None:
        """The focus is on something, and can be seen there."""
        if self.focus.count():
            seen = self.focus.evaluate(SEEN)
            assert set(seen.values()) == {True}, (self.hears(), seen)

    def writes(self, words: str) -> None:
        """Type words where the focus is."""
        self.keys.type(words)

    def presses(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.keys.press(key)

    def is_led_into(self, form: Locator, words: str) -> None:
        """A form has opened, and the focus has gone to something in it that is heard with these words."""
        expect(form.and_(self.focus).or_(form.locator(":focus"))).to_have_accessible_name(re.compile(words))
        self.is_seen()

    def is_led_back(self, words: str) -> None:
        """The form is gone, and the focus is where it was before: on something that is heard with these words."""
        expect(self.focus).to_have_accessible_name(re.compile(words))
        self.is_seen()
