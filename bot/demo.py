"""The told story: two experiments from a nervous idea to a line in the digest, with the real bot and no Slack."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from bot import office
from bot.app import Bot
from bot.manifest import text as manifest_text
from bot.playing import alive
from bot.views.names import Action
from playground import Clock, Person, Slack
from playground.terminal import draw_home, draw_message, draw_modal


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
        "To read it page by page: `safe-to-fail demo --told | less -R`. To try it yourself: `make demo`. Next: the "
        "README says how to put it into your own Slack in five minutes."
    )


@contextmanager
def stage(console: Console) -> Iterator[Story]:
    """The real bot on a fresh database, served over HTTP, before a Slack of its own."""
    clock = Clock(office.BEGINS)
    with (
        TemporaryDirectory() as folder,
        Slack(now=clock.now, manifest=yaml.safe_load(manifest_text(None))) as slack,
        alive(slack, clock.now, Path(folder) / "story.db") as bot,
    ):
        yield Story(console, slack, clock, bot)


def cast(story: Story) -> tuple[Person, Person, Person, Person]:
    """Who is in it."""
    slack = story.slack
    asha, dana, ben, ada = (
        slack.add_person(each, name, tz=office.ZONE, is_admin=each == office.ADA)
        for each, name in office.PEOPLE.items()
    )
    slack.add_channel(office.LEARN, office.CHANNELS[office.LEARN], members=office.PEOPLE)
    slack.invite_bot(office.LEARN)
    story.tell("Asha has an idea. Ben has another. Dana could say yes. Ada looks after the Slack of the office.")
    return asha, dana, ben, ada


def set_the_digest(story: Story, ada: Person) -> None:
    """An admin chooses where the digest is told."""
    story.scene("An administrator chooses a channel, once")
    story.types(ada, "settings")
    story.fills(ada, digest_channel=office.LEARN)
    story.submits(ada)
    ada.closes(everything=True)


def an_idea(story: Story, asha: Person) -> None:
    """A proposal that is too large at first, and then goes to its sponsor."""
    story.scene("Asha has an idea, and is a little nervous")
    story.types(asha, "")
    story.presses(asha, "Propose an experiment", fills=office.LETTER)
    story.submits(asha)
    story.tell(
        "Four thousand people who do not know of it are too many for a first try. Nothing is lost: she shrinks it."
    )
    story.presses(asha, "Change my answers")
    story.does(asha, "writes: forty people, who agree to it when they ring")
    asha.fills(**office.LETTER_MADE_SMALLER)
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
    ben.fills(**office.PHONES)
    ben.submits()
    ben.closes(everything=True)
    story.pass_on(dana)
    story.presses(dana, "Safe enough if…", fills={"condition": office.CONDITION})
    story.submits(dana)
    story.presses(ben, "Accept the condition")


def half_way(story: Story, asha: Person, ben: Person) -> None:
    """Check-ins on a calm weekday at ten."""
    story.scene("Half way: how does it go?", 10)
    story.tell("Asha answers with one tap. Ben's stop sign has shown: fewer than half of them pick up.")
    story.presses(asha, "As expected")
    story.presses(ben, "We should stop", fills=office.BEN_NOTICED)
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
    story.presses(ben, "Write what it taught", fills=office.BEN_LEARNED)
    story.submits(ben)
    story.scene("After a day to breathe, Ben shares it", 12, 10)
    story.presses(ben, "Share")
    story.submits(ben)
    story.scene("Asha finishes hers", 16)
    story.presses(asha, "Finish", fills=office.ASHA_LEARNED)
    story.submits(asha)
    story.presses(asha, "Share", fills={"level": "names"})
    story.submits(asha)


def the_digest(story: Story, dana: Person) -> None:
    """Thursday at ten: the channel reads what both taught, and a reader says thank you."""
    story.scene("Thursday at ten: the weekly digest", 18)
    story.tell("The week before was quiet, and the channel said so. This week two trials tell what they taught.")
    for message in dana.sees(office.LEARN):
        story.console.print(draw_message(dana, message))
    story.does(dana, "presses  [ Thank you ]  below the trial that was stopped")
    digest = [message for message in dana.sees(office.LEARN) if message.thread_ts is None][-1]
    buttons = [each for block in digest.blocks for each in block.get("elements", [])]
    thanks = next(each for each in buttons if each.get("action_id") == Action.THANKS)
    dana.presses("Thank you", on=digest, value=thanks["value"])
    story.pass_on(dana)


def home(story: Story, asha: Person) -> None:
    """The Home tab."""
    story.scene("Asha looks at Home")
    asha.opens_home()
    story.console.print(draw_home(asha))
