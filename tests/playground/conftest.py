"""A workspace with three people, and a small Bolt app that lives in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from html_tree import Node, read
from serving import served
from slack_bolt import App
from slack_sdk import WebClient

from playground import Clock, Slack
from playground.browser.paint import draw
from playground.mrkdwn import Eyes
from playground.validate import check_blocks

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Tea"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "bot_user": {"display_name": "Tea"},
        "shortcuts": [
            {"name": "Brew", "type": "global", "callback_id": "brew", "description": "Brew"},
            {"name": "Pour", "type": "message", "callback_id": "pour", "description": "Pour"},
        ],
        "slash_commands": [{"command": "/tea", "description": "Tea", "should_escape": True}],
    },
    "oauth_config": {
        "scopes": {"bot": ["chat:write", "commands", "users:read", "im:write", "im:history", "channels:history"]}
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": ["app_home_opened", "message.channels", "app_mention", "app_uninstalled"]
        },
        "interactivity": {"is_enabled": True},
    },
}


@pytest.fixture
def clock() -> Clock:
    """A clock that begins now, as a plain Bolt app checks signatures against the wall."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def slack(clock: Clock) -> Iterator[Slack]:
    """A workspace with three people and two channels."""
    with Slack(now=clock.now, manifest=MANIFEST) as workspace:
        workspace.add_person("U0ASHA", "Asha Patel")
        workspace.add_person("U0DANA", "Dana Okoro", tz="America/New_York", is_admin=True)
        workspace.add_person("U0STRANGE", "Sam Stranger", team="T0OTHER")
        workspace.add_channel("C0TEA", "tea", members=["U0ASHA", "U0DANA"])
        workspace.add_channel("C0QUIET", "quiet", members=["U0ASHA"])
        workspace.invite_bot("C0TEA")
        yield workspace


@pytest.fixture
def client(slack: Slack) -> WebClient:
    """The app's own client, without hidden retries."""
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def app(slack: Slack, client: WebClient) -> App:
    """A Bolt app with no listeners yet."""
    return App(client=client, signing_secret=slack.signing_secret, process_before_response=True)


@pytest.fixture
def run(slack: Slack, app: App) -> Iterator[Callable[[], None]]:
    """Serve the app, once its listeners are on it."""
    with ExitStack() as stack:

        def start() -> None:
            slack.send_to(stack.enter_context(served(app)))

        yield start


@pytest.fixture
def people(slack: Slack) -> SimpleNamespace:
    """The three people by their first names."""
    return SimpleNamespace(asha=slack.person("U0ASHA"), dana=slack.person("U0DANA"), sam=slack.person("U0STRANGE"))


@pytest.fixture
def eyes(slack: Slack) -> Callable[..., Eyes]:
    """The eyes of one of the people."""
    return lambda user="U0ASHA": Eyes(slack.space, slack.person(user).member)


@pytest.fixture
def painted(slack: Slack, eyes: Callable[..., Eyes]) -> Callable[..., Node]:
    """Draw blocks that Slack itself would take, and read what came of it."""

    def paint(*blocks: dict[str, Any], who: str = "U0ASHA", **more: Any) -> Node:
        named = slack.space.named(list(blocks))
        assert [] in (check_blocks(named, surface) for surface in ("message", "modal", "home"))
        return read(draw(named, eyes(who), at="p1", **more))

    return paint
