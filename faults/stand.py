"""The playground's Slack in a process of its own, with a door for whoever commands it: python -m faults.stand CLOCK."""

from __future__ import annotations

import json
import sys
import threading
from copy import deepcopy
from dataclasses import asdict, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from faults.clock import SharedClock
from playground.mishap import Mishap
from playground.reading import controls
from playground.slack import Slack

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.delivery import Answer

Json = dict[str, Any]
ROOT = Path(__file__).parent.parent
PEOPLE = {"U0ASHA": "Asha Patel", "U0DANA": "Dana Okafor", "U0BEN": "Ben Novak", "U0ADMIN": "Ada Admin"}
CHANNEL = "C0LEARN"
DEEDS = ("types", "presses", "submits", "closes", "opens_home")
ASKED = (
    *("again", "arrived", "calls", "does", "fills", "flips", "forges", "forgive", "go_back", "open"),
    *("refuse", "remember", "screen", "truth", "without"),
)
KEPT = ("members", "channels", "messages", "views", "stacks", "homes", "triggers", "response_urls", "_last")


class Stand:
    """One playground, and what may be asked of it."""

    def __init__(self, clock: SharedClock) -> None:
        manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
        self.slack = Slack(now=clock.now, manifest=manifest)
        self.all_scopes = self.slack.api.scopes
        self.slack.api.rates.on = False  # The bot's own care is looked at by the calls it makes.
        self.pictures: dict[str, Json] = {}
        for identifier, name in PEOPLE.items():
            self.slack.add_person(identifier, name, tz="Europe/London", is_admin=identifier == "U0ADMIN")
        self.slack.add_channel(CHANNEL, "what-we-learned", members=PEOPLE)
        self.slack.invite_bot(CHANNEL)
        self.remember("empty")

    # --- all over again ---

    def remember(self, name: str) -> None:
        """Keep everything as it is now, under a name."""
        with self.slack.space.lock:
            self.pictures[name] = {each: deepcopy(getattr(self.slack.space, each)) for each in KEPT}

    def go_back(self, name: str) -> None:
        """Make everything as it was then, with nothing going wrong and nobody called."""
        with self.slack.space.lock:
            space = self.slack.space
            self.slack.clear()
            for identifier, called in PEOPLE.items():
                self.slack.add_person(identifier, called)
            for each, value in deepcopy(self.pictures[name]).items():
                setattr(space, each, value)
            for person in self.slack.people:
                person.member = space.members[person.id]
            self.slack.api.scopes = self.all_scopes
            self.slack.delivery.twice = False
            self.slack.send_to("")
        self.open(opened=True)

    # --- people ---

    def does(self, who: str, deed: str, *args: Any, **more: Any) -> Json:
        """Let somebody do one thing."""
        if deed not in DEEDS:
            raise LookupError(deed)
        return told(getattr(self.slack.person(who), deed)(*args, **more))

    def fills(self, who: str, values: Json) -> None:
        """Let somebody fill in fields without the bot being told before the form is sent."""
        person = self.slack.person(who)
        view = person.modal
        if view is None:
            message = f"{who} has no form open"
            raise LookupError(message)
        places = {block["block_id"]: element["action_id"] for block, element in controls(view.blocks)}
        for name, value in values.items():
            person.enters(view, name, places[name], value)

    def screen(self, who: str) -> Json:
        """What somebody's top form says, and what stands in its fields."""
        view = self.slack.person(who).modal
        return {"text": view.text, "values": view.values, "errors": view.errors} if view else {}

    def again(self, kind: str, times: int, retry: int = 0, at_once: bool = False) -> list[Json]:  # noqa: FBT001, FBT002
        """Send the last request of a kind again, as it is, in turn or at once."""
        last = next(each.request for each in reversed(self.slack.delivery.sent) if each.request.kind == kind)
        headers = {**last.headers, **({"X-Slack-Retry-Num": str(retry)} if retry else {})}
        request = type(last)(last.kind, last.payload, last.body, headers, retry)
        answers: list[Json] = []
        send = lambda: answers.append(told(self.slack.replay(request)))  # noqa: E731 - one line for both ways.
        threads = [threading.Thread(target=send) for _ in range(times)]
        for thread in threads:
            thread.start()
            if not at_once:
                thread.join()
        for thread in threads:
            thread.join()
        return answers

    def forges(self, who: str, text: str, action: str, value: str) -> Json:
        """Send the press of a button that somebody was never shown, on the newest message that says *text*."""
        on = next(each for each in reversed(self.slack.messages) if text in each.words)
        words = {"type": "plain_text", "text": "Forged"}
        button = {"type": "button", "block_id": "forged", "action_id": action, "text": words, "value": value}
        payload = self.slack.payloads.action_in_message(self.slack.person(who).member, on, button)
        return told(self.slack.delivery.send("interactive", payload))

    # --- what goes wrong ---

    def refuse(self, **mishap: Any) -> None:
        """Let a method go wrong."""
        self.slack.desk.mishaps.append(Mishap(**mishap))

    def forgive(self) -> None:
        """Let nothing more go wrong."""
        self.slack.desk.mishaps.clear()
        self.slack.limit_reading()

    def without(self, scopes: list[str]) -> None:
        """Take scopes away."""
        self.slack.api.scopes = (self.all_scopes or frozenset()) - set(scopes)

    def flips(self, what: str, name: str, **flags: Any) -> None:
        """Change flags of a member or a channel."""
        one: Any = self.slack.channels[name] if what == "channel" else self.slack.space.members[name]
        for flag, value in flags.items():
            setattr(one, flag, value)

    def open(self, *, opened: bool) -> None:
        """Be there, or be gone for whoever calls."""
        if opened and self.slack.server._thread is None:  # noqa: SLF001 - nothing else says whether it is open.
            self.slack.start()
        elif not opened:
            self.slack.stop()

    # --- the truth ---

    def truth(self) -> list[Json]:
        """Everything that the app ever said and everybody can see, deleted or not."""
        self.slack.desk.catch_up()
        ours = self.slack.space.bot_user
        return [
            {
                "channel": each.channel,
                "ts": each.ts,
                "words": each.words,
                "proof": ((each.metadata or {}).get("event_payload") or {}).get("proof"),
                "deleted": each.deleted,
                "thread_ts": each.thread_ts,
            }
            for each in self.slack.space.messages
            if each.user == ours and not each.ephemeral
        ]

    def calls(self) -> list[Json]:
        """Every call of the app."""
        return [
            {
                "method": call.method,
                "ok": call.ok,
                "error": call.answer.get("error") if isinstance(call.answer, dict) else None,
                "at": call.at.timestamp(),
                "seconds": call.seconds,
                "channel": call.args.get("channel"),
                "scripted": call.scripted,
                "undone": call.undone,
            }
            for call in list(self.slack.calls)
        ]

    def arrived(self) -> list[list[str]]:
        """The method and the channel of every call that came in, those under way too."""
        return [[each.method, str(each.args.get("channel"))] for each in list(self.slack.desk.arrived)]

    def asked(self) -> dict[str, Callable[..., Any]]:
        """What may be asked at the door."""
        return {
            **{name: getattr(self, name) for name in ASKED},
            "api_url": lambda: self.slack.api_url,
            "limit_reading": self.slack.limit_reading,
            "send_to": self.slack.send_to,
            "secrets": lambda: [self.slack.bot_token, self.slack.signing_secret, self.slack.app_token],
            "seen": lambda who: [message.words for message in self.slack.person(who).dm],
        }


def told(answer: Answer | None) -> Json:
    """The app's answer, for another process."""
    if answer is None:
        return {}
    kept = {each.name for each in fields(answer)} & {"status", "error", "seconds", "body"}
    return {**{name: getattr(answer, name) for name in kept}, "ok": answer.ok, "text": answer.text}


def handler(stand: Stand) -> type[BaseHTTPRequestHandler]:
    """Serve what may be asked, one JSON request at a time in as many threads as ask."""
    asked = stand.asked()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Do one thing, and say what came of it."""
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                answer: Json = {"answer": asked[said["do"]](*said["args"], **said["more"])}
            except Exception as error:  # noqa: BLE001 - whoever asked must hear of it, whatever it is.
                answer = {"error": f"{type(error).__name__}: {error}"}
            body = json.dumps(answer, default=asdict).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Door


def main() -> None:
    """Serve until the standard input closes, as it does when whoever started this is gone."""
    stand = Stand(SharedClock(Path(sys.argv[1])))
    stand.slack.start()
    door = ThreadingHTTPServer(("127.0.0.1", 0), handler(stand))
    threading.Thread(target=door.serve_forever, daemon=True).start()
    print(door.server_port, flush=True)  # noqa: T201 - whoever started this reads it.
    sys.stdin.read()
    stand.slack.stop()


if __name__ == "__main__":
    main()
