"""The page in the system's own Chromium, used as people use it; without one, these tests are left out."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright
from stages import apart, working
from structlog.testing import capture_logs

from bot.playing import opened
from tests.chromium import MISSING, where
from tests.visitor import Visitor
from tests.world import CALLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    from playwright.sync_api import Browser

    from playground import Slack
    from playground.browser.page import Page

PATIENCE = 30_000  # Milliseconds: a machine that is busy with other tests is slow, not wrong.
# Without these, Chromium speaks to its maker's hosts at every start.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, started once for each file: while it is there, its event loop is in the way of other tests."""
    found = where()
    if found is None:
        pytest.skip(MISSING)
    # As the superuser it refuses to start inside its sandbox.
    flags = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else list(QUIET)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=flags)
        yield started
        started.close()


@pytest.fixture
def demo() -> Iterator[Page]:
    """The page of the demo, with the real bot in it; Slack must have nothing to refuse."""
    # A traceback drawn in colours takes the bot so long that Slack would give it up.
    with capture_logs(), apart(opened(0, CALLS)) as page:
        yield page
        refused = [(call.method, call.answer) for call in page.slack.refused]
    assert refused == []


@pytest.fixture
def workshop() -> Iterator[Callable[..., Page]]:
    """Opens the page for a workspace of the test's own, with another app in it than the bot, or none."""
    with ExitStack() as ending:

        def opens(source: dict[str, Any], app: Callable[[Slack], WSGIApplication] | None = None) -> Page:
            return ending.enter_context(apart(working(source, app)))

        yield opens


@pytest.fixture
def visit(browser: Browser, tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Callable[[str], Visitor]]:
    """Lets somebody visit a page; nothing may go wrong in the browser, or be asked of another host."""
    visitors: list[Visitor] = []
    with ExitStack() as ending:

        def visits(address: str) -> Visitor:
            context = browser.new_context(
                viewport={"width": 1440, "height": 900},
                locale="en-GB",
                reduced_motion="reduce",
                accept_downloads=False,
            )
            ending.callback(context.close)
            context.set_default_timeout(PATIENCE)
            visitors.append(Visitor(context.new_page(), address, pytestconfig.getoption("--pictures")))
            return visitors[-1]

        yield visits
        for number, someone in enumerate(each for each in visitors if not each.page.is_closed()):
            someone.page.screenshot(path=tmp_path / f"end-{number}.png")
    for someone in visitors:
        assert someone.troubles == []
        assert {urlsplit(address).netloc for address in someone.asked} <= {urlsplit(someone.address).netloc}


@pytest.fixture
def visitor(demo: Page, visit: Callable[[str], Visitor]) -> Visitor:
    """Somebody who has just opened the demo."""
    someone = visit(demo.address)
    someone.opens()
    return someone
