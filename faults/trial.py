"""One run of a fault: people, bot, database and clock, and what is found when all has settled."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from faults import auditor
from faults.auditor import moment
from faults.bots import Bot, start
from faults.clock import BEGINS, SharedClock
from faults.remote import Refused, Remote
from tests.written import FILLED, LEARNED

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from faults.auditor import Findings
    from faults.databases import Database, Row

Json = dict[str, Any]
SOON = timedelta(minutes=15)  # What is due later belongs to another day.
SETTLES = 45.0  # Real seconds after which something that has not settled never will.
LOOK = 0.05
FORM = 3.0  # Real seconds in which a form must have opened.
READY_TO_SHARE = datetime.fromisoformat("2026-06-04T09:59:30+01:00")  # A Thursday, just before the digest.


@dataclass
class Scene:
    """A moment from which trials begin: what stands in the database, in Slack and on the clock."""

    name: str
    database: Database
    at: datetime


@dataclass
class Trial:
    """Everything one run needs; it begins from a scene and ends with an audit."""

    folder: Path
    slack: Remote
    clock: SharedClock
    scene: Scene
    random: random.Random
    bots: list[Bot] = field(default_factory=list)
    api_url: str = ""  # Where the bot finds Slack, if not where it is.
    database_url: str = ""  # Where the bot finds the database, if not where it is.
    began: datetime = BEGINS
    hit: set[str] = field(default_factory=set)  # The named points at which a process died.
    promised: set[str] = field(default_factory=set)  # The titles of what people were told is saved.
    notes: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Make everything as it was in the scene."""
        self.folder.mkdir()
        self.database = self.scene.database.copy("trial")
        self.clock.set(self.scene.at)
        self.slack.go_back(self.scene.name)
        self.began = self.clock.now()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""
        for bot in self.bots:
            bot.kill()
        self.database.drop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- processes ---

    def starts(self, crash_at: str = "", *, at_once: bool = False) -> list[Bot]:
        """Start the bot: one process on SQLite, a web and a worker on PostgreSQL; each may be told where to die."""
        commands = ["run"] if self.database.engine == "sqlite" else ["worker", "web"]
        started = [self.starts_one(each, crash_at) for each in commands]
        self.slack.send_to(f"{started[-1].address}/slack/events")
        if not at_once:
            started[-1].wait_until_it_answers()
        return started

    def starts_one(self, command: str, crash_at: str = "") -> Bot:
        """Start one process."""
        settings = {
            "SLACK_BOT_TOKEN": "xoxb-not-a-real-token",
            "SLACK_SIGNING_SECRET": "not-a-real-signing-secret",
            "SLACK_API_URL": self.api_url or self.slack.api_url(),
            "DATABASE_URL": self.database_url or self.database.url,
            "CLOCK_FILE": str(self.clock.path),
            "LOG_LEVEL": "INFO",
        }
        bot = start(self.folder, command, settings, crash_at)
        self.bots.append(bot)
        return bot

    def kills(self) -> None:
        """Kill whatever runs."""
        for bot in self.bots:
            self.note_death(bot)
            bot.kill()

    def note_death(self, bot: Bot) -> None:
        """Remember the point at which a process died by itself."""
        if bot.died_at_its_point:
            self.hit.add(bot.crash_at)

    @property
    def alive(self) -> list[Bot]:
        """The processes that run."""
        return [bot for bot in self.bots if bot.alive]

    def waits_for_a_death(self, started: list[Bot], seconds: float) -> bool:
        """Wait until one of these processes has died, and kill the others, as one machine's power does."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and all(bot.alive for bot in started):
            self.hurries()
            time.sleep(LOOK)
        died = any(not bot.alive for bot in started)
        self.kills()
        return died

    # --- people ---

    def types(self, who: str, text: str) -> Json:
        """Type the bot's command."""
        answer: Json = self.slack.does(who, "types", "/experiment", text)
        return answer

    def proposes(self, title: str, who: str = "U0ASHA", **changes: Any) -> bool:
        """Fill in the form and send it; whether they were told that it is saved."""
        try:
            screen = self.slack.screen(who)
            if screen and "title" not in screen["values"]:  # A notice that something went wrong, or a form on its way.
                self.sees_a_form(who, "title") or self.slack.does(who, "closes", everything=True)
            if not self.slack.screen(who):
                self.types(who, "propose")
            if not self.sees_a_form(who, "title"):
                return False
            self.slack.fills(who, FILLED | {"title": title} | changes)
            answer = self.slack.does(who, "submits")
            saved = answer["ok"] and "errors" not in str(answer["body"])
            saved = saved and "is with" in self.slack.screen(who).get("text", "")
            if saved:
                self.promised.add(title)
                self.slack.does(who, "closes", everything=True)
        except Refused as refused:
            self.notes.append(str(refused))
            return False
        return bool(saved)

    def sees_a_form(self, who: str, name: str) -> bool:
        """Wait a little until somebody's form has a field of that name, as it may be filled after it opened."""
        until = time.monotonic() + FORM
        while name not in self.slack.screen(who).get("values", {}):
            if time.monotonic() > until or not self.alive:
                return False
            time.sleep(LOOK)
        return True

    def agrees(self) -> bool:
        """The sponsor says yes."""
        try:
            if not self.slack.screen("U0DANA"):
                self.slack.does("U0DANA", "presses", "Safe enough to try")
            self.sees_a_form("U0DANA", "cover_note")
            answer = self.slack.does("U0DANA", "submits")
        except Refused as refused:
            self.notes.append(str(refused))
            return False
        return bool(answer["ok"])

    def learns_and_shares(self) -> None:
        """Finish, say what was learned, and share it."""
        for button, values in (("Finish", LEARNED), ("Share", {"level": "names"})):
            self.until_pressed(button)
            self.sees_a_form("U0ASHA", next(iter(values)))
            self.slack.fills("U0ASHA", values)
            self.slack.does("U0ASHA", "submits")
            self.settles()
            self.closes("U0ASHA")

    def until_pressed(self, button: str) -> None:
        """Press a button as soon as it is there."""
        until = time.monotonic() + SETTLES
        while True:
            try:
                self.slack.does("U0ASHA", "presses", button)
            except Refused:
                if time.monotonic() > until:
                    raise
                time.sleep(LOOK)
            else:
                return

    def sets_up_the_digest(self) -> None:
        """Let the admin choose where what was learned is told."""
        self.types("U0ADMIN", "settings")
        self.sees_a_form("U0ADMIN", "digest_channel")
        self.slack.fills("U0ADMIN", {"digest_channel": "C0LEARN"})
        self.slack.does("U0ADMIN", "submits")
        self.closes("U0ADMIN")

    def closes(self, who: str) -> None:
        """Close whatever form somebody has open."""
        if self.slack.screen(who):
            self.slack.does(who, "closes", everything=True)

    # --- time ---

    def outbox(self) -> list[Row]:
        """Every message as the database has it."""
        return self.database.rows("SELECT * FROM outbox ORDER BY id")

    def unsettled(self) -> list[datetime]:
        """When something is to be done about each message that is not settled."""
        soon = self.clock.now() + SOON
        found = []
        for row in self.outbox():
            due = {
                "waiting": row["due"],
                "sending": row["claimed_at"],
                "uncertain": row["look_at"],
                "sent": row["look_at"],
            }.get(row["state"])
            if due is not None and moment(due) <= soon:
                found.append(moment(due))
        return found

    def hurries(self) -> None:
        """Let the time pass in which nothing happens."""
        try:
            unsettled = self.unsettled()
        except Exception:  # noqa: BLE001 - a database that is away or locked is often the point; the next look tells.
            return
        now = self.clock.now()
        if unsettled and min(unsettled) > now + timedelta(seconds=1):
            self.clock.set(min(unsettled) + timedelta(seconds=0.2))

    def settles(self, seconds: float = SETTLES) -> bool:
        """Wait until nothing is left to be done, hurrying through the waits; whether that came to be."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.hurries()
            if not self.unsettled():
                return True
            time.sleep(LOOK)
        return False

    # --- the end ---

    def audited(self, *, lost_are_held: bool = False) -> Findings:
        """End everything, and look at what came of it."""
        del lost_are_held
        for bot in self.bots:
            self.note_death(bot)
        found = auditor.audit(
            self.database,
            self.slack.truth(),
            self.clock.now(),
            [bot.output for bot in self.bots],
            self.slack.secrets(),
        )
        kept = {row["title"] for row in self.database.rows("SELECT title FROM experiments")}
        missing = self.promised - kept
        found.lost += len(missing)
        found.broken += [f"I1: {title!r} was said to be saved and is not" for title in sorted(missing)]
        return found

    def longest_delay(self, found: Findings) -> float:
        """How long the slowest new message took from the beginning, by the bot's clock."""
        return max((at - self.began.timestamp() for at in found.seen.values()), default=0.0)
