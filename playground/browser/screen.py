"""What one person's screen shows, as rows for a template: places, messages, Home and the form on top."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from secrets import token_hex
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import structlog
from markupsafe import Markup

from playground.browser import paint
from playground.config import APP, HOME
from playground.mrkdwn import Eyes
from playground.person import Person
from playground.slack import Slack
from playground.workspace import Channel, Member, Message, View

Json = dict[str, Any]
COLOURS = 8
REMEMBERED = 5000  # Messages, as drawn for somebody.


@dataclass(frozen=True)
class Look:
    """What a pane is turned to: whose it is, the place, the thread that is open, and what it has shown already."""

    number: int
    who: str
    at: str
    thread: str = ""
    since: int = 0
    day: int = 0  # On which that was.

    @classmethod
    def read(cls, number: int, words: str) -> "Look":
        """Read the form "who@place@thread@since-day" in which a page keeps it; the last two may be left out."""
        who, at, thread, drawn, *_ = [*words.split("@"), "", "", "", ""]
        since, _, day = drawn.partition("-")
        known = since.isdecimal() and day.isdecimal()
        return cls(number, who, at, thread, int(since) if known else 0, int(day) if known else 0)

    @property
    def id(self) -> str:
        """The pane's id on the page."""
        return f"pane-{self.number}"

    @property
    def words(self) -> str:
        """The look without what was shown already, as an address keeps it."""
        return "@".join(part for part in (self.who, self.at, self.thread) if part)


class Screens:
    """Draws panes, and remembers what each person has read and how each message was drawn."""

    def __init__(self, slack: Slack) -> None:
        """Nothing was read yet."""
        self.slack = slack
        self._read: dict[tuple[str, str], int] = {}
        self._drawn: dict[tuple[object, ...], Markup] = {}

    def clear(self) -> None:
        """Forget it all."""
        self._read.clear()
        self._drawn.clear()

    def settled(self, look: Look) -> Look:
        """The same look, or the nearest one that is possible in this workspace."""
        with self.slack.space.lock:
            people = [person.id for person in self.slack.people]
            who = look.who if look.who in people else people[0]
            at = look.at
            channel = self.slack.channels.get(at)
            gone = at not in (APP, HOME) and at not in people and (channel is None or channel.is_dm)
            if gone or at == who or (channel and not _may_enter(self.slack.person(who), channel)):
                at = next(iter(self._channels(self.slack.person(who))), APP)
            # Dates that are near are called today or tomorrow, so on another day everything looks different.
            same = (who, at, self._today(self.slack.person(who)).toordinal()) == (look.who, look.at, look.day)
        return replace(look, who=who, at=at, since=look.since if same else 0)

    # --- places ---

    def place(self, person: Person, at: str) -> Channel:
        """The channel or conversation behind a place."""
        with self.slack.space.lock:
            if at in (APP, HOME):
                return self.slack.space.dm(person.id)
            if at in self.slack.space.members:
                return self.slack.space.talk(person.id, at)
            return self.slack.channels[at]

    def _channels(self, person: Person) -> list[str]:
        return [each.id for each in self.slack.channels.values() if not each.is_dm and _may_enter(person, each)]

    def places(self, person: Person, look: Look) -> list[Json]:
        """The sidebar: groups of places, each with how much is unread there."""
        slack = self.slack
        app = slack.space.members[slack.bot_user].name
        rooms = [slack.channels[name] for name in self._channels(person)]
        others = [each for each in slack.people if each is not person and not each.member.deleted]
        groups = [
            ("Channels", [(room.id, room.name, "lock" if room.is_private else "hash") for room in rooms]),
            (app, [(HOME, "Home", "home"), (APP, "Messages", "app")]),
            ("Direct messages", [(each.id, each.name, "person") for each in others]),
        ]
        return [
            {
                "title": title,
                "places": [
                    {"at": at, "name": name, "kind": kind, "here": at == look.at, "unread": self._unread(person, at)}
                    for at, name, kind in places
                ],
                "unread": sum(self._unread(person, at) for at, _, _ in places),
            }
            for title, places in groups
            if places
        ]

    def _unread(self, person: Person, at: str) -> int:
        if at == HOME:
            return 0
        place = self.place(person, at).id
        read = self._read.get((person.id, place), 0)
        return sum(
            message.order > read and message.user != person.id and message.thread_ts in (None, message.ts)
            for message in self.slack.space.messages
            if message.channel == place and person.may_see(message)
        )

    # --- a pane ---

    def pane(self, look: Look, newest: int | None = None) -> Json:
        """Everything that the pane's template needs, or of the messages only the *newest* for the time being."""
        with self.slack.space.lock:
            person = self.slack.person(look.who)
            place = self.place(person, look.at)
            shown = person.sees(place.id) if look.at != HOME else []
            if shown:
                self._read[person.id, place.id] = max(each.order for each in shown)
            whole = newest is None or len(shown) <= newest
            drawn = shown if newest is None else shown[-newest:]
            modal = person.modal
            return {
                "look": look,
                "person": person,
                "people": self.slack.people,
                "groups": self.places(person, look),
                "title": self._title(person, look, place),
                "topic": place.topic,
                "is_app": look.at in (APP, HOME),
                "is_home": look.at == HOME,
                "home": self._home(person, look) if look.at == HOME else None,
                "days": list(self._days(person, look, drawn)),
                "thread": self._thread(person, look, shown),
                "may_write": self._may_write(look, place),
                "app": self.slack.space.members[self.slack.bot_user].name,
                "modal": self._modal(person, look, modal) if modal else None,
                "behind": len(person.modals) - 1,
                "since": f"{self.slack.space.changes}-{self._today(person).toordinal()}" if whole else "0",
            }

    def _title(self, person: Person, look: Look, place: Channel) -> str:
        if look.at in (APP, HOME):
            return self.slack.space.members[self.slack.bot_user].name
        if place.is_dm:
            other = next(each for each in place.people_of_dm if each != person.id)
            return self.slack.space.members[other].name
        return place.name

    def _may_write(self, look: Look, place: Channel) -> bool:
        if look.at == HOME or place.is_archived or place.is_read_only:
            return False
        return look.at != APP or not self.slack.api.app_home.get("messages_tab_read_only_enabled")

    def _days(self, person: Person, look: Look, shown: list[Message]) -> Iterator[Json]:
        eyes = Eyes(self.slack.space, person.member)
        answers: dict[str, list[Message]] = {}
        for message in shown:
            if message.thread_ts and message.thread_ts != message.ts:
                answers.setdefault(message.thread_ts, []).append(message)
        day: Json = {}
        for message in shown:
            if message.thread_ts not in (None, message.ts) and not message.ephemeral:
                continue
            date = eyes.local(float(message.ts)).date()
            if not day or day["date"] != date:
                if day:
                    yield day
                day = {"date": date, "title": f"{date:%A} {date.day} {date:%B}", "messages": []}
            day["messages"].append(self._row(person, look, message, len(answers.get(message.ts, ()))))
        if day:
            yield day

    def _thread(self, person: Person, look: Look, shown: list[Message]) -> Json | None:
        of_thread = [each for each in shown if look.thread and look.thread in (each.ts, each.thread_ts)]
        if not of_thread or of_thread[0].ts != look.thread:
            return None
        return {"ts": look.thread, "messages": [self._row(person, look, each, 0, "t") for each in of_thread]}

    def _row(self, person: Person, look: Look, message: Message, answers: int, room: str = "m") -> Json:
        at = f"p{look.number}-{room}-{message.ts.replace('.', '-')}"
        return {
            "id": at,
            "same": 0 < message.version <= look.since,
            "message": message,
            "author": author_of(self.slack, message),
            "moment": Eyes(self.slack.space, person.member).local(float(message.ts)),
            "answers": answers,
            "body": lambda: self._body(person, message, at),
        }

    def _body(self, person: Person, message: Message, at: str) -> Markup:
        state = message.states.get(person.id)
        key = (at, person.id, message.version, self._today(person), repr(state))
        if key not in self._drawn:
            if len(self._drawn) >= REMEMBERED:
                self._drawn.clear()
            eyes = Eyes(self.slack.space, person.member)
            self._drawn[key] = _survives(lambda: self._painted(message, eyes, at, state))
        return self._drawn[key]

    def _painted(self, message: Message, eyes: Eyes, at: str, state: Json | None) -> Markup:
        drawn = paint.draw(message.blocks, eyes, at=at, state=state) if message.blocks else Markup("")
        if not message.blocks and message.text:
            drawn = paint.text(message.text, eyes)
        for number, attachment in enumerate(message.attachments):
            drawn += self._attachment(attachment, eyes, f"{at}-a{number}", state)
        return drawn

    def _today(self, person: Person) -> date:
        eyes = Eyes(self.slack.space, person.member)
        return eyes.local(self.slack.space.now().timestamp()).date()

    def _attachment(self, attachment: Json, eyes: Eyes, at: str, state: Json | None) -> Markup:
        if attachment.get("blocks"):
            inside = paint.draw(attachment["blocks"], eyes, at=at, state=state)
        else:
            words = (attachment.get(part) for part in ("pretext", "title", "text", "fallback"))
            inside = paint.text("\n".join(str(each) for each in words if each), eyes)
        return Markup('<div class="attachment">{}</div>').format(inside)

    def _home(self, person: Person, look: Look) -> Json | None:
        view = person.home
        return {"view": view, "body": self._view(person, view, f"p{look.number}-{view.id}")} if view else None

    def _modal(self, person: Person, look: Look, view: View) -> Json:
        at = f"p{look.number}-{view.id}"
        ends = {name: str((view.body.get(name) or {}).get("text", "")) for name in ("submit", "close")}
        # How it is filled is told as of now: the template is drawn when the view may have changed again.
        return {"view": view, "id": at, "body": self._view(person, view, at), "filled": view.filled, **ends}

    def _view(self, person: Person, view: View, at: str) -> Markup:
        eyes = Eyes(self.slack.space, person.member)
        return _survives(lambda: paint.draw(view.blocks, eyes, at=at, state=view.state, errors=view.errors))


def _survives(paints: Callable[[], Markup]) -> Markup:
    """What was painted; should that break, only this one thing is missing on the screen."""
    try:
        return paints()
    except Exception:  # noqa: BLE001 - logged with a reference; everything else stays to be seen.
        reference = token_hex(4)
        structlog.get_logger("playground.browser").exception("something cannot be shown", reference=reference)
        return Markup('<p class="b-unknown">This cannot be shown: please report it with the reference {}.</p>').format(
            reference
        )


def _may_enter(person: Person, channel: Channel) -> bool:
    return person.id in channel.members or not (channel.is_private or channel.is_dm or person.member.is_stranger)


def author_of(slack: Slack, message: Message) -> Member:
    """Who said it."""
    return slack.space.members[message.user]


def initials(name: str) -> str:
    """Two letters that stand for a name."""
    words = name.split()
    return "".join(word[0] for word in (words[0], words[-1]) if word).upper() if len(words) > 1 else name[:2].upper()


def colour(identifier: str) -> int:
    """A colour's number that is always the same for somebody."""
    return crc32(identifier.encode()) % COLOURS


def local(moment: datetime, zone: str) -> str:
    """A moment as a wall in *zone* shows it, such as "Mon 1 June 2026, 09:30"."""
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%B} {there.year}, {there:%H:%M}"
