"""The world of the tests: the real bot over HTTP, the playground's Slack, a real database, a settable clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

import yaml

from bot.app import build
from bot.settings import Settings
from bot.web import wsgi
from db.engine import open_database
from playground import Clock, Slack
from playground.entering import entry
from playground.hosting import hosted
from playground.reading import controls
from tests.written import FILLED, LEARNED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playground.delivery import Answer
    from playground.person import Person
    from playground.workspace import Message

ROOT = Path(__file__).parent.parent
CALLS = ROOT / "build" / "slack-calls.jsonl"
MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)  # Ten o'clock in London.


def fills_at_once(person: Person, **values: Any) -> None:
    """Fill in fields of the top modal without telling the bot before the form is sent."""
    view = person.modal
    assert view is not None
    fields = {block["block_id"]: element for block, element in controls(view.blocks)}
    for name, value in values.items():
        element = fields[name]
        view.state[name][element["action_id"]] = entry(element, value)


class World:
    """Everything a test needs: people act, time moves, and what people see can be read."""

    def __init__(self, database_url: str) -> None:
        self.clock = Clock(MONDAY)
        manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
        CALLS.parent.mkdir(exist_ok=True)
        self.slack = Slack(now=self.clock.now, manifest=manifest, record=CALLS)
        self.engine = open_database(database_url)
        self.asha = self.slack.add_person("U0ASHA", "Asha Patel", tz="Europe/London")
        self.dana = self.slack.add_person("U0DANA", "Dana Okafor", tz="Europe/London")
        self.ben = self.slack.add_person("U0BEN", "Ben Novak", tz="Europe/London")
        self.admin = self.slack.add_person("U0ADMIN", "Ada Admin", tz="Europe/London", is_admin=True)
        everybody = ["U0ASHA", "U0DANA", "U0BEN", "U0ADMIN"]
        self.slack.add_channel("C0LEARN", "what-we-learned", members=everybody)
        self.slack.invite_bot("C0LEARN")

    def __enter__(self) -> Self:
        self.slack.start()
        self.start_bot()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_bot()
        self.slack.stop()
        self.engine.dispose()

    def start_bot(self) -> None:
        """Start the bot, as a new process would: nothing is remembered but the database."""
        settings = Settings.load(
            {
                "SLACK_BOT_TOKEN": self.slack.bot_token,
                "SLACK_SIGNING_SECRET": self.slack.signing_secret,
                "SLACK_API_URL": self.slack.api_url,
            },
            {"http"},
        )
        self.bot = build(settings, self.engine, self.clock.now)
        self.hosting = hosted(wsgi(self.bot, self.bot.facts))
        self.slack.send_to(f"{self.hosting.__enter__()}/slack/events")

    def stop_bot(self) -> None:
        """Stop it."""
        self.hosting.__exit__(None, None, None)
        self.bot.close()

    def settle(self, seconds: int = 30) -> None:
        """Let the worker beat until nothing is due any more, at most for so many seconds of the world's time."""
        for _ in range(seconds):
            self.bot.beat()
            if not self.bot.delivery.waiting(timedelta(seconds=5)):
                return
            self.clock.advance(timedelta(seconds=1))

    def move_to(self, moment: datetime, step: timedelta = timedelta(hours=1)) -> None:
        """Move the clock to *moment*, while the worker beats every hour and whenever something is due."""
        while self.clock.now() < moment:
            self.clock.set(min(self.clock.now() + step, moment))
            self.settle()

    def at(self, moment: str, zone: str = "Europe/London") -> None:
        """Jump to a local moment such as "2026-06-16 10:00" and let happen what is due, as after a quiet time."""
        self.clock.set(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)))
        self.settle()

    # What people do, in the steps of the story.

    def propose(self, person: Person | None = None, **changes: Any) -> Answer:
        """Fill in the whole form and send it."""
        who = person or self.asha
        who.types("/experiment", "propose")
        fills_at_once(who, **FILLED | changes)
        answer = who.submits()
        self.settle()
        return answer

    def proposed(self, person: Person | None = None, **changes: Any) -> None:
        """Propose, and close the window that says so."""
        self.propose(person, **changes)
        (person or self.asha).closes(everything=True)

    def running(self, person: Person | None = None, **changes: Any) -> None:
        """Propose and have the sponsor agree."""
        self.proposed(person, **changes)
        sponsor = self.slack.person((FILLED | changes)["sponsor"])
        sponsor.presses("Safe enough to try")
        sponsor.submits()
        self.settle()

    def learned(self, person: Person | None = None, **changes: Any) -> None:
        """Finish a running experiment by writing what it taught."""
        who = person or self.asha
        who.presses("Finish")
        who.fills(**LEARNED | changes)
        who.submits()
        self.settle()

    def shared(self, person: Person | None = None, level: str = "names") -> None:
        """Share what was learned."""
        who = person or self.asha
        who.presses("Share")
        who.fills(level=level)
        who.submits()
        self.settle()

    def set_up_digest(self, **changes: Any) -> None:
        """Have the admin choose the channel of the digest."""
        self.admin.types("/experiment", "settings")
        self.admin.fills(**{"digest_channel": "C0LEARN"} | changes)
        self.admin.submits()
        self.admin.closes(everything=True)
        self.settle()

    def forges(self, person: Person, on: Message, action: str, value: object) -> Answer:
        """Send the press of a button that *person* was never shown."""
        words = {"type": "plain_text", "text": "Forged"}
        button = {"type": "button", "block_id": "forged", "action_id": action, "text": words, "value": str(value)}
        return self.slack.delivery.send("interactive", self.slack.payloads.action_in_message(person.member, on, button))

    def newest(self, person: Person, words: str) -> Message:
        """The newest message in somebody's direct conversation that says *words*."""
        found = [each for each in person.dm if words in each.words]
        assert found, f"nobody said {words!r}; said was:\n" + "\n---\n".join(each.words for each in person.dm)
        return found[-1]

    def was_refused(self, error: str) -> None:
        """Slack refused something for this reason and no other, as a test meant it to."""
        assert {error} == {call.answer["error"] for call in self.slack.refused}
        self.slack.calls[:] = [call for call in self.slack.calls if call not in self.slack.refused]

    def everything_went_well(self) -> None:
        """Slack refused nothing by its own rules, and every request was answered in time."""
        assert [(call.method, call.answer) for call in self.slack.refused] == []
        assert [(each.status, each.body) for each in self.slack.failures] == []


def days(world: World, count: int) -> Iterator[int]:
    """Let so many days pass, one after the other."""
    for number in range(count):
        world.move_to(world.clock.now() + timedelta(days=1))
        yield number
