"""The logs."""

from __future__ import annotations

import io
import json
import logging
import re

import pytest
import structlog

from bot import log


@pytest.fixture
def stream():
    """Where the logs go during the test; afterwards everything is as before."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    written = io.StringIO()
    yield written
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_its_moment_and_level(stream):
    log.configure(stream)
    structlog.get_logger("here").info("It works.", number=3)

    line = lines(stream)[0]
    assert ("It works.", 3, "info", "here") == (line["event"], line["number"], line["level"], line["logger"])
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-12-34-AbCd",
        "xapp-1-A0-99-ff00",
        "xoxp-Zq9-Xw",
        "xoxe.xoxb-1-Mi0yLTE",
        "xoxe-1-abc",
        "signing_secret=8f742231b10e8888abcd99yyyzzz85a5",
        "postgres://me:hunter2@db/x",
        "a-secret-of-any-form",
    ],
)
def test_secrets_are_blacked_out_wherever_they_stand(stream, secret):
    log.configure(stream, secrets=["a-secret-of-any-form"])
    logger = structlog.get_logger("here")
    logger.warning(f"It was {secret}.", inner={"deep": [secret, Exception(secret)]}, plain=b"x")
    logging.getLogger("slack_bolt.App").warning("Refused %s", secret)
    try:
        raise ValueError(secret)
    except ValueError:
        logger.exception("Broken.")

    hidden = secret.split("=")[-1].split(":")[-1].removesuffix("@db/x").split("-", 1)[-1]
    assert 3 == len(lines(stream))
    assert hidden not in stream.getvalue()
    assert "[secret]" in stream.getvalue()


def test_a_traceback_says_where_and_what_kind_but_not_in_whose_words(stream):
    log.configure(stream)
    words = "of a person"
    try:
        try:
            int(words)
        except ValueError as error:
            raise KeyError(words) from error
    except KeyError:
        structlog.get_logger("here").exception("Broken.")

    told = lines(stream)[0]["exception"]
    assert re.search(r"ValueError$", told)
    assert re.search(r"KeyError$", told, re.MULTILINE)
    assert "test_log.py" in told
    assert words not in stream.getvalue()


def test_errors_that_came_from_each_other_in_a_circle_are_told_once(stream):
    log.configure(stream)
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    structlog.get_logger("here").error("Broken.", exc_info=first)

    assert "ValueError\nwhich came from\nKeyError" == lines(stream)[0]["exception"]


def test_what_the_machine_says_is_kept(stream):
    log.configure(stream)
    try:
        raise ConnectionRefusedError(111, "Connection refused")
    except OSError:
        structlog.get_logger("here").exception("Broken.")

    assert "Connection refused" in lines(stream)[0]["exception"]


def test_libraries_speak_only_when_something_is_wrong(stream):
    log.configure(stream, "DEBUG")
    for name in log.CHATTY:
        logging.getLogger(f"{name}.part").info("chatter")
        logging.getLogger(f"{name}.part").warning("trouble")

    assert {"trouble"} == {line["event"] for line in lines(stream)}


def test_a_person_at_a_terminal_reads_plain_lines(stream):
    stream.isatty = lambda: True
    log.configure(stream)
    structlog.get_logger("here").info("It works.")

    assert "It works." in stream.getvalue()
    assert not stream.getvalue().startswith("{")
