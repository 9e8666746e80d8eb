"""Slack's shape in, one call to a service, Slack's shape out."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.listeners import actions, commands, events, forms, home, trouble
from bot.listeners.ask import Ask
from bot.services import inbox
from bot.services.work import Store

ANY = re.compile("")


def register(app: App, store: Store, unknown: Callable[[str], None]) -> None:
    """Have *app* answer everything that the manifest promises; *unknown* is told of what we do not know."""

    def ask(body: dict[str, Any], client: WebClient, context: BoltContext) -> Ask:
        return Ask(store, client, body, str(context.team_id))

    def command(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack(**commands.answer(ask(body, client, context)))

    def shortcut(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        actions.propose(ask(body, client, context))
        ack()

    def action(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        asked = ask(body, client, context)
        if asked.action["action_id"] not in actions.ACTIONS and asked.view.get("callback_id") not in actions.INPUTS:
            unknown("action")
        actions.answer(asked)
        ack()

    def submission(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack(**forms.answer(ask(body, client, context)))

    def closed(ack: Ack) -> None:
        ack()

    app.command(ANY)(command)
    app.global_shortcut(ANY)(shortcut)
    app.action(ANY)(action)
    app.view_submission(ANY)(submission)
    app.view_closed(ANY)(closed)
    app.error(trouble.handler(ask))
    _register_events(app, store, ask, unknown)


def _register_events(app: App, store: Store, ask: Callable[..., Ask], unknown: Callable[[str], None]) -> None:
    def opened(body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        asked = ask(body, client, context)
        if not inbox.is_done(store, asked.once):
            home.opened(asked)
            # Afterwards: drawn twice, a Home is the same; noted first and then lost, it would never be drawn.
            inbox.note(store, asked.once)

    def event(body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        events.answer(ask(body, client, context))

    def other() -> None:
        unknown("event")

    app.event("app_home_opened")(opened)
    app.event(events.SUBSCRIBED)(event)
    app.event(ANY)(other)
