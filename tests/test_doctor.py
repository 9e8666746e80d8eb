"""The doctor, against a stand-in for Slack's Web API."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot import doctor
from db.engine import open_database
from db.migrate import migrate

GOOD = {"SLACK_SIGNING_SECRET": "0123456789abcdef", "SLACK_BOT_TOKEN": "xoxb-1-2"}
ALL_SCOPES = "chat:write,commands,users:read"


@contextmanager
def slack(answers, scopes=ALL_SCOPES, status=200):
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            method = self.path.rsplit("/", 1)[-1]
            answer = answers[method].get(self.headers["Authorization"], {"ok": False, "error": "invalid_auth"})
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.send_header("X-OAuth-Scopes", scopes)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api/"
        server.shutdown()


def healthy():
    return {
        "auth.test": {"Bearer xoxb-1-2": {"ok": True, "user": "safe", "team": "Acme"}},
        "apps.connections.open": {"Bearer xapp-1-2": {"ok": True, "url": "wss://x"}},
    }


@pytest.fixture
def database(tmp_path):
    return {"DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}"}


def wrong(environ):
    return [check.said for check in doctor.examine(environ) if not check.ok]


def test_a_healthy_bot_has_nothing_wrong(database):
    with slack(healthy()) as url:
        environ = GOOD | database | {"SLACK_API_URL": url, "SLACK_APP_TOKEN": "xapp-1-2"}
        checks = list(doctor.examine(environ))

    assert [] == [check for check in checks if not check.ok]
    assert {"settings", "database", "bot token", "scopes", "app token"} == {check.name for check in checks}


def test_swapped_tokens_are_told_and_not_tried(database):
    found = wrong({"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xoxb-1", **database})

    assert 2 == len(found)
    assert "belongs in SLACK_APP_TOKEN" in " ".join(found)
    assert "belongs in SLACK_BOT_TOKEN" in " ".join(found)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"ok": False, "error": "invalid_auth"}, "Slack does not know the token"),
        ({"ok": False, "error": "account_inactive"}, "install it again"),
        ({"ok": False, "error": "something_new"}, "refused with something_new."),
        (b"<html>", "Slack could not be reached"),
        ([], "an unreadable answer"),
    ],
)
def test_a_refused_bot_token_is_explained(database, answer, sentence):
    with slack({"auth.test": {"Bearer xoxb-1-2": answer}}) as url:
        found = wrong(GOOD | database | {"SLACK_API_URL": url})

    assert 1 == len(found)
    assert sentence in found[0]


def test_an_answer_that_is_not_slacks_is_explained(database):
    with slack(healthy(), status=503) as url:
        assert "HTTP status 503" in wrong(GOOD | database | {"SLACK_API_URL": url})[0]


def test_an_unreachable_slack_is_explained(database):
    assert "refused" in wrong(GOOD | database | {"SLACK_API_URL": "http://127.0.0.1:1/"})[0]


def test_missing_scopes_are_named(database):
    with slack(healthy(), scopes="chat:write, im:history") as url:
        found = wrong(GOOD | database | {"SLACK_API_URL": url})

    assert [
        "commands, users:read not granted: update the app with what safe-to-fail manifest prints, and install it."
    ] == found


def test_an_app_token_that_cannot_connect_is_explained(database):
    with slack(healthy()) as url:
        environ = GOOD | database | {"SLACK_API_URL": url, "SLACK_APP_TOKEN": "xapp-9"}
        assert ["SLACK_APP_TOKEN was refused with invalid_auth"] == [said.split(":")[0] for said in wrong(environ)]


def test_a_database_that_cannot_be_opened_is_explained():
    with slack(healthy()) as url:
        found = wrong(GOOD | {"SLACK_API_URL": url, "DATABASE_URL": "sqlite:////nowhere/x.db"})

    assert ["The folder /nowhere for the database does not exist: create it, or change DATABASE_URL."] == found


def test_a_database_address_that_is_none_is_told_once():
    with slack(healthy()) as url:
        assert 1 == len(wrong(GOOD | {"SLACK_API_URL": url, "DATABASE_URL": "x"}))


@pytest.mark.parametrize(("empty_url", "ok"), [("sqlite", True), ("postgres", False)], indirect=["empty_url"])
def test_only_the_embedded_database_may_wait_for_its_tables(empty_url, ok):
    open_database(empty_url).dispose()
    checks = [check for check in doctor.examine({"DATABASE_URL": empty_url}) if check.name == "migrations"]

    assert [ok] == [check.ok for check in checks]


@pytest.mark.parametrize("empty_url", ["sqlite", "postgres"], indirect=True)
def test_a_migrated_database_is_well(empty_url):
    engine = open_database(empty_url)
    migrate(engine)
    engine.dispose()

    assert "The tables are up to date." in [check.said for check in doctor.examine({"DATABASE_URL": empty_url})]


def test_an_sqlite_that_corrupts_under_two_processes_is_told(database, monkeypatch):
    monkeypatch.setattr(doctor, "SEVERAL_PROCESSES", (99,))
    open_database(database["DATABASE_URL"]).dispose()

    assert "one process only" in " ".join(check.said for check in doctor.examine(database))


def test_the_doctor_says_it_in_words_and_for_machines():
    checks = [
        doctor.Check("database", ok=True, said="It answers."),
        doctor.Check("scopes", ok=False, said="None."),
    ]

    assert "✓ good   database: It answers.\n✗ wrong  scopes: None." == doctor.lines(checks)
    assert json.loads(doctor.as_json(checks))["ok"] is False
