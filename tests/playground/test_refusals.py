"""Slack says no to what Slack says no to, under its own names."""

import json
from copy import deepcopy

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError


def plain(text):
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def option(value, label="A label"):
    return {"text": plain(label), "value": value}


def button(action="a", **more):
    return {"type": "button", "action_id": action, "text": plain("Press"), **more}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def an_input(element, **more):
    return {
        "type": "input",
        "block_id": "it",
        "label": plain("It"),
        "element": {"action_id": "a"} | element,
        **more,
    }


def modal(*blocks, **more):
    return {
        "type": "modal",
        "title": plain("A title"),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }


def refusal(call, *args, **kwargs):
    with pytest.raises(SlackApiError) as refused:
        call(*args, **kwargs)
    return refused.value.response


SECTION = {"type": "section", "text": mrkdwn("words")}
SELECT = {"type": "static_select", "options": [option("1"), option("2")]}
CONFIRM = {"title": plain("Sure?"), "text": plain("Really?"), "confirm": plain("Yes"), "deny": plain("No")}
CHART = {
    "type": "data_visualization",
    "title": "A week",
    "chart": {
        "type": "bar",
        "series": [{"name": "n", "data": [{"label": "Mon", "value": 1}]}],
        "axis_config": {"categories": ["Mon"]},
    },
}
PICTURE = {"type": "image", "alt_text": "A cat"}
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}, {"type": "raw_text", "text": "y"}]]}


def charted(**more):
    return {**CHART, "chart": {**CHART["chart"], **more}}


WRONG_BLOCKS = {
    "no blocks but a word": ("blocks", "/blocks"),
    "too many": ([SECTION] * 51, "/blocks"),
    "a block that is a word": (["section"], "/blocks/0"),
    "an unknown type": ([{"type": "paragraph"}], "/blocks/0/type"),
    "a type for modals only": ([{"type": "alert", "text": plain("Oh")}], "/blocks/0/type"),
    "an unknown field": ([{**SECTION, "colour": "red"}], "/blocks/0/colour"),
    "a null": ([{**SECTION, "block_id": None}], "/blocks/0/block_id"),
    "an empty section": ([{"type": "section"}], "/blocks/0"),
    "an empty text": ([{"type": "section", "text": mrkdwn("")}], "/blocks/0/text/text"),
    "a bare text": ([{"type": "section", "text": "words"}], "/blocks/0/text"),
    "a long text": ([{"type": "section", "text": mrkdwn("x" * 3001)}], "/blocks/0/text/text"),
    "many fields": ([{"type": "section", "fields": [plain("x")] * 11}], "/blocks/0/fields"),
    "a long field": ([{"type": "section", "fields": [plain("x" * 2001)]}], "/blocks/0/fields/0/text"),
    "emoji in mrkdwn": (
        [{"type": "section", "text": {**mrkdwn("x"), "emoji": True}}],
        "/blocks/0/text/emoji",
    ),
    "a long header": ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
    "an mrkdwn header": ([{"type": "header", "text": mrkdwn("x")}], "/blocks/0/text/type"),
    "a crowded context": ([{"type": "context", "elements": [plain("x")] * 11}], "/blocks/0/elements"),
    "an empty context": ([{"type": "context", "elements": []}], "/blocks/0/elements"),
    "a button in a context": ([{"type": "context", "elements": [button()]}], "/blocks/0/elements/0"),
    "twenty-six buttons": ([actions(*(button(f"a{n}") for n in range(26)))], "/blocks/0/elements"),
    "one action_id twice": ([actions(button(), button())], "/blocks/0"),
    "one block_id twice": ([{**SECTION, "block_id": "b"}] * 2, "/blocks"),
    "a long block_id": ([{**SECTION, "block_id": "b" * 256}], "/blocks/0/block_id"),
    "a long action_id": ([actions(button("a" * 256))], "/blocks/0/elements/0/action_id"),
    "a long button": ([actions(button(text=plain("x" * 76)))], "/blocks/0/elements/0/text/text"),
    "a long value": ([actions(button(value="x" * 2001))], "/blocks/0/elements/0/value"),
    "an unknown style": ([actions(button(style="default"))], "/blocks/0/elements/0/style"),
    "a long confirm title": (
        [actions(button(confirm={**CONFIRM, "title": plain("x" * 101)}))],
        "/blocks/0/elements/0/confirm/title/text",
    ),
    "a long confirm text": (
        [actions(button(confirm={**CONFIRM, "text": plain("x" * 301)}))],
        "/blocks/0/elements/0/confirm/text/text",
    ),
    "a long confirm button": (
        [actions(button(confirm={**CONFIRM, "deny": plain("x" * 31)}))],
        "/blocks/0/elements/0/confirm/deny/text",
    ),
    "a confirm without deny": (
        [actions(button(confirm={k: v for k, v in CONFIRM.items() if k != "deny"}))],
        "/blocks/0/elements/0/confirm",
    ),
    "a text field among actions": ([actions({"type": "plain_text_input"})], "/blocks/0/elements/0"),
    "a text field beside a section": (
        [{**SECTION, "accessory": {"type": "plain_text_input"}}],
        "/blocks/0/accessory",
    ),
    "six overflow options": (
        [actions({"type": "overflow", "options": [option(str(n)) for n in range(6)]})],
        "/blocks/0/elements/0/options",
    ),
    "eleven radio buttons": (
        [actions({"type": "radio_buttons", "options": [option(str(n)) for n in range(11)]})],
        "/blocks/0/elements/0/options",
    ),
    "a hundred and one options": (
        [actions({**SELECT, "options": [option(str(n)) for n in range(101)]})],
        "/blocks/0/elements/0/options",
    ),
    "no options": ([actions({"type": "static_select"})], "/blocks/0/elements/0"),
    "a long option": (
        [actions({**SELECT, "options": [option("1", "x" * 76)]})],
        "/blocks/0/elements/0/options/0/text/text",
    ),
    "a long option value": (
        [actions({**SELECT, "options": [option("x" * 151)]})],
        "/blocks/0/elements/0/options/0/value",
    ),
    "an mrkdwn option": (
        [actions({**SELECT, "options": [{"text": mrkdwn("x"), "value": "1"}]})],
        "/blocks/0/elements/0/options/0/text",
    ),
    "a stray initial option": ([actions({**SELECT, "initial_option": option("3")})], "/blocks/0/elements/0"),
    "a long placeholder": (
        [actions({**SELECT, "placeholder": plain("x" * 151)})],
        "/blocks/0/elements/0/placeholder/text",
    ),
    "a wrong date": (
        [actions({"type": "datepicker", "initial_date": "8 June"})],
        "/blocks/0/elements/0/initial_date",
    ),
    "a wrong time": (
        [actions({"type": "timepicker", "initial_time": "9"})],
        "/blocks/0/elements/0/initial_time",
    ),
    "an image without words": ([{"type": "image", "image_url": "https://x.test/y.png"}], "/blocks/0"),
    "an image of nothing": ([{"type": "image", "alt_text": "A cat"}], "/blocks/0"),
    "two tables": ([{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2, "/blocks"),
    "a ragged table": (
        [
            {
                "type": "table",
                "rows": [[{"type": "raw_text", "text": "x"}], [{"type": "raw_text", "text": "x"}] * 2],
            }
        ],
        "/blocks/0/rows",
    ),
    "an empty cell": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}],
        "/blocks/0/rows/0/0/text",
    ),
    "three charts": ([CHART] * 3, "/blocks"),
    "an unknown chart": ([charted(type="radar")], "/blocks/0/chart/type"),
    "a chart without categories": ([charted(axis_config={})], "/blocks/0/chart/axis_config/categories"),
    "a chart without series": ([charted(series=[])], "/blocks/0/chart/series"),
    "a chart that skips a category": (
        [charted(axis_config={"categories": ["Mon", "Tue"]})],
        "/blocks/0/chart/series/0/data",
    ),
    "a pie with a long label": (
        [{**CHART, "chart": {"type": "pie", "segments": [{"label": "x" * 21, "value": 1}]}}],
        "/blocks/0/chart/segments/0/label",
    ),
    "an unknown piece of rich text": (
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "smell"}]}]}],
        "/blocks/0/elements/0/elements/0",
    ),
    "an axis with a number for its name": (
        [charted(axis_config={"categories": ["Mon"], "y_label": 5})],
        "/blocks/0/chart/axis_config/y_label",
    ),
    "a series without a name": (
        [charted(series=[{"data": [{"label": "Mon", "value": 1}]}])],
        "/blocks/0/chart/series/0",
    ),
    "a file that is a word": ([{**PICTURE, "slack_file": "F0CAT"}], "/blocks/0/slack_file"),
    "a file without id and address": ([{**PICTURE, "slack_file": {"id": ""}}], "/blocks/0/slack_file/id"),
    "a file with id and address": (
        [{**PICTURE, "slack_file": {"id": "F0CAT", "url": "https://x.test"}}],
        "/blocks/0/slack_file",
    ),
    "a column that is a word": ([{**TABLE, "column_settings": ["right"]}], "/blocks/0/column_settings/0"),
    "a column that leans": (
        [{**TABLE, "column_settings": [None, {"align": "justify"}]}],
        "/blocks/0/column_settings/1/align",
    ),
    "a column that is wrapped by a word": (
        [{**TABLE, "column_settings": [{"is_wrapped": "yes"}]}],
        "/blocks/0/column_settings/0/is_wrapped",
    ),
    "a rich text begun with bare words": (
        [an_input({"type": "rich_text_input", "initial_value": "words"})],
        "/blocks/0/element/initial_value",
    ),
    "a rich text begun with a section": (
        [an_input({"type": "rich_text_input", "initial_value": SECTION})],
        "/blocks/0/element/initial_value",
    ),
    "a workflow that is a word": (
        [actions({"type": "workflow_button", "text": plain("Go"), "workflow": "brew"})],
        "/blocks/0/elements/0/workflow",
    ),
    "a workflow without an address": (
        [actions({"type": "workflow_button", "text": plain("Go"), "workflow": {"trigger": {}}})],
        "/blocks/0/elements/0/workflow/trigger",
    ),
    "a long markdown": ([{"type": "markdown", "text": "x" * 12_001}], "/blocks/0/text"),
}
WRONG_VIEWS = {
    "no title": ({"type": "modal", "blocks": [SECTION]}, "/view"),
    "a long title": (modal(SECTION, title=plain("x" * 25)), "/view/title/text"),
    "a long submit": (modal(SECTION, submit=plain("x" * 25)), "/view/submit/text"),
    "a long close": (modal(SECTION, close=plain("x" * 25)), "/view/close/text"),
    "long private_metadata": (modal(SECTION, private_metadata="x" * 3001), "/view/private_metadata"),
    "a long callback_id": (modal(SECTION, callback_id="x" * 256), "/view/callback_id"),
    "a long external_id": (modal(SECTION, external_id="x" * 256), "/view/external_id"),
    "an input without submit": (
        {k: v for k, v in modal(an_input({"type": "plain_text_input"})).items() if k != "submit"},
        "/view/submit",
    ),
    "too many blocks": (modal(*[SECTION] * 101), "/view/blocks"),
    "a table in a modal": (
        modal({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}),
        "/view/blocks/0/type",
    ),
    "one block_id twice": (modal(*[{**SECTION, "block_id": "b"}] * 2), "/view/blocks"),
    "a label too long": (
        modal(an_input({"type": "plain_text_input"}, label=plain("x" * 2001))),
        "/view/blocks/0/label/text",
    ),
    "a hint too long": (
        modal(an_input({"type": "plain_text_input"}, hint=plain("x" * 2001))),
        "/view/blocks/0/hint/text",
    ),
    "a max_length too high": (
        modal(an_input({"type": "plain_text_input", "max_length": 3001})),
        "/view/blocks/0/element/max_length",
    ),
    "a min above the max": (
        modal(an_input({"type": "plain_text_input", "min_length": 5, "max_length": 2})),
        "/view/blocks/0/element/min_length",
    ),
    "two focused fields": (
        modal(
            an_input({"type": "plain_text_input", "focus_on_load": True}),
            an_input({"type": "plain_text_input", "focus_on_load": True}, block_id="that"),
        ),
        "/view/blocks",
    ),
    "a Home instead": ({"type": "home", "blocks": [SECTION]}, "/view/type"),
    "an unknown type": ({"type": "popup", "blocks": []}, "/view/type"),
    "no blocks": ({"type": "modal", "title": plain("x")}, "/view"),
}


@pytest.mark.parametrize("what", WRONG_BLOCKS)
def test_wrong_blocks_are_refused_where_they_are_wrong(client, what):
    """chat.postMessage answers invalid_blocks with a pointer."""
    blocks, at = WRONG_BLOCKS[what]
    answer = refusal(client.chat_postMessage, channel="C0TEA", text="x", blocks=blocks)

    expected = "invalid_blocks_format" if isinstance(blocks, str) else "invalid_blocks"
    assert answer["error"] == expected
    if isinstance(blocks, list):
        assert any(f"[json-pointer:{at}]" in line for line in answer["response_metadata"]["messages"])


@pytest.mark.parametrize("what", WRONG_VIEWS)
def test_wrong_views_are_refused_where_they_are_wrong(slack, client, what):
    """views.open answers invalid_arguments with a pointer, and spends no trigger."""
    view, at = WRONG_VIEWS[what]
    trigger = slack.space.new_trigger("U0ASHA")
    answer = refusal(client.views_open, trigger_id=trigger, view=view)

    assert answer["error"] == "invalid_arguments"
    assert any(f"[json-pointer:{at}]" in line for line in answer["response_metadata"]["messages"])
    assert not slack.space.triggers[trigger].used


def test_a_view_of_more_than_250_kilobytes_is_too_large(slack, client):
    blocks = [{"type": "section", "text": mrkdwn("x" * 3000)}] * 90
    answer = refusal(client.views_open, trigger_id=slack.space.new_trigger("U0ASHA"), view=modal(*blocks))

    assert answer["error"] == "view_too_large"


RIGHT = [
    {"type": "header", "text": plain("Head")},
    {**SECTION, "accessory": button(confirm=CONFIRM)},
    {"type": "divider"},
    actions(button(style="primary"), {**SELECT, "action_id": "s", "initial_option": option("1")}),
    {
        "type": "context",
        "elements": [mrkdwn("x"), {"type": "image", "image_url": "https://x.test", "alt_text": "y"}],
    },
    CHART,
    an_input({"type": "plain_text_input", "max_length": 10}),
]


def pointers(node, path=()):
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from pointers(value, (*path, key))


STRANGE = (None, 0, -1, True, "", "x", [], {}, [None], [[]], {"type": None}, {"type": []}, {"text": 1})


def test_whatever_is_sent_is_refused_and_never_breaks_it(slack):
    """Every place of a right message is replaced by every kind of thing."""
    slack.limit_rates(on=False)
    for path in list(pointers(RIGHT))[1:]:
        for strange in STRANGE:
            blocks = deepcopy(RIGHT)
            place = blocks
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = strange
            view = {"type": "home", "blocks": blocks}
            said = {"channel": "C0TEA", "text": "x", "blocks": blocks}
            slack.desk.take("chat.postMessage", slack.bot_token, said)
            slack.desk.take("views.publish", slack.bot_token, {"user_id": "U0ASHA", "view": view})

    assert {call.answer.get("error") for call in slack.refused} == {"invalid_blocks", "invalid_arguments"}


@pytest.mark.parametrize("name", ["text", "markdown_text"])
def test_what_is_said_must_be_words(client, name):
    answer = refusal(client.api_call, "chat.postMessage", json={"channel": "C0TEA", name: 5})

    assert answer["error"] == "invalid_arguments"


def test_a_column_of_a_table_may_be_left_as_it_is(client):
    table = {**TABLE, "column_settings": [None, {"align": "right", "is_wrapped": True}]}

    assert client.chat_postMessage(channel="C0TEA", text="x", blocks=[table])["ok"]


def test_right_blocks_are_said(client, slack):
    """A message of many blocks is taken as it is."""
    assert client.chat_postMessage(channel="C0TEA", text="x", blocks=RIGHT)["ok"]
    assert slack.refused == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0TEA"}, "no_text"),
        ({"channel": "C0TEA", "text": "  "}, "no_text"),
        ({"channel": "C0TEA", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ({"channel": "U0NONE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0QUIET", "text": "x"}, "not_in_channel"),
        ({"channel": "U0APP", "text": "x"}, "cannot_dm_bot"),
        ({"channel": "C0TEA", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": "C0TEA", "text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_schema"),
        ({"channel": "C0TEA", "text": "x", "metadata": "{"}, "invalid_metadata_format"),
        ({"channel": "C0TEA", "text": "x", "markdown_text": "x"}, "markdown_text_conflict"),
        ({"channel": "C0TEA", "text": "x", "colour": "red"}, "invalid_arguments"),
        ({"channel": "C0TEA", "text": "x", "attachments": ["x"]}, "invalid_attachments"),
        ({"channel": "C0TEA", "text": "x", "attachments": [None]}, "invalid_attachments"),
        ({"text": "x"}, "invalid_arguments"),
    ],
)
@pytest.mark.parametrize("encoding", ["json", "form"])
def test_a_message_that_cannot_be_said(client, arguments, error, encoding):
    """chat.postMessage names what is wrong, however the call was written."""
    form = {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in arguments.items()}
    sent = {"json": arguments} if encoding == "json" else {"params": form}

    assert refusal(client.api_call, "chat.postMessage", **sent)["error"] == error


def test_an_archived_channel_hears_nothing(slack, client):
    slack.channels["C0TEA"].is_archived = True

    assert refusal(client.chat_postMessage, channel="C0TEA", text="x")["error"] == "is_archived"


def test_a_hidden_private_channel_does_not_exist(slack, client):
    slack.add_channel("C0HIDE", "hidden", is_private=True)

    assert refusal(client.chat_postMessage, channel="C0HIDE", text="x")["error"] == "channel_not_found"


def test_messages_are_changed_only_by_whoever_said_them(slack, client, people):
    """Another's message, and one that never was."""
    said = people.asha.says("Mine", "C0TEA")

    assert refusal(client.chat_update, channel="C0TEA", ts=said.ts, text="x")["error"] == "cant_update_message"
    assert refusal(client.chat_delete, channel="C0TEA", ts=said.ts)["error"] == "cant_delete_message"
    assert refusal(client.chat_update, channel="C0TEA", ts="1.000001", text="x")["error"] == "message_not_found"


def test_a_long_update_is_refused_and_a_long_message_split(client, people):
    """4000 characters are one message."""
    ts = client.chat_postMessage(channel="C0TEA", text="x" * 4001)["ts"]

    assert [len(message.text) for message in people.asha.sees("C0TEA")] == [4000, 1]
    assert refusal(client.chat_update, channel="C0TEA", ts=ts, text="x" * 4001)["error"] == "msg_too_long"


def test_an_update_leaves_what_it_does_not_mention(client, slack):
    """Blocks and metadata stay until an empty value takes them away."""
    metadata = {"event_type": "tea", "event_payload": {"cups": 2}}
    where = client.chat_postMessage(channel="C0TEA", text="x", blocks=[SECTION], metadata=metadata)
    at = {"channel": "C0TEA", "ts": where["ts"]}
    message = slack.messages[-1]

    client.chat_update(**at, text="y")
    assert (message.text, message.words, message.metadata) == ("y", "words", metadata)
    client.chat_update(**at, blocks=[], text="z", metadata={})
    assert (message.text, message.words, message.metadata) == ("z", "z", None)


def test_an_ephemeral_message_needs_its_reader_in_the_channel(client, people):
    """And nobody else sees it."""
    assert (
        refusal(client.chat_postEphemeral, channel="C0TEA", user="U0STRANGE", text="x")["error"]
        == "user_not_in_channel"
    )
    client.chat_postEphemeral(channel="C0TEA", user="U0ASHA", text="psst")

    assert [message.text for message in people.asha.sees("C0TEA")] == ["psst"]
    assert people.dana.sees("C0TEA") == []


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-other", "invalid_auth"), ("xapp-not-a-real-token", "not_allowed_token_type")],
)
def test_a_wrong_token_opens_nothing(slack, token, error):
    other = WebClient(token or None, base_url=slack.api_url, retry_handlers=[])

    assert refusal(other.auth_test)["error"] == error


def test_a_missing_scope_is_named(client):
    """The answer says what is needed and what there is."""
    answer = refusal(client.conversations_info, channel="C0TEA")

    assert (answer["error"], answer["needed"]) == ("missing_scope", "channels:read")
    assert "chat:write" in answer["provided"].split(",")


def test_an_unknown_method_is_unknown(client):
    assert refusal(client.api_call, "tea.pour")["error"] == "unknown_method"


def test_nobody_of_that_id_is_nobody(client):
    assert refusal(client.users_info, user="U0NONE")["error"] == "user_not_found"
    assert refusal(client.conversations_open, users="U0NONE")["error"] == "user_not_found"


def test_the_tabs_must_be_switched_on(slack, client):
    """The manifest decides whether the app has a Home tab and messages."""
    slack.api.app_home = {"home_tab_enabled": False, "messages_tab_enabled": False}
    home = {"type": "home", "blocks": [SECTION]}

    assert refusal(client.views_publish, user_id="U0ASHA", view=home)["error"] == "not_enabled"
    assert refusal(client.chat_postMessage, channel="U0ASHA", text="x")["error"] == "messages_tab_disabled"


def test_calls_are_kept_with_their_answers(slack, client):
    """Refused calls are told apart from the others."""
    refusal(client.chat_postMessage, channel="C0NONE", text="x")
    client.chat_postMessage(channel="U0ASHA", text="y")

    assert [call.ok for call in slack.calls] == [False, True]
    assert [call.args["text"] for call in slack.refused] == ["x"]
    assert slack.called("chat.postMessage")[0].answer["channel"] == "D0ASHA"
