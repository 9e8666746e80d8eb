"""The command line, as real processes around a very small bot."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import text

from db.engine import open_database
from db.migrate import migrate, pending
from tests.programs import HTTP, ended, fetch, finished, free_port, running, wait_for

LOCAL = ("--host", "127.0.0.1")


def press(port, words):
    """Type the bot's command as Slack would send it."""
    who = {"team_id": "T1", "user_id": "U2", "trigger_id": "1.2", "token": "xoxb-no"}
    body = urlencode({"command": "/experiment", "text": words, **who})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    moment = str(int(time.time()))
    signature = SignatureVerifier(HTTP["SLACK_SIGNING_SECRET"]).generate_signature(timestamp=moment, body=body)
    headers |= {"x-slack-request-timestamp": moment, "x-slack-signature": signature}
    return fetch(f"http://127.0.0.1:{port}/slack/events", body.encode(), headers)


def read_until(process, word):
    """The first line of the log that holds the word."""
    return next((line for line in process.stderr if word in line), "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_answers_slack_beats_and_stops_when_told(tmp_path, number):
    port = free_port()
    with running(tmp_path, "run", *LOCAL, PORT=str(port), **HTTP) as process:
        took, ready = wait_for(f"http://127.0.0.1:{port}/readyz")
        answer = press(port, "hello")
        broken = press(port, "break")
        status, log = ended(process, number)

    assert took < 10
    assert {"database": "ok", "migrations": "ok", "worker": "ok"} == json.loads(ready)["facts"]
    assert 200 == answer[0]
    assert "You said hello." in answer[1]
    assert 500 == broken[0]
    assert 0 == status
    assert "A beat failed." in log
    assert "must-not-be-seen" not in log
    assert [] == [line for line in log.splitlines() if not line.startswith("{")]


def test_a_second_interrupt_does_no_harm(tmp_path):
    port = free_port()
    with running(tmp_path, "run", *LOCAL, PORT=str(port), **HTTP) as process:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        process.send_signal(signal.SIGINT)
        status, log = ended(process, signal.SIGINT)

    assert status in {0, 130}
    assert "Traceback" not in log


def test_web_alone_knows_that_no_worker_beats(tmp_path):
    port = free_port()
    with running(tmp_path, "web", *LOCAL, PORT=str(port), **HTTP) as process:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        status, body = fetch(f"http://127.0.0.1:{port}/readyz")
        assert 0 == ended(process)[0]

    assert 503 == status
    assert "No heart beats." in body


def test_worker_beats_without_listening_and_stops_when_told(tmp_path):
    with running(tmp_path, "worker", SLACK_BOT_TOKEN="xoxb-1", LOG_LEVEL="info") as process:
        assert "A beat failed." in read_until(process, "beat")
        assert 0 == ended(process)[0]


@pytest.mark.parametrize("command", ["run", "web"])
def test_a_port_in_use_is_one_sentence(tmp_path, command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = finished(tmp_path, command, *LOCAL, PORT=str(taken.getsockname()[1]), **HTTP)

    assert 1 == done.returncode
    assert 1 == len(done.stderr.splitlines())
    assert "cannot be used (Address already in use)" in done.stderr


def test_settings_come_from_a_file_too_and_the_environment_wins(tmp_path):
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN='xapp-1'\nPORT=http\n")
    done = finished(tmp_path, "web", SLACK_SIGNING_SECRET="s" * 32, PORT="3000")

    assert 1 == done.returncode
    assert "SLACK_BOT_TOKEN holds a token that starts with xapp-" in done.stderr
    assert "PORT" not in done.stderr


def test_every_missing_setting_is_a_line(tmp_path):
    done = finished(tmp_path, "run", "--socket")

    assert 1 == done.returncode
    assert ["SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"] == [line.split()[0] for line in done.stderr.splitlines()]


@pytest.mark.parametrize(
    "words",
    [["nonsense"], ["run", "--bogus"], ["demo", "--port", "x"], ["digest"], ["manifest", "--url", "http://x.y"]],
)
def test_misuse_is_one_sentence_and_status_two(tmp_path, words):
    done = finished(tmp_path, *words)

    assert 2 == done.returncode
    assert 1 == len(done.stderr.splitlines())
    assert "" == done.stdout


def test_socket_mode_that_slack_refuses_is_one_sentence(tmp_path):
    settings = {
        "SLACK_APP_TOKEN": "xapp-1",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_API_URL": "http://127.0.0.1:1/api/",
    }
    done = finished(tmp_path, "run", "--socket", **settings)

    assert 1 == done.returncode
    assert "Slack opened no connection" in done.stderr.splitlines()[-1]
    assert "Traceback" not in "".join(line for line in done.stderr.splitlines() if not line.startswith("{"))


@pytest.mark.parametrize("empty_url", ["sqlite", "postgres"], indirect=True)
def test_migrate_brings_the_tables_up_to_date(tmp_path, empty_url):
    done = finished(tmp_path, "migrate", DATABASE_URL=empty_url)
    engine = open_database(empty_url)
    behind = pending(engine)
    engine.dispose()

    assert (0, "The database's tables are up to date.\n") == (done.returncode, done.stdout)
    assert behind is False


@pytest.mark.parametrize("empty_url", ["postgres"], indirect=True)
def test_a_server_that_nobody_migrated_is_refused(tmp_path, empty_url):
    done = finished(tmp_path, "worker", DATABASE_URL=empty_url, SLACK_BOT_TOKEN="xoxb-1")

    assert 1 == done.returncode
    assert "run safe-to-fail migrate" in done.stderr


def test_a_database_that_does_not_answer_is_one_sentence_without_its_password(tmp_path):
    done = finished(tmp_path, "migrate", DATABASE_URL="postgres://me:hunter2@127.0.0.1:1/x")

    assert 1 == done.returncode
    assert 1 == len(done.stderr.splitlines())
    assert "hunter2" not in done.stderr


def test_the_next_digest_is_printed_on_both_engines(tmp_path, engine_url):
    done = finished(tmp_path, "digest", "--dry-run", DATABASE_URL=engine_url)

    assert (0, "Nobody has shared anything yet.\n") == (done.returncode, done.stdout)


def test_the_doctor_has_a_status_of_its_own(tmp_path):
    done = finished(tmp_path, "doctor", "--json")

    assert 1 == done.returncode
    assert json.loads(done.stdout)["ok"] is False


def test_the_manifest_is_printed(tmp_path):
    done = finished(tmp_path, "manifest", "--url", "https://x.org")

    assert 0 == done.returncode
    assert "https://x.org/slack/events" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_demo_opens_its_page_here_only_and_leaves_nothing_behind(tmp_path, number):
    port = free_port()
    with running(tmp_path, "demo", real=True, PORT=str(port), TMPDIR=str(tmp_path)) as process:
        said = [process.stdout.readline() for _ in range(3)]
        status, page = fetch(f"http://127.0.0.1:{port}/")
        during = list(tmp_path.iterdir())
        listening = Path("/proc/net/tcp").read_text() if Path("/proc/net/tcp").exists() else ""
        ended_with = ended(process, number)

    assert f"http://127.0.0.1:{port}/\n" == said[0].split()[-1] + "\n"
    assert "Open this address in a browser.\n" == said[1]
    assert "Ctrl-C stops it." in said[2]
    assert 200 == status
    assert "Office of House Moves" in page
    assert f" 00000000:{port:04X} " not in listening
    assert 1 == len(during)
    assert [] == list(tmp_path.iterdir())
    assert (0, "") == ended_with


@pytest.mark.parametrize("gone", [False, True])
def test_the_demo_stops_while_a_browser_listens_and_after_one_has_gone(tmp_path, gone):
    with running(tmp_path, "demo", "--port", "0", "--no-browser", real=True) as process:
        address = process.stdout.readline().split()[-1]
        with closing(http.client.HTTPConnection(address.split("/")[2])) as browser:
            browser.request("GET", "/live")
            first = browser.getresponse().readline()
            if gone:
                browser.close()
            ended_with = ended(process)

    assert first.startswith(b"data: ")
    assert (0, "") == ended_with


def test_the_demo_says_what_to_do_when_its_port_is_in_use(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = finished(tmp_path, "demo", "--port", str(taken.getsockname()[1]), real=True)

    assert (1, "") == (done.returncode, done.stdout)
    assert 1 == len(done.stderr.splitlines())
    assert "(Address already in use): stop what uses it, or choose another with --port." in done.stderr


def test_the_demo_is_told_in_the_terminal_to_its_end(tmp_path):
    done = finished(tmp_path, "demo", "--told", real=True, TMPDIR=str(tmp_path))

    assert (0, "") == (done.returncode, done.stderr)
    assert "The end" in done.stdout
    assert [] == list(tmp_path.iterdir())


def test_help_names_every_command(tmp_path):
    done = finished(tmp_path, "--help")

    assert 0 == done.returncode
    commands = ["demo", "run", "web", "worker", "migrate", "doctor", "manifest", "digest"]
    assert [] == [command for command in commands if command not in done.stdout]


def test_a_database_migrated_by_hand_starts_a_worker(tmp_path, engine_url):
    engine = open_database(engine_url)
    migrate(engine)
    engine.dispose()
    with running(tmp_path, "worker", DATABASE_URL=engine_url, SLACK_BOT_TOKEN="xoxb-1") as process:
        assert "A beat failed." in read_until(process, "beat")
        assert 0 == ended(process)[0]


def test_a_settings_file_that_is_no_text_is_one_sentence(tmp_path):
    (tmp_path / ".env").write_bytes("SLACK_BOT_TOKEN=xoxb-1".encode("utf-16"))
    ended_with = finished(tmp_path, "migrate", real=True)

    assert (1, "") == (ended_with.returncode, ended_with.stdout)
    assert f"The file {tmp_path / '.env'} cannot be read as text: save it as UTF-8.\n" == ended_with.stderr


def test_a_database_of_a_newer_version_is_one_sentence_and_the_doctor_knows_it(tmp_path, engine_url):
    engine = open_database(engine_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    engine.dispose()
    ended_with = finished(tmp_path, "migrate", real=True, DATABASE_URL=engine_url)
    looked = finished(tmp_path, "doctor", real=True, DATABASE_URL=engine_url)

    newer = "This database was made by a newer version of the program: install that version again."
    assert (1, f"{newer}\n") == (ended_with.returncode, ended_with.stderr)
    assert f"✗ wrong  migrations: {newer}" in looked.stdout


def test_a_database_with_another_programs_tables_is_one_sentence(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE experiments (id INTEGER)")
    ended_with = finished(tmp_path, "migrate", real=True, DATABASE_URL=f"sqlite:///{tmp_path / 'other.db'}")

    assert (1, "This database holds tables of another program: change DATABASE_URL.\n") == (
        ended_with.returncode,
        ended_with.stderr,
    )


def test_letters_that_a_terminal_does_not_know_do_no_harm(tmp_path):
    assert 1 == finished(tmp_path, "doctor", real=True, PYTHONIOENCODING="ascii").returncode


def test_a_moment_that_does_not_exist_is_told_in_a_sentence(tmp_path):
    done = finished(tmp_path, "outbox", "list", real=True, CRASH_AT="nowhere")

    assert 2 == done.returncode
    assert done.stderr.startswith("CRASH_AT: 'nowhere' names no point: write a name, a colon and a number")
