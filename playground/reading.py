"""Reads blocks as a person does: the words on them, the buttons, the fields and what stands in them."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

HELD: dict[str, tuple[str, Any]] = {
    "plain_text_input": ("value", None),
    "email_text_input": ("value", None),
    "url_text_input": ("value", None),
    "number_input": ("value", None),
    "rich_text_input": ("rich_text_value", None),
    "static_select": ("selected_option", None),
    "external_select": ("selected_option", None),
    "radio_buttons": ("selected_option", None),
    "overflow": ("selected_option", None),
    "checkboxes": ("selected_options", []),
    "multi_static_select": ("selected_options", []),
    "multi_external_select": ("selected_options", []),
    "users_select": ("selected_user", None),
    "multi_users_select": ("selected_users", []),
    "conversations_select": ("selected_conversation", None),
    "multi_conversations_select": ("selected_conversations", []),
    "channels_select": ("selected_channel", None),
    "multi_channels_select": ("selected_channels", []),
    "datepicker": ("selected_date", None),
    "timepicker": ("selected_time", None),
    "datetimepicker": ("selected_date_time", None),
    "file_input": ("files", []),
}
TEXTS = ("plain_text", "mrkdwn", "raw_text", "text", "markdown")
_QUIET = ("confirm", "options", "option_groups")


def words(blocks: list[Json]) -> str:
    """Every word that can be seen on the blocks, a line for each piece."""
    return "\n".join(_words(blocks))


def _words(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _words(item)
    elif isinstance(node, dict):
        kind = node.get("type")
        if kind in TEXTS and isinstance(node.get("text"), str):
            yield node["text"]
        elif kind == "user":
            yield f"<@{node.get('user_id')}>"
        elif kind == "link":
            yield str(node.get("text") or node.get("url"))
        else:
            yield from _words_inside(node)


def _words_inside(node: Json) -> Iterator[str]:
    quiet = () if node.get("type") in ("radio_buttons", "checkboxes") else _QUIET
    for name, value in node.items():
        if name in ("initial_value", "alt_text") and isinstance(value, str):
            yield value
        elif name not in quiet and name != "confirm":
            yield from _words(value)


def controls(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every element a person can use, with the block that holds it."""
    for block in blocks:
        for element in (*(block.get("elements") or []), block.get("accessory"), block.get("element")):
            if isinstance(element, dict) and (element.get("type") in HELD or element.get("type") == "button"):
                yield block, element


def labels(blocks: list[Json]) -> list[str]:
    """The words on the buttons, in order."""
    return [element["text"]["text"] for _, element in controls(blocks) if element["type"] == "button"]


def initially(element: Json) -> Json:
    """What an element holds before anybody touches it, as Slack writes it in a state."""
    key, empty = HELD[element["type"]]
    first = key.replace("selected_", "initial_") if key.startswith("selected_") else "initial_value"
    value = element.get(first, empty)
    return {"type": element["type"], key: list(value) if isinstance(value, list) else value}


def held(state: Json | None) -> Any:
    """The plain value of one entry of a state: text, option value, id, or a list of them."""
    if state is None:
        return None
    value = state.get(HELD[state["type"]][0])
    if isinstance(value, list):
        return [item["value"] if isinstance(item, dict) and "value" in item else item for item in value]
    return value["value"] if isinstance(value, dict) and "value" in value else value


def state_of(blocks: list[Json], before: Json | None = None) -> Json:
    """The values of every field; what was entered before stays where block and action are the same."""
    values: Json = {}
    for block, element in controls(blocks):
        if element["type"] in ("button", "overflow"):
            continue
        old = ((before or {}).get(block["block_id"]) or {}).get(element["action_id"])
        kept = old if old is not None and old["type"] == element["type"] else initially(element)
        values.setdefault(block["block_id"], {})[element["action_id"]] = kept
    return values
