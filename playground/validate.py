"""Says whether blocks, views and messages are such as Slack accepts, in Slack's own error names."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground import block_kit as kit
from playground import limits

Json = dict[str, Any]
Trouble = tuple[str, str]  # A pointer such as /blocks/3/text, and what is wrong there.


@dataclass
class Refusal(Exception):  # noqa: N818  # Slack refuses; that is no error of ours.
    """Slack says no: an error name, what Slack adds to it, and the HTTP status."""

    error: str
    messages: tuple[str, ...] = ()
    more: tuple[tuple[str, Any], ...] = ()
    status: int = 200

    def body(self) -> Json:
        """The answer as Slack words it."""
        answer: Json = {"ok": False, "error": self.error, **dict(self.more)}
        if self.messages:
            answer["response_metadata"] = {"messages": list(self.messages)}
        return answer


def refuse_for(error: str, troubles: list[Trouble]) -> None:
    """Raise a refusal called *error* when there is any trouble."""
    if troubles:
        raise Refusal(error, tuple(f"[ERROR] {what} [json-pointer:{at or '/'}]" for at, what in troubles))


def check_blocks(blocks: object, surface: str = "message", at: str = "/blocks") -> list[Trouble]:
    """Everything wrong with the blocks of a message, modal or Home."""
    if not isinstance(blocks, list):
        return [(at, "must be an array")]
    most = limits.BLOCKS_IN_MESSAGE if surface == "message" else limits.BLOCKS_IN_VIEW
    troubles = [(at, f"no more than {most} items allowed")] if len(blocks) > most else []
    for index, block in enumerate(blocks):
        troubles += _check_block(block, surface, f"{at}/{index}")
    troubles += _repeated(blocks, "block_id", at)
    return troubles + _check_together(blocks, surface, at)


def check_view(view: object, at: str = "/view") -> list[Trouble]:
    """Everything wrong with a modal or Home view."""
    if not isinstance(view, dict):
        return [(at, "must be an object")]
    kind = view.get("type")
    if not isinstance(kind, str) or kind not in kit.VIEWS:
        return [(f"{at}/type", "must be modal or home")]
    troubles = list(_fields(view, kit.VIEWS[kind], at)) + check_blocks(view.get("blocks"), kind, f"{at}/blocks")
    blocks = view.get("blocks")
    inputs = isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
    if kind == "modal" and inputs and not view.get("submit"):
        troubles.append((f"{at}/submit", "missing required field: submit, as there is an input"))
    return troubles


def require_view(view: object, kind: str | None = None) -> Json:
    """The view itself, or Slack's refusal of it."""
    if not isinstance(view, dict):
        raise Refusal("invalid_arguments", ("[ERROR] must be a valid view [json-pointer:/view]",))
    if len(json.dumps(view, ensure_ascii=False).encode()) > limits.VIEW_BYTES:
        raise Refusal("view_too_large")
    refuse_for("invalid_arguments", check_view(view))
    if kind and view["type"] != kind:
        refuse_for("invalid_arguments", [("/view/type", f"must be {kind}")])
    return view


def require_message(said: Json, *, most: int = limits.MESSAGE_TEXT) -> None:
    """Raise Slack's refusal when a message cannot be said."""
    text, blocks = said.get("text"), said.get("blocks")
    attachments, markdown = said.get("attachments"), said.get("markdown_text")
    for name in ("text", "markdown_text"):
        if not isinstance(said.get(name), str | None):
            refuse_for("invalid_arguments", [(f"/{name}", "must be a string")])
    if markdown and (text or blocks):
        raise Refusal("markdown_text_conflict")
    if blocks is not None:
        if not isinstance(blocks, list):
            raise Refusal("invalid_blocks_format")
        refuse_for("invalid_blocks", check_blocks(blocks))
    _check_attachments(attachments)
    if not ((text or "").strip() or blocks or attachments or markdown):
        raise Refusal("no_text")
    if len(text or "") > most or len(markdown or "") > limits.MARKDOWN_TEXT:
        raise Refusal("msg_too_long")
    _check_metadata(said.get("metadata"))


def require_options(said: object) -> list[Json]:
    """The options, or groups of them, that the app offers for an external select, or Slack's refusal of them."""
    if not isinstance(said, dict) or len(said.keys() & {"options", "option_groups"}) != 1:
        raise Refusal("invalid_arguments", ("[ERROR] must have options or option_groups, and not both",))
    troubles = [(f"/{name}", "unknown argument") for name in said if name not in kit.OFFERS]
    for name in said.keys() & kit.OFFERS.keys():
        troubles += _follows(said[name], kit.OFFERS[name], f"/{name}")
    troubles = troubles or list(_more_about_options(said, options_of(said), ""))
    refuse_for("invalid_arguments", troubles)
    return [*_list(said.get("options")), *_list(said.get("option_groups"))]


def _check_attachments(attachments: object) -> None:
    if attachments is None:
        return
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        raise Refusal("invalid_attachments")
    if len(attachments) > limits.ATTACHMENTS:
        raise Refusal("too_many_attachments")
    for index, attachment in enumerate(attachments):
        if attachment.get("blocks"):
            at = f"/attachments/{index}/blocks"
            refuse_for("invalid_blocks", check_blocks(attachment["blocks"], at=at))


def _check_metadata(metadata: object) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, dict):
        raise Refusal("invalid_metadata_format")
    named = isinstance(metadata.get("event_type"), str) and isinstance(metadata.get("event_payload"), dict)
    if not named and not metadata.get("entities"):
        raise Refusal("invalid_metadata_schema")
    if len(json.dumps(metadata).encode()) > limits.METADATA_BYTES:
        raise Refusal("metadata_too_large")


def _check_block(block: object, surface: str, at: str) -> list[Trouble]:
    if not isinstance(block, dict):
        return [(at, "must be an object")]
    kind = block.get("type")
    if not isinstance(kind, str) or kind not in kit.BLOCKS:
        return [(f"{at}/type", f"unsupported type: {kind}")]
    if kind not in kit.ON_SURFACE[surface]:
        return [(f"{at}/type", f"unsupported type: {kind} is not for a {surface}")]
    troubles = list(_fields(block, kit.BLOCKS[kind], at))
    inner = [*_list(block.get("elements")), block.get("accessory"), block.get("element")]
    troubles += _repeated(inner, "action_id", at)
    return troubles + [(where, what) for where, what in _more_about_block(block, surface, at)]


def _more_about_block(block: Json, surface: str, at: str) -> Iterator[Trouble]:
    kind = block["type"]
    if kind == "section" and not block.get("text") and not block.get("fields"):
        yield at, "missing required field: text or fields"
    if kind == "image":
        yield from _more_about_image(block, at)
    if kind == "input" and surface != "modal" and _dict(block.get("element")).get("type") == "file_input":
        yield f"{at}/element", "file_input is for modals"
    if kind == "table":
        rows = [row for row in _list(block.get("rows")) if isinstance(row, list)]
        if len({len(row) for row in rows}) > 1:
            yield f"{at}/rows", "every row must have the same number of cells"
    if kind == "data_visualization":
        yield from _more_about_chart(block.get("chart"), f"{at}/chart")


def _more_about_image(image: Json, at: str) -> Iterator[Trouble]:
    if bool(image.get("image_url")) == bool(image.get("slack_file")):
        yield at, "must have image_url or slack_file, and not both"
    file = image.get("slack_file")
    if isinstance(file, dict) and bool(file.get("id")) == bool(file.get("url")):
        yield f"{at}/slack_file", "must have id or url, and not both"
    if isinstance(image.get("alt_text"), str) and not image["alt_text"].strip():
        yield f"{at}/alt_text", "must not be blank"


def _more_about_chart(chart: object, at: str) -> Iterator[Trouble]:
    kind = _dict(chart).get("type")
    if kind not in limits.CHARTS or not isinstance(chart, dict):
        yield f"{at}/type", f"must be one of {', '.join(limits.CHARTS)}"
    elif kind == "pie":
        yield from _points(chart.get("segments"), f"{at}/segments", limits.CHART_SERIES)
    else:
        yield from _series(chart, at)


def _series(chart: Json, at: str) -> Iterator[Trouble]:
    axes, series = _dict(chart.get("axis_config")), chart.get("series")
    categories = axes.get("categories")
    yield from _known(axes, kit.AXES, f"{at}/axis_config")
    if not isinstance(categories, list) or not 1 <= len(categories) <= limits.CHART_CATEGORIES:
        yield f"{at}/axis_config/categories", f"must hold 1 to {limits.CHART_CATEGORIES} categories"
        return
    if not isinstance(series, list) or not 1 <= len(series) <= limits.CHART_SERIES:
        yield f"{at}/series", f"must hold 1 to {limits.CHART_SERIES} series"
        return
    if len({str(_dict(one).get("name")) for one in series}) < len(series):
        yield f"{at}/series", "every series must have a name of its own"
    for index, one in enumerate(series):
        data = _dict(one).get("data")
        yield from _known(_dict(one), kit.CHARTED, f"{at}/series/{index}")
        yield from _points(data, f"{at}/series/{index}/data", limits.CHART_CATEGORIES)
        if [_dict(point).get("label") for point in _list(data)] != categories:
            yield f"{at}/series/{index}/data", "must have one point for every category, in order"


def _points(points: object, at: str, most: int) -> Iterator[Trouble]:
    if not isinstance(points, list) or not 1 <= len(points) <= most:
        yield at, f"must hold 1 to {most} points"
        return
    for index, point in enumerate(points):
        label, value = _dict(point).get("label"), _dict(point).get("value")
        if not isinstance(label, str) or not 1 <= len(label) <= limits.CHART_LABEL:
            yield f"{at}/{index}/label", f"must be 1 to {limits.CHART_LABEL} characters"
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{at}/{index}/value", "must be a number"


def _check_together(blocks: list[Any], surface: str, at: str) -> list[Trouble]:
    kinds = [block.get("type") for block in blocks if isinstance(block, dict)]
    troubles: list[Trouble] = []
    if surface == "message" and kinds.count("table") > limits.TABLES_IN_MESSAGE:
        troubles.append((at, "only_one_table_allowed"))
    if kinds.count("data_visualization") > limits.CHARTS_IN_MESSAGE:
        troubles.append((at, "no more than 2 charts allowed"))
    written = sum(
        len(str(block.get("text"))) for block in blocks if isinstance(block, dict) and block.get("type") == "markdown"
    )
    if written > limits.MARKDOWN_TEXT:
        troubles.append((at, f"must be less than {limits.MARKDOWN_TEXT + 1} characters of markdown in all"))
    if json.dumps(blocks).count('"focus_on_load": true') > 1:
        troubles.append((at, "only one element can have focus_on_load"))
    return troubles


def _repeated(pieces: list[Any], key: str, at: str) -> list[Trouble]:
    seen: set[str] = set()
    troubles = []
    for piece in pieces:
        name = piece.get(key) if isinstance(piece, dict) else None
        if isinstance(name, str):
            if name in seen:
                troubles.append((at, f"`{key}` {name} already exists"))
            seen.add(name)
    return troubles


def _fields(piece: Json, fields: kit.Fields, at: str) -> Iterator[Trouble]:
    for name in piece:
        if name != "type" and name not in fields:
            yield f"{at}/{name}", "no more fields allowed: this one is not known"
    yield from _known(piece, fields, at)


def _known(piece: Json, fields: kit.Fields, at: str) -> Iterator[Trouble]:
    for name, rule in fields.items():
        if piece.get(name) is not None:
            yield from _follows(piece[name], rule, f"{at}/{name}")
        elif name in piece:
            yield f"{at}/{name}", "must not be null"
        elif rule.needed:
            yield at, f"missing required field: {name}"


def _follows(value: Any, rule: kit.Rule, at: str) -> Iterator[Trouble]:
    match rule:
        case kit.Text():
            yield from _text(value, rule, at)
        case kit.Words():
            yield from _words(value, rule, at)
        case kit.Flag() if not isinstance(value, bool):
            yield at, "must be a boolean"
        case kit.Number() if (
            isinstance(value, bool) or not isinstance(value, int) or not rule.least <= value <= rule.most
        ):
            yield at, f"must be an integer from {rule.least} to {rule.most}"
        case kit.OneOf() if value not in rule.words:
            yield at, f"must be one of {', '.join(rule.words)}"
        case kit.Many():
            yield from _many(value, rule, at)
        case kit.Piece():
            yield from _piece(value, rule, at)
        case kit.Shape() if not (rule.skips and value is None):
            yield from _shape(value, rule.name, at)


def _text(value: object, rule: kit.Text, at: str) -> Iterator[Trouble]:
    if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
        yield at, "failed to match all allowed schemas: must be a text object"
        return
    if rule.plain and value["type"] != "plain_text":
        yield f"{at}/type", "must be plain_text"
    allowed: kit.Fields = {"text": kit.Words(needed=True, most=rule.most)}
    allowed["emoji" if value["type"] == "plain_text" else "verbatim"] = kit.Flag()
    yield from _fields(value, allowed, at)


def _words(value: object, rule: kit.Words, at: str) -> Iterator[Trouble]:
    if not isinstance(value, str):
        yield at, "must be a string"
    elif len(value) > rule.most:
        yield at, f"must be less than {rule.most + 1} characters"
    elif len(value) < rule.least:
        yield at, f"must be more than {rule.least - 1} characters"
    elif rule.pattern and not re.fullmatch(rule.pattern, value):
        yield at, "failed to match the expected format"


def _many(value: object, rule: kit.Many, at: str) -> Iterator[Trouble]:
    if not isinstance(value, list):
        yield at, "must be an array"
        return
    if len(value) > rule.most:
        yield at, f"no more than {rule.most} items allowed"
    if len(value) < rule.least:
        yield at, f"no less than {rule.least} items allowed"
    for index, item in enumerate(value):
        yield from _follows(item, rule.item, f"{at}/{index}")


def _piece(value: object, rule: kit.Piece, at: str) -> Iterator[Trouble]:
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict) or kind not in rule.types:
        yield at, f"failed to match all allowed schemas: unsupported type: {kind}"
    elif kind in ("plain_text", "mrkdwn"):
        yield from _text(value, kit.Text(), at)
    else:
        yield from _fields(value, _shape_of(kind), at)
        yield from _more_about_element(value, at)


def _shape_of(kind: str) -> kit.Fields:
    return next(shapes[kind] for shapes in (kit.ELEMENTS, kit.RICH, kit.OBJECTS) if kind in shapes)


def _shape(value: object, name: str, at: str) -> Iterator[Trouble]:
    if isinstance(value, dict):
        yield from _fields(value, kit.OBJECTS[name], at)
    else:
        yield at, "must be an object"


def _more_about_element(element: Json, at: str) -> Iterator[Trouble]:
    kind = element["type"]
    if kind == "image":
        yield from _more_about_image(element, at)
    if kind == "plain_text_input":
        yield from _more_about_typed(element, at)
    if kind in ("static_select", "multi_static_select") and ("options" in element) == ("option_groups" in element):
        yield at, "must have options or option_groups, and not both"
    options = options_of(element)
    if options:
        yield from _more_about_options(element, options, at)


def _more_about_typed(element: Json, at: str) -> Iterator[Trouble]:
    least, most = element.get("min_length"), element.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield f"{at}/min_length", "must not be more than max_length"
    if isinstance(most, int) and len(str(element.get("initial_value") or "")) > most:
        yield f"{at}/initial_value", f"must be less than {most + 1} characters"


def _more_about_options(element: Json, options: list[Json], at: str) -> Iterator[Trouble]:
    initial = [*_list(element.get("initial_options"))]
    if element.get("initial_option") is not None:
        initial.append(element["initial_option"])
    if any(option not in options for option in initial):
        yield at, "initial option must be one of the options"
    if element.get("type") not in ("radio_buttons", "checkboxes"):
        for index, option in enumerate(options):
            if _dict(_dict(option).get("text")).get("type") == "mrkdwn":
                yield f"{at}/options/{index}/text", "must be plain_text"


def options_of(element: Json) -> list[Json]:
    """Every option of a select, grouped or not."""
    groups = [group for group in _list(element.get("option_groups")) if isinstance(group, dict)]
    return [
        *_list(element.get("options")),
        *(option for group in groups for option in _list(group.get("options"))),
    ]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}
