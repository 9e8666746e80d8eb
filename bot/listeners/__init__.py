"""Slack's shape in, one call to a service, Slack's shape out."""

import re
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.listeners import actions, commands, forms, home, trouble
from bot.listeners.ask import Ask
from bot.services.work import Store

ANY = re.compile("")


def register(app: App, store: Store) -> None:
    """Have *app* answer everything that the manifest promises: one listener for each kind of request."""

    def ask(body: dict[str, Any], client: WebClient, context: BoltContext) -> Ask:
        return Ask(store, client, body, str(context.team_id))

    def command(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack(**commands.answer(ask(body, client, context)))

    def shortcut(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        actions.propose(ask(body, client, context))
        ack()

    def action(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        actions.answer(ask(body, client, context))
        ack()

    def submission(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack(**forms.answer(ask(body, client, context)))

    def closed(ack: Ack) -> None:
        ack()

    def opened(body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        home.opened(ask(body, client, context))

    app.command(ANY)(command)
    app.global_shortcut(ANY)(shortcut)
    app.action(ANY)(action)
    app.view_submission(ANY)(submission)
    app.view_closed(ANY)(closed)
    app.event("app_home_opened")(opened)
    app.error(trouble.handler(ask))
