"""What two files must agree on is compared here, and the doors between the rooms are locked."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from rich.console import Console
from typer.main import get_command

from bot import cli, demo, messages
from bot.domain import lifecycle
from bot.domain.cadence import Due
from bot.listeners import actions, commands, events, forms
from bot.services import clock
from bot.settings import Settings
from bot.views import pages
from bot.views.names import Action, Form

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
MANIFEST = yaml.safe_load((ROOT / "manifest.yml").read_text())

# Which room may import which of our own; a folder includes what lies below it.
MAY_IMPORT = {
    "bot/domain": {"bot.domain"},
    "db": {"db", "bot.domain"},
    "bot/views": {"bot.views", "bot.domain", "db.tables", "db.shapes"},
    "bot/services": {"bot.points", "bot.services", "bot.domain", "db"},
    "bot/messages.py": {"bot.services", "bot.views", "db"},
    "bot/answers.py": set(),
    "bot/line.py": {"bot.answers", "bot.points"},
    "bot/proof.py": {"bot.answers", "bot.line", "bot.services", "db"},
    "bot/jobs.py": {"bot.line", "bot.messages", "bot.proof", "db"},
    "bot/delivery.py": {"bot.answers", "bot.jobs", "bot.line", "bot.proof", "bot.services", "bot.domain", "db"},
    "bot/channel.py": {"bot.services"},
    "bot/listeners": {"db.patience", "bot.channel", "bot.listeners", "bot.services", "bot.views", "bot.domain"},
    "bot/app.py": {
        "bot.points",
        "bot.channel",
        "bot.delivery",
        "bot.guard",
        "bot.line",
        "bot.listeners",
        "bot.metrics",
        "bot.services",
        "bot.views",
        "bot.settings",
        "db",
    },
    "bot/operating.py": {"bot.services", "db"},
    "bot/guard.py": {"bot.points", "bot.shapes"},
    "bot/shapes.py": set(),
    "bot/metrics.py": {"db"},
    "bot/web.py": set(),
    "bot/socket_mode.py": {"bot.guard", "bot.shapes", "bot.web"},
    "bot/worker.py": set(),
    "bot/log.py": set(),
    "bot/points.py": set(),
    "bot/settings.py": set(),
    "bot/browser.py": set(),
    "bot/office.py": set(),
    "bot/visit.py": {"bot.office"},
    "playground": {"playground"},
}
MAY_USE = {
    "slack_bolt": {"bot/listeners", "bot/web.py", "bot/socket_mode.py", "bot/app.py", "bot/compose.py"},
    "slack_sdk": {
        "bot/listeners",
        "bot/socket_mode.py",
        "bot/app.py",
        "bot/channel.py",
        "bot/line.py",
        "bot/answers.py",
    },
    "sqlalchemy": {
        "db",
        "bot/services",
        "bot/messages.py",
        "bot/delivery.py",
        "bot/jobs.py",
        "bot/proof.py",
        "bot/app.py",
        "bot/compose.py",
        "bot/doctor.py",
        "bot/metrics.py",
        "bot/listeners/sentences.py",  # It tells a database that is away from a bug.
    },
    "apscheduler": {"bot/worker.py"},
    "granian": {"bot/web.py"},
    "prometheus_client": {"bot/metrics.py"},
}


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert found
    return sorted(path for path in found if "versions" not in path.parts)


def imported(path: Path) -> set[str]:
    """The modules that a file imports, also inside functions, but not for the type checker alone."""
    names: set[str] = set()
    tree = ast.parse(path.read_text())
    for_types = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    skipped = {id(inner) for node in for_types for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def inside(name: str, rooms: set[str]) -> bool:
    return any(name == room or name.startswith(room + ".") for room in rooms)


def room_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_through_its_doors(room):
    files = [ROOT / room] if room.endswith(".py") else sources(room)
    ours = {(file.name, name) for file in files for name in imported(file) if inside(name, {"bot", "db", "playground"})}

    assert {each for each in ours if not inside(each[1], MAY_IMPORT[room])} == set()


@pytest.mark.parametrize("library", MAY_USE)
def test_a_library_is_used_in_its_rooms_only(library):
    users = {
        room_of(path) for path in sources("bot", "db") if inside(library, {n.split(".")[0] for n in imported(path)})
    }

    assert {
        user for user in users if not any(user == room or user.startswith(room + "/") for room in MAY_USE[library])
    } == set()


def test_the_rules_need_nothing_but_the_standard_library():
    used = {name.split(".")[0] for path in sources("bot/domain") for name in imported(path)}

    assert used - set(sys.stdlib_module_names) == {"bot"}


def test_only_the_command_line_looks_at_the_clock_and_the_environment():
    looks = re.compile(r"datetime\.now\(|time\.time\(|utcnow\(|date\.today\(|os\.environ|getenv\(")
    lookers = {room_of(path) for path in sources("bot", "db") if looks.search(path.read_text())}

    assert lookers == {"bot/cli.py"}


def test_a_status_is_assigned_in_the_services_only():
    assigns = re.compile(r"experiment\.status(?:, experiment\.\w+)* = (?!=)")
    places = {room_of(path).rsplit("/", 1)[0] for path in sources("bot", "db") if assigns.search(path.read_text())}

    assert places == {"bot/services"}


def test_importing_every_module_does_nothing():
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sources("bot", "db", "playground")]
    wanted = [name.removesuffix(".__init__") for name in modules if not name.endswith(("__main__", "migrations.env"))]
    looking = (
        "import importlib, threading, os; before = dict(os.environ)\n"
        f"for name in {wanted!r}: importlib.import_module(name)\n"
        "assert threading.active_count() == 1 and dict(os.environ) == before"
    )
    ended = subprocess.run([sys.executable, "-c", looking], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_the_picture_in_the_readme_is_the_table_of_the_life():
    assert f"```mermaid\n{lifecycle.picture()}\n```" in README


def test_every_status_is_listed_and_said():
    assert set(lifecycle.NEXT) == set(lifecycle.Status) == set(lifecycle.SAID)


def test_every_button_and_every_form_is_answered():
    assert set(actions.ACTIONS) == set(Action)
    assert set(forms.FORMS) == set(Form) - {Form.NOTICE}


def test_everything_that_falls_due_is_carried_out():
    assert set(clock.STEPS) == set(Due)


def test_every_kind_of_message_that_is_queued_can_be_written():
    said = {
        kind for path in sources("bot/services") for kind in re.findall(r'work\.say\(\s*"([a-z-]+)"', path.read_text())
    }
    from_the_clock = {
        Due.SIGN_OFF_REMINDER,
        Due.SPONSOR_SILENT,
        Due.CONDITION_REMINDER,
        Due.CHECK_IN_REMINDER,
        Due.END_NOTICE,
    }
    from_the_clock |= {Due.LEARNING_ASKED, Due.LEARNING_REMINDER, Due.LEARNING_CLOSES, Due.SHARE_OPENS}
    failing = set(re.findall(r'work\.say\("([a-z-]+)"', (ROOT / "bot/proof.py").read_text()))

    assert said | {each.value for each in from_the_clock} | failing == set(messages.SAYS)


def test_the_manifest_promises_what_the_code_answers():
    bolt = (ROOT / "bot/listeners/__init__.py").read_text()

    assert [each["command"] for each in MANIFEST["features"]["slash_commands"]] == ["/experiment"]
    assert [each["callback_id"] for each in MANIFEST["features"]["shortcuts"]] == [Action.PROPOSE]
    subscribed = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert subscribed == [*re.findall(r'app\.event\("(\w+)"\)', bolt), *events.EVENTS]


def test_the_hint_of_the_command_names_words_that_exist():
    hint = MANIFEST["features"]["slash_commands"][0]["usage_hint"]

    assert {each.split()[0] for each in hint.split(", ")} <= set(commands.WORDS)


def test_the_help_text_lists_every_word_that_can_be_typed():
    assert {word.split()[0] for word in pages.WORDS} == set(commands.WORDS) - {""}


def test_the_readme_lists_every_word_that_can_be_typed():
    for word, what in pages.WORDS.items():
        assert f"| `/experiment {word}` | {what} |" in README


def test_the_readme_lists_every_command_and_no_other():
    known = set(get_command(cli.app).commands)

    assert set(re.findall(r"^\| `safe-to-fail (\w+)` \|", README, re.MULTILINE)) == known


def test_the_readme_lists_every_setting_with_its_default():
    for name, field in Settings.model_fields.items():
        line = next(line for line in README.splitlines() if line.startswith(f"| `{name.upper()}` |"))
        if field.default is not None:
            assert f"`{field.default}`" in line


def test_the_procfile_names_commands_that_exist():
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())

    assert list(lines) == ["release", "web", "worker"]
    assert {line.removeprefix("safe-to-fail ") for line in lines.values()} <= set(get_command(cli.app).commands)


def test_the_story_is_told_to_its_end_and_the_document_shows_what_it_shows():
    page = io.StringIO()
    demo.tell(Console(file=page, width=80))
    told = page.getvalue()
    story = (ROOT / "docs" / "story.md").read_text()
    shown = [block for block in re.findall(r"```text\n(.*?)\n```", story, re.DOTALL) if block.startswith(("╭", "╔"))]

    assert "The end" in told
    assert len(shown) == 5
    for block in shown:
        assert block in told


def test_every_picture_of_the_readme_is_there_and_is_described():
    named = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", README)

    assert {path for _, path in named} < {str(each.relative_to(ROOT)) for each in (ROOT / "docs/pictures").iterdir()}
    assert all(len(words) > 40 for words, _ in named)


def test_the_readme_tells_the_figures_of_the_last_proof():
    told = README.partition("<!-- faults -->")[2].partition("<!-- /faults -->")[0].partition(" Row by row")[0].strip()

    assert told.startswith("Last run: ")
    assert told in (ROOT / "docs" / "faults.md").read_text()
