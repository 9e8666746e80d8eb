"""What is on a person's screen, drawn for a terminal."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console
from test_refusals import CHART, SECTION, actions, an_input, button, modal, mrkdwn, option, plain

from playground import Clock, Slack
from playground.drawing import mrkdwn as draw_mrkdwn
from playground.mrkdwn import Eyes
from playground.terminal import draw_channel, draw_home, draw_message, draw_modal


@pytest.fixture
def clock():
    return Clock(datetime(2026, 6, 1, 9, tzinfo=UTC))


def shown(drawn, width=80):
    console = Console(width=width, record=True, file=StringIO())
    console.print(drawn)
    return console.export_text()


def words(text, slack):
    return draw_mrkdwn(text, Eyes(slack.space, slack.person("U0ASHA").member)).plain


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("*bold* _slanted_ ~gone~ `code`", "bold slanted gone code"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("*bold _and slanted_*", "bold and slanted"),
        ("<@U0DANA> and <@U0NONE>", "@Dana Okoro and @U0NONE"),
        ("<#C0TEA> <#C0NONE|gone>", "#tea #C0NONE"),
        ("<https://x.test?a=1&amp;b|the page> <https://y.test>", "the page https://y.test"),
        ("<!here> <!subteam^S1|@makers>", "@here @makers"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&gt; quoted", "▎ quoted"),
        ("```two\nlines```", "\ntwo\nlines\n"),
        ("<!date^1780304400^{date_num} {time}|x>", "2026-06-01 10:00"),
        ("<!date^1780304400^{date_pretty}, {date_long}|x>", "today, Monday 1 June 2026"),
        ("<!date^1780390800^{date_short_pretty}|x>", "tomorrow"),
        ("<!date^1780736400^{date_short_pretty} {unknown}|x>", "6 Jun 2026 {unknown}"),
        ("<!date^soon^{date}|at some time>", "at some time"),
        (":tada: :white_check_mark: :unknown_one:", "🎉 ✅ :unknown_one:"),
    ],
)
def test_mrkdwn_is_read_as_slack_reads_it(slack, text, seen):
    assert words(text, slack) == seen


RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "For ", "style": {"bold": True}},
                {"type": "user", "user_id": "U0DANA"},
                {"type": "channel", "channel_id": "C0TEA"},
                {"type": "emoji", "name": "tada"},
                {"type": "link", "url": "https://x.test", "text": "page"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "ordered",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]},
    ],
}
ROWS = [[{"type": "raw_text", "text": cell} for cell in row] for row in (("Tea", "Cups"), ("green", "2"))]
TICKS = {"options": [{**option("1", "One"), "description": plain("the first")}, option("2", "Two")]}
BLOCKS = {
    "section": ({"type": "section", "text": mrkdwn("*Hello* <@U0DANA>")}, ["Hello @Dana Okoro"]),
    "fields": ({"type": "section", "fields": [plain("a"), plain("b"), plain("c")]}, ["a", "b", "c"]),
    "accessory": ({**SECTION, "accessory": button()}, ["words", "[ Press ]"]),
    "ticks beside": (
        {
            **SECTION,
            "accessory": {
                "type": "checkboxes",
                "action_id": "c",
                **TICKS,
                "initial_options": TICKS["options"][:1],
            },
        },
        ["[x] One  the first", "[ ] Two"],
    ),
    "header": ({"type": "header", "text": plain("Head :tada:")}, ["Head 🎉"]),
    "divider": ({"type": "divider"}, ["────"]),
    "context": (
        {
            "type": "context",
            "elements": [
                mrkdwn("small"),
                {"type": "image", "image_url": "https://x.test", "alt_text": "a cat"},
            ],
        },
        ["small", "a cat"],
    ),
    "actions": (
        actions(
            button(style="primary"),
            {"type": "overflow", "action_id": "o", "options": [option("1")]},
            {
                "type": "static_select",
                "action_id": "s",
                "placeholder": plain("Which?"),
                "options": [option("1")],
            },
            {"type": "datepicker", "action_id": "d"},
            {"type": "users_select", "action_id": "u", "initial_user": "U0DANA"},
            {"type": "conversations_select", "action_id": "v", "initial_conversation": "C0TEA"},
            {"type": "datetimepicker", "action_id": "t", "initial_date_time": 1780304400},
        ),
        [
            "[ Press ]",
            "[ ⋯ ]",
            "[ Which? ▾ ]",
            "[ Select a date ▾ ]",
            "[ Dana Okoro ▾ ]",
            "#tea",
            "2026-06-01 10:00",
        ],
    ),
    "radio": ({**actions({"type": "radio_buttons", "action_id": "r", **TICKS})}, ["( ) One", "( ) Two"]),
    "image": (
        {"type": "image", "image_url": "https://x.test", "alt_text": "a cat", "title": plain("Cat")},
        ["Cat"],
    ),
    "rich_text": (RICH, ["For @Dana Okoro#tea🎉page", "1. one", "▎ said", "code"]),
    "table": (
        {"type": "table", "rows": ROWS, "column_settings": [{"align": "right"}]},
        ["Tea", "Cups", "green", "2"],
    ),
    "markdown": ({"type": "markdown", "text": "**strong** words"}, ["strong words"]),
    "chart": (CHART, ["A week", "Mon", "████"]),
    "video": (
        {
            "type": "video",
            "title": plain("Film"),
            "video_url": "https://x.test",
            "thumbnail_url": "https://x.test",
            "alt_text": "x",
        },
        ["Film"],
    ),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_is_drawn(slack, client, people, name):
    """Slack takes the block, and what is on it can be read."""
    block, expected = BLOCKS[name]
    client.chat_postMessage(channel="C0TEA", text="x", blocks=[block])
    drawn = shown(draw_channel(people.asha, "C0TEA"), 120)

    for part in expected:
        assert part in drawn


def test_a_message_says_who_when_and_where(slack, client, people):
    """Each reader on their own clock."""
    client.chat_postMessage(channel="C0TEA", text="Tea *now*")
    asha, dana = (shown(draw_message(person, slack.messages[-1])) for person in (people.asha, people.dana))

    assert "#tea" in asha
    assert "Tea APP  Mon 1 Jun 10:00" in asha
    assert "Tea APP  Mon 1 Jun 05:00" in dana
    assert "Tea now" in asha


def test_threads_edits_and_whispers_are_marked(slack, client, people):
    """An answer stands further to the right than what it answers."""
    parent = client.chat_postMessage(channel="C0TEA", text="above")
    client.chat_postMessage(channel="C0TEA", text="below", thread_ts=parent["ts"])
    client.chat_update(channel="C0TEA", ts=parent["ts"], text="above")
    client.chat_postEphemeral(channel="C0TEA", user="U0ASHA", text="psst")
    drawn = shown(draw_channel(people.asha, "C0TEA"))

    assert "│ above" in drawn
    assert "│     below" in drawn
    assert "(edited)" in drawn
    assert "Only visible to you" in drawn
    assert "#tea · thread" in shown(draw_message(people.asha, slack.messages[1]))


def test_a_modal_shows_what_was_entered_and_what_is_wrong(slack, client, people):
    """Labels, hints, values by name, and the error beside its field."""
    fields = [
        an_input({"type": "plain_text_input"}, block_id="why", hint=plain("In a line"), label=plain("Why?")),
        an_input({"type": "users_select"}, block_id="who", label=plain("Who?"), optional=True),
        an_input({"type": "datepicker"}, block_id="day"),
        an_input({"type": "radio_buttons", **TICKS}, block_id="which"),
        an_input({"type": "multi_static_select", **TICKS}, block_id="several"),
        an_input({"type": "rich_text_input"}, block_id="rich"),
        {"type": "alert", "text": plain("Mind the step")},
    ]
    view = modal(*fields, close=plain("Never mind"))
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=view)
    people.asha.fills(why="Thirst", who="U0DANA", day="2026-06-08", which="2", several=["1", "2"], rich="much")
    people.asha.modal.errors = {"why": "Say more."}
    people.asha.modal.trouble = "Try again?"
    drawn = shown(draw_modal(people.asha))

    for part in (
        *(
            "A title",
            "Why?",
            "Thirst",
            "✗ Say more.",
            "In a line",
            "Who? (optional)",
            "[ Dana Okoro ▾ ]",
            "much",
        ),
        *("[ Mon 8 Jun 2026 ▾ ]", "(•) Two", "[ One, Two ▾ ]", "Mind the step", "✗ Try again?"),
        *("[ Never mind ]", "[ Send ]", "Asha Patel"),
    ):
        assert part in drawn


def test_an_empty_screen_says_so(people, slack):
    assert "no modal open" in shown(draw_modal(people.asha))
    assert "Nothing published yet" in shown(draw_home(people.asha))
    assert "Nothing here yet" in shown(draw_channel(people.asha))
    assert "Asha Patel ↔ Tea" in shown(draw_channel(people.asha))


def test_a_home_tab_is_drawn(client, people):
    client.views_publish(user_id="U0ASHA", view={"type": "home", "blocks": [SECTION, actions(button())]})
    drawn = shown(draw_home(people.asha))

    assert "Tea · Home" in drawn
    assert "[ Press ]" in drawn


def test_a_workspace_can_be_drawn_without_opening_its_doors():
    slack = Slack()
    asha = slack.add_person("U0ASHA", "Asha Patel")
    asha.says("Hello")

    assert "Hello" in shown(draw_channel(asha))
