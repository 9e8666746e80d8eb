"""People who act in the workspace and see what is shown to them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from playground import entering, limits
from playground.delivery import Answer, Request
from playground.reading import controls, initially
from playground.validate import Refusal, refuse_for, require_message, require_options, require_view
from playground.workspace import Channel, Member, Message, ResponseUrl, View

if TYPE_CHECKING:
    from playground.slack import Slack

Json = dict[str, Any]
Surface = Message | View
On = Surface | str | None


class Person:
    """Somebody at their own screen."""

    def __init__(self, slack: "Slack", member: Member) -> None:
        """Sit *member* down in front of *slack*."""
        self.slack = slack
        self.member = member
        self.id = member.id
        self.name = member.name
        self._offered: dict[tuple[str, str], list[Json]] = {}  # What an external select was last offered.

    # --- seeing ---

    @property
    def dm(self) -> list[Message]:
        """The direct conversation with the app."""
        return self.sees(None)

    @property
    def dm_channel(self) -> str:
        """The id of the direct conversation with the app."""
        with self.slack.space.lock:
            return self.slack.space.dm(self.id).id

    @property
    def home(self) -> View | None:
        """The Home tab the app published for this person."""
        return self.slack.space.home(self.id)

    @property
    def modal(self) -> View | None:
        """The modal on top."""
        return self.modals[-1] if self.modals else None

    @property
    def modals(self) -> list[View]:
        """Every open modal, the top one last."""
        return self.slack.space.stack(self.id)

    def sees(self, channel: str | None = None) -> list[Message]:
        """The messages this person is shown in a channel, or in the direct conversation with the app."""
        with self.slack.space.lock:
            self.slack.desk.catch_up()
            where = self.slack.space.channels[channel] if channel else self.slack.space.dm(self.id)
            return [
                message
                for message in self.slack.space.messages
                if message.channel == where.id and self.may_see(message)
            ]

    def may_see(self, message: Message) -> bool:
        """Whether a message stands on this person's screen, in some channel."""
        channel = self.slack.space.channels[message.channel]
        inside = self.id in channel.members or not (channel.is_private or self.member.is_stranger)
        return inside and not message.deleted and message.only_for in (None, self.id)

    # --- acting ---

    def types(self, command: str, text: str = "", channel: str | None = None) -> Answer:
        """Type a slash command."""
        self.slack.expect_command(command)
        space = self.slack.space
        with space.lock:
            where = space.channels[channel] if channel else space.dm(self.id)
            payload = self.slack.payloads.command(self.member, where, command, self.slack.escape(command, text))
        answer = self.slack.delivery.send("slash_commands", payload)
        if answer.ok and answer.body:
            self._show(answer, where)
        return answer

    def _show(self, answer: Answer, where: Channel) -> None:
        said = answer.body if isinstance(answer.body, dict) else {"text": str(answer.body)}
        with self.slack.space.lock:
            try:
                unknown = sorted(set(said) - limits.RESPONSE_FIELDS)
                refuse_for("invalid_arguments", [(f"/{name}", "unknown argument") for name in unknown])
                require_message(said)
            except Refusal as refusal:
                self._fail(answer, "command_ack", said, refusal)
                return
            right = ResponseUrl(where.id, self.id, self.slack.space.now())
            answer.shown = self.slack.desk.answer_with(right, said)

    def _fail(self, answer: Answer, kind: str, body: Json, refusal: Refusal) -> None:
        answer.error = refusal.error
        answer.ended = self.slack.space.number()
        self.slack.delivery.failures.append(answer)
        self.slack.desk.refuse_ack(kind, body, refusal)

    def uses_shortcut(self, callback_id: str) -> Answer:
        """Use a global shortcut."""
        self.slack.expect_shortcut(callback_id, "global")
        with self.slack.space.lock:
            payload = self.slack.payloads.shortcut(self.member, callback_id)
        return self.slack.delivery.send("interactive", payload)

    def uses_message_shortcut(self, callback_id: str, message: Message) -> Answer:
        """Use a shortcut on a message."""
        self.slack.expect_shortcut(callback_id, "message")
        with self.slack.space.lock:
            payload = self.slack.payloads.message_shortcut(self.member, callback_id, message)
        return self.slack.delivery.send("interactive", payload)

    def opens_home(self, tab: str = "home") -> Answer:
        """Look at the app's Home tab, or at its messages with the tab "messages"."""
        self.slack.expect_event("app_home_opened")
        with self.slack.space.lock:
            payload = self.slack.payloads.home_opened(self.member, tab)
        return self.slack.sends_event(payload)

    def says(self, text: str, channel: str | None = None, thread_ts: str | None = None) -> Message:
        """Say something; the app hears of it when it subscribes to such messages."""
        space = self.slack.space
        with space.lock:
            where = space.channels[channel] if channel else space.dm(self.id)
            message = space.say(where.id, self.id, text=text, thread_ts=thread_ts)
        self.slack.tells_of(message)
        return message

    def uploads(self, name: str, data: bytes, kind: str = "") -> str:
        """Take a file from this person's own disk and give its id, for a field that takes files.

        *kind* is its MIME type, where its name does not say. Raises ValueError when it is too large.
        """
        with self.slack.space.lock:
            try:
                return self.slack.api.keep(self.id, name, data, kind).id
            except Refusal as refusal:
                message = f"{name!r} is too large: {limits.FILE_BYTES:,} bytes are the most for a file."
                if refusal.error == "storage_limit_reached":
                    message = f"There is no room for {name!r}: {limits.FILES_BYTES:,} bytes are the most for all files."
                raise ValueError(message) from refusal

    def _files(self, value: Any) -> list[Json]:
        names = [value] if value and isinstance(value, str) else list(value or ())
        with self.slack.space.lock:
            files = [self.slack.space.files.get(name) for name in names]
            if not all(file is not None and file.user == self.id for file in files):
                message = "Only files that this person has uploaded can be put there."
                raise ValueError(message)
            return [self.slack.api.file_body(file) for file in files if file]

    def presses(self, button: str, on: On = None, *, value: str | None = None) -> Answer:
        """Press a button, named by its words or its action_id; *value* tells apart buttons of one name."""
        for surface in self._before(on):
            found = [
                (block, element)
                for block, element in controls(surface.all_blocks)
                if element["type"] == "button"
                and button in (element["text"]["text"], element["action_id"])
                and value in (None, element.get("value"))
            ]
            if len({(element["action_id"], element.get("value")) for _, element in found}) > 1:
                values = ", ".join(repr(element.get("value")) for _, element in found)
                message = f"{len(found)} buttons are called {button!r}; tell them apart by value=, one of {values}."
                raise LookupError(message)
            if found:
                return self._act(surface, entering.press(*found[0]))
        raise LookupError(self._nothing("button", button, on))

    def chooses(self, action_id: str, value: Any, on: On = None) -> Answer:
        """Choose in a select, picker, checkbox or overflow menu that stands outside a form's inputs."""
        for surface in self._before(on):
            for block, element in controls(surface.all_blocks):
                if element["action_id"] == action_id and element["type"] != "button":
                    answer = self._enter(surface, block, element, value)
                    return answer or self._silent(action_id)
        raise LookupError(self._nothing("element", action_id, on))

    def enters(self, surface: Surface, block_id: str, action_id: str, value: Any) -> None:
        """Put a value into a field without telling the app; raises LookupError or ValueError as touches does."""
        block, element = self._element(surface, block_id, action_id)
        self._keep(surface, block, element, self._entry(surface, block, element, value))

    def _element(self, surface: Surface, block_id: str, action_id: str) -> tuple[Json, Json]:
        self._check_there(surface)
        for block, element in controls(surface.all_blocks):
            if (block["block_id"], element["action_id"]) == (block_id, action_id):
                return block, element
        message = "That is not there any more."
        raise LookupError(message)

    def touches(
        self, surface: Surface, block_id: str, action_id: str, value: Any = None, *, enter: bool = False
    ) -> Answer | None:
        """Use the one element of that block and action; *enter* says that the Enter key ended what was typed.

        Gives the app's answer where the app is told at once. Raises LookupError when the element is not there, and
        ValueError when Slack would not take the value.
        """
        block, element = self._element(surface, block_id, action_id)
        if element["type"] == "button":
            return self._act(surface, entering.press(block, element))
        return self._enter(surface, block, element, value, enter=enter)

    def _silent(self, action_id: str) -> Answer:
        message = f"{action_id!r} is told only when the form is sent: it has no dispatch_action, use fills()."
        raise LookupError(message)

    def _before(self, on: On) -> Iterator[Surface]:
        if on == "home":
            if self.home is None:
                message = f"{self.name} has no Home tab yet."
                raise LookupError(message)
            yield self.home
        elif isinstance(on, Message | View):
            self._check_there(on)
            yield on
        elif self.modal is not None:
            yield self.modal
        else:
            yield from self._everything()

    def _check_there(self, surface: Surface) -> None:
        mine = isinstance(surface, View) and surface.open and surface.user == self.id
        if not mine and not (isinstance(surface, Message) and self.may_see(surface)):
            message = f"{self.name} does not see that any more."
            raise LookupError(message)

    def _everything(self) -> list[Surface]:
        with self.slack.space.lock:
            shown: list[Surface] = [message for message in self.slack.space.messages if self.may_see(message)]
            return sorted([*shown, *([self.home] if self.home else [])], key=lambda surface: -surface.order)

    def _nothing(self, kind: str, name: str, on: On) -> str:
        visible = [label for surface in self._before(on) for label in surface.buttons]
        actions = [element["action_id"] for surface in self._before(on) for _, element in controls(surface.all_blocks)]
        seen = ", ".join(repr(label) for label in visible) or "none"
        return f"{self.name} sees no {kind} {name!r}. Buttons: {seen}. Actions: {', '.join(actions) or 'none'}."

    def _act(self, surface: Surface, action: Json) -> Answer:
        self.slack.expect_interactivity()
        with self.slack.space.lock:
            if isinstance(surface, Message):
                payload = self.slack.payloads.action_in_message(self.member, surface, action)
            else:
                payload = self.slack.payloads.action_in_view(self.member, surface, action)
        return self.slack.delivery.send("interactive", payload)

    def _enter(self, surface: Surface, block: Json, element: Json, value: Any, *, enter: bool = False) -> Answer | None:
        state = self._entry(surface, block, element, value)
        if element["type"] != "overflow":
            self._keep(surface, block, element, state)
        if entering.says_at_once(block, element, enter=enter):
            return self._act(surface, entering.action(block, element, state))
        return None

    def _entry(self, surface: Surface, block: Json, element: Json, value: Any) -> Json:
        if element["type"] == "file_input":
            return entering.entry(element, self._files(value))
        if not element["type"].endswith("external_select"):
            return entering.entry(element, value)
        place = block["block_id"], element["action_id"]
        states = surface.state if isinstance(surface, View) else surface.states.get(self.id, {})
        state = (states.get(place[0]) or {}).get(place[1]) or initially(element)
        chosen = state.get("selected_options") or [state.get("selected_option")]
        known = [option for option in chosen if option] + self._offered.get(place, [])
        return entering.entry({**element, "options": known}, value)

    def suggestions(self, surface: Surface, block_id: str, action_id: str, typed: str) -> list[Json]:
        """The options, or groups of them, that the app offers for what was typed into an external select.

        Nothing where too little was typed, and where the app does not answer well: the answer is then the last of the
        deliveries. Raises LookupError when the element is not there.
        """
        _, element = self._element(surface, block_id, action_id)
        if not element["type"].endswith("external_select"):
            message = f"{action_id!r} has its own options: the app is not asked for them."
            raise LookupError(message)
        if len(typed) < element.get("min_query_length", limits.QUERY_LENGTH):
            return []
        self.slack.expect_interactivity()
        with self.slack.space.lock:
            payload = self.slack.payloads.suggestion(self.member, surface, (block_id, action_id), typed)
        answer = self.slack.delivery.send("interactive", payload)
        try:
            offered = require_options(answer.body) if answer.ok else []
        except Refusal as refusal:
            said = answer.body if isinstance(answer.body, dict) else {"body": answer.body}
            self._fail(answer, "options_ack", said, refusal)
            return []
        self._offered[block_id, action_id] = [option for one in offered for option in one.get("options", [one])]
        return offered

    def _keep(self, surface: Surface, block: Json, element: Json, state: Json) -> None:
        with self.slack.space.lock:
            held = surface.state if isinstance(surface, View) else surface.states.setdefault(self.id, {})
            held.setdefault(block["block_id"], {})[element["action_id"]] = state

    # --- forms ---

    def fills(self, **values: Any) -> Answer | None:
        """Fill in fields of the top modal by block_id; the app's last answer, where it was told at once."""
        answer = None
        for name, value in values.items():
            answer = self._fill(name, value) or answer
        return answer

    def fills_in(self, **values: Any) -> Answer | None:
        """Fill in fields all at once; then the app is told of each, where it wants to be told at once."""
        view, entered = self._top(), []
        with self.slack.space.lock:
            for name, value in values.items():
                block, element = self._field(view, name)
                entered.append((block, element, self._entry(view, block, element, value)))
            for one in entered:
                self._keep(view, *one)
            view.filled = self.slack.space.number()
        told = [self._act(view, entering.action(*one)) for one in entered if entering.says_at_once(*one[:2])]
        return told[-1] if told else None

    def _fill(self, name: str, value: Any) -> Answer | None:
        view = self._top()
        block, element = self._field(view, name)
        try:
            entered = [value]
            if self.slack.keystrokes and isinstance(value, str) and element["type"] == "plain_text_input":
                entered = [value[:end] for end in range(10, len(value), 10)] + [value]
            return [self._enter(view, block, element, part) for part in entered][-1]
        except ValueError as error:
            message = f"{name}: {error}"
            raise ValueError(message) from None

    def _field(self, view: View, name: str) -> tuple[Json, Json]:
        found = [(block, element) for block, element in controls(view.blocks) if block["block_id"] == name]
        if not found or found[0][1]["type"] == "button":
            known = ", ".join(dict.fromkeys(block["block_id"] for block, _ in controls(view.blocks)))
            message = f"{view.title!r} has no field {name!r}; it has {known}."
            raise LookupError(message)
        return found[0]

    def _top(self) -> View:
        if self.modal is None:
            message = f"{self.name} has no modal open."
            raise LookupError(message)
        return self.modal

    def submits(self, *, force: bool = False) -> Answer:
        """Send the top modal off; Slack's client keeps an incomplete one back unless forced."""
        view = self._top()
        if not view.body.get("submit"):
            message = f"{view.title!r} has nothing to press but close."
            raise LookupError(message)
        empty = entering.missing(view.blocks, view.state)
        if empty and not force:
            message = f"These fields must be filled: {', '.join(empty)}."
            raise ValueError(message)
        self.slack.expect_interactivity()
        with self.slack.space.lock:
            view.errors, view.trouble = {}, ""
            payload = self.slack.payloads.submission(self.member, view)
        answer = self.slack.delivery.send("interactive", payload)
        self._acknowledged(view, answer)
        return answer

    def _acknowledged(self, view: View, answer: Answer) -> None:
        if not answer.ok:
            with self.slack.space.lock:
                view.trouble = "We had some trouble connecting. Try again?"
                self.slack.space.number()
            return
        body = answer.body
        if isinstance(body, dict) and body:
            self.slack.note_ack(view, body)
        with self.slack.space.lock:
            try:
                self._follow(view, body or {})
            except Refusal as refusal:
                view.trouble = "We had some trouble connecting. Try again?"
                self._fail(answer, "view_ack", body if isinstance(body, dict) else {"body": body}, refusal)

    def _follow(self, view: View, body: Any) -> None:
        space = self.slack.space
        kind = body.get("response_action") if isinstance(body, dict) else "text"
        if kind is None and not body:
            space.close_one(view)
        elif kind == "clear":
            space.close(self.id, everything=True)
        elif kind == "errors":
            view.errors = _checked_errors(view, body.get("errors"))
            space.number()
        elif kind == "update":
            space.change(view, require_view(body.get("view"), "modal"))
        elif kind == "push":
            shown = require_view(body.get("view"), "modal")
            if len(self.modals) >= limits.VIEW_STACK:
                raise Refusal("push_limit_reached")
            space.show(self.id, shown)
        else:
            raise Refusal("invalid_arguments", ("[ERROR] not a response to a submission",))

    def closes(self, *, everything: bool = False) -> Answer | None:
        """Close the top modal, or all of them; the app is told where the view asks for it."""
        self._top()
        answer = None
        everything = everything or bool(self._top().body.get("clear_on_close"))
        with self.slack.space.lock:
            closed = self.slack.space.close(self.id, everything=everything)
        for view in closed:
            if view.body.get("notify_on_close"):
                with self.slack.space.lock:
                    payload = self.slack.payloads.closing(self.member, view, everything=everything)
                answer = self.slack.delivery.send("interactive", payload)
        return answer

    def replays(self, request: Request) -> Answer:
        """Send a request again exactly as it was: the same body under the same signature."""
        return self.slack.replay(request)

    def __repr__(self) -> str:
        """The name and id."""
        return re.sub(r"\s+", " ", f"<{self.name} {self.id}>")


def _checked_errors(view: View, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        refuse_for("invalid_arguments", [("/errors", "must name a block and a sentence")])
    wrong = [(f"/errors/{name}", "no input has this block_id") for name in errors if name not in inputs]
    wrong += [
        (f"/errors/{name}", "must be a sentence")
        for name, what in errors.items()
        if not isinstance(what, str) or not what
    ]
    refuse_for("invalid_arguments", wrong)
    return dict(errors)
