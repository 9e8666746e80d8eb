"""The real bot as a real process, in the playground's Slack."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from playground import Slack
from tests.programs import ended, finished, free_port, running, wait_for

MANIFEST = Path(__file__).parent.parent / "manifest.yml"


@pytest.fixture
def slack():
    """A Slack with one person in it."""
    with Slack(manifest=yaml.safe_load(MANIFEST.read_text())) as made:
        made.add_person("U0ASHA", "Asha Patel", tz="Europe/London")
        yield made


def settings(slack, **more):
    return {"SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token} | more


def test_over_http_the_bot_answers_somebody(tmp_path, slack):
    port = free_port()
    slack.send_to(f"http://127.0.0.1:{port}/slack/events")
    more = {"SLACK_SIGNING_SECRET": slack.signing_secret, "PORT": str(port)}
    with running(tmp_path, "run", "--host", "127.0.0.1", real=True, **settings(slack, **more)) as process:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        answer = slack.person("U0ASHA").types("/experiment", "help")
        status, log = ended(process)

    assert answer.ok
    assert answer.text
    assert 0 == status
    assert [] == [line for line in log.splitlines() if '"level": "warning"' not in line]


def test_over_socket_mode_the_bot_answers_somebody(tmp_path, slack):
    with running(tmp_path, "run", "--socket", real=True, **settings(slack, SLACK_APP_TOKEN=slack.app_token)) as process:
        assert slack.wait_for_socket(20)
        answer = slack.person("U0ASHA").types("/experiment", "help")
        status, log = ended(process)

    assert answer.ok
    assert answer.text
    assert 0 == status
    assert [] == [line for line in log.splitlines() if '"level": "warning"' not in line]


def test_the_doctor_finds_nothing_wrong(tmp_path, slack):
    more = {"SLACK_SIGNING_SECRET": slack.signing_secret, "SLACK_APP_TOKEN": slack.app_token}
    done = finished(tmp_path, "doctor", real=True, **settings(slack, **more))

    assert 0 == done.returncode, done.stdout
    assert "✗" not in done.stdout


def test_the_next_digest_is_told(tmp_path, engine_url):
    done = finished(tmp_path, "digest", "--dry-run", real=True, DATABASE_URL=engine_url)

    assert 0 == done.returncode, done.stderr
    assert done.stdout.strip()
