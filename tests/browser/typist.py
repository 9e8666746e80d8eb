"""Somebody who has no mouse: only keys, and what has the focus."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.visitor import Visitor

MOST = 120  # More keys than this to get somewhere, and the way is lost.

# What the focus is on; it is seen by an outline, of the element or of the frame around it, and nothing lies on top.
FOCUS = """() => {
  const element = document.activeElement;
  // A date's own calendar button shows its focus by itself.
  if (element === document.body || !element.matches(":focus")) return { words: "", seen: {} };
  const frame = element.closest(".composer") || element;
  const { outlineStyle, outlineWidth } = getComputedStyle(frame);
  const { left, top, width, height } = element.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + Math.min(height, innerHeight) / 2];
  const there = document.elementFromPoint(x, y);
  const labels = [...(element.labels || [])].map((label) => label.textContent);
  return {
    words: [element.ariaLabel, ...labels, element.textContent].filter(Boolean).join(" ").slice(0, 200),
    seen: {
      outlined: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
      "in view": x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight,
      uncovered: element.contains(there) || Boolean(there?.closest("label, legend, summary")),
    },
  };
}"""


class Typist:
    """Uses the page of *visitor* by keyboard alone."""

    def __init__(self, visitor: Visitor) -> None:
        self.keys = visitor.page.keyboard
        self.page = visitor.page

    @property
    def focus(self) -> Locator:
        """What has the focus."""
        return self.page.locator(":focus")

    def writes(self, words: str) -> None:
        """Type words where the focus is."""
        self.keys.type(words)

    def presses(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.keys.press(key)

    def goes_to(self, words: str, *, inside: Locator | None = None, back: bool = False) -> None:
        """Press Tab, or Shift+Tab to go *back*, until the focus is on something with these words, and see it always."""
        passed = []
        for _ in range(MOST):
            self.keys.press("Shift+Tab" if back else "Tab")
            passed.append(self.sees_the_focus())
            if re.search(words, passed[-1]) and (inside is None or self.is_in(inside)):
                expect(self.focus).to_have_accessible_name(re.compile(words))
                return
        raise AssertionError(f"{words!r} was not reached; passed were:\n" + "\n".join(passed))

    def sees_the_focus(self) -> str:
        """The words on what has the focus, which must be seen to have it."""
        found = self.page.evaluate(FOCUS)
        assert all(found["seen"].values()), found
        return str(found["words"])

    def is_in(self, where: Locator) -> bool:
        """Whether the focus is somewhere inside."""
        return bool(where.evaluate("element => element.contains(document.activeElement)"))

    def is_led_into(self, form: Locator, words: str) -> None:
        """A form has opened, and the focus has gone to it, or to something in it, that has these words."""
        expect(form.and_(self.focus).or_(form.locator(":focus"))).to_have_accessible_name(re.compile(words))
        self.sees_the_focus()

    def is_led_back(self, words: str) -> None:
        """The form is gone, and the focus is where it was before: on something that has these words."""
        expect(self.focus).to_have_accessible_name(re.compile(words))
        self.sees_the_focus()
