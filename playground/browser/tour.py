"""Leads a visitor: a guide that sees which step is done, and a story that plays by itself."""

import threading
from dataclasses import dataclass

from playground.config import DeedPart, StepPart, UntilPart
from playground.person import Person
from playground.stage import CannotBe, Stage

PACE = 2.2  # Seconds between two deeds of the story.
READING = 16  # Letters that a person reads in a second, at ease.


class Guide:
    """The steps of a first visit, of which one is next."""

    def __init__(self, stage: Stage) -> None:
        """Begin before the first step."""
        self.stage = stage
        self.begin()

    def begin(self) -> None:
        """Start with the first step again."""
        self.done = 0
        self._begin_step()

    def _begin_step(self) -> None:
        self._since = self.stage.slack.space.changes
        self._journeys = self.stage.journeys

    @property
    def steps(self) -> tuple[StepPart, ...]:
        """All steps."""
        return self.stage.config.guide

    @property
    def next(self) -> StepPart | None:
        """The step that is to be done now; none when all are."""
        return self.steps[self.done] if self.done < len(self.steps) else None

    def look(self) -> None:
        """See whether the next step is done by now."""
        with self.stage.slack.space.lock:
            while self.next and self._holds(self.next.until):
                self.done += 1
                self._begin_step()

    def does(self, what: str) -> str:
        """Type, or fill in, what the next step has ready; the sentence says what did not work."""
        step = self.next
        if step is None:
            return ""
        person = self.stage.slack.person(step.who)
        if what == "type":
            answer = self.stage.types(person, step.type, step.at)
            return answer.sentence
        if person.modal is None:
            return f"There is no form before {person.name} yet."
        fields = {block["block_id"] for block in person.modal.blocks}
        told = person.fills_in(**{name: value for name, value in step.fill.items() if name in fields})
        return told.sentence if told else ""

    @property
    def point(self) -> str:
        """What to use now: the first thing of the step that is there to be used, and was not yet."""
        step = self.next
        with self.stage.slack.space.lock:
            return next((each for each in step.point if self._is_open(each, step.who)), "") if step else ""

    def _is_open(self, point: str, who: str) -> bool:
        if point.startswith("clock: "):
            return self.stage.journeys == self._journeys
        person = self.stage.slack.person(who)
        if point.startswith("/"):
            return person.modal is None
        return point in _buttons(person)

    def _holds(self, until: UntilPart) -> bool:
        person = self.stage.slack.person(until.who)
        if until.modal:
            return any(until.modal in view.text for view in person.modals)
        said = [each for each in self.stage.slack.messages if each.version > self._since and person.may_see(each)]
        views = [*person.modals, *([person.home] if person.home and person.home.order > self._since else [])]
        shown = [*(each.words for each in said), *(each.text for each in views)]
        return any(until.sees in words for words in shown)


def _buttons(person: Person) -> list[str]:
    """The words on everything that somebody can press now: in the form on top, or else anywhere."""
    if form := person.modal:
        ends = [(form.body.get(name) or {}).get("text") for name in ("submit", "close")]
        return [*form.buttons, *(ends if ends[1] else [ends[0], "Close"])]
    said = [words for each in person.slack.messages if person.may_see(each) for words in each.buttons]
    return [*said, *(person.home.buttons if person.home else [])]


@dataclass(frozen=True)
class Turn:
    """Where to look now: a pane that shows *who* turns to the place *at*."""

    number: int
    who: str
    at: str


class Story:
    """The story of a config, played deed by deed in a thread of its own."""

    def __init__(self, stage: Stage, pace: float = PACE) -> None:
        """Begin before the first deed; nothing plays yet."""
        self.stage = stage
        self.pace = pace
        self.told = ""  # What the storyteller said last.
        self.doing = ""  # What somebody has just done, in words.
        self.trouble = ""
        self.place = 0
        self.turn = Turn(0, "", "")
        self._door = threading.Lock()  # One click after the other.
        self._wanted = threading.Event()
        self._hurry = threading.Event()
        self._player: threading.Thread | None = None

    @property
    def deeds(self) -> tuple[DeedPart, ...]:
        """All deeds."""
        return self.stage.config.story

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself at the moment."""
        return self._wanted.is_set()

    @property
    def over(self) -> bool:
        """Whether every deed was done."""
        return self.place >= len(self.deeds)

    @property
    def under_way(self) -> bool:
        """Whether it has begun and nobody has begun again since."""
        return self.place > 0 or self.playing

    @property
    def fresh(self) -> bool:
        """Whether to play it means to begin with its first deed."""
        return self.over or bool(self.trouble) or self.place == 0

    def play(self) -> None:
        """Go on by itself, from the beginning when it is over or has not begun."""
        with self._door:
            if self.playing:
                return
            self._join()
            if self.fresh:
                self._forget()
                self.stage.start_again()
            self._wanted.set()
            self._hurry.clear()
            self._player = threading.Thread(target=self._run, name="story", daemon=True)
            self._player.start()
            self._tell()

    def pause(self) -> None:
        """Stop before the next deed."""
        with self._door:
            self.stop()

    def stop(self) -> None:
        """Stop before the next deed, without waiting for whoever is just about to play it."""
        self._wanted.clear()
        self._hurry.set()
        self._tell()

    def begin(self) -> None:
        """Forget how far it was told."""
        with self._door:
            self.stop()
            self._join()
            self._forget()

    def _forget(self) -> None:
        self.place, self.told, self.doing, self.trouble = 0, "", "", ""

    def wait(self, seconds: float) -> bool:
        """Wait until it is over or pauses, and tell whether it has."""
        if self._player:
            self._player.join(seconds)
        return not self.playing

    def _join(self) -> None:
        if self._player and self._player is not threading.current_thread():
            self._player.join()
            self._player = None

    def _run(self) -> None:
        while self.playing and not self.over:
            seconds = self._one(self.deeds[self.place])
            self._tell()
            self._hurry.wait(seconds)
        self._wanted.clear()
        self._tell()

    def _one(self, deed: DeedPart) -> float:
        """Do one deed, and give the seconds that people need to see it."""
        self.told = deed.tell or self.told
        self.doing = "" if deed.tell else in_words(deed, self.stage)
        place = deed.look or deed.at
        if deed.who and (place or self.turn.who != deed.who):
            self.turn = Turn(self.turn.number + 1, deed.who, place or "app")
        self._tell()
        try:
            self.stage.does(deed)
        except (LookupError, ValueError, CannotBe) as error:
            self.trouble = (
                f"The story cannot go on from here, because things have changed. Choose Start again. ({error})"
            )
            self._wanted.clear()
        self.place += 1
        return max(self.pace, len(deed.tell) / READING * self.pace / PACE)

    def _tell(self) -> None:
        self.stage.slack.space.number()


def in_words(deed: DeedPart, stage: Stage) -> str:
    """What a deed is, as a sentence for whoever watches."""
    if deed.clock:
        return "Time passes."
    name = stage.slack.person(deed.who).name
    words = {
        "type": f"types {deed.type}",
        "say": f"says: {deed.say}",
        "shortcut": "uses a shortcut",
        "press": f"presses “{deed.press}”",
        "fill": "fills in the form",
        "submit": "sends the form",
        "close": "closes the window",
        "look": "looks around",
    }
    return f"{name} {words[deed.kind]}."
