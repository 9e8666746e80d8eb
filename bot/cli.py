"""The command line, and the one place that reads the environment and the clock."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bot.compose import Program
    from bot.points import Reach
    from bot.settings import Need, Settings

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - hosting platforms reach a program from outside its machine.
SECRETS = ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")
BROKEN_PIPE = 141
WIDEST = 96
INTERRUPTED = 130
LONGEST_STOP = 13

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Safe to Fail: a Slack bot for small risky things, tried safely.",
)


class Misuse(Exception):  # noqa: N818 - the message is a sentence for a person.
    """The command was called in a way that cannot be meant."""


Host = Annotated[str, typer.Option(help="The address to listen on.")]


@app.command()
def demo(
    *,
    told: Annotated[bool, typer.Option("--told", help="Tell the whole story here in the terminal instead.")] = False,
    port: Annotated[
        int, typer.Option(envvar="PORT", min=0, max=65535, help="Where the page is; 0 takes any free port.")
    ] = 3000,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address only.")] = False,
) -> None:
    """Open a page with a Slack of your own and the bot in it: propose, sign off, check in, share."""
    if told:
        _tell()
    else:
        _open_page(port, no_browser=no_browser)


@app.command()
def run(
    *,
    socket: Annotated[bool, typer.Option("--socket", help="Connect by Socket Mode: no public address.")] = False,
    host: Host = EVERYWHERE,
) -> None:
    """Run everything in this one process: answer Slack, and send what falls due."""
    settings = _start("socket" if socket else "http")
    if not socket or _tells(settings):
        _refuse_taken(host, settings.port)
    with _composed(settings, to_stay=True) as program, _beating(program):
        if socket:
            _listen(program, settings, host)
        else:
            _serve(program, settings, host)


@app.command()
def web(host: Host = EVERYWHERE) -> None:
    """Answer Slack's requests; a worker elsewhere sends what falls due."""
    settings = _start("http")
    _refuse_taken(host, settings.port)
    with _composed(settings, to_stay=True) as program:
        _serve(program, settings, host)


@app.command()
def worker(
    *,
    reconcile_only: Annotated[
        bool, typer.Option("--reconcile-only", help="After restoring a backup: look in Slack, send nothing, and end.")
    ] = False,
) -> None:
    """Send what falls due; a web process elsewhere answers Slack."""
    settings = _start("slack")
    if reconcile_only:
        _reconcile(settings)
        return
    with _composed(settings, to_stay=True) as program, _beating(program):
        _until_told_to_stop()


def _reconcile(settings: Settings) -> None:
    told_to_stop = _told_to_stop()
    with _composed(settings, to_stay=True) as program:
        for left in program.bot.reconcile():
            typer.echo(f"Looking in Slack for what may have been sent since the backup: {left} left.")
            if told_to_stop.wait(1):
                return
    typer.echo("Done. What stands in Slack is known again; the rest waits, or is held: safe-to-fail outbox list.")


@app.command()
def migrate() -> None:
    """Bring the database's tables up to date."""
    settings = _start("database")
    from db.engine import open_database  # noqa: PLC0415 - every command loads only what it needs.
    from db.locks import alone  # noqa: PLC0415 - as above.
    from db.migrate import migrate as bring_up_to_date  # noqa: PLC0415 - as above.

    engine = open_database(settings.database_url)
    with alone(engine):
        bring_up_to_date(engine, _points(settings))
    engine.dispose()
    typer.echo("The database's tables are up to date.")


@app.command()
def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False) -> None:
    """Look for what stands in the way, and say what to do."""
    from bot import doctor as clinic  # noqa: PLC0415 - every command loads only what it needs.

    checks = list(clinic.examine(_environ()))
    typer.echo(clinic.as_json(checks) if as_json else clinic.lines(checks))
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


@app.command()
def manifest(
    url: Annotated[
        str | None, typer.Option(envvar="PUBLIC_URL", help="The bot's public address, such as https://bot.example.org.")
    ] = None,
) -> None:
    """Print what Slack must know about the app, ready to paste at api.slack.com/apps."""
    from bot import manifest as writing  # noqa: PLC0415 - every command loads only what it needs.

    try:
        typer.echo(writing.text(url), nl=False)
    except writing.UnusableAddress as error:
        raise Misuse(str(error)) from error


outbox = typer.Typer(no_args_is_help=True, help="Look at the bot's messages, and decide on those that are held.")
app.add_typer(outbox, name="outbox")
Number = Annotated[int, typer.Argument(help="The message's number, as the list shows it.")]


@outbox.command("list")
def list_messages(
    state: Annotated[str, typer.Option(help="Only those that are held, uncertain, failed, waiting, sent…")] = "",
) -> None:
    """List the messages that are not settled: number, state, for whom, when due, why."""
    from bot import operating  # noqa: PLC0415 - every command loads only what it needs.

    with _composed(_start("database")) as program:
        typer.echo(operating.listed(program.bot.store, state))


@outbox.command("show")
def show_message(number: Number) -> None:
    """Show everything that is known of one message but its words."""
    from bot import operating  # noqa: PLC0415 - every command loads only what it needs.

    with _composed(_start("database")) as program:
        typer.echo(operating.shown(program.bot.store, number))


@outbox.command("release")
def release_message(number: Number) -> None:
    """Have a held or failed message sent again, because somebody saw that it did not arrive."""
    _decide("released", number)


@outbox.command("cancel")
def cancel_message(number: Number) -> None:
    """Give a message up: it will not be sent."""
    _decide("cancelled", number)


def _decide(what: str, number: int) -> None:
    from bot import operating  # noqa: PLC0415 - every command loads only what it needs.
    from db.locks import alone  # noqa: PLC0415 - as above.

    with _composed(_start("database")) as program, alone(program.engine):
        typer.echo(operating.decided(program.bot.store, what, number))


@app.command()
def digest(*, dry_run: Annotated[bool, typer.Option("--dry-run", help="Print it; post nothing.")] = False) -> None:
    """Print the next digest as it would be told now."""
    if not dry_run:
        raise Misuse("The digest is posted by the worker when it is due: add --dry-run to see it.")
    with _composed(_start("database")) as program:
        typer.echo(program.bot.next_digest())


def _tell() -> None:
    from rich.console import Console  # noqa: PLC0415 - every command loads only what it needs.

    from bot.demo import tell  # noqa: PLC0415 - as above.

    console = Console()
    # Longer lines are hard to read, however wide the terminal is.
    console.width = min(console.width, WIDEST)
    tell(console)


def _open_page(port: int, *, no_browser: bool) -> None:
    from bot import browser, log  # noqa: PLC0415 - every command loads only what it needs.
    from bot.playing import opened  # noqa: PLC0415 - as above.

    log.configure(sys.stderr, "ERROR")
    _refuse_taken(LOOPBACK, port, "choose another with --port")
    told_to_stop = _told_to_stop()
    with opened(port) as page:
        typer.echo(f"A Slack of your own, with the bot in it: {page.address}")
        wanted = sys.stdout.isatty() and not no_browser
        shown = wanted and browser.shows(page.address, os.environ, sys.platform)
        typer.echo("It opens in your browser now." if shown else "Open this address in a browser.")
        typer.echo("Ctrl-C stops it. Nothing leaves this machine, and nothing is kept.")
        told_to_stop.wait()


def main() -> None:
    """Do what the command line asks; say every expected trouble in one plain sentence."""
    from bot import log  # noqa: PLC0415 - every command loads only what it needs.

    for stream in (sys.stdout, sys.stderr):
        # A terminal or a file that knows no such letters shows a question mark, and the program goes on.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    log.configure(sys.stderr)
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except Misuse as error:
        _fail(str(error), 2)
    except TyperException as error:
        _fail(error.format_message(), error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has stopped; without this, Python would complain about it when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
    except Exception as error:  # noqa: BLE001 - the last resort, so that nobody is shown a traceback.
        _explain(error)


def _explain(error: Exception) -> None:
    from bot.services.outbox import CannotBe  # noqa: PLC0415 - loaded only when something is wrong.
    from bot.settings import SettingsError  # noqa: PLC0415 - as above.
    from bot.web import PortTaken, SocketRefused  # noqa: PLC0415 - as above.
    from db.engine import DatabaseTrouble  # noqa: PLC0415 - as above.

    if isinstance(error, SettingsError):
        _fail("\n".join(error.problems), 1)
    if isinstance(error, (PortTaken, SocketRefused, DatabaseTrouble, CannotBe)):
        _fail(str(error), 1)
    import structlog  # noqa: PLC0415 - as above.

    reference = secrets.token_hex(4)
    structlog.get_logger("bot.cli").error("The program broke.", reference=reference, exc_info=error)
    _fail(f"Something broke that should not: please report it with the reference {reference}.", 1)


def _fail(sentence: str, status: int) -> None:
    print(sentence, file=sys.stderr)  # noqa: T201 - this is what the person reads.
    sys.exit(status)


def _environ() -> Mapping[str, str]:
    from dotenv import dotenv_values  # noqa: PLC0415 - every command loads only what it needs.

    from bot.settings import SettingsError  # noqa: PLC0415 - as above.

    try:
        from_file = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    except (UnicodeDecodeError, OSError) as error:
        sentence = f"The file {Path('.env').absolute()} cannot be read as text: save it as UTF-8."
        raise SettingsError([sentence]) from error
    return from_file | dict(os.environ)


def _start(need: Need) -> Settings:
    from bot import log  # noqa: PLC0415 - every command loads only what it needs.
    from bot.settings import Settings  # noqa: PLC0415 - as above.

    settings = Settings.load(_environ(), {need})
    # Bolt looks for them in the environment by itself, and granian shows that to whatever answers a request.
    for name in SECRETS:
        os.environ.pop(name, None)
    hidden = (settings.slack_signing_secret, settings.slack_bot_token, settings.slack_app_token)
    log.configure(sys.stderr, settings.log_level, [secret.get_secret_value() for secret in hidden if secret])
    return settings


@contextmanager
def _composed(settings: Settings, *, to_stay: bool = False) -> Iterator[Program]:
    from bot.compose import compose  # noqa: PLC0415 - every command loads only what it needs.

    program = compose(settings, _clock(settings), _points(settings), to_stay=to_stay)
    try:
        yield program
    finally:
        program.close()


def _clock(settings: Settings) -> Callable[[], datetime]:
    """The machine's clock; a proof may name a file that says by how many seconds it is wrong."""
    shifted = settings.clock_file
    if shifted is None:
        return lambda: datetime.now(UTC)
    return lambda: datetime.now(UTC) + timedelta(seconds=float(Path(shifted).read_text() or 0))


def _points(settings: Settings) -> Reach:
    from bot.points import dying, nothing  # noqa: PLC0415 - every command loads only what it needs.

    try:
        return dying(settings.crash_at) if settings.crash_at else nothing
    except ValueError as error:
        raise Misuse(f"CRASH_AT: {error}") from error


@contextmanager
def _beating(program: Program) -> Iterator[None]:
    from bot.worker import heartbeat  # noqa: PLC0415 - every command loads only what it needs.

    scheduler = heartbeat(program.bot.beat)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)


def _refuse_taken(host: str, port: int, otherwise: str = "set PORT") -> None:
    from bot.web import refuse_taken  # noqa: PLC0415 - every command loads only what it needs.

    refuse_taken(host, port, otherwise)


def _serve(program: Program, settings: Settings, host: str) -> None:
    from bot.web import STOP_SECONDS, serve, wsgi  # noqa: PLC0415 - every command loads only what it needs.

    typer.echo(f"Listening on port {settings.port}. Ctrl-C stops it.")
    serve(wsgi(program.bot, program.facts), host, settings.port)
    _end_within(LONGEST_STOP - STOP_SECONDS)


def _listen(program: Program, settings: Settings, host: str) -> None:
    from bot.socket_mode import Receiver, connected  # noqa: PLC0415 - every command loads only what it needs.

    token = settings.slack_app_token
    line = Receiver(program.bot, token.get_secret_value() if token else "", _clock(settings))
    with connected(line):
        typer.echo("Connected to Slack. Type /experiment there. Ctrl-C stops it.")
        if _tells(settings):
            from bot.web import STOP_SECONDS, pages, serve  # noqa: PLC0415 - as above.

            serve(pages(program.bot.metrics, lambda: {**program.facts(), **line.facts()}), host, settings.port)
            _end_within(LONGEST_STOP - STOP_SECONDS)
        else:
            _until_told_to_stop()


def _tells(settings: Settings) -> bool:
    """Whether a port was named; over Socket Mode nobody but a watchman needs one."""
    return "port" in settings.model_fields_set


def _until_told_to_stop() -> None:
    _told_to_stop().wait()
    _end_within(LONGEST_STOP)


def _end_within(seconds: float) -> None:
    # Whatever still waits for Slack or the database then ends as in a power cut, which loses nothing.
    last = threading.Timer(seconds, os._exit, (0,))
    last.daemon = True
    last.start()


def _told_to_stop() -> threading.Event:
    told = threading.Event()
    numbers = [signal.SIGTERM, signal.SIGINT]
    # A terminal that is closed hangs up, unless nohup said that this does not count.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    for number in numbers:
        signal.signal(number, lambda *_: told.set())
    return told
