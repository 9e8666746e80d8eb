"""What the environment says, checked once, with everything that is wrong named at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Need = Literal["http", "socket", "slack", "database"]

NEEDED: dict[Need, tuple[str, ...]] = {
    "http": ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"),
    "socket": ("SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"),
    "slack": ("SLACK_BOT_TOKEN",),
    "database": (),
}
WHERE = {
    "SLACK_SIGNING_SECRET": "it is at api.slack.com/apps under Basic Information, App Credentials; over Socket Mode, "
    "SLACK_APP_TOKEN takes its place",
    "SLACK_BOT_TOKEN": "it is at api.slack.com/apps under OAuth & Permissions, and starts with xoxb-",
    "SLACK_APP_TOKEN": "it is made at api.slack.com/apps under Basic Information, App-Level Tokens, "
    "with the scope connections:write, and starts with xapp-",
}
BELONGS = {"xoxb-": "SLACK_BOT_TOKEN", "xoxe.xoxb-": "SLACK_BOT_TOKEN", "xapp-": "SLACK_APP_TOKEN"}
TOKEN = re.compile(r"(xapp-|(?:xoxe\.)?xox[a-z]-)")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
QUOTES = "'\"\u2018\u2019\u201c\u201d"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
HIGHEST_PORT = 65535


class SettingsError(Exception):
    """The environment does not say what the program needs; one sentence for each problem."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(self.problems))


class Settings(BaseModel):
    """Everything the program is told from outside."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    slack_signing_secret: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    database_url: str = "sqlite:///safe-to-fail.db"
    port: int = 3000
    public_url: str | None = None
    log_level: str = "INFO"
    crash_at: str | None = None
    clock_file: str | None = None

    @classmethod
    def load(cls, environ: Mapping[str, str], needs: Iterable[Need] = ()) -> Settings:
        """Read the settings, or name every problem that stands in the way of these needs."""
        given = _given(environ)
        problems = [*missing(given, needs), *malformed(given)]
        if problems:
            raise SettingsError(problems)
        return cls.model_validate({name.lower(): _tidy(name, value) for name, value in given.items()})


def missing(given: Mapping[str, str], needs: Iterable[Need]) -> Iterator[str]:
    """Name what these needs call for and the environment lacks."""
    wanted = dict.fromkeys(name for need in sorted(needs) for name in NEEDED[need])
    for name in wanted:
        if name not in given:
            yield f"{name} is missing: {WHERE[name]}."


def malformed(given: Mapping[str, str]) -> Iterator[str]:
    """Name what is there but cannot be meant."""
    for name, value in given.items():
        problem = _wrapped(value) or CHECKS.get(name, _anything)(name, value)
        if problem:
            yield f"{name} {problem}."


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    names = [name.upper() for name in Settings.model_fields]
    return {name: environ[name].strip() for name in names if environ.get(name, "").strip()}


def _tidy(name: str, value: str) -> str:
    if name == "SLACK_API_URL":
        return value.rstrip("/") + "/"
    if name == "PUBLIC_URL":
        return value.rstrip("/")
    return value.upper() if name == "LOG_LEVEL" else value


def _wrapped(value: str) -> str | None:
    if value[0] in QUOTES or value[-1] in QUOTES:
        return "has quotes around its value: remove them"
    return None


def _anything(_name: str, _value: str) -> str | None:
    return None


def _token(name: str, value: str) -> str | None:
    found = TOKEN.match(value)
    kind = found.group(1) if found else ""
    home = BELONGS.get(kind)
    if home == name:
        return "has a space in it: copy it again" if re.search(r"\s", value) else None
    if home:
        return f"holds a token that starts with {kind}, which belongs in {home}"
    if kind:
        return f"holds a token that starts with {kind}, and this program does not use that kind"
    return f"does not look right: {WHERE[name]}"


def _signing_secret(name: str, value: str) -> str | None:
    found = TOKEN.match(value)
    if found:
        home = BELONGS.get(found.group(1), "another place")
        return f"holds a token, which belongs in {home}; {WHERE[name]}"
    return "has a space in it: copy it again" if re.search(r"\s", value) else None


def _address(_name: str, value: str) -> str | None:
    try:
        parts = urlsplit(value)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return "is not a web address"
    if parts.scheme == "https" and host:
        return None
    if parts.scheme == "http" and host in LOOPBACK:
        return None
    return "must start with https:// (plain http:// only for this machine, such as http://127.0.0.1:3000)"


def _database(_name: str, value: str) -> str | None:
    if "://" in value:
        return None
    return "is not a database address such as sqlite:///safe-to-fail.db or postgres://user:password@host/name"


def _port(_name: str, value: str) -> str | None:
    if value.isascii() and value.isdecimal() and 1 <= int(value[:6]) <= HIGHEST_PORT:
        return None
    return f"must be a number from 1 to {HIGHEST_PORT}"


def _log_level(_name: str, value: str) -> str | None:
    return None if value.upper() in LOG_LEVELS else f"must be one of {', '.join(LOG_LEVELS)}"


CHECKS: dict[str, Callable[[str, str], str | None]] = {
    "SLACK_SIGNING_SECRET": _signing_secret,
    "SLACK_BOT_TOKEN": _token,
    "SLACK_APP_TOKEN": _token,
    "SLACK_API_URL": _address,
    "DATABASE_URL": _database,
    "PORT": _port,
    "PUBLIC_URL": _address,
    "LOG_LEVEL": _log_level,
}
