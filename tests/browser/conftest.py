"""The page in the system's own Chromium, used as people use it; without one, these tests are left out."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from bot.playing import opened
from tests.chromium import MISSING, where
from tests.visitor import Visitor
from tests.world import CALLS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from playwright.sync_api import Browser

    from playground.page import Page

# Without these, Chromium speaks to its maker's hosts at every start.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once for all tests of this process."""
    found = where()
    if found is None:
        pytest.skip(MISSING)
    # As the superuser it refuses to start inside its sandbox.
    flags = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else list(QUIET)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=flags)
        yield started
        started.close()


@pytest.fixture
def demo() -> Iterator[Page]:
    """The page of the demo, with the real bot in it; Slack must have nothing to refuse."""
    with apart(opened(0, CALLS)) as page:
        yield page
        refused = [(call.method, call.answer) for call in page.slack.refused]
    assert refused == []


@contextmanager
def apart(demo: AbstractContextManager[Page]) -> Iterator[Page]:
    """Begin and end it in a thread of its own: the browser's driver has an event loop going in this one."""
    with ThreadPoolExecutor(1) as thread:
        page = thread.submit(demo.__enter__).result()
        try:
            yield page
        finally:
            thread.submit(demo.__exit__, None, None, None).result()


@pytest.fixture
def visitor(browser: Browser, demo: Page, tmp_path: Path) -> Iterator[Visitor]:
    """Somebody who has just opened the demo; nothing may go wrong in the browser, or be asked of another host."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-GB", reduced_motion="reduce", accept_downloads=False
    )
    context.set_default_timeout(10_000)
    someone = Visitor(context.new_page(), demo.address)
    try:
        someone.opens()
        yield someone
        someone.page.screenshot(path=tmp_path / "end.png")
    finally:
        context.close()
    assert someone.troubles == []
    assert {urlsplit(address).netloc for address in someone.asked} <= {urlsplit(demo.address).netloc}
