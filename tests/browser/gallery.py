"""A small Bolt app that shows every block, every element and every kind of chart, with and without trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kitchen import ELEMENTS, GROUPS, SURE, TEAS, WORKSPACE, Json, actions, field, plain
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from playground import Slack

NOON = 1780304400
SHOWN = {
    **WORKSPACE,
    "name": "Gallery",
    "people": [
        {"id": "U0ANN", "name": "Ann Archer", "role": "looks at everything"},
        {"id": "U0BOB", "name": "Bob Baker"},
    ],
}


def mrkdwn(words: str) -> Json:
    return {"type": "mrkdwn", "text": words}


def section(words: str, **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(words), **more}


OUTSIDE = {"type": "image", "image_url": "https://x.test/cat.png", "alt_text": "A cat that sleeps on a keyboard"}
OWN = {"type": "image", "image_url": "/static/icon.svg", "alt_text": "The sign of the playground"}
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
MARKED = f"""*Bold*, _slanted_, ~gone~, `code`, <https://x.test|a link>, <@U0ANN>, <@U0BOB>, <#C0HALL>, <!here> :tada:
> What somebody else has said,
> on two lines
```
def tea():
    return "green"  # {LONG}
```
It begins on <!date^{NOON}^{{date_long}} at {{time}}|Monday>. {LONG}"""
MARKDOWN = """# A large heading
Words with **weight**, *slant*, ~~a line~~ and `code`, and [a link](https://x.test).
## A smaller heading
- one
  - one and a half
- two

1. first
2. second

> A quote

| Tea | Cups |
|:----|-----:|
| Green | 12 |
| Black | 1,200 |

```
code
```
"""
LINE = {"type": "rich_text_section", "elements": [{"type": "text", "text": "A line with "}]}
WORDS: list[Json] = [
    {"type": "text", "text": "every style", "style": {"bold": True, "italic": True, "underline": True}},
    {"type": "text", "text": " code ", "style": {"code": True}},
    {"type": "text", "text": "marked", "style": {"highlight": True}},
    {"type": "link", "url": "https://x.test", "text": " a link "},
    {"type": "user", "user_id": "U0ANN"},
    {"type": "channel", "channel_id": "C0HALL"},
    {"type": "broadcast", "range": "here"},
    {"type": "emoji", "name": "tada"},
    {"type": "date", "timestamp": NOON, "format": "{date_short}", "fallback": "Monday"},
]
RICH = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [*LINE["elements"], *WORDS]},
        {"type": "rich_text_list", "style": "bullet", "elements": [LINE, LINE]},
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [LINE]},
        {"type": "rich_text_list", "style": "ordered", "offset": 3, "border": 1, "elements": [LINE, LINE]},
        {"type": "rich_text_quote", "elements": LINE["elements"]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a\n  b"}]},
    ],
}
TABLE = {
    "type": "table",
    "rows": [
        [{"type": "raw_text", "text": cell} for cell in row]
        for row in (
            ("Tea", "Cups in a week", "Who drinks it, and why"),
            ("Green", "12", "Ann, because it is light"),
            ("Black", "1,200", f"Everybody else: {LONG}"),
        )
    ],
    "column_settings": [{}, {"align": "right"}, {"is_wrapped": True}],
}
FILM = {
    "type": "video",
    "title": plain("How tea is made"),
    "title_url": "https://x.test/film",
    "video_url": "https://x.test/v",
    "thumbnail_url": "https://x.test/t",
    "alt_text": "A kettle, a cup, and steam",
    "author_name": "Ann",
    "provider_name": "Films",
    "description": plain("Two minutes, without sound."),
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")


def chart(kind: str, *names: str) -> Json:
    numbers = {name: [(3 * at + 5 * place) % 11 + 1 for place in range(len(DAYS))] for at, name in enumerate(names)}
    if kind == "pie":
        plan: Json = {"type": "pie", "segments": [{"label": name, "value": sum(numbers[name])} for name in names]}
    else:
        series = [
            {
                "name": name,
                "data": [{"label": day, "value": each} for day, each in zip(DAYS, numbers[name], strict=True)],
            }
            for name in names
        ]
        plan = {"type": kind, "series": series, "axis_config": {"categories": list(DAYS), "y_label": "Cups"}}
    return {"type": "data_visualization", "title": f"Cups of tea, as a {kind}", "chart": plan}


ACCESSORIES: list[Json] = [
    {"type": "button", "text": plain("Pour"), "style": "danger", "confirm": SURE},
    {"type": "button", "text": plain("Read more"), "url": "https://x.test"},
    {"type": "overflow", "options": TEAS},
    {"type": "static_select", "options": TEAS, "placeholder": plain("Which tea")},
    {"type": "multi_static_select", "option_groups": GROUPS, "initial_options": TEAS[:2]},
    {"type": "datepicker", "initial_date": "2026-06-01"},
    {"type": "timepicker", "initial_time": "09:30", "timezone": "Europe/London"},
    {"type": "radio_buttons", "options": TEAS},
    {"type": "checkboxes", "options": [{**TEAS[0], "description": plain("Grown in the shade")}, TEAS[1]]},
    {"type": "external_select", "placeholder": plain("Search for a tea")},
    OUTSIDE,
    OWN,
]
BUTTONS = actions(
    "buttons",
    {"type": "button", "action_id": "one", "text": plain("Agree"), "style": "primary"},
    {"type": "button", "action_id": "two", "text": plain("Refuse"), "style": "danger"},
    {"type": "button", "action_id": "three", "text": plain("Not yet"), "confirm": SURE},
    {"type": "workflow_button", "text": plain("Begin"), "workflow": {"trigger": {"url": "https://x.test/begin"}}},
    {"type": "overflow", "options": [{**TEAS[0], "description": plain("Light")}, {**TEAS[1], "url": "https://x.test"}]},
    {"type": "users_select", "placeholder": plain("For whom")},
    {"type": "channels_select", "placeholder": plain("Where")},
    {"type": "conversations_select", "placeholder": plain("With whom")},
    {"type": "datetimepicker", "initial_date_time": NOON},
    {"type": "multi_users_select", "placeholder": plain("Who else")},
    {"type": "multi_channels_select", "placeholder": plain("Where else")},
    {"type": "multi_conversations_select", "placeholder": plain("With whom else")},
    {"type": "multi_external_select", "placeholder": plain("Search for teas")},
)
MESSAGES: list[list[Json]] = [
    [
        {"type": "header", "text": plain("Everything that a message may hold :tea:")},
        section(MARKED),
        {"type": "divider"},
        {"type": "section", "fields": [mrkdwn(f"*Field {number}*\nwith words") for number in range(1, 5)]},
        {"type": "context", "elements": [OWN, mrkdwn("Small words, _softly_ said, with `code`"), OUTSIDE]},
        RICH,
    ],
    [{"type": "markdown", "text": MARKDOWN}, TABLE, {**OUTSIDE, "title": plain("Cat")}, {**OWN}, FILM],
    [
        section(
            f"Beside these words: {each['type'].replace('_', ' ')}",
            accessory={**each, **({} if each["type"] == "image" else {"action_id": f"a{at}"})},
        )
        for at, each in enumerate(ACCESSORIES)
    ],
    [
        BUTTONS,
        {"type": "input", "label": plain("A word"), "element": {"type": "plain_text_input", "action_id": "word"}},
    ],
    [chart("bar", "Green", "Black", "White"), chart("line", "Green", "Black", "White")],
    [chart("area", "Green", "Black"), chart("pie", *(f"Tea {number}" for number in range(1, 13)))],
]
LEVELS = ("default", "info", "warning", "error", "success")
ALERTS: list[Json] = [{"type": "alert", "level": each, "text": mrkdwn(f"This is *{each}*.")} for each in LEVELS]
FORM: Json = {
    "type": "modal",
    "callback_id": "gallery",
    "title": plain("Everything"),
    "submit": plain("Send it"),
    "blocks": [
        *ALERTS,
        {"type": "header", "text": plain("Fields")},
        *(field(name, each, hint=plain("A word of help."), optional=True) for name, each in ELEMENTS.items()),
    ],
}
HOME: Json = {"type": "home", "blocks": [*MESSAGES[0], BUTTONS, FILM]}


def gallery(slack: Slack) -> WSGIApplication:
    """The app; a command hangs everything up, another opens the form, which is always refused."""
    client = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    app = App(client=client, signing_secret=slack.signing_secret, process_before_response=True)

    @app.command("/table")
    def hangs_up(ack, body):
        for blocks in MESSAGES:
            client.chat_postMessage(channel="C0HALL", text="Everything", blocks=blocks)
        client.chat_postEphemeral(channel="C0HALL", user=body["user_id"], text="Everything hangs.")
        ack()

    @app.command("/form")
    def opens(ack, body):
        client.views_open(trigger_id=body["trigger_id"], view=FORM)
        ack()

    @app.view("gallery")
    def refuses(ack):
        ack(response_action="errors", errors=dict.fromkeys(ELEMENTS, "Not this one: choose another."))

    @app.event("app_home_opened")
    def comes_home(event):
        client.views_publish(user_id=event["user"], view=HOME)

    return SlackRequestHandler(app)
