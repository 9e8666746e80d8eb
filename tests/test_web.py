"""The web, around a very small Bolt app."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from wsgiref.util import setup_testing_defaults

import pytest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.guard import BIGGEST_BODY, Guard
from bot.metrics import Metrics
from bot.web import PortTaken, refuse_taken, wsgi
from db.engine import open_database, reading
from tests.programs import free_port

SECRET = "0123456789abcdef"
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"


def bolt():
    app = App(
        request_verification_enabled=False,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_user_id="U1"),
        process_before_response=True,
    )
    app.command("/experiment")(lambda ack: ack("Hello."))
    return app


@pytest.fixture
def bot(sqlite_url):
    """A very small bot behind the real guard."""
    engine = open_database(sqlite_url)
    metrics = Metrics(reading(engine), lambda: NOW)
    yield SimpleNamespace(bolt=bolt(), guard=Guard(SECRET, lambda: NOW, metrics), metrics=metrics)
    engine.dispose()


def ask(application, method, path, body=b"", **environ):
    asked = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    asked |= environ
    setup_testing_defaults(asked)
    said = []
    parts = application(asked, lambda status, headers, exc_info=None: said.extend([status, dict(headers)]))
    body = b"".join(parts).decode()
    if hasattr(parts, "close"):
        parts.close()
    return int(said[0].split()[0]), body


def signed(body):
    moment = str(int(NOW.timestamp()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=moment, body=body)
    return {"HTTP_X_SLACK_REQUEST_TIMESTAMP": moment, "HTTP_X_SLACK_SIGNATURE": signature}


@pytest.fixture
def web(bot):
    return wsgi(bot, dict)


def test_the_front_page_says_what_this_is(web):
    status, page = ask(web, "GET", "/")

    assert 200 == status
    assert "Safe to Fail" in page


def test_health_is_told_without_looking_at_anything(bot):
    def facts():
        raise AssertionError

    assert (200, "ok\n") == ask(wsgi(bot, facts), "GET", "/healthz")


def test_readiness_names_what_is_wrong(bot):
    facts = {"database": None, "worker": "No heart beats."}
    status, body = ask(wsgi(bot, lambda: facts), "GET", "/readyz")

    assert 503 == status
    assert {"ready": False, "facts": {"database": "ok", "worker": "No heart beats."}} == json.loads(body)


def test_readiness_is_yes_when_nothing_is_wrong(bot):
    status, body = ask(wsgi(bot, lambda: {"database": None}), "GET", "/readyz")

    assert (200, {"ready": True, "facts": {"database": "ok"}}) == (status, json.loads(body))


def test_readiness_that_cannot_be_told_is_no(bot):
    def facts():
        raise RuntimeError("a detail that nobody outside should see")

    status, body = ask(wsgi(bot, facts), "GET", "/readyz")

    assert 503 == status
    assert "reference" in body
    assert "detail" not in body


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/slack/events"),
        ("POST", "/"),
        ("GET", "/etc/passwd"),
        ("POST", "/healthz"),
        ("DELETE", "/slack/events"),
    ],
)
def test_everything_else_is_not_here(web, method, path):
    assert 404 == ask(web, method, path)[0]


def test_a_signed_request_is_answered(web):
    body = b"command=/experiment&team_id=T1&user_id=U1&trigger_id=1"

    assert (200, "Hello.") == ask(web, "POST", "/slack/events", body, CONTENT_TYPE=FORM, **signed(body))


def test_an_unsigned_request_is_refused(web):
    status, _body = ask(web, "POST", "/slack/events", b"command=/experiment", CONTENT_TYPE=FORM)

    assert 401 == status


@pytest.mark.parametrize("length", [str(BIGGEST_BODY + 1), "9" * 5000])
def test_a_body_that_is_too_large_is_refused_unread(web, length):
    assert 413 == ask(web, "POST", "/slack/events", CONTENT_LENGTH=length, **{"wsgi.input": None})[0]


@pytest.mark.parametrize("length", ["", "-1", "many", "²"])
def test_a_body_of_unknown_length_is_refused_unread(web, length):
    assert 411 == ask(web, "POST", "/slack/events", CONTENT_LENGTH=length, **{"wsgi.input": None})[0]


def test_an_exception_gives_a_reference_and_nothing_else(bot):
    def breaks(environ, start):
        raise RuntimeError("a detail that nobody outside should see")

    bot.guard = SimpleNamespace(before=lambda bolt: breaks)
    status, body = ask(wsgi(bot, dict), "POST", "/slack/events")

    assert 500 == status
    assert "reference" in body
    assert "detail" not in body


def test_readiness_that_takes_too_long_is_no_within_three_seconds(bot):
    never = threading.Event()
    asked = time.monotonic()
    web = wsgi(bot, lambda: {"database": str(never.wait(10))})
    status, body = ask(web, "GET", "/readyz")
    never.set()

    assert 503 == status
    assert "in time" in body
    assert time.monotonic() - asked < 3


def test_a_port_in_use_is_named():
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"Port {port} cannot be used \(Address already in use\)"):
            refuse_taken("127.0.0.1", port)


def test_a_free_port_is_not_refused():
    refuse_taken("127.0.0.1", free_port())
