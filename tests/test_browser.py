"""Whether the demo opens a browser: on a screen only, and never one that takes the terminal."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager

import pytest

from bot.browser import graphical
from tests.programs import command, ended, environment, wait_until

SCREEN = {"DISPLAY": ":99", "WAYLAND_DISPLAY": "", "WSL_DISTRO_NAME": ""}


@pytest.fixture
def browser(tmp_path):
    """Makes a browser of that name, which writes down what it is to open."""

    def make(name):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\nprintf %s "$1" >{tmp_path / "opened"}\n')
        program.chmod(0o755)
        return str(program)

    return make


@contextmanager
def demo_at_a_terminal(folder, *words, **settings):
    """The demo with a terminal attached; gives its process, and what it says first."""
    ours, its = os.openpty()
    with subprocess.Popen(
        command(("demo", "--port", "0", *words), real=True),
        cwd=folder,
        env=environment(**settings),
        stdin=its,
        stdout=its,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(its)
        try:
            with os.fdopen(ours, "r") as terminal:
                yield process, [terminal.readline().strip() for _ in range(3)]
        finally:
            if process.poll() is None:
                process.kill()


def test_where_there_is_a_screen_the_page_opens(tmp_path, browser):
    with demo_at_a_terminal(tmp_path, BROWSER=browser("fox"), **SCREEN) as (process, said):
        wait_until((tmp_path / "opened").exists)
        ended_with = ended(process)

    assert said[0].split()[-1] == (tmp_path / "opened").read_text()
    assert "It opens in your browser now." == said[1]
    assert (0, "") == ended_with


@pytest.mark.parametrize(
    ("words", "name", "screen"),
    [
        pytest.param((), "fox", {"DISPLAY": ""}, id="no screen"),
        pytest.param((), "lynx", {}, id="a text browser"),
        pytest.param(("--no-browser",), "fox", {}, id="not wanted"),
    ],
)
def test_elsewhere_the_address_is_opened_by_hand(tmp_path, browser, words, name, screen):
    with demo_at_a_terminal(tmp_path, *words, BROWSER=browser(name), **SCREEN | screen) as (process, said):
        ended_with = ended(process)

    assert "Open this address in a browser." == said[1]
    assert not (tmp_path / "opened").exists()
    assert (0, "") == ended_with


@pytest.mark.parametrize("environ", [{}, {"DISPLAY": ""}, {"TERM": "xterm", "SSH_TTY": "/dev/pts/1"}])
def test_without_a_screen_there_is_no_browser(environ):
    assert graphical(environ, "linux") is None
