"""Carries out what people do on the page: its words in, one deed of one person, a sentence back if it failed."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from playground import entering, reading, rich_text
from playground.config import APP, HOME
from playground.delivery import Answer
from playground.person import Person, Surface
from playground.reading import controls
from playground.stage import Stage
from playground.workspace import Message, View

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
EMPTY = "This must be filled in."
GONE = "That is not there any more."


class Deeds:
    """The deeds of the page's people."""

    def __init__(self, stage: Stage) -> None:
        """Act on *stage*."""
        self.slack = stage.slack
        self._kinds: dict[str, Callable[[Person, Json], object]] = {
            "press": self._touch,
            "choose": self._touch,
            "fill": self._fill,
            "submit": self._submit,
            "close": self._close,
            "write": self._write,
            "shortcut": lambda person, asked: person.uses_shortcut(str(asked["name"])),
            "message-shortcut": self._message_shortcut,
            "open": self._open,
        }

    def does(self, asked: Json) -> str:
        """Do what was asked; the sentence says what did not work, and is empty when all did.

        Raises LookupError for what is not there, and ValueError for what Slack would not take.
        """
        kind = self._kinds.get(str(asked.get("deed")))
        if kind is None:
            raise LookupError(GONE)
        answer = kind(self._person(asked), asked)
        return answer.sentence if isinstance(answer, Answer) and not answer.ok else ""

    def suggests(self, asked: Json) -> list[Json]:
        """The options that the app offers for what was typed into an external select."""
        person, block, action = self._person(asked), str(asked["block"]), str(asked["action"])
        offered = person.suggestions(self._surface(person, asked), block, action, str(asked.get("typed", "")))
        return [option for each in offered for option in each.get("options", [each])]

    def _person(self, asked: Json) -> Person:
        known = {person.id: person for person in self.slack.people}
        if str(asked.get("as")) not in known:
            raise LookupError(GONE)
        return known[str(asked["as"])]

    def _surface(self, person: Person, asked: Json) -> Surface:
        named = asked.get("surface") or {}
        if named.get("view"):
            view = self.slack.space.views.get(str(named["view"]))
            if view is None or not view.open or view.user != person.id:
                raise LookupError(GONE)
            return view
        for message in person.sees(str(named.get("channel"))):
            if message.ts == named.get("ts"):
                return message.as_of(int(named.get("version") or 0))
        raise LookupError(GONE)

    # --- elements ---

    def _touch(self, person: Person, asked: Json) -> Answer | None:
        surface = self._surface(person, asked)
        self._fill(person, asked)
        block, action = str(asked["block"]), str(asked["action"])
        value = self._value(person, surface, block, action, asked.get("value"))
        return person.touches(surface, block, action, value, enter=bool(asked.get("enter")))

    def _fill(self, person: Person, asked: Json) -> dict[str, str]:
        """Enter every value that came along, and give what is wrong with them by block_id."""
        wrong: dict[str, str] = {}
        surface = self._surface(person, asked)
        for each in asked.get("values") or ():
            block, action = str(each["block"]), str(each["action"])
            try:
                person.enters(surface, block, action, self._value(person, surface, block, action, each.get("value")))
            except ValueError as error:
                wrong[block] = f"{str(error)[:1].upper()}{str(error)[1:]}."
            except LookupError:
                continue  # The form has changed under the person's hands: that field is gone.
        return wrong

    def _value(self, person: Person, surface: Surface, block: str, action: str, value: Any) -> Any:
        kind = next(
            (e["type"] for b, e in controls(surface.all_blocks) if (b["block_id"], e["action_id"]) == (block, action)),
            "",
        )
        if kind == "datetimepicker" and value:
            there = datetime.fromisoformat(str(value)).replace(tzinfo=ZoneInfo(person.member.tz))
            return int(there.timestamp())
        if kind == "rich_text_input" and isinstance(surface, View):
            stood = reading.held(surface.state[block][action])
            # The page shows the words alone: while nobody changes them, their looks stay.
            return stood if stood and rich_text.words(stood) == value else value
        return value

    def _close(self, person: Person, asked: Json) -> Answer | None:
        view = self._surface(person, asked)
        return person.closes() if view is person.modal else None  # A second click is not meant for the form below.

    def _submit(self, person: Person, asked: Json) -> Answer | None:
        view = self._surface(person, asked)
        if not isinstance(view, View) or view is not person.modal:
            raise LookupError(GONE)
        wrong = self._fill(person, asked)
        empty = dict.fromkeys(entering.missing(view.blocks, view.state), EMPTY)
        if not empty and not wrong:
            return person.submits()
        with self.slack.space.lock:
            view.errors = empty | wrong
            self.slack.space.number()
        return None

    # --- words ---

    def _write(self, person: Person, asked: Json) -> Answer | None:
        text = str(asked.get("text", "")).strip()
        if not text:
            return None
        with self.slack.space.lock:
            channel = self._channel(person, str(asked.get("at", "")))
        thread = str(asked.get("thread") or "")
        if not text.startswith("/"):
            person.says(self.slack.written(text), channel, thread or None)
            return None
        command, _, words = text.partition(" ")
        if thread:
            message = f"{command} does not work in a thread, here as in Slack: type it in the channel."
            raise ValueError(message)
        return person.types(command, words.strip(), channel)

    def _channel(self, person: Person, at: str) -> str:
        if at in (APP, HOME):
            return person.dm_channel
        if at in self.slack.space.members:
            return self.slack.space.talk(person.id, at).id
        if at not in self.slack.channels:
            raise LookupError(GONE)
        return at

    def _message_shortcut(self, person: Person, asked: Json) -> Answer | None:
        message = self._surface(person, asked)
        if isinstance(message, Message):
            return person.uses_message_shortcut(str(asked["name"]), message)
        raise LookupError(GONE)

    def _open(self, person: Person, asked: Json) -> Answer | None:
        try:
            self.slack.expect_event("app_home_opened")
        except LookupError:
            return None  # This app does not want to know.
        return person.opens_home("home" if asked.get("at") == HOME else "messages")
