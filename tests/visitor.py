"""Somebody at the page: reads screens, writes, presses, and waits for what can be seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import ConsoleMessage, Locator, Page


class Visitor:
    """A person before a browser; *troubles* and *asked* are what the browser complained of and asked for."""

    def __init__(self, page: Page, address: str, pictures: Path | None = None) -> None:
        self.page = page
        self.address = address
        self.pictures = pictures
        self.troubles: list[str] = []
        self.asked: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.text} {message.location}")

    def opens(self, query: str = "") -> None:
        """Open the page."""
        self.page.goto(self.address + query)
        expect(self.page.locator("body")).to_have_attribute("data-ready", "1")

    def photographs(self, name: str) -> None:
        """Keep a picture of the page for the README, where somebody asked for it."""
        if self.pictures:
            self.page.evaluate("document.activeElement.blur()")
            self.page.screenshot(path=self.pictures / f"{name}.png", animations="disabled")

    def photographs_on_a_phone(self, name: str) -> None:
        """The same on a phone, in the dark."""
        if self.pictures:
            self.page.emulate_media(color_scheme="dark")
            self.page.set_viewport_size({"width": 390, "height": 844})
            self.photographs(name)

    # --- screens ---

    def screen(self, name: str) -> Locator:
        """The screen of somebody."""
        return self.page.get_by_role("region", name=name).and_(self.page.locator(".pane"))

    def form(self, name: str) -> Locator:
        """The form on top of somebody's screen."""
        return self.screen(name).get_by_role("dialog")

    def goes(self, name: str, place: str) -> None:
        """Turn somebody's screen to a place, by its name in the sidebar."""
        screen = self.screen(name)
        button = screen.get_by_role("navigation").get_by_role("button", name=place)
        if not button.is_visible():
            screen.get_by_role("button", name="Places").click()
        button.click()

    def writes(self, name: str, words: str) -> None:
        """Write something where somebody's screen is, and send it."""
        field = self.composer(name)
        field.fill(words)
        field.press("Enter")

    def composer(self, name: str) -> Locator:
        """Where somebody writes: into the thread, when one is open."""
        return self.screen(name).locator("[data-composer]").last

    def presses(self, name: str, label: str) -> None:
        """Press a button on somebody's screen; the newest, where several have that name."""
        self.button(name, label).last.click()

    def button(self, name: str, label: str) -> Locator:
        """The buttons with these words that can be used on somebody's screen; what is heard may be longer."""
        words = re.compile(rf"^\s*{re.escape(label)}\s*$")
        return self.screen(name).locator(":is(button, a):not([inert] *)").filter(has_text=words)

    def fills(self, name: str, **answers: str) -> None:
        """Fill in fields of somebody's form by block_id, by hand."""
        for block, answer in answers.items():
            field = self.form(name).locator(f'[data-block="{block}"]')
            kind = field.evaluate("each => each.tagName + '/' + (each.type || '')")
            if kind.startswith("SELECT"):
                field.select_option(answer)
            elif kind.startswith("FIELDSET"):
                field.locator(f'input[value="{answer}"]').check()
            else:
                field.fill(answer)

    def sees(self, name: str, words: str) -> None:
        """Wait until words stand on somebody's screen."""
        expect(self.screen(name).get_by_text(words).last).to_be_visible()

    def proposes(self, name: str) -> None:
        """Propose the guide's first experiment, and close the window that says so."""
        self.guide("Type it for me")
        self.guide("Fill in the form for me")
        expect(self.form(name).locator('[data-block="title"]')).to_have_value("Ring back instead of queueing")
        self.presses(name, "Check and send")
        expect(self.form(name)).to_contain_text("EXP-1 is with @Dana Okafor now.")
        self.presses(name, "Close")
        expect(self.form(name)).to_have_count(0)

    def messages(self, name: str) -> Locator:
        """The messages on somebody's screen."""
        return self.screen(name).locator(".place .message")

    # --- beside the screens ---

    def opens_tool(self, name: str) -> None:
        """Open the inspector or the mishaps, unless they are open."""
        button = self.page.get_by_role("group", name="Show").get_by_role("button", name=name)
        if button.get_attribute("aria-expanded") != "true":
            button.click()

    def guide(self, label: str) -> None:
        """Press a button of the guide."""
        self.page.locator("#guide").get_by_role("button", name=label).click()

    def moves_the_clock(self, label: str) -> None:
        """Let time pass, and wait until it has."""
        with self.page.expect_response("**/time"):
            self.page.get_by_role("group", name="Let time pass").get_by_role("button", name=label, exact=True).click()
