"""Pages to visit: each is begun and ended in a thread of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from playground import config
from playground.browser.page import Page
from playground.hosting import hosted
from playground.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from wsgiref.types import WSGIApplication

    from playground import Slack


@contextmanager
def apart(demo: AbstractContextManager[Page]) -> Iterator[Page]:
    """Begin and end it in a thread of its own: the browser's driver has an event loop going in this one."""
    with ThreadPoolExecutor(1) as thread:
        page = thread.submit(demo.__enter__).result()
        try:
            yield page
        finally:
            thread.submit(demo.__exit__, None, None, None).result()


@contextmanager
def working(source: dict[str, Any], app: Callable[[Slack], WSGIApplication] | None) -> Iterator[Page]:
    """The page of a workspace, with the app that is made for its Slack."""
    stage = Stage(config.read(source))
    page = Page(stage)
    with ExitStack() as ending:
        ending.enter_context(stage)
        if app:
            stage.slack.send_to(f"{ending.enter_context(hosted(app(stage.slack)))}/slack/events")
        stage.prepare()
        yield page
