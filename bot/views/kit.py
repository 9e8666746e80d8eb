"""The pieces views are made of: people's words made quiet, blocks, buttons, inputs, messages, modals."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from bot.domain.words import day_words, storable
from bot.views.names import Action, Form

Block = dict[str, Any]
View = dict[str, Any]

MOST_SECTION = 3000
MOST_MESSAGE = 3900
MOST_QUIET = 2900
MOST_PEOPLE = 30
ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# These reorder or hide the text around them; marks that right-to-left languages need are kept.
OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
BROADCAST = re.compile(r"@(?=channel|here|everyone|group)", re.IGNORECASE)
WORD_JOINER = "\u2060"


def quiet(words: str | None, room: int = MOST_QUIET) -> str:
    """People's words for a mrkdwn text: they ping nobody, disguise no link, and fit into *room* characters."""
    plain = BROADCAST.sub("@" + WORD_JOINER, (words or "").translate(OVERRIDES))
    pieces = [ESCAPED.get(letter, letter) for letter in plain]
    if sum(map(len, pieces)) <= room:
        return "".join(pieces)
    kept: list[str] = []
    length = 1
    for piece in pieces:
        if (length := length + len(piece)) > room:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…"


def person(slack_id: str) -> str:
    """A mention of somebody."""
    return f"<@{slack_id}>"


def channel(slack_id: str) -> str:
    """A link to a channel."""
    return f"<#{slack_id}>"


def day(when: date) -> str:
    """A day as people say it."""
    return day_words(when)


def moment(when: datetime) -> str:
    """A moment, shown in the reader's own zone."""
    fallback = f"{day_words(when.date())} at {when:%H:%M} UTC"
    return f"<!date^{int(when.timestamp())}^{{date_long}} at {{time}}|{fallback}>"


def plain(text: str) -> Block:
    """Our own words, shown as they are."""
    return {"type": "plain_text", "text": text, "emoji": False}


def mrkdwn(text: str) -> Block:
    """A formatted text in which nothing that people typed is turned into a mention or link."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text)}


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph, with a button beside it if there is one."""
    block: Block = {"type": "section", "text": mrkdwn(text[:MOST_SECTION])}
    return block | {"accessory": accessory} if accessory else block


def labelled(label: str, words: str | None) -> Block:
    """A label of ours above somebody's words."""
    return section(f"*{label}*\n{quiet(words)}")


def context(*texts: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [mrkdwn(text[:MOST_SECTION]) for text in texts]}


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def button(
    label: str,
    action: Action,
    value: object = "-",
    *,
    about: str = "",
    style: str = "",
    confirm: Block | None = None,
) -> Block:
    """A button; *about* names the thing for those who hear the label alone."""
    block: Block = {"type": "button", "text": plain(label), "action_id": action.value, "value": str(value)}
    if about:
        block["accessibility_label"] = f"{label}: {about}"[:75]
    if style:
        block["style"] = style
    if confirm:
        block["confirm"] = confirm
    return block


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """A question before something is done."""
    return {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain(no)}


def actions(*buttons: Block | None) -> list[Block]:
    """A row of the buttons that are there; nothing when there is none."""
    present = [each for each in buttons if each]
    return [{"type": "actions", "elements": present}] if present else []


def option(value: str, label: str) -> Block:
    """One choice."""
    return {"text": plain(label), "value": value}


def options(choices: Mapping[Any, str]) -> list[Block]:
    """Choices, in their order."""
    return [option(str(value), label) for value, label in choices.items()]


def chosen(choices: Mapping[Any, str], values: Iterable[Any]) -> list[Block]:
    """Those of the choices whose value is among *values*."""
    wanted = {str(value) for value in values}
    return [each for each in options(choices) if each["value"] in wanted]


def field(
    name: str, label: str, element: Block, *, hint: str = "", optional: bool = False, dispatch: bool = False
) -> Block:
    """An input of a form; its block and its element carry the same name."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint)
    if dispatch:
        block["dispatch_action"] = True
    return block


def text_input(
    initial: str | None = None, *, most: int, lines: bool = True, example: str = "", dispatch: bool = False
) -> Block:
    """Room to write, up to *most* characters, with an example in grey."""
    element: Block = {"type": "plain_text_input", "multiline": lines, "max_length": most}
    if initial:
        element["initial_value"] = initial[:most]
    if example:
        element["placeholder"] = plain(example)
    if dispatch:
        element["dispatch_action_config"] = {"trigger_actions_on": ["on_character_entered"]}
    return element


def number_input(initial: str | None = None, *, dispatch: bool = False) -> Block:
    """Room for a whole number from 0 up."""
    element: Block = {"type": "number_input", "is_decimal_allowed": False, "min_value": "0"}
    if initial and initial.isascii() and initial.isdigit():
        element["initial_value"] = initial
    if dispatch:
        element["dispatch_action_config"] = {"trigger_actions_on": ["on_character_entered"]}
    return element


def select(choices: Mapping[Any, str], initial: object = None, *, placeholder: str = "Choose one") -> Block:
    """One of several choices in a list."""
    element: Block = {"type": "static_select", "options": options(choices), "placeholder": plain(placeholder)}
    if initial is not None and (found := chosen(choices, [initial])):
        element["initial_option"] = found[0]
    return element


def radio(choices: Mapping[Any, str], initial: object = None) -> Block:
    """One of a few choices, all in view."""
    element: Block = {"type": "radio_buttons", "options": options(choices)}
    if initial is not None and (found := chosen(choices, [initial])):
        element["initial_option"] = found[0]
    return element


def checkboxes(choices: Mapping[Any, str], initial: Iterable[Any] = ()) -> Block:
    """Any of a few choices."""
    element: Block = {"type": "checkboxes", "options": options(choices)}
    if found := chosen(choices, initial):
        element["initial_options"] = found
    return element


def date_input(initial: date | str | None = None) -> Block:
    """A day from a calendar."""
    element: Block = {"type": "datepicker", "placeholder": plain("Choose a day")}
    return element | {"initial_date": str(initial)} if initial else element


def person_input(initial: str | None = None) -> Block:
    """Somebody of the workspace."""
    element: Block = {"type": "users_select", "placeholder": plain("Choose a person")}
    return element | {"initial_user": initial} if initial else element


def people_input(initial: Iterable[str] = ()) -> Block:
    """Several people of the workspace, up to `MOST_PEOPLE`."""
    element: Block = {"type": "multi_users_select", "placeholder": plain("Choose people")}
    element["max_selected_items"] = MOST_PEOPLE
    return element | {"initial_users": list(initial)} if initial else element


def modal(
    form: Form, title: str, blocks: list[Block], *, submit: str = "", close: str = "Close", about: object = ""
) -> View:
    """A form, or a notice when it has no *submit*; *about* comes back with its answer."""
    view: View = {
        "type": "modal",
        "callback_id": form.value,
        "title": plain(title),
        "close": plain(close),
        "private_metadata": str(about),
        "blocks": blocks,
    }
    return view | {"submit": plain(submit)} if submit else view


def notice(title: str, *sentences: str) -> View:
    """A form-sized message with nothing to fill in."""
    return modal(Form.NOTICE, title, [section(each) for each in sentences])


def message(*blocks: Block) -> dict[str, Any]:
    """A message whose whole content stands in its text as well: screen readers read nothing else."""
    return {"text": text_of(blocks), "blocks": list(blocks)}


def text_of(blocks: Iterable[Block]) -> str:
    """Everything that *blocks* say, as one text that Slack does not split."""
    lines = [line for block in blocks for line in lines_of(block)]
    kept: list[str] = []
    room = MOST_MESSAGE
    for line in lines:
        if len(line) > room:
            kept.append("…")
            break
        kept.append(line)
        room -= len(line) + 1
    return "\n".join(kept)


def lines_of(block: Block) -> list[str]:
    """What one block says, line by line."""
    if block["type"] == "actions":
        labels = " · ".join(each["text"]["text"] for each in block["elements"])
        return [f"Buttons: {labels}"]
    texts = [block.get("text"), *block.get("fields", []), *(block.get("elements", []))]
    return [line for each in texts if each for line in each["text"].split("\n")]


def values(view: View) -> dict[str, Any]:
    """What stands in a form: by field, a text, a value, an id, a day, or a list of those; `None` when empty."""
    state = view.get("state", {}).get("values", {})
    return {name: value_of(element) for name, block in state.items() for element in block.values()}


def value_of(element: Block) -> Any:
    """What stands in one input."""
    kind = element.get("type")
    if kind == "checkboxes":
        return [each["value"] for each in element.get("selected_options") or []]
    if kind == "multi_users_select":
        return element.get("selected_users") or []
    if kind in {"static_select", "radio_buttons"}:
        return (element.get("selected_option") or {}).get("value")
    keys = {
        "users_select": "selected_user",
        "channels_select": "selected_channel",
        "conversations_select": "selected_conversation",
        "datepicker": "selected_date",
    }
    value = element.get(keys.get(kind or "", "value"))
    return storable(value) if isinstance(value, str) else value
