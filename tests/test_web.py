"""The web, around a very small Bolt app."""

from __future__ import annotations

import io
import json
import socket
from wsgiref.util import setup_testing_defaults

import pytest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.web import BIGGEST_BODY, PortTaken, refuse_taken, wsgi
from tests.programs import free_port

SECRET = "0123456789abcdef"


def bolt():
    app = App(
        signing_secret=SECRET,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_user_id="U1"),
        process_before_response=True,
    )
    app.command("/experiment")(lambda ack: ack("Hello."))
    return app


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
    return int(said[0].split()[0]), b"".join(parts).decode()


def signed(body, moment="1700000000"):
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=moment, body=body)
    return {"HTTP_X_SLACK_REQUEST_TIMESTAMP": moment, "HTTP_X_SLACK_SIGNATURE": signature}


@pytest.fixture
def web():
    return wsgi(bolt(), dict)


def test_the_front_page_says_what_this_is(web):
    status, page = ask(web, "GET", "/")

    assert 200 == status
    assert "Safe to Fail" in page


def test_health_is_told_without_looking_at_anything():
    def facts():
        raise AssertionError

    assert (200, "ok\n") == ask(wsgi(bolt(), facts), "GET", "/healthz")


def test_readiness_names_what_is_wrong():
    facts = {"database": None, "worker": "No heart beats."}
    status, body = ask(wsgi(bolt(), lambda: facts), "GET", "/readyz")

    assert 503 == status
    assert {"ready": False, "facts": {"database": "ok", "worker": "No heart beats."}} == json.loads(body)


def test_readiness_is_yes_when_nothing_is_wrong():
    status, body = ask(wsgi(bolt(), lambda: {"database": None}), "GET", "/readyz")

    assert (200, {"ready": True, "facts": {"database": "ok"}}) == (status, json.loads(body))


def test_readiness_that_cannot_be_told_is_no():
    def facts():
        raise RuntimeError("a detail that nobody outside should see")

    status, body = ask(wsgi(bolt(), facts), "GET", "/readyz")

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


def test_an_unsigned_request_is_refused(web):
    status, _body = ask(
        web, "POST", "/slack/events", b"command=/experiment", CONTENT_TYPE="application/x-www-form-urlencoded"
    )

    assert 401 == status


def test_an_old_signature_is_refused(web):
    body = b"command=/experiment"
    kind = "application/x-www-form-urlencoded"

    assert 401 == ask(web, "POST", "/slack/events", body, CONTENT_TYPE=kind, **signed(body))[0]


@pytest.mark.parametrize("length", [str(BIGGEST_BODY + 1), "9" * 5000])
def test_a_body_that_is_too_large_is_refused_unread(web, length):
    assert 413 == ask(web, "POST", "/slack/events", CONTENT_LENGTH=length, **{"wsgi.input": None})[0]


@pytest.mark.parametrize("length", ["", "-1", "many", "²"])
def test_a_body_of_unknown_length_is_refused_unread(web, length):
    assert 411 == ask(web, "POST", "/slack/events", CONTENT_LENGTH=length, **{"wsgi.input": None})[0]


def test_an_exception_gives_a_reference_and_nothing_else(web):
    status, body = ask(web, "POST", "/slack/events", b"\xff\xfe")

    assert 500 == status
    assert "reference" in body
    assert "utf-8" not in body


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
