"""The shapes of Block Kit as data: which fields each piece has, and how much each may hold."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """What one field may hold; the subclasses say which kind."""

    needed: bool = False


@dataclass(frozen=True)
class Text(Rule):
    """A text object."""

    most: int = 3000
    plain: bool = False


@dataclass(frozen=True)
class Words(Rule):
    """A bare string."""

    most: int = 3000
    least: int = 1
    pattern: str = ""


@dataclass(frozen=True)
class Flag(Rule):
    """True or false."""


@dataclass(frozen=True)
class Number(Rule):
    """A whole number between two ends."""

    least: int = 0
    most: int = 10**10


@dataclass(frozen=True)
class OneOf(Rule):
    """One of a few words."""

    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Many(Rule):
    """A list, every item under one rule."""

    item: Rule = Rule()
    least: int = 1
    most: int = 100


@dataclass(frozen=True)
class Piece(Rule):
    """A nested object whose own type names its shape."""

    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape(Rule):
    """A nested object without a type; in a list, *skips* lets null stand in its place."""

    name: str = ""
    skips: bool = False


@dataclass(frozen=True)
class Anything(Rule):
    """Anything at all: a field kept, not looked into."""


Fields = dict[str, Rule]

_MANY_SELECTS = tuple(f"multi_{kind}_select" for kind in ("static", "users", "conversations", "channels", "external"))
_SELECTS = tuple(f"{kind}_select" for kind in ("static", "users", "conversations", "channels", "external"))
_PICKERS = ("datepicker", "timepicker", "checkboxes", "radio_buttons")
TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input")
IN_SECTION = ("button", "image", "overflow", "workflow_button", *_SELECTS, *_MANY_SELECTS, *_PICKERS)
IN_ACTIONS = ("button", "overflow", "workflow_button", "datetimepicker", *_SELECTS, *_MANY_SELECTS, *_PICKERS)
IN_INPUT = (*TYPED, "datetimepicker", "file_input", *_SELECTS, *_MANY_SELECTS, *_PICKERS)
IN_CONTEXT = ("plain_text", "mrkdwn", "image")
ONLY_INPUT = frozenset((*TYPED, "file_input"))

_RICH_PARTS = ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")
_RICH_WORDS = ("text", "link", "user", "channel", "usergroup", "team", "emoji", "color", "broadcast", "date")

_ID = Words(most=255)
_ACTION: Fields = {"action_id": _ID}
_CONFIRM: Fields = {"confirm": Shape(name="confirm")}
_HOLDER: Fields = {"placeholder": Text(most=150, plain=True), "focus_on_load": Flag()}
_DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_OPTION = Shape(name="option")


def _choice(initial: str, rule: Rule, *, many: bool, **more: Rule) -> Fields:
    most = {"max_selected_items": Number(least=1)} if many else {}
    return {**_ACTION, **_CONFIRM, **_HOLDER, initial: rule, **most, **more}


_OPTIONS: Fields = {
    "options": Many(item=_OPTION, most=100),
    "option_groups": Many(item=Shape(name="option_group"), most=100),
}
_ONE_ID = Words(most=30)
_IDS = Many(item=_ONE_ID, least=0)
_FILTER: Fields = {"filter": Shape(name="filter"), "default_to_current_conversation": Flag()}
_URL: Fields = {"response_url_enabled": Flag()}

ELEMENTS: dict[str, Fields] = {
    "button": {
        **_ACTION,
        **_CONFIRM,
        "text": Text(needed=True, most=75, plain=True),
        "value": Words(most=2000),
        "url": Words(most=3000),
        "style": OneOf(words=("primary", "danger")),
        "accessibility_label": Words(most=75),
    },
    "workflow_button": {
        **_ACTION,
        "text": Text(needed=True, most=75, plain=True),
        "workflow": Shape(needed=True, name="workflow"),
        "style": OneOf(words=("primary", "danger")),
        "accessibility_label": Words(most=75),
    },
    "image": {
        "image_url": Words(most=3000),
        "slack_file": Shape(name="slack_file"),
        "alt_text": Words(needed=True, most=2000),
    },
    "overflow": {**_ACTION, **_CONFIRM, "options": Many(needed=True, item=Shape(name="link_option"), most=5)},
    "checkboxes": {
        **_ACTION,
        **_CONFIRM,
        "focus_on_load": Flag(),
        "options": Many(needed=True, item=_OPTION, most=10),
        "initial_options": Many(item=_OPTION, most=10),
    },
    "radio_buttons": {
        **_ACTION,
        **_CONFIRM,
        "focus_on_load": Flag(),
        "options": Many(needed=True, item=_OPTION, most=10),
        "initial_option": _OPTION,
    },
    "datepicker": {**_ACTION, **_CONFIRM, **_HOLDER, "initial_date": Words(pattern=_DATE)},
    "timepicker": {
        **_ACTION,
        **_CONFIRM,
        **_HOLDER,
        "initial_time": Words(pattern=_TIME),
        "timezone": Words(),
    },
    "datetimepicker": {
        **_ACTION,
        **_CONFIRM,
        "focus_on_load": Flag(),
        "initial_date_time": Number(least=10**9, most=10**10 - 1),
    },
    "static_select": _choice("initial_option", _OPTION, many=False, **_OPTIONS),
    "multi_static_select": _choice("initial_options", Many(item=_OPTION), many=True, **_OPTIONS),
    "users_select": _choice("initial_user", _ONE_ID, many=False),
    "multi_users_select": _choice("initial_users", _IDS, many=True),
    "conversations_select": _choice("initial_conversation", _ONE_ID, many=False, **_FILTER, **_URL),
    "multi_conversations_select": _choice("initial_conversations", _IDS, many=True, **_FILTER),
    "channels_select": _choice("initial_channel", _ONE_ID, many=False, **_URL),
    "multi_channels_select": _choice("initial_channels", _IDS, many=True),
    "external_select": _choice("initial_option", _OPTION, many=False, min_query_length=Number()),
    "multi_external_select": _choice("initial_options", Many(item=_OPTION), many=True, min_query_length=Number()),
    "plain_text_input": {
        **_ACTION,
        **_HOLDER,
        "initial_value": Words(least=0),
        "multiline": Flag(),
        "min_length": Number(most=3000),
        "max_length": Number(least=1, most=3000),
        "dispatch_action_config": Shape(name="dispatch_action_config"),
    },
    "email_text_input": {
        **_ACTION,
        **_HOLDER,
        "initial_value": Words(),
        "dispatch_action_config": Shape(name="dispatch_action_config"),
    },
    "url_text_input": {
        **_ACTION,
        **_HOLDER,
        "initial_value": Words(),
        "dispatch_action_config": Shape(name="dispatch_action_config"),
    },
    "number_input": {
        **_ACTION,
        **_HOLDER,
        "is_decimal_allowed": Flag(needed=True),
        "initial_value": Words(),
        "min_value": Words(),
        "max_value": Words(),
        "dispatch_action_config": Shape(name="dispatch_action_config"),
    },
    "rich_text_input": {
        **_ACTION,
        **_HOLDER,
        "initial_value": Piece(types=("rich_text",)),
        "dispatch_action_config": Shape(name="dispatch_action_config"),
    },
    "file_input": {**_ACTION, "filetypes": Many(item=Words()), "max_files": Number(least=1, most=10)},
}

_IMAGE = ELEMENTS["image"]
BLOCKS: dict[str, Fields] = {
    "section": {
        "text": Text(),
        "fields": Many(item=Text(most=2000), most=10),
        "accessory": Piece(types=IN_SECTION),
        "expand": Flag(),
    },
    "header": {"text": Text(needed=True, most=150, plain=True)},
    "divider": {},
    "context": {"elements": Many(needed=True, item=Piece(types=IN_CONTEXT), most=10)},
    "actions": {"elements": Many(needed=True, item=Piece(types=IN_ACTIONS), most=25)},
    "input": {
        "label": Text(needed=True, most=2000, plain=True),
        "element": Piece(needed=True, types=IN_INPUT),
        "hint": Text(most=2000, plain=True),
        "optional": Flag(),
        "dispatch_action": Flag(),
    },
    "image": {**_IMAGE, "title": Text(most=2000, plain=True)},
    "rich_text": {"elements": Many(needed=True, item=Piece(types=_RICH_PARTS))},
    "markdown": {"text": Words(needed=True, most=12_000)},
    "table": {
        "rows": Many(needed=True, item=Many(item=Piece(types=("raw_text", "rich_text")), most=20), most=100),
        "column_settings": Many(item=Shape(name="column", skips=True), least=0, most=20),
    },
    "video": {
        "title": Text(needed=True, most=199, plain=True),
        "video_url": Words(needed=True),
        "thumbnail_url": Words(needed=True),
        "alt_text": Words(needed=True),
        "title_url": Words(),
        "author_name": Words(most=49),
        "description": Text(most=200, plain=True),
        "provider_name": Words(),
        "provider_icon_url": Words(),
    },
    "alert": {
        "text": Text(needed=True, most=200),
        "level": OneOf(words=("default", "info", "warning", "error", "success")),
    },
    "data_visualization": {"title": Words(needed=True, most=50), "chart": Anything(needed=True)},
}
for _fields in BLOCKS.values():
    _fields["block_id"] = _ID

OBJECTS: dict[str, Fields] = {
    "confirm": {
        "title": Text(needed=True, most=100, plain=True),
        "text": Text(needed=True, most=300),
        "confirm": Text(needed=True, most=30, plain=True),
        "deny": Text(needed=True, most=30, plain=True),
        "style": OneOf(words=("primary", "danger")),
    },
    "option": {
        "text": Text(needed=True, most=75),
        "value": Words(needed=True, most=150),
        "description": Text(most=75),
    },
    "link_option": {
        "text": Text(needed=True, most=75, plain=True),
        "value": Words(needed=True, most=150),
        "description": Text(most=75, plain=True),
        "url": Words(most=3000),
    },
    "option_group": {
        "label": Text(needed=True, most=75, plain=True),
        "options": Many(needed=True, item=_OPTION, most=100),
    },
    "dispatch_action_config": {
        "trigger_actions_on": Many(needed=True, item=OneOf(words=("on_enter_pressed", "on_character_entered")), most=2),
    },
    "raw_text": {"text": Words(needed=True)},
    "slack_file": {"id": Words(), "url": Words()},
    "column": {"align": OneOf(words=("left", "center", "right")), "is_wrapped": Flag()},
    "workflow": {"trigger": Shape(needed=True, name="trigger")},
    "trigger": {
        "url": Words(needed=True),
        "customizable_input_parameters": Many(item=Shape(name="parameter"), least=0),
    },
    "parameter": {"name": Words(needed=True), "value": Words(needed=True, least=0)},
    "style": {name: Flag() for name in ("bold", "italic", "strike", "underline", "code", "highlight")},
    "filter": {
        "include": Many(item=OneOf(words=("im", "mpim", "private", "public")), most=4),
        "exclude_bot_users": Flag(),
        "exclude_external_shared_channels": Flag(),
    },
}

CHARTED: Fields = {"name": Words(needed=True)}
AXES: Fields = {"x_label": Words(least=0), "y_label": Words(least=0)}
OFFERS: Fields = {
    "options": Many(item=_OPTION, least=0, most=100),
    "option_groups": Many(item=Shape(name="option_group"), least=0, most=100),
}
_STYLED: Fields = {"style": Shape(name="style")}
_LINE = Many(needed=True, item=Piece(types=_RICH_WORDS), least=0, most=10_000)
RICH: dict[str, Fields] = {
    "rich_text": {**BLOCKS["rich_text"]},
    "rich_text_section": {"elements": _LINE},
    "rich_text_quote": {"elements": _LINE, "border": Number()},
    "rich_text_preformatted": {"elements": _LINE, "border": Number(), "language": Words()},
    "rich_text_list": {
        "elements": Many(needed=True, item=Piece(types=("rich_text_section",)), most=1000),
        "style": OneOf(needed=True, words=("bullet", "ordered")),
        "indent": Number(),
        "offset": Number(),
        "border": Number(),
    },
    "text": {**_STYLED, "text": Words(needed=True)},
    "link": {**_STYLED, "url": Words(needed=True), "text": Words(), "unsafe": Flag()},
    "user": {**_STYLED, "user_id": Words(needed=True)},
    "channel": {**_STYLED, "channel_id": Words(needed=True)},
    "usergroup": {**_STYLED, "usergroup_id": Words(needed=True)},
    "team": {**_STYLED, "team_id": Words(needed=True)},
    "emoji": {**_STYLED, "name": Words(needed=True), "unicode": Words(), "skin_tone": Number(), "url": Words()},
    "color": {**_STYLED, "value": Words(needed=True)},
    "broadcast": {**_STYLED, "range": OneOf(needed=True, words=("here", "channel", "everyone"))},
    "date": {
        **_STYLED,
        "timestamp": Number(needed=True),
        "format": Words(needed=True),
        "url": Words(),
        "fallback": Words(),
    },
}

_COMMON: Fields = {
    "private_metadata": Words(most=3000, least=0),
    "callback_id": Words(most=255, least=0),
    "external_id": Words(most=255, least=0),
    "blocks": Anything(needed=True),
}
VIEWS: dict[str, Fields] = {
    "modal": {
        **_COMMON,
        "title": Text(needed=True, most=24, plain=True),
        "submit": Text(most=24, plain=True),
        "close": Text(most=24, plain=True),
        "clear_on_close": Flag(),
        "notify_on_close": Flag(),
        "submit_disabled": Flag(),
    },
    "home": dict(_COMMON),
}

_EVERYWHERE = frozenset({"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video"})
ON_SURFACE = {
    "message": _EVERYWHERE | {"markdown", "table", "data_visualization"},
    "modal": _EVERYWHERE | {"alert"},
    "home": _EVERYWHERE,
}
