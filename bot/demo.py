"""The told story: two experiments from a nervous idea to a line in the digest, with the real bot and no Slack."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from bot.app import Bot, build
from bot.compose import make_current
from bot.manifest import text as manifest_text
from bot.settings import Settings
from bot.views.names import Action
from bot.web import wsgi
from db.engine import open_database
from playground import Clock, Person, Slack
from playground.hosting import hosted
from playground.terminal import draw_home, draw_message, draw_modal

BEGINS = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)  # Half past nine on a Monday in London.
CHANNEL = "C0LEARN"

LETTER: dict[str, Any] = {
    "title": "A date on the letter",
    "problem": "People who move house ring us three times, because our letter does not say when we will answer.",
    "idea": "Put one sentence with the answer date at the top of the letter, for everybody who moves house this month.",
    "hypothesis": "We think a date at the top will lead to fewer calls, because people ring when they do not know.",
    "prediction": "Calls about these letters fall from about 30 to about 20 a week.",
    "stop_sign": "More calls than before.",
    "worst": "Some people read the date as a promise and are cross with the call centre when we are late.",
    "undo": "Print the old letter again; ring the people who got the new one.",
    "undo_time": "same_day",
    "start": "2026-06-02",
    "end": "2026-06-19",
    "people": "4000",
    "money": "120",
    "hours": "12",
    "contained": "no",
    "observable": "yes",
    "novel": "yes",
    "sponsor": "U0DANA",
    "team": "House moves",
    "visibility": "everyone",
}
SMALLER = (
    "Put one sentence with the answer date at the top of the letter, for forty people who agree to it when they ring."
)
PHONES: dict[str, Any] = LETTER | {
    "title": "Ring back instead of queueing",
    "problem": "People wait on the phone for twenty minutes at lunch time.",
    "idea": "Offer a call back in the afternoon to three callers a day, if they like the idea.",
    "hypothesis": "We think a call back will lead to calmer calls, because nobody has waited in line before them.",
    "prediction": "Most of them pick up when we ring, and the calls get shorter.",
    "stop_sign": "Fewer than half of them pick up in the first week.",
    "worst": "Somebody waits for our call in vain and has to ring again.",
    "undo": "Stop offering it; ring everybody who is still on the list.",
    "people": "45",
    "contained": "yes",
    "money": "0",
    "hours": "20",
    "team": "Call centre",
}
BEN_LEARNED: dict[str, Any] = {
    "seen": "Seven of eighteen picked up. Most said that they cannot take calls at work in the afternoon.",
    "expected": "no",
    "well_made": ["small", "reversible", "contained", "observable", "new"],
    "learned": "People who ring at lunch cannot talk in the afternoon. A call back needs a time that they choose.",
    "protected": "The stop sign was plain after a week, and three people a day are few enough to ring them all again.",
    "kind": "intelligent_failure",
    "harm": "no",
    "decision": "change",
}
ASHA_LEARNED: dict[str, Any] = {
    "seen": "Calls about these letters fell from 31 to 14 a week.",
    "expected": "yes",
    "well_made": ["small", "reversible", "contained", "observable", "new"],
    "learned": "People ring because they do not know when we answer. One date at the top halves the calls.",
    "kind": "worked",
    "harm": "no",
    "decision": "adopt",
}


class Story:
    """The people, the clock and the screen of the story."""

    def __init__(self, console: Console, slack: Slack, clock: Clock, bot: Bot) -> None:
        self.console, self.slack, self.clock, self.bot = console, slack, clock, bot
        self.shown: dict[tuple[str, str], str] = {}
        self.scenes = 0
        self.told_of_changes = False

    def scene(self, title: str, *at: int) -> None:
        """Begin a new scene, now or on a day of June at an hour and minute; what is due then arrives."""
        self.scenes += 1
        if at:
            self.move(*at)
        self.console.print()
        self.console.print(Rule(f"[bold]{self.scenes}. {title}[/]", style="cyan"))
        self.console.print(Text(self.today(), "dim", justify="center"))
        if at:
            self.pass_on(self.slack.people[0])

    def today(self) -> str:
        """The story's moment as London reads it."""
        local = self.clock.now() + timedelta(hours=1)
        return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"

    def tell(self, words: str) -> None:
        """A sentence of the storyteller."""
        self.console.print(Padding(Text(words, "italic"), (1, 0, 0, 0)))

    def does(self, person: Person, deed: str) -> None:
        """Say what somebody types or presses."""
        self.console.print(Text.assemble(("▸ ", "bold green"), (person.name, "bold green"), f" {deed}"))

    def types(self, person: Person, words: str) -> None:
        """Somebody types a command."""
        self.does(person, f"types  /experiment {words}".rstrip())
        person.types("/experiment", words)
        self.pass_on(person)

    def presses(self, person: Person, label: str, *, fills: dict[str, Any] | None = None) -> None:
        """Somebody presses a button, and fills in the form that opens; it is drawn as it then looks."""
        self.does(person, f"presses  [ {label} ]")
        before = person.modal
        person.presses(label)
        self.pass_on(person)
        if fills:
            self.fills(person, **fills)
        elif person.modal is not None and person.modal is not before:
            self.console.print(draw_modal(person))

    def fills(self, person: Person, **answers: Any) -> None:
        """Somebody fills in a form, which is drawn as it then looks."""
        self.does(person, "fills in the form")
        person.fills(**answers)
        self.console.print(draw_modal(person))

    def submits(self, person: Person) -> None:
        """Somebody sends a form; what comes back is drawn."""
        label = person.modal.body["submit"]["text"] if person.modal else ""
        self.does(person, f"presses  [ {label} ]")
        person.submits()
        if person.modal is not None:
            self.console.print(draw_modal(person))
        self.pass_on(person)

    def pass_on(self, first: Person) -> None:
        """Let the worker beat; then show what is new to everybody, to *first* first."""
        for _ in range(30):
            self.bot.beat()
            self.clock.advance(timedelta(seconds=1))
            if not self.bot.delivery.waiting(timedelta(seconds=5)):
                break
        for person in sorted(self.slack.people, key=lambda each: each is not first):
            self.show_news(person)

    def show_news(self, person: Person) -> None:
        """Draw the messages that are new to somebody; of those that changed, say only so."""
        changed = 0
        for message in person.dm:
            known = self.shown.get((person.id, message.ts))
            if known is None:
                self.console.print(Text(f"{person.name} sees:", "bold"))
                self.console.print(draw_message(person, message))
            changed += known not in (None, message.words)
            self.shown[person.id, message.ts] = message.words
        if changed and not self.told_of_changes:
            self.told_of_changes = True
            words = f"  ({person.name}'s earlier message has changed with it: its buttons always fit how things stand.)"
            self.console.print(Text(words, "dim"))

    def move(self, day: int, hour: int = 10, minute: int = 0) -> None:
        """Move the clock to a day of June and an hour in London."""
        self.clock.set(datetime(2026, 6, day, hour - 1, minute, 2, tzinfo=UTC))

    def until(self, *at: int) -> None:
        """Let time pass within a scene; what is due arrives."""
        self.move(*at)
        self.pass_on(self.slack.people[0])


def tell(console: Console) -> None:
    """Tell the whole story on *console*."""
    console.print(Rule("[bold]Safe to Fail: a story of two small experiments[/]", style="cyan"))
    console.print(
        "Everything here is done by the real bot: signed requests over HTTP, a database on disk, and a Slack that "
        "lives on this machine only. Nothing leaves it. Weeks pass in seconds, because the story has its own clock."
    )
    with stage(console) as story:
        asha, dana, ben, ada = cast(story)
        set_the_digest(story, ada)
        an_idea(story, asha)
        a_promise(story, dana)
        a_condition(story, ben, dana)
        half_way(story, asha, ben)
        a_stop(story, ben, dana)
        what_it_taught(story, asha, ben)
        the_digest(story, dana)
        home(story, asha)
    console.print()
    console.print(Rule("[bold]The end[/]", style="cyan"))
    console.print(
        "To read it page by page: `safe-to-fail demo | less -R`. Next: the README says how to put it into your own "
        "Slack in five minutes. `make test` runs every test on SQLite and on PostgreSQL."
    )


@contextmanager
def stage(console: Console) -> Iterator[Story]:
    """The real bot on a fresh database, served over HTTP, before a Slack of its own."""
    clock = Clock(BEGINS)
    with (
        tempfile.TemporaryDirectory() as folder,
        Slack(now=clock.now, manifest=yaml.safe_load(manifest_text(None))) as slack,
    ):
        engine = open_database(f"sqlite:///{Path(folder) / 'story.db'}")
        make_current(engine)
        told = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
        }
        bot = build(Settings.load(told, {"http"}), engine, clock.now)
        try:
            with hosted(wsgi(bot.bolt, bot.facts)) as address:
                slack.send_to(f"{address}/slack/events")
                yield Story(console, slack, clock, bot)
        finally:
            bot.close()
            engine.dispose()


def cast(story: Story) -> tuple[Person, Person, Person, Person]:
    """Who is in it."""
    slack = story.slack
    asha = slack.add_person("U0ASHA", "Asha Patel", tz="Europe/London")
    dana = slack.add_person("U0DANA", "Dana Okafor", tz="Europe/London")
    ben = slack.add_person("U0BEN", "Ben Novak", tz="Europe/London")
    ada = slack.add_person("U0ADA", "Ada Lindqvist", tz="Europe/London", is_admin=True)
    slack.add_channel(CHANNEL, "what-we-learned", members=[each.id for each in (asha, dana, ben, ada)])
    slack.invite_bot(CHANNEL)
    story.tell("Asha has an idea. Ben has another. Dana could say yes. Ada looks after the Slack of the office.")
    return asha, dana, ben, ada


def set_the_digest(story: Story, ada: Person) -> None:
    """An admin chooses where the digest is told."""
    story.scene("An administrator chooses a channel, once")
    story.types(ada, "settings")
    story.fills(ada, digest_channel=CHANNEL)
    story.submits(ada)
    ada.closes(everything=True)


def an_idea(story: Story, asha: Person) -> None:
    """A proposal that is too large at first, and then goes to its sponsor."""
    story.scene("Asha has an idea, and is a little nervous")
    story.types(asha, "")
    story.presses(asha, "Propose an experiment", fills=LETTER)
    story.submits(asha)
    story.tell(
        "Four thousand people who do not know of it are too many for a first try. Nothing is lost: she shrinks it."
    )
    story.presses(asha, "Change my answers")
    story.does(asha, "writes: forty people, who agree to it when they ring")
    asha.fills(idea=SMALLER, people="40", contained="yes")
    story.submits(asha)
    asha.closes(everything=True)


def a_promise(story: Story, dana: Person) -> None:
    """The sponsor decides in a minute, with a written promise."""
    story.scene("Dana decides in a minute, and puts her promise in writing")
    story.presses(dana, "Safe enough to try")
    story.submits(dana)


def a_condition(story: Story, ben: Person, dana: Person) -> None:
    """Another proposal, and a yes with a condition."""
    story.scene("Ben has an idea too, and Dana has a condition")
    story.does(ben, "proposes to ring people back, in the same form")
    ben.types("/experiment", "propose")
    ben.fills(**PHONES)
    ben.submits()
    ben.closes(everything=True)
    story.pass_on(dana)
    condition = "Nobody waits longer than until four o'clock; ring the last ones first."
    story.presses(dana, "Safe enough if…", fills={"condition": condition})
    story.submits(dana)
    story.presses(ben, "Accept the condition")


def half_way(story: Story, asha: Person, ben: Person) -> None:
    """Check-ins on a calm weekday at ten."""
    story.scene("Half way: how does it go?", 10)
    story.tell("Asha answers with one tap. Ben's stop sign has shown: fewer than half of them pick up.")
    story.presses(asha, "As expected")
    noticed = {"note": "Only seven of eighteen picked up in the first week.", "signs": ["stop_sign_seen"]}
    story.presses(ben, "We should stop", fills=noticed)
    story.submits(ben)


def a_stop(story: Story, ben: Person, dana: Person) -> None:
    """One tap stops it; ten minutes later the sponsor hears, and says thank you."""
    story.scene("Ben stops it, with one tap", 10, 11, 30)
    story.presses(ben, "Stop now")
    story.tell("Ten minutes later it can no longer be undone, and Dana hears of it.")
    story.until(10, 11, 40)
    story.presses(dana, "Thank them")


def what_it_taught(story: Story, asha: Person, ben: Person) -> None:
    """The stopped one and the finished one say what they taught, and are shared."""
    story.scene("The next day, Ben writes what the stop taught", 11, 10)
    story.presses(ben, "Write what it taught", fills=BEN_LEARNED)
    story.submits(ben)
    story.scene("After a day to breathe, Ben shares it", 12, 10)
    story.presses(ben, "Share")
    story.submits(ben)
    story.scene("Asha finishes hers", 16)
    story.presses(asha, "Finish", fills=ASHA_LEARNED)
    story.submits(asha)
    story.presses(asha, "Share", fills={"level": "names"})
    story.submits(asha)


def the_digest(story: Story, dana: Person) -> None:
    """Thursday at ten: the channel reads what both taught, and a reader says thank you."""
    story.scene("Thursday at ten: the weekly digest", 18)
    story.tell("The week before was quiet, and the channel said so. This week two trials tell what they taught.")
    for message in dana.sees(CHANNEL):
        story.console.print(draw_message(dana, message))
    story.does(dana, "presses  [ Thank you ]  below the trial that was stopped")
    digest = [message for message in dana.sees(CHANNEL) if message.thread_ts is None][-1]
    buttons = [each for block in digest.blocks for each in block.get("elements", [])]
    thanks = next(each for each in buttons if each.get("action_id") == Action.THANKS)
    dana.presses("Thank you", on=digest, value=thanks["value"])
    story.pass_on(dana)


def home(story: Story, asha: Person) -> None:
    """The Home tab."""
    story.scene("Asha looks at Home")
    asha.opens_home()
    story.console.print(draw_home(asha))
