"""The playground as a command of its own, for any Bolt app."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest
from serving import served
from slack_bolt import App
from slack_sdk import WebClient

from playground.slack import Keys
from tests.programs import ended, environment, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

README = (Path(__file__).parents[2] / "playground" / "README.md").read_text()
PATIENCE = 20


@contextmanager
def process(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run Python until the block ends."""
    with subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=environment(PYTHONUNBUFFERED="1", PYTHONPATH=str(Path(__file__).parents[2])),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def failed(folder: Path, *words: str) -> str:
    """What the command says when it ends at once with status 1."""
    with process(folder, "-m", "playground", *words) as running:
        _, said = running.communicate(timeout=PATIENCE)
    assert running.returncode == 1
    assert "Traceback" not in said
    return said


def do(address: str, **deed: str) -> str:
    """Do something on the page, and give the sentence that comes back."""
    headers = {"X-Playground": "1", "Content-Type": "application/json"}
    with urlopen(Request(f"{address}deed", json.dumps(deed).encode(), headers), timeout=PATIENCE) as answer:
        return json.load(answer)["said"]


def shown(address: str, words: str) -> bool:
    """Whether words stand on the page."""
    with urlopen(address, timeout=PATIENCE) as answer:
        return words in answer.read().decode()


def block(kind: str) -> str:
    """The first example of a kind in the README."""
    return re.search(rf"```{kind}\n(.*?)```", README, re.DOTALL)[1]


def test_the_example_of_the_readme_serves_a_bolt_app_in_the_browser(tmp_path):
    here, there = free_port(), free_port()
    (tmp_path / "workspace.yml").write_text(block("yaml"))
    (tmp_path / "app.py").write_text(block("python").replace("3000", str(here)).replace("4000", str(there)))
    app = f"http://127.0.0.1:{there}/slack/events"
    words = ("-m", "playground", "--config", "workspace.yml", "--port", str(here), "--app", app)
    with process(tmp_path, *words) as playground:
        address = re.search(r"http://\S+", playground.stdout.readline())[0]
        assert f"http://127.0.0.1:{here}/" == address
        assert shown(address, "Tea room")
        tea = {"as": "U0ASHA", "deed": "write", "at": "C0TEA", "text": "/tea green"}
        assert f"Nobody listens at http://127.0.0.1:{there}" in do(address, **tea)

        with process(tmp_path, "app.py"):
            wait_for(there)
            assert do(address, **tea) == ""
            assert shown(address, "One <strong>green</strong> tea, coming up.")

        status, log = ended(playground, signal.SIGINT)

    assert (status, log) == (0, "")


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("Nobody listens.")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("people:\n- [", "workspace.yml is not well-formed YAML at line 2"),
        ("- people", "workspace.yml must hold names and values, such as people: […]."),
        ("people: [{id: U0ASHA}]", "workspace.yml: people → 1 → name: this is missing."),
        ("people: [{id: U0ASHA, name: Asha}]\npeple: []", "workspace.yml: peple: there is no such setting"),
        ("people: [{id: U0ASHA, name: Asha, tz: Mars}]", "'Mars' is no time zone such as Europe/London."),
        ("people: [{id: U1, name: A}, {id: U1, name: B}]", "workspace.yml: U1 is there twice."),
        ("people: [{id: U1, name: A}]\npanes: [{who: U2}]", "workspace.yml: nobody has the id U2: people are U1."),
        ("people: [{id: U1, name: A}]\nmanifest: none.yml", "none.yml cannot be read (No such file or directory)"),
        (
            "people: [{id: U1, name: A}]\nmanifest: {features: {slash_commands: [{command: /tea}]}}",
            "workspace.yml: manifest → features → slash_commands → 1 → description: this is missing.",
        ),
        (
            "people: [{id: U1, name: A}]\nmanifest: {features: {shortcuts: [brew]}}",
            "workspace.yml: manifest → features → shortcuts → 1: Input should be a valid dictionary.",
        ),
        (
            "people: [{id: U1, name: A}]\nstory: [{clock: +9999 days}]",
            "workspace.yml: story → 1 → clock",
        ),
        ("people: [{id: U1, name: A}]\nstory: [{who: U1}]", "story → 1: a deed is exactly one of tell, type"),
    ],
)
def test_a_broken_config_is_told_in_a_sentence_that_names_the_place(tmp_path, written, said):
    (tmp_path / "workspace.yml").write_text(written)

    assert said in failed(tmp_path, "--config", "workspace.yml", "--port", "0")


def test_a_port_in_use_is_told_in_a_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        assert f"Port {port} cannot be used" in failed(tmp_path, "--port", port)


@pytest.mark.parametrize("host", ["nonsense.invalid", "192.0.2.1", "a..b"])
def test_a_host_that_is_not_here_is_told_in_a_sentence(tmp_path, host):
    assert failed(tmp_path, "--port", "0", "--host", host) == (
        f"{host!r} is no address of this machine: name one, such as 127.0.0.1 or 0.0.0.0.\n"
    )


def test_an_app_at_no_address_is_told_in_a_sentence(tmp_path):
    app = "127.0.0.1:4000/slack/events"

    assert failed(tmp_path, "--port", "0", "--app", app) == (
        f"{app!r} is no address such as http://127.0.0.1:4000/slack/events.\n"
    )


PREPARED = "people: [{id: U0ASHA, name: Asha}]\nprepare: [{who: U0ASHA, type: /tea green}]"


def test_what_must_have_happened_has_happened_once_the_page_is_open(tmp_path):
    (tmp_path / "workspace.yml").write_text(PREPARED)
    heard, here = Queue(), str(free_port())
    client = WebClient(Keys().bot_token, base_url=f"http://127.0.0.1:{here}/api/")
    app = App(client=client, signing_secret=Keys().signing_secret, token_verification_enabled=False)

    @app.command("/tea")
    def tea(ack, command):
        ack()
        heard.put(command["text"])

    with (
        served(app) as address,
        process(tmp_path, "-m", "playground", "--config", "workspace.yml", "--port", here, "--app", address) as running,
    ):
        assert heard.get(timeout=PATIENCE) == "green"
        assert ended(running, signal.SIGINT) == (0, "")


def test_an_app_that_is_not_there_yet_leaves_the_page_open_and_is_told_of(tmp_path):
    (tmp_path / "workspace.yml").write_text(PREPARED)
    app = f"http://127.0.0.1:{free_port()}/slack/events"
    with process(tmp_path, "-m", "playground", "--config", "workspace.yml", "--port", "0", "--app", app) as running:
        page = re.search(r"http://\S+", running.stdout.readline())[0]
        said = running.stderr.readline()

        assert said.startswith("What must have happened before anybody looks did not: Nobody listens at")
        assert shown(page, "Asha")
