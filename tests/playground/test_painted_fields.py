"""Every field of a form on the page: its name, what stands in it, and when the app is told."""

from datetime import UTC, datetime

import pytest
from html_tree import described, name_of, read
from test_refusals import CONFIRM, SECTION, actions, an_input, button, mrkdwn, option, plain

from playground import Clock
from playground.browser.paint import draw

NOON = 1780304400  # Monday 1 June 2026, 09:00 in Greenwich.


@pytest.fixture
def clock():
    return Clock(datetime(2026, 6, 1, 9, tzinfo=UTC))


ONE, TWO = option("1", "One"), option("2", "Two")
BOTH = {"options": [ONE, TWO]}
GROUPS = {
    "option_groups": [
        {"label": plain("First"), "options": [{**ONE, "description": plain("the best")}]},
        {"label": plain("Second"), "options": [TWO]},
    ]
}
LINE = {"type": "rich_text_section", "elements": [{"type": "text", "text": "hello"}, {"type": "emoji", "name": "tada"}]}
HELLO = {"type": "rich_text", "elements": [LINE]}
# A field: what it is made of, the kind of control that it becomes, and what stands in it.
FIELDS = {
    "plain_text_input": ({"initial_value": 'a "b"'}, ("input", "text"), 'a "b"'),
    "email_text_input": ({"initial_value": "a@x.test"}, ("input", "email"), "a@x.test"),
    "url_text_input": ({"initial_value": "https://x.test"}, ("input", "url"), "https://x.test"),
    "number_input": ({"is_decimal_allowed": False, "initial_value": "4"}, ("input", "text"), "4"),
    "rich_text_input": ({"initial_value": HELLO}, ("textarea", None), "hello🎉"),
    "datepicker": ({"initial_date": "2026-06-08"}, ("input", "date"), "2026-06-08"),
    "timepicker": ({"initial_time": "09:30"}, ("input", "time"), "09:30"),
    "datetimepicker": ({"initial_date_time": NOON}, ("input", "datetime-local"), "2026-06-01T10:00"),
    "file_input": ({"filetypes": ["pdf", ".png"]}, ("input", "file"), None),
    "static_select": ({**BOTH, "initial_option": TWO}, ("select", None), "Two"),
    "external_select": ({"initial_option": TWO}, ("select", None), "Two"),
    "users_select": ({"initial_user": "U0DANA"}, ("select", None), "Dana Okoro"),
    "channels_select": ({"initial_channel": "C0TEA"}, ("select", None), "#tea"),
    "conversations_select": ({"initial_conversation": "C0QUIET"}, ("select", None), "#quiet"),
    "multi_external_select": ({"initial_options": [ONE, TWO]}, ("select", None), "One, Two"),
    "multi_static_select": ({**GROUPS, "initial_options": [TWO]}, ("fieldset", None), "Two"),
    "multi_users_select": ({"initial_users": ["U0ASHA", "U0DANA"]}, ("fieldset", None), "Asha Patel, Dana Okoro"),
    "multi_channels_select": ({"initial_channels": ["C0TEA"]}, ("fieldset", None), "#tea"),
    "multi_conversations_select": ({"initial_conversations": ["C0TEA"]}, ("fieldset", None), "#tea"),
    "radio_buttons": ({**BOTH, "initial_option": TWO}, ("fieldset", None), "Two"),
    "checkboxes": ({**BOTH, "initial_options": [ONE, TWO]}, ("fieldset", None), "One, Two"),
}


def value_of(control):
    if control.tag == "select":
        return ", ".join(each.words for each in control.all("option") if "selected" in each.attrs and each["value"])
    if control.tag == "fieldset":
        return ", ".join(each.words for each in control.all("label") if "checked" in each.one("input").attrs)
    return control.words if control.tag == "textarea" else control["value"]


@pytest.mark.parametrize("kind", FIELDS)
def test_every_field_is_a_control_with_a_name_and_a_value(painted, kind):
    more, (tag, type_), value = FIELDS[kind]
    page = painted(an_input({"type": kind, **more}, label=plain("What? :tada:")))
    control = page.one(data_deed="fill")

    assert (control.tag, control["type"]) == (tag, type_)
    assert name_of(page, control) == "What? 🎉"
    assert value_of(control) == value
    assert (control["data-block"], control["data-action"], control["data-type"]) == ("it", "a", kind)


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_is_told_with_its_hint_and_its_error(painted, kind):
    block = an_input({"type": kind, **FIELDS[kind][0]}, optional=True, hint=plain("In a line"))
    page = painted(block, errors={"it": "Say <more>."})
    control = page.one(data_deed="fill")
    teller = page.one("summary") if kind in MULTI else control

    assert described(page, teller) == ["✗ Say <more>.", "In a line"]
    assert page.one("p", class_="error")
    assert page.one(class_="b-wrong")
    assert "(optional)" in page.one(class_="b-label").words
    assert any(node["aria-invalid"] == "true" for node in (control, *control.every))


MULTI = [kind for kind in FIELDS if kind.startswith("multi_") and "external" not in kind]


@pytest.mark.parametrize("kind", [kind for kind in FIELDS if kind not in ("checkboxes", *MULTI)])
def test_a_field_that_must_be_filled_says_so(painted, kind):
    filled = {"type": kind, **FIELDS[kind][0]}
    needed = painted(an_input(filled)).one(data_deed="fill").attrs
    free = painted(an_input(filled, optional=True)).one(data_deed="fill").attrs

    assert "required" in needed or needed["aria-required"] == "true"
    assert not {"required", "aria-required"} & set(free)
    assert not {"aria-invalid", "aria-describedby"} & set(free)


@pytest.mark.parametrize("kind", MULTI)
def test_what_is_chosen_of_several_stands_on_what_opens_the_list(painted, kind):
    more, _, value = FIELDS[kind]
    page = painted(an_input({"type": kind, **more, "max_selected_items": 3, "focus_on_load": True}))

    assert page.one("summary").words == f"It: {value}"
    assert "data-focus" in page.one("summary").attrs
    assert page.one("fieldset", data_deed="fill")["data-at-most"] == "3"
    assert "3 at most" in page.words
    assert page.one("details", class_="multi")["data-keep"] == "open"


def test_nothing_chosen_yet_is_said_in_the_apps_words_or_in_usual_ones(painted):
    page = painted(
        an_input({"type": "multi_users_select"}, block_id="a"),
        an_input({"type": "multi_static_select", **BOTH, "placeholder": plain("Which?")}, block_id="b"),
        an_input({"type": "users_select"}, block_id="c"),
        an_input({"type": "static_select", **BOTH, "placeholder": plain("Who?")}, block_id="d"),
        an_input({"type": "plain_text_input", "placeholder": plain("Why?")}, block_id="e"),
    )

    assert [summary.words for summary in page.all("summary")] == ["It: Choose people", "It: Which?"]
    assert [each.all("option")[0].words for each in page.all("select")] == ["Choose a person", "Who?"]
    assert {each.all("option")[0]["value"] for each in page.all("select")} == {""}
    assert page.one("input", type="text")["placeholder"] == "Why?"


def test_groups_of_options_have_their_headings(painted):
    page = painted(
        an_input({"type": "static_select", **GROUPS}, block_id="one"),
        an_input({"type": "multi_static_select", **GROUPS}, block_id="several"),
    )

    assert [group["label"] for group in page.all("optgroup")] == ["First", "Second"]
    assert [each.words for each in page.one("select").all("option")][1:] == ["One – the best", "Two"]
    assert [group.one("legend").words for group in page.all("fieldset", class_="b-group")] == ["First", "Second"]
    boxes = page.all("input", type="checkbox")
    assert len({box["id"] for box in boxes}) == len(boxes) == 2


def test_options_to_tick_carry_styled_words_and_what_is_said_about_them(painted):
    bold = {"text": mrkdwn("*Two*\n> said"), "value": "2", "description": mrkdwn("_really_")}
    page = painted({**SECTION, "accessory": {"type": "checkboxes", "action_id": "c", "options": [ONE, bold]}})

    assert page.one("fieldset").one("legend").words == "words"
    assert [label.words for label in page.all("label")] == ["One", "Two said really"]
    assert page.one("strong").words == "Two"
    assert page.one(class_="b-about").one("em").words == "really"


def test_radio_buttons_belong_together(painted):
    page = painted(
        an_input({"type": "radio_buttons", **BOTH}, block_id="a"),
        an_input({"type": "radio_buttons", **BOTH}, block_id="b"),
    )

    names = [each["name"] for each in page.all("input", type="radio")]
    assert names[0] == names[1] != names[2] == names[3]
    assert len(page.all("fieldset", role="radiogroup")) == 2


def test_people_are_offered_without_bots_and_channels_without_conversations(slack, painted):
    slack.add_channel("C0SECRET", "secret", members=["U0ASHA"], is_private=True)
    slack.space.dm("U0ASHA")
    slack.space.members["U0STRANGE"].deleted = True

    def offered(who="U0DANA", **element):
        page = painted(an_input({"action_id": "a", **element}), who=who)
        return [each.words for each in page.one("select").all("option")][1:]

    assert offered(type="users_select") == ["Asha Patel", "Dana Okoro"]
    assert offered(type="users_select", initial_user=slack.bot_user) == ["Tea", "Asha Patel", "Dana Okoro"]
    assert offered(type="channels_select") == ["#quiet", "#tea"]
    assert offered("U0ASHA", type="conversations_select") == ["#quiet", "#secret", "#tea"]
    only = {"include": ["private"]}
    assert offered("U0ASHA", type="conversations_select", filter=only) == ["#secret"]


def test_an_external_select_is_searched_and_keeps_what_was_chosen(painted):
    element = {"type": "external_select", "action_id": "a", "min_query_length": 1}
    state = {"it": {"a": {"type": "external_select", "selected_option": ONE}}}
    page = painted(an_input(element), state=state)
    search, select = page.one("input", type="search"), page.one("select")

    assert search["aria-controls"] == select["id"]
    assert (search["data-block"], search["data-action"], search["data-least"]) == ("it", "a", "1")
    assert name_of(page, search) == "Search: It"
    assert value_of(select) == "One"


def test_what_was_entered_stands_instead_of_what_the_app_put_there(painted):
    state = {
        "why": {"a": {"type": "plain_text_input", "value": "Thirst"}},
        "who": {"a": {"type": "multi_users_select", "selected_users": ["U0ASHA"]}},
        "file": {"a": {"type": "file_input", "files": [{"id": "F1", "name": "plan <b>.pdf"}]}},
    }
    page = painted(
        an_input({"type": "plain_text_input", "initial_value": "Hunger"}, block_id="why"),
        an_input({"type": "multi_users_select", "initial_users": ["U0DANA"]}, block_id="who"),
        an_input({"type": "file_input", "max_files": 1}, block_id="file"),
        state=state,
    )

    assert page.one("input", type="text")["value"] == "Thirst"
    assert page.one("summary").words == "It: Asha Patel"
    assert page.one("ul", class_="b-files").words == "plan <b>.pdf"
    assert page.one("input", type="file")["data-files"] == '["F1"]'


def test_a_field_knows_how_much_it_takes(painted):
    page = painted(
        an_input({"type": "plain_text_input", "max_length": 20, "min_length": 2}, block_id="a"),
        an_input({"type": "plain_text_input", "multiline": True}, block_id="b"),
        an_input({"type": "number_input", "is_decimal_allowed": True}, block_id="c"),
        an_input({"type": "file_input", "filetypes": ["pdf", "png"]}, block_id="d"),
        an_input({"type": "file_input", "max_files": 1}, block_id="e"),
    )
    short, number, many, single = page.all("input")

    assert (short["maxlength"], short["minlength"], short["data-most"]) == ("20", "2", "20")
    assert page.one("textarea")["maxlength"] == "3000"
    assert number["inputmode"] == "decimal"
    assert (many["accept"], "multiple" in many.attrs) == (".pdf,.png", True)
    assert (single["accept"], "multiple" in single.attrs) == (None, False)


def test_the_first_empty_line_of_a_long_answer_is_kept(slack, eyes):
    block = an_input({"type": "plain_text_input", "multiline": True, "initial_value": "\nsecond"})

    assert ">\n\nsecond</textarea>" in draw(slack.space.named([block]), eyes(), at="p1")


def test_a_rich_answer_is_edited_as_plain_words(painted):
    def each(*words):
        return {"type": "rich_text_section", "elements": list(words)}

    words = [
        {"type": "text", "text": "Ask "},
        {"type": "user", "user_id": "U0DANA"},
        {"type": "channel", "channel_id": "C0TEA"},
        {"type": "broadcast", "range": "here"},
        {"type": "link", "url": "https://x.test", "text": "there"},
        {"type": "date", "timestamp": NOON, "format": "{date}", "fallback": " on Monday"},
    ]
    items = [each({"type": "text", "text": "one"}), each({"type": "text", "text": "two"})]
    parts = [
        each(*words),
        {"type": "rich_text_list", "style": "ordered", "elements": items},
        {"type": "rich_text_list", "style": "bullet", "elements": items[:1]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
    ]
    page = painted(an_input({"type": "rich_text_input", "initial_value": {"type": "rich_text", "elements": parts}}))

    expected = "\nAsk <@U0DANA><#C0TEA>@herethere on Monday\n1. one\n2. two\n• one\nsaid"
    assert page.one("textarea").inside == [expected]


def test_a_moment_is_picked_in_the_readers_own_zone(painted):
    page = painted(an_input({"type": "datetimepicker", "initial_date_time": NOON}), who="U0DANA")
    picker = page.one("input")

    assert (picker["value"], picker["data-zone"]) == ("2026-06-01T05:00", "America/New_York")


def test_a_time_of_another_zone_names_it(painted):
    page = painted(actions({"type": "timepicker", "action_id": "t", "timezone": "Asia/Tokyo"}))

    assert "Asia/Tokyo" in page.words


TYPED = {"type": "plain_text_input"}
ON_TYPING = {"trigger_actions_on": ["on_character_entered", "on_enter_pressed"]}
TOLD = {
    "a form's field": (an_input(TYPED), "fill", None),
    "one that tells on enter": (an_input(TYPED, dispatch_action=True), "fill", "enter"),
    "one that tells at every letter": (
        an_input({**TYPED, "dispatch_action_config": ON_TYPING}, dispatch_action=True),
        "choose",
        "enter type",
    ),
    "a select that tells": (an_input({"type": "static_select", **BOTH}, dispatch_action=True), "choose", None),
    "a select in a section": (
        {**SECTION, "accessory": {"type": "static_select", "action_id": "a", **BOTH}},
        "choose",
        None,
    ),
    "a select among actions": (actions({"type": "static_select", "action_id": "a", **BOTH}), "choose", None),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_field_says_when_the_app_is_told(painted, name):
    block, deed, tells = TOLD[name]
    control = painted(block).one(data_type=block.get("element", {"type": "static_select"})["type"])

    assert (control["data-deed"], control["data-tells"]) == (deed, tells)


def test_a_control_without_a_label_is_named_by_what_stands_around_it(painted):
    long = {"type": "section", "text": mrkdwn("*Who* <@U0DANA> " + "very " * 40)}
    page = painted(
        {**long, "accessory": {"type": "users_select", "action_id": "a"}},
        {"type": "section", "fields": [plain("x")], "accessory": {"type": "datepicker", "action_id": "a"}},
        actions({"type": "static_select", "action_id": "a", **BOTH, "placeholder": plain("Which?")}),
        actions({"type": "multi_users_select", "action_id": "a"}),
    )
    person, date, which = *page.all("select")[:1], page.one("input", type="date"), page.all("select")[1]

    assert name_of(page, person).startswith("Who @Dana Okoro very very")
    assert len(name_of(page, person)) <= 100
    assert name_of(page, date) == "Date"
    assert name_of(page, which) == "Which?"
    assert name_of(page, page.all("fieldset")[0]) == "Choose people"


def test_focus_goes_where_the_app_wants_it(painted):
    page = painted(
        an_input({"type": "plain_text_input"}, block_id="a"),
        an_input({"type": "plain_text_input", "focus_on_load": True}, block_id="b"),
    )

    assert ["data-focus" in each.attrs for each in page.all("input")] == [False, True]


def test_ids_stay_when_blocks_move_and_no_two_are_alike(slack, eyes):
    blocks = [an_input({"type": kind, **more}, block_id=kind) for kind, (more, *_) in FIELDS.items()]
    blocks += [{**actions(button("a"), button("b", confirm=CONFIRM)), "block_id": "buttons"}]
    there = [node["id"] for node in read(draw(blocks, eyes(), at="p1")).every if node["id"]]
    back = [node["id"] for node in read(draw(blocks[::-1], eyes(), at="p1")).every if node["id"]]
    elsewhere = [node["id"] for node in read(draw(blocks, eyes(), at="p2")).every if node["id"]]

    assert len(set(there)) == len(there)
    assert sorted(there) == sorted(back)
    assert not set(there) & set(elsewhere)


def test_what_is_pointed_at_is_there(painted):
    blocks = [an_input({"type": kind, **more}, block_id=kind, hint=plain("so")) for kind, (more, *_) in FIELDS.items()]
    page = painted(*blocks, errors=dict.fromkeys(FIELDS, "No."))
    ids = {node["id"] for node in page.every}
    pointers = ("for", "aria-describedby", "aria-controls", "aria-labelledby", "data-confirm")
    pointed = {name for node in page.every for pointer in pointers for name in (node[pointer] or "").split()}

    assert pointed <= ids
