"""Logs: one event a line, as JSON for machines and plainly for people, and never a secret in them."""

from __future__ import annotations

import logging
import re
import traceback
from typing import TYPE_CHECKING, Any, TextIO

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from structlog.typing import EventDict, Processor, WrappedLogger

TOKEN = re.compile(r"(xapp|xox[a-z])([-.])[A-Za-z0-9._-]+")
DATABASE_PASSWORD = re.compile(r"(\w+://[^\s:/@]*):[^\s/@]+@")
NAMED_SECRET = re.compile(r"(?i)(signing_?secret|x-slack-signature)([\"']?\s*[:=]\s*[\"']?)[^\s\"',}]+")
WORDLESS = {"OperationalError", "InternalError", "InterfaceError", "UndefinedTable", "DatabaseTrouble"}
CHATTY = ("slack_bolt", "slack_sdk", "alembic", "apscheduler", "asyncio")


def configure(stream: TextIO, level: str = "INFO", secrets: Iterable[str] = ()) -> None:
    """Send every log line, ours and the libraries', to *stream* without the secrets."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_ending(stream, secrets),
            ],
        )
    )
    handler.addFilter(_worth_saying)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
        cache_logger_on_first_use=False,
    )


def _worth_saying(record: logging.LogRecord) -> bool:
    # Their loggers' levels would not do: Bolt gives its own loggers the level of the root.
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in CHATTY


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Black out whatever looks like a secret, and the secrets that are known."""
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    text = TOKEN.sub(r"\1\2[secret]", text)
    text = DATABASE_PASSWORD.sub(r"\1:[secret]@", text)
    return NAMED_SECRET.sub(r"\1\2[secret]", text)


def _ending(stream: TextIO, secrets: Iterable[str]) -> list[Processor]:
    known = tuple(secret for secret in secrets if secret)
    render: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if stream.isatty():
        render = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)

    def redact(_logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
        return {key: _clean(value, known) for key, value in line.items()}

    # A traceback becomes text before secrets are sought.
    return [structlog.processors.ExceptionRenderer(_traceback), redact, render]


def _traceback(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """Where it broke and what kind of error it was: its words may be those of a person, and are left out."""
    found: list[str] = []
    seen: set[int] = set()  # Errors that were raised again may have come from each other in a circle.
    error: BaseException | None = exc_info[1]
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        found.append("".join([*traceback.format_tb(error.__traceback__), _named(error)]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich came from\n".join(found)


def _named(error: BaseException) -> str:
    name = type(error).__name__
    # What the machine or the database says of itself, in one line: what stood in a row comes after it.
    says = isinstance(error, OSError) or name in WORDLESS
    return f"{name}: {str(error).partition(chr(10))[0]}" if says else name


def _clean(value: Any, known: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        return redacted(value, known)
    if isinstance(value, dict):
        return {key: _clean(inner, known) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner, known) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else redacted(str(value), known)
