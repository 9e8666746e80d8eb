"""Looks for what stands in the way of the bot, and says what to do about it."""

from __future__ import annotations

import json
import sqlite3
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from bot import manifest
from bot.settings import Settings, SettingsError
from db.engine import DatabaseTrouble, open_database
from db.locks import SHARED, sessions_are_shared
from db.migrate import NEWER, is_newer, pending

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Engine

SECONDS = 10
SEVERAL_PROCESSES = (3, 51, 3)
COPY_AGAIN = "copy it again from api.slack.com/apps"
MEANINGS = {
    "invalid_auth": f"Slack does not know the token: {COPY_AGAIN}",
    "not_authed": f"Slack saw no token: {COPY_AGAIN}",
    "token_revoked": "the token was revoked: install the app again",
    "token_expired": "the token has expired: install the app again",
    "account_inactive": "the app was removed from the workspace: install it again",
    "not_allowed_token_type": f"this is another kind of token: {COPY_AGAIN}",
    "missing_scope": "the token lacks a scope: make a new one with the scope connections:write",
    "ratelimited": "Slack asks to wait a moment: try again in a minute",
}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and what there is to say about it."""

    name: str
    ok: bool
    said: str


def examine(environ: Mapping[str, str]) -> Iterator[Check]:
    """Look at the settings, the database and Slack, each as far as the others allow."""
    problems = _problems(environ)
    for problem in problems:
        yield Check("settings", ok=False, said=problem)
    if not problems:
        yield Check("settings", ok=True, said="Everything that is needed is there.")
    wrong = {problem.split()[0] for problem in problems}
    settings = Settings.load({name: value for name, value in environ.items() if name not in wrong})
    if "DATABASE_URL" not in wrong:
        yield from _database(settings.database_url)
    if settings.slack_bot_token:
        yield from _bot_token(settings.slack_api_url, settings.slack_bot_token.get_secret_value())
    if settings.slack_app_token:
        yield _app_token(settings.slack_api_url, settings.slack_app_token.get_secret_value())


def lines(checks: list[Check]) -> str:
    """Write the checks for a person, in words as well as in signs."""
    return "\n".join(f"{'✓ good ' if each.ok else '✗ wrong'}  {each.name}: {each.said}" for each in checks)


def as_json(checks: list[Check]) -> str:
    """Write the checks for a machine."""
    found = [{"name": each.name, "ok": each.ok, "said": each.said} for each in checks]
    return json.dumps({"ok": all(each.ok for each in checks), "checks": found}, ensure_ascii=False)


def _problems(environ: Mapping[str, str]) -> list[str]:
    try:
        Settings.load(environ, {"socket"} if environ.get("SLACK_APP_TOKEN", "").strip() else {"http"})
    except SettingsError as error:
        return error.problems
    return []


def _database(url: str) -> Iterator[Check]:
    if _not_made_yet(url):
        yield Check("database", ok=True, said="It will be made at the first start.")
        return
    try:
        engine = open_database(url)
    except DatabaseTrouble as error:
        yield Check("database", ok=False, said=str(error))
        return
    yield Check("database", ok=True, said=f"It answers ({engine.dialect.name}).")
    yield _migrations(engine)
    if sessions_are_shared(engine):
        yield Check("database", ok=False, said=SHARED)
    if engine.dialect.name == "sqlite" and sqlite3.sqlite_version_info < SEVERAL_PROCESSES:
        version = sqlite3.sqlite_version
        said = f"SQLite {version} is safe with one process only, so a second is refused: use safe-to-fail run."
        yield Check("database", ok=True, said=said)
    engine.dispose()


def _not_made_yet(url: str) -> bool:
    if not url.startswith("sqlite:"):
        return False
    path = make_url(url).database
    return bool(path) and not Path(str(path)).exists() and Path(str(path)).absolute().parent.is_dir()


def _migrations(engine: Engine) -> Check:
    if is_newer(engine):
        return Check("migrations", ok=False, said=NEWER)
    if not pending(engine):
        return Check("migrations", ok=True, said="The tables are up to date.")
    if engine.dialect.name == "sqlite":
        return Check("migrations", ok=True, said="The tables will be brought up to date at the next start.")
    return Check("migrations", ok=False, said="The tables are not up to date: run safe-to-fail migrate.")


def _bot_token(api: str, token: str) -> Iterator[Check]:
    answer, headers = _ask(api, "auth.test", token)
    if not answer.get("ok"):
        yield Check("bot token", ok=False, said=_meaning(answer, "SLACK_BOT_TOKEN"))
        return
    yield Check("bot token", ok=True, said=f"It belongs to {answer.get('user')} in {answer.get('team')}.")
    if "x-oauth-scopes" not in headers:
        yield Check("scopes", ok=True, said="Slack did not say which permissions were given.")
        return
    granted = {scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")}
    lacking = [scope for scope in manifest.scopes() if scope not in granted]
    if lacking:
        said = (
            f"{', '.join(lacking)} not granted: update the app with what safe-to-fail manifest prints, and install it."
        )
        yield Check("scopes", ok=False, said=said)
    else:
        yield Check("scopes", ok=True, said=f"{', '.join(manifest.scopes())} granted.")


def _app_token(api: str, token: str) -> Check:
    answer, _headers = _ask(api, "apps.connections.open", token)
    if answer.get("ok"):
        return Check("app token", ok=True, said="Socket Mode can connect.")
    return Check("app token", ok=False, said=_meaning(answer, "SLACK_APP_TOKEN"))


def _meaning(answer: Mapping[str, Any], variable: str) -> str:
    error = str(answer.get("error"))
    if "unreachable" in answer:
        return f"Slack could not be reached ({error}): check the network, the proxy and SLACK_API_URL."
    return f"{variable} was refused with {error}" + (f": {MEANINGS[error]}." if error in MEANINGS else ".")


def _ask(api: str, method: str, token: str) -> tuple[dict[str, Any], dict[str, str]]:
    # Not through Slack's own client: the doctor must work where that client's demands are what is wrong.
    request = urllib.request.Request(  # noqa: S310 - settings allow https, and http on this machine only.
        api + method, data=b"", headers={"Authorization": f"Bearer {token}"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310 - as above.
            headers = {name.lower(): value for name, value in response.headers.items()}
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        error.close()
        return {"error": f"HTTP status {error.code}"}, {}
    except (OSError, ValueError) as error:
        return {"error": f"{api}: {getattr(error, 'reason', error)}", "unreachable": True}, {}
    return (answer if isinstance(answer, dict) else {"error": "an unreadable answer"}), headers
