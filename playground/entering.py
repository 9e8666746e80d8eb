"""What may be entered into a field, as Slack's own client sees to it before the app hears of it."""

import re
from typing import Any

from playground import block_kit, limits, reading
from playground.validate import options_of

Json = dict[str, Any]
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def entry(element: Json, value: Any) -> Json:
    """The state of an element after *value* was entered; raises ValueError where Slack would not take it."""
    kind = element["type"]
    key, empty = reading.HELD[kind]
    if value is None or value in ("", [], ()):
        return {"type": kind, key: list(empty) if isinstance(empty, list) else empty}
    if kind == "file_input":
        return {"type": kind, key: _files(element, value)}
    if isinstance(empty, list):
        return {"type": kind, key: _several(element, value)}
    if kind in ("static_select", "radio_buttons", "external_select", "overflow"):
        return {"type": kind, key: _option(element, value)}
    return {"type": kind, key: _single(element, value)}


def _single(element: Json, value: Any) -> Any:
    kind = element["type"]
    if kind == "datetimepicker":
        return int(value)
    if kind == "rich_text_input":
        return value if isinstance(value, dict) else _rich(str(value))
    text = str(value)
    if kind in block_kit.TYPED:
        _check_typed(element, text)
    if kind == "datepicker" and not _DATE.fullmatch(text):
        _no(f"{text!r} is no date such as 2026-06-08")
    if kind == "timepicker" and not _TIME.fullmatch(text):
        _no(f"{text!r} is no time such as 09:30")
    return text


def _check_typed(element: Json, text: str) -> None:
    kind = element["type"]
    most, least = element.get("max_length", 3000), element.get("min_length", 0)
    if len(text) > most:
        _no(f"{len(text)} characters are more than the {most} the field holds")
    if len(text) < least:
        _no(f"{len(text)} characters are fewer than the {least} the field needs")
    if kind == "email_text_input" and not _EMAIL.fullmatch(text):
        _no(f"{text!r} is no e-mail address")
    if kind == "url_text_input" and not re.match(r"https?://\S+$", text):
        _no(f"{text!r} is no address of a page")
    if kind == "number_input":
        _check_number(element, text)


def _check_number(element: Json, text: str) -> None:
    pattern = r"-?\d+(\.\d+)?" if element["is_decimal_allowed"] else r"-?\d+"
    if not re.fullmatch(pattern, text):
        _no(f"{text!r} is no number that fits here")
    low, high = element.get("min_value"), element.get("max_value")
    if (low and float(text) < float(low)) or (high and float(text) > float(high)):
        _no(f"{text} is outside {low or '…'} to {high or '…'}")


def _several(element: Json, value: Any) -> list[Any]:
    chosen = [value] if isinstance(value, str) else list(value)
    most = element.get("max_selected_items")
    if most and len(chosen) > most:
        _no(f"{len(chosen)} are more than the {most} that may be chosen")
    if element["type"] in ("checkboxes", "multi_static_select", "multi_external_select"):
        return [_option(element, one) for one in chosen]
    return [str(one) for one in chosen]


def _files(element: Json, bodies: list[Json]) -> list[Json]:
    most, kinds = element.get("max_files", limits.FILES_IN_A_FIELD), element.get("filetypes")
    if len(bodies) > most:
        _no(f"{len(bodies)} files are more than the {most} that may be uploaded")
    for body in bodies:
        if kinds and not {body["filetype"], body["name"].rpartition(".")[2].lower()} & {each.lower() for each in kinds}:
            _no(f"{body['name']!r} is none of the kinds that are taken: {', '.join(kinds)}")
    return bodies


def _option(element: Json, value: Any) -> Json:
    if isinstance(value, dict):
        return value
    for option in options_of(element):
        if value in (option["value"], option["text"]["text"]):
            return option
    known = ", ".join(repr(option["value"]) for option in options_of(element))
    _no(f"{value!r} is none of the options: {known}")
    raise AssertionError


def _rich(text: str) -> Json:
    words = [{"type": "text", "text": text}]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": words}]}


def _no(why: str) -> None:
    raise ValueError(why)


def says_at_once(block: Json, element: Json, *, enter: bool = False) -> bool:
    """Whether entering something is told to the app at once, not only when the form is sent."""
    if block["type"] != "input":
        return True
    if not block.get("dispatch_action"):
        return False
    on = (element.get("dispatch_action_config") or {}).get("trigger_actions_on", ["on_enter_pressed"])
    told = "on_enter_pressed" if enter else "on_character_entered"
    return element["type"] not in block_kit.TYPED or told in on


def missing(blocks: list[Json], state: Json) -> list[str]:
    """The fields that must be filled and are not, by block_id."""
    return [
        block["block_id"]
        for block, element in reading.controls(blocks)
        if block["type"] == "input"
        and not block.get("optional")
        and reading.held(state[block["block_id"]][element["action_id"]]) in (None, "", [])
    ]


def action(block: Json, element: Json, state: Json) -> Json:
    """The action Slack tells when an element now holds *state*."""
    told = {"action_id": element["action_id"], "block_id": block["block_id"], **state}
    return told | {name: element[name] for name in ("placeholder", "confirm") if name in element}


def press(block: Json, button: Json) -> Json:
    """The action Slack tells when a button is pressed."""
    told = {
        "type": "button",
        "action_id": button["action_id"],
        "block_id": block["block_id"],
        "text": button["text"],
    }
    return told | {name: button[name] for name in ("value", "style", "url", "confirm") if name in button}


def quiet(text: str) -> str:
    """What somebody typed as Slack stores it: the three signs that mean something are written as names."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
