"""What the set-up says on a machine where something is missing, and what the demo does where nothing is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import PATIENCE, environment, fetch

ROOT = Path(__file__).parent.parent
TOOLS = ("sh", "cat", "cut", "grep", "tail", "rm", "mktemp")


@pytest.fixture
def machine(tmp_path):
    """A machine with a few tools, where set-up can be tried; it gives what is said."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in TOOLS:
        (tools / tool).symlink_to(shutil.which(tool))

    def set_up(**programs):
        for name, script in programs.items():
            (tools / name).write_text(f"#!/bin/sh\n{script}\n")
            (tools / name).chmod(0o755)
        done = subprocess.run(
            [shutil.which("sh"), ".ci/setup", str(tmp_path / "venv"), str(tmp_path / "stamp")],
            cwd=ROOT,
            env={"PATH": str(tools)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert 1 == done.returncode
        assert 1 == len(done.stderr.splitlines())
        return done.stderr

    return set_up


def test_without_python_it_is_asked_for(machine):
    assert "Python is not installed: install Python 3.11 or newer." in machine()


def test_an_old_python_is_named_with_its_version(machine):
    old = 'test "$1" = -V && echo "Python 3.9.2" && exit; exit 1'
    assert "Python 3.11 or newer is needed, and python3 is 3.9.2" in machine(python3=old)


def test_a_missing_venv_module_is_named(machine):
    assert "apt install python3-venv" in machine(python3='test "$1" = -m && exit 1; exit 0')


def test_a_missing_network_is_named(machine, tmp_path):
    (tmp_path / "made").mkdir()
    pip = tmp_path / "made" / "python"
    pip.write_text("#!/bin/sh\necho 'Failed to establish a new connection' >&2\nexit 1\n")
    pip.chmod(0o755)
    make_venv = f'test "$2" = venv || exit 0; {shutil.which("mkdir")} -p "$3/bin"; {shutil.which("cp")} {pip} "$3/bin/"'

    assert "check the network connection" in machine(python3=make_venv)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_make_demo_opens_the_page_until_it_is_stopped(number):
    # The environment is there already: set-up is another test's matter.
    command = ["make", "-o", "setup", "demo", f"BIN={Path(sys.executable).parent}", "ARGS=--port 0 --no-browser"]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment(), start_new_session=True, **pipes) as make:
        address = make.stdout.readline().split()[-1]
        status, _ = fetch(address)
        os.killpg(make.pid, number)
        _, said = make.communicate(timeout=PATIENCE)

    assert 200 == status
    assert "" == said
