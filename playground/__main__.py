"""Serves a Slack of one's own for any app: python -m playground --app http://127.0.0.1:4000/slack/events."""

import secrets
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import structlog
import typer

from playground.browser.page import Page
from playground.config import Config, ConfigError, read, read_file
from playground.server import PortTaken
from playground.stage import CannotBe, Stage

LOOPBACK = "127.0.0.1"
SOMEBODY: dict[str, object] = {
    "people": [
        {"id": "U0ALEX", "name": "Alex Morgan", "admin": True},
        {"id": "U0SAM", "name": "Sam Rivera"},
        {"id": "U0KIM", "name": "Kim Lee"},
    ],
    "channels": [{"id": "C0GENERAL", "name": "general"}, {"id": "C0RANDOM", "name": "random"}],
    "panes": [{"who": "U0ALEX", "at": "C0GENERAL"}, {"who": "U0SAM", "at": "C0GENERAL"}],
}


class NoAddress(Exception):  # noqa: N818 - the message is a sentence for a person.
    """No app can listen where it is said to."""


def serve(
    *,
    app: Annotated[
        str, typer.Option(help="Where the app listens for Slack; leave it out for an app in Socket Mode.")
    ] = "",
    config: Annotated[Path | None, typer.Option(help="A file that says who and what is in the workspace.")] = None,
    port: Annotated[int, typer.Option(envvar="PORT", help="Where the page is served.", min=0, max=65535)] = 3000,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets the whole network in, unasked.")] = LOOPBACK,
) -> None:
    """Open a workspace in the browser, with the app in it."""
    try:
        _serve(read_file(config) if config else read(SOMEBODY), app, port, host)
    except (ConfigError, PortTaken, NoAddress) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _serve(config: Config, app: str, port: int, host: str) -> None:
    stage = Stage(config, port=port, address=host)
    page = Page(stage)
    try:
        stage.slack.send_to(app)
    except ValueError as error:
        raise NoAddress(str(error)) from error
    with stage:
        typer.echo(f"Open {page.address} in a browser. Ctrl-C stops it.")
        typer.echo("The app needs these settings:")
        typer.echo(f"  signing secret  {stage.slack.signing_secret}")
        typer.echo(f"  bot token       {stage.slack.bot_token}")
        typer.echo(f"  app token       {stage.slack.app_token}   (for Socket Mode)")
        typer.echo(f"  Web API         {stage.slack.api_url}")
        told = _told_to_stop()
        if app:
            _prepare(stage)
        told.wait()


def _prepare(stage: Stage) -> None:
    """Do what must have happened before anybody looks; should the app fail, the page stays open all the same."""
    try:
        stage.prepare()
    except (CannotBe, LookupError, ValueError) as error:
        why = error.args[0] if error.args else "it cannot be done."
        typer.echo(f"What must have happened before anybody looks did not: {why}", err=True)


def _told_to_stop() -> threading.Event:
    """What is set as soon as somebody stops the program."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    return told


def main() -> None:
    """Serve until told to stop; whatever breaks is told in one sentence, and its cause is in the log."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(serve)
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the last resort, so that nobody is shown a traceback.
        reference = secrets.token_hex(4)
        structlog.get_logger("playground").error("the playground broke", reference=reference, exc_info=error)
        sys.exit(f"Something broke that should not: please report it with the reference {reference}.")


if __name__ == "__main__":
    main()
