"""A small Bolt app with every element that a person can use, and a workspace for it; it says what it hears."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from playground.entering import quiet

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

    from playground import Slack

Json = dict[str, Any]

WORKSPACE: Json = {
    "name": "Kitchen",
    "manifest": {
        "display_information": {"name": "Cook"},
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "Cook"},
            "shortcuts": [
                {"name": "Taste", "type": "global", "callback_id": "taste", "description": "Try something"},
                {"name": "Salt", "type": "message", "callback_id": "salt", "description": "Put salt on it"},
            ],
            "slash_commands": [
                {"command": "/form", "description": "A form with everything", "usage_hint": "now"},
                {"command": "/table", "description": "A message with everything"},
            ],
        },
        "oauth_config": {"scopes": {"bot": ["chat:write", "commands", "files:read", "users:read", "channels:read"]}},
        "settings": {"interactivity": {"is_enabled": True}, "event_subscriptions": {"bot_events": ["app_home_opened"]}},
    },
    "people": [{"id": "U0ANN", "name": "Ann Archer"}, {"id": "U0BOB", "name": "Bob Baker", "tz": "America/New_York"}],
    "channels": [{"id": "C0HALL", "name": "hall"}, {"id": "C0ATTIC", "name": "attic", "private": True}],
    "panes": [{"who": "U0ANN", "at": "C0HALL"}, {"who": "U0BOB", "at": "C0HALL"}],
}


def plain(words: str) -> Json:
    return {"type": "plain_text", "text": words}


def option(words: str) -> Json:
    return {"text": plain(words), "value": words.lower()}


TEAS = [option("Green"), option("Black"), option("White")]
GROUPS = [{"label": plain("Hot"), "options": TEAS[:2]}, {"label": plain("Cold"), "options": TEAS[2:]}]
SURE = {"title": plain("Really?"), "text": plain("It is hot."), "confirm": plain("Pour"), "deny": plain("Wait")}

# What stands in the form as an input, by its block_id, which is its label too.
ELEMENTS: dict[str, Json] = {
    "word": {"type": "plain_text_input"},
    "letter": {"type": "plain_text_input", "multiline": True},
    "rich": {"type": "rich_text_input"},
    "number": {"type": "number_input", "is_decimal_allowed": True},
    "mail": {"type": "email_text_input"},
    "link": {"type": "url_text_input"},
    "one": {"type": "static_select", "options": TEAS},
    "some": {"type": "multi_static_select", "option_groups": GROUPS},
    "found": {"type": "external_select", "min_query_length": 2},
    "finds": {"type": "multi_external_select"},
    "person": {"type": "users_select"},
    "people": {"type": "multi_users_select"},
    "room": {"type": "channels_select"},
    "places": {"type": "multi_channels_select"},
    "talk": {"type": "conversations_select"},
    "chats": {"type": "multi_conversations_select"},
    "radio": {"type": "radio_buttons", "options": TEAS},
    "ticks": {"type": "checkboxes", "options": TEAS},
    "day": {"type": "datepicker"},
    "hour": {"type": "timepicker"},
    "moment": {"type": "datetimepicker"},
    "files": {"type": "file_input", "filetypes": ["txt"], "max_files": 2},
}
# What tells the app at once, although it stands in a form.
TOLD: dict[str, Json] = {
    "entered": {"type": "plain_text_input", "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]}},
    "typed": {"type": "plain_text_input", "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}},
    "picked": {"type": "static_select", "options": TEAS},
}


def field(name: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": name, "label": plain(name), "element": {**element, "action_id": name}, **more}


def form() -> Json:
    told = [field(name, element, dispatch_action=True, optional=True) for name, element in TOLD.items()]
    more = actions("aside", {"type": "button", "text": plain("One more"), "action_id": "more"})
    blocks = [more, *told, *(field(name, element) for name, element in ELEMENTS.items())]
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Everything"),
        "submit": plain("Send it"),
        "blocks": blocks,
    }


def actions(name: str, *elements: Json) -> Json:
    named = [{**each, "action_id": each.get("action_id", each["type"])} for each in elements]
    return {"type": "actions", "block_id": name, "elements": named}


def table() -> list[Json]:
    pour = {"type": "button", "text": plain("Pour"), "action_id": "pour", "confirm": SURE, "value": "tea"}
    return [
        actions(
            "top",
            pour,
            {"type": "static_select", "options": TEAS, "placeholder": plain("Which tea"), "confirm": SURE},
            {"type": "users_select", "placeholder": plain("For whom")},
            {"type": "channels_select", "placeholder": plain("Where")},
            {"type": "overflow", "options": TEAS},
        ),
        actions(
            "middle",
            {"type": "radio_buttons", "options": TEAS},
            {"type": "checkboxes", "options": TEAS},
            {"type": "datepicker", "placeholder": plain("Which day")},
            {"type": "timepicker", "placeholder": plain("When")},
            {"type": "datetimepicker"},
        ),
        {
            "type": "section",
            "block_id": "side",
            "text": plain("Who drinks it"),
            "accessory": {"type": "multi_users_select", "action_id": "drinkers", "placeholder": plain("Drinkers")},
        },
    ]


def kitchen(slack: Slack) -> WSGIApplication:
    """The app; everything that it hears stands in #hall, as JSON."""
    client = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    app = App(client=client, signing_secret=slack.signing_secret, process_before_response=True)

    def says(what: str, heard: Any) -> None:
        words = quiet(json.dumps(heard, sort_keys=True))
        client.chat_postMessage(channel="C0HALL", text=f"{what}: {words}")

    serves(app, client)
    listens(app, says)
    return SlackRequestHandler(app)


def serves(app: App, client: WebClient) -> None:
    """Let the app show forms, a message and a Home tab."""

    @app.command("/form")
    def opens(ack, body):
        client.views_open(trigger_id=body["trigger_id"], view=form())
        ack()

    @app.command("/table")
    def sets_the_table(ack):
        client.chat_postMessage(channel="C0HALL", text="The table", blocks=table())
        ack()

    @app.action("more")
    def pushes(ack, body):
        blocks = [field("wish", {"type": "plain_text_input"})]
        view = {"type": "modal", "callback_id": "wish", "title": plain("A wish"), "submit": plain("Wish")}
        client.views_push(trigger_id=body["trigger_id"], view={**view, "blocks": blocks})
        ack()

    @app.event("app_home_opened")
    def comes_home(event):
        blocks = [{"type": "section", "text": plain(f"Welcome home, {event['user']}.")}]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})


def listens(app: App, says: Callable[[str, Any], None]) -> None:
    """Let the app say what it hears of elements, forms and shortcuts."""

    @app.view("wish")
    def wishes(ack, view):
        says("wish", held(view["state"]["values"]["wish"]["wish"]))
        ack()

    @app.action(re.compile(""))
    def touched(ack, action):
        says(action["action_id"], held(action))
        ack()

    @app.options(re.compile(""))
    def offers(ack, payload):
        words = payload["value"].lower()
        ack(options=[each for each in TEAS if words in each["value"]])

    @app.view("form")
    def sent(ack, view):
        values = view["state"]["values"]
        says("sent", {block: held(state) for block, fields in values.items() for state in fields.values()})
        ack()

    @app.shortcut("taste")
    def tastes(ack):
        says("taste", "good")
        ack()

    @app.shortcut("salt")
    def salts(ack, body):
        says("salt", body["message"]["text"])
        ack()


def held(state: Json) -> Any:
    """What somebody chose or typed, without the frame around it."""
    kept = next(state[name] for name in state if name in ("value", "files", "rich_text_value") or "selected" in name)
    return [short(each) for each in kept] if isinstance(kept, list) else short(kept)


def short(one: Any) -> Any:
    return (one.get("value") or one.get("name") or one) if isinstance(one, dict) else one
