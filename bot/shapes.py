"""What must be in a request of Slack so that it can be understood, by kind; more may always be there."""

import re
from typing import Any

# Where a pattern stands, people's words cannot: names and ids may be written to the log. Where `str` stands, they can.
NAME = re.compile(r"\S{1,255}")
WORD = re.compile(r"\S{0,255}")
ID = re.compile(r"[A-Z0-9]{1,32}")
COMMAND = "command"

# A name with a question mark may be missing or null. What else Bolt looks at has its type here, too.
COMMON: dict[str, Any] = {
    "trigger_id?": NAME,
    "response_url?": str,
    "enterprise?": dict,
    "channel?": dict,
    "message?": dict,
    "view?": dict,
    "thread_ts?": str,
}
PRESSED: dict[str, Any] = {**COMMON, "team?": {"id": ID}, "user": {"id": ID, "team_id?": ID}}
VIEW: dict[str, Any] = {
    "id": NAME,
    "hash": NAME,
    "type": NAME,
    "callback_id": WORD,
    "private_metadata": str,
    "blocks": [{"type": NAME, "block_id": str}],
    "state": {"values": {}},
    "app_installed_team_id?": ID,
}
ACTION: dict[str, Any] = {"type": NAME, "action_id": NAME, "action_ts": NAME, "block_id?": str, "value?": str}

SHAPES: dict[str, dict[str, Any]] = {
    COMMAND: {"command": NAME, "text?": str, "team_id": ID, "user_id": ID, "trigger_id": NAME},
    "shortcut": {**PRESSED, "trigger_id": NAME, "callback_id": NAME},
    "block_actions": {**PRESSED, "trigger_id": NAME, "actions": [ACTION], "view?": VIEW},
    "view_submission": {**PRESSED, "view": VIEW},
    "view_closed": {**PRESSED, "view": {"callback_id?": WORD}},
    "event_callback": {
        "team_id": ID,
        "event_id": NAME,
        "event": {"type": NAME, "user?": (str, dict), "tab?": str, "view?": {"hash": NAME}},
        "authorizations?": [dict],
        "enterprise_id?": str,
    },
    "url_verification": {"challenge": NAME},
}


def fits(value: Any, shape: Any) -> bool:
    """Whether *value* holds at least what *shape* asks for."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(_holds(value, name, inner) for name, inner in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and bool(value) and all(fits(each, shape[0]) for each in value)
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and bool(shape.fullmatch(value))
    return isinstance(value, shape)


def _holds(value: dict[str, Any], name: str, shape: Any) -> bool:
    bare = name.removesuffix("?")
    if bare != name and value.get(bare) is None:
        return True
    return bare in value and fits(value[bare], shape)
