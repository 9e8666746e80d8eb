"""A whole Slack on loopback: its workspace, its doors and its people in one object."""

import re
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playground import entering, limits
from playground.delivery import Answer, Delivery, Request, checked_address
from playground.desk import Call, Desk, append
from playground.history import Reading
from playground.mishap import Line, Mishap, Where
from playground.payloads import Payloads
from playground.person import Person
from playground.rates import Rates
from playground.server import Server
from playground.web_api import WebApi
from playground.workspace import Channel, Member, Message, View, Workspace

Json = dict[str, Any]


def _wall() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Keys:
    """What the app shows to Slack, and Slack to the app."""

    signing_secret: str = "not-a-real-signing-secret"  # noqa: S105 - said by its own words.
    bot_token: str = "xoxb-not-a-real-token"  # noqa: S105 - said by its own words.
    app_token: str = "xapp-not-a-real-token"  # noqa: S105 - said by its own words.


def _waits(answer: Answer) -> bool:
    known = bool(answer.address or answer.error != "dispatch_unreachable")
    return known and not answer.ok and answer.may_be_sent_again and answer.request.attempt < limits.EVENT_RETRIES


def _due(failed: Answer) -> datetime:
    return failed.at + limits.EVENT_RETRIES_AFTER[failed.request.attempt]


class Slack:
    """The workspace as a test or a demonstration holds it."""

    def __init__(
        self,
        now: Callable[[], datetime] = _wall,
        manifest: Json | None = None,
        *,
        record: Path | None = None,
        record_incoming: Path | None = None,
        port: int = 0,
        keys: Keys | None = None,
        stamp: Callable[[], datetime] | None = None,
        without: Iterable[str] = (),
    ) -> None:
        """Furnish an empty workspace in which the app of *manifest* is installed, *without* some optional scopes.

        All of Slack's time comes from *now*; the app checks signatures by *stamp*, where that is another clock.
        """
        self.manifest = manifest
        keys = keys or Keys()
        self.signing_secret, self.bot_token, self.app_token = keys.signing_secret, keys.bot_token, keys.app_token
        self.space = Workspace(now, bot_name=self._bot_name())
        scopes = self._granted(frozenset(without)) if manifest else None
        self.api = WebApi(self.space, {self.bot_token: "bot", self.app_token: "app"}, scopes)
        self.api.app_home = self._part("features", "app_home")
        self.tokens: dict[str, str] = self.api.tokens
        self.desk = Desk(self.api, record)
        self.server = Server(self.desk, ",".join(sorted(scopes or ())), port)
        self.api.socket_url = self.server.new_ticket
        self.api.address = lambda: self.server.address
        self.delivery = Delivery(stamp or now, self.signing_secret, self.server, record_incoming)
        self.payloads = Payloads(self.api, "")
        self.keystrokes = False
        self._people: dict[str, Person] = {}
        self._undelivered: list[Answer] = []

    # --- doors ---

    def start(self) -> None:
        """Open the doors."""
        self.server.start()
        self.payloads.respond_at = f"{self.server.address}/respond/"

    def stop(self) -> None:
        """Close the doors."""
        self.server.stop()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def send_to(self, address: str) -> None:
        """Say where the app listens for Slack; raises ValueError for what is no address."""
        self.delivery.address = checked_address(address)

    def wait_for_socket(self, seconds: float = 10) -> bool:
        """Wait until the app is connected by Socket Mode, and tell whether it is."""
        return self.server.wait_for_socket(seconds)

    @property
    def api_url(self) -> str:
        """Where the app finds the Web API."""
        return f"{self.server.address}/api/"

    # --- who and what is there ---

    @property
    def team(self) -> str:
        """The id of the workspace."""
        return self.space.team

    @property
    def bot_user(self) -> str:
        """The id of the app's bot user."""
        return self.space.bot_user

    @property
    def app_id(self) -> str:
        """The id of the app."""
        return self.space.app_id

    @property
    def channels(self) -> dict[str, Channel]:
        """Every channel by its id, each with flags that may be set."""
        return self.space.channels

    @property
    def messages(self) -> list[Message]:
        """Every message that was not deleted, in order."""
        self.desk.catch_up()
        return [message for message in self.space.messages if not message.deleted]

    @property
    def people(self) -> list[Person]:
        """Everybody who was added."""
        return list(self._people.values())

    def add_person(self, identifier: str, name: str, *, team: str | None = None, **traits: Any) -> Person:
        """Let somebody join; another *team* makes a stranger of a shared channel."""
        stranger = team is not None and team != self.team
        with self.space.lock:
            member = Member(identifier, name, team or self.team, is_stranger=stranger, **traits)
            self.space.members[identifier] = member
            self._people[identifier] = Person(self, member)
        return self._people[identifier]

    def person(self, identifier: str) -> Person:
        """The person of that id."""
        return self._people[identifier]

    def add_channel(
        self,
        identifier: str,
        name: str,
        members: Iterable[str] = (),
        *,
        is_private: bool = False,
        is_archived: bool = False,
    ) -> Channel:
        """Make a channel."""
        with self.space.lock:
            self.channels[identifier] = Channel(identifier, name, set(members), is_private, is_archived)
        return self.channels[identifier]

    def clear(self) -> None:
        """Begin again: everything that was said, opened or written down is forgotten, and everybody has left."""
        with self.space.lock:
            self.space.clear()
            self._people.clear()
            self._undelivered.clear()
            self.desk.clear()
            self.delivery.sent.clear()
            self.delivery.failures.clear()
            self.tokens.update({self.bot_token: "bot", self.app_token: "app"})
            self.api.rates, self.api.reading = Rates(on=self.api.rates.on), Reading()
            self.space.number()

    def invite_bot(self, channel: str) -> None:
        """Make the app a member of a channel."""
        self.channels[channel].members.add(self.bot_user)

    # --- mishaps ---

    def refuse(
        self,
        method: str,
        error: str = "",
        *,
        times: int | None = 1,
        status: int = 200,
        retry_after: int | str | None = None,
        where: Where = None,
        cut: bool = False,
        done: bool = False,
        delay: float = 0.0,
        line: Line = "",
        late: float | None = None,
        body: str | None = None,
    ) -> Mishap:
        """Let a method go wrong, or all with "*".

        *cut* and *done* let it take effect first, *times* of None never ends; *delay* lets Slack take the call so many
        seconds later, and with nothing else wrong the call then goes through. *line* says how the connection behaves,
        *late* lets Slack take the call when the connection has long ended, by the workspace's clock, *body* is answered
        as it stands, and a *retry_after* of "" is left out.
        """
        mishap = Mishap(method, error, times, status, retry_after, where, cut, done, delay, line, late, body)
        self.desk.mishaps.append(mishap)
        return mishap

    def limit_reading(
        self, *, lag: float = 0.0, page: int | None = None, per_minute: int | None = None, metadata: bool = True
    ) -> None:
        """Let the app read badly: *lag* seconds late, small pages, few times a minute, without metadata."""
        self.api.reading = Reading(timedelta(seconds=lag), page, metadata)
        for method in ("conversations.history", "conversations.replies"):
            self.api.rates.most.pop(method, None)
            if per_minute is not None:
                self.api.rates.most[method] = per_minute

    @property
    def calls(self) -> list[Call]:
        """Every call of the app, the refused ones too."""
        return self.desk.calls

    @property
    def refused(self) -> list[Call]:
        """The calls that Slack refused of itself, without a mishap."""
        return [call for call in self.calls if not call.ok and not call.scripted]

    def called(self, method: str) -> list[Call]:
        """The calls of one method that did what they asked."""
        return [call for call in self.calls if call.method == method and call.ok]

    @property
    def failures(self) -> list[Answer]:
        """The requests that the app did not answer well and in time."""
        return self.delivery.failures

    def limit_rates(self, *, on: bool) -> None:
        """Count calls against Slack's rates, or let any number through."""
        self.api.rates.on = on

    # --- towards the app ---

    def replay(self, request: Request) -> Answer:
        """Send a request again exactly as it was."""
        return self.delivery.carry(request)

    def sends_event(self, payload: Json) -> Answer:
        """Send an event and remember it when the app fails to take it."""
        answer = self.delivery.send("events_api", payload)
        self._remember([answer])
        return answer

    def _remember(self, answers: list[Answer]) -> None:
        with self.space.lock:
            self._undelivered += [answer for answer in answers if _waits(answer)]

    def send_event(self, event: Json) -> Answer:
        """Send any event, wrapped as Slack wraps it."""
        with self.space.lock:
            payload = self.payloads.event(event)
        return self.sends_event(payload)

    def redeliver_events(self) -> list[Answer]:
        """Send every event again that the app failed to take, at most three times each."""
        return self._redeliver(lambda _: True)

    def redeliver_due(self) -> list[Answer]:
        """Send again what is due by the workspace's clock; for whoever lets its time pass, once a second or so."""
        now = self.space.now()
        return self._redeliver(lambda failed: _due(failed) <= now)

    @property
    def next_retry(self) -> datetime | None:
        """When the next event is due to be sent again, if any is."""
        with self.space.lock:
            return min(map(_due, self._undelivered), default=None)

    def _redeliver(self, chosen: Callable[[Answer], bool]) -> list[Answer]:
        with self.space.lock:
            waiting = [failed for failed in self._undelivered if chosen(failed)]
            self._undelivered = [failed for failed in self._undelivered if not chosen(failed)]
        answers = [self.delivery.again(failed) for failed in sorted(waiting, key=_due)]
        self._remember(answers)
        return answers

    def tells_of(self, message: Message) -> None:
        """Send the events that a person's message makes, where the app subscribes to them."""
        channel = self.channels[message.channel]
        if self.bot_user not in channel.members or not self.delivery.listened_to:
            return
        kind = "im" if channel.is_dm else "groups" if channel.is_private else "channels"
        mentioned = f"<@{self.bot_user}>" in message.text and not channel.is_dm
        wanted = {"message": f"message.{kind}"} | ({"app_mention": "app_mention"} if mentioned else {})
        for event, subscription in wanted.items():
            if self.manifest is None or subscription in self._events():
                with self.space.lock:
                    payload = self.payloads.message_said(message, event)
                self.sends_event(payload)

    def changes_person(self, identifier: str, **traits: Any) -> Answer | None:
        """Change somebody's account, as an administrator would; the app hears of it when it subscribes to that."""
        with self.space.lock:
            member = self.space.member(identifier)
            for name, value in traits.items():
                setattr(member, name, value)
            user = self.api.user_body(member, locale=True)
        return self._tell("user_change", user=user)

    def changes_channel(self, identifier: str, kind: str, **flags: Any) -> Answer | None:
        """Change a channel, or take it away with "channel_deleted"; the app hears of it under *kind*."""
        with self.space.lock:
            for name, value in flags.items():
                setattr(self.channels[identifier], name, value)
            if kind == "channel_deleted":
                del self.channels[identifier]
        return self._tell(kind, channel=identifier)

    def _tell(self, kind: str, **about: Any) -> Answer | None:
        wanted = self.manifest is None or kind in self._events()
        return self.send_event({"type": kind, **about, "event_ts": self.space.ts()}) if wanted else None

    def uninstall(self) -> None:
        """Take the app out of the workspace: its token ends, and it is told."""
        self.tokens[self.bot_token] = "revoked"
        for event in (
            {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot_user]}},
            {"type": "app_uninstalled"},
        ):
            if self.manifest is None or event["type"] in self._events():
                self.send_event(event)

    def note_ack(self, view: View, body: Json) -> None:
        """Write down what the app answered to a form."""
        shown = copy(view.body)
        append(self.desk.record, {"method": "view_ack", "args": body, "view": shown})

    # --- what the manifest allows ---

    def _granted(self, without: frozenset[str]) -> frozenset[str]:
        scopes = self._part("oauth_config", "scopes")
        needed = without - frozenset(scopes.get("bot_optional") or ())
        if needed:
            message = f"These scopes are not optional in the manifest: {', '.join(sorted(needed))}."
            raise ValueError(message)
        return frozenset(scopes.get("bot") or ()) - without

    def _part(self, *path: str) -> Json:
        part: Any = self.manifest or {}
        for name in path:
            part = part.get(name) or {}
        return part if isinstance(part, dict) else {}

    def _bot_name(self) -> str:
        return str(self._part("features", "bot_user").get("display_name") or "App")

    def _events(self) -> list[str]:
        return list(self._part("settings", "event_subscriptions").get("bot_events") or ())

    def _command(self, command: str) -> Json:
        known: list[Json] = self._part("features").get("slash_commands") or []
        return next((one for one in known if one["command"] == command), {})

    def expect_command(self, command: str) -> None:
        """Raise LookupError when the manifest has no such command."""
        if self.manifest is not None and not self._command(command):
            message = f"{command} is not a command of this workspace."
            raise LookupError(message)

    def expect_shortcut(self, callback_id: str, kind: str) -> None:
        """Raise LookupError when the manifest has no such shortcut."""
        known = self._part("features").get("shortcuts") or []
        if self.manifest is not None and not any((s["callback_id"], s["type"]) == (callback_id, kind) for s in known):
            message = f"There is no {kind} shortcut {callback_id!r}."
            raise LookupError(message)
        self.expect_interactivity()

    def expect_interactivity(self) -> None:
        """Raise LookupError when the manifest leaves interactivity off."""
        if self.manifest is not None and not self._part("settings", "interactivity").get("is_enabled"):
            message = "Interactivity is not switched on in the manifest."
            raise LookupError(message)

    def expect_event(self, event: str) -> None:
        """Raise LookupError when the manifest does not subscribe to such an event."""
        if self.manifest is not None and event not in self._events():
            message = f"The manifest does not subscribe to {event}."
            raise LookupError(message)

    def escape(self, command: str, text: str) -> str:
        """The text of a command as the app receives it: names become ids where the manifest asks."""
        if not self._command(command).get("should_escape"):
            return text
        return self._with_ids(re.sub(r"&(?!amp;|lt;|gt;)", "&amp;", text), labelled=True)

    def written(self, text: str) -> str:
        """What somebody typed as Slack stores it in a message: names become ids, and addresses stand in brackets."""
        parts = re.split(r"(https?://[^\s<>]+)", text)
        parts[::2] = [self._with_ids(entering.quiet(part), labelled=False) for part in parts[::2]]
        parts[1::2] = [f"<{entering.quiet(address)}>" for address in parts[1::2]]
        return "".join(parts)

    def _with_ids(self, text: str, *, labelled: bool) -> str:
        for member in self.space.members.values():
            name = rf"@({re.escape(member.name)}|{re.escape(member.handle)})\b"
            named = f"<@{member.id}|{member.handle}>" if labelled else f"<@{member.id}>"
            text = re.sub(name, named, text, flags=re.IGNORECASE)
        for channel in self.channels.values():
            if not channel.is_dm:
                name = rf"#{re.escape(channel.name)}(?![\w-])"
                text = re.sub(name, f"<#{channel.id}|{channel.name}>", text)
        return text
