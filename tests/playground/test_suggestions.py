"""External selects ask the app for their options while somebody types."""

import json

import pytest
from test_bad_apps import bad_app, page
from test_refusals import SECTION, actions, an_input, modal, mrkdwn, option, plain

from playground import Slack

TEAS = [option("green", "Green tea"), option("black", "Black tea")]
GROUPS = [{"label": plain("Hot"), "options": TEAS}]
SELECT = {"type": "external_select", "action_id": "tea"}


@pytest.fixture
def asked(app, run):
    """The questions that an app with two teas was asked."""
    bodies = []

    @app.options("tea")
    def options(ack, body, payload):
        bodies.append(body)
        if payload["value"].startswith("group"):
            ack(option_groups=GROUPS)
        else:
            ack(options=[tea for tea in TEAS if payload["value"].lower() in tea["text"]["text"].lower()])

    run()
    return bodies


@pytest.fixture
def form(slack, client, people):
    """Asha's form with external selects."""
    fields = [
        an_input(SELECT, block_id="one"),
        an_input({**SELECT, "type": "multi_external_select", "min_query_length": 0}, block_id="many"),
        an_input({**SELECT, "initial_option": option("iced", "Iced tea"), "action_id": "tea"}, block_id="held"),
        an_input({"type": "static_select", "options": TEAS}, block_id="own"),
    ]
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=modal(*fields))
    return people.asha.modal


def test_the_app_is_asked_for_what_was_typed(asked, form, people, slack):
    """The question says where the select stands."""
    assert people.asha.suggestions(form, "one", "tea", "gre") == TEAS[:1]

    [body] = asked
    assert (body["type"], body["block_id"], body["action_id"], body["value"]) == (
        "block_suggestion",
        "one",
        "tea",
        "gre",
    )
    assert body["container"] == {"type": "view", "view_id": form.id}
    assert body["view"]["id"] == form.id
    assert (body["user"]["id"], body["team"]["id"]) == ("U0ASHA", slack.team)
    assert slack.failures == slack.refused == []


def test_an_app_is_asked_from_a_message_too(asked, client, people):
    """An ephemeral message is not told with the question."""
    client.chat_postMessage(channel="C0TEA", text="x", blocks=[{**actions(SELECT), "block_id": "b"}])
    client.chat_postEphemeral(channel="C0TEA", user="U0ASHA", text="x", blocks=[{**actions(SELECT), "block_id": "b"}])
    for message in people.asha.sees("C0TEA"):
        assert people.asha.suggestions(message, "b", "tea", "tea") == TEAS

    assert [body["container"]["is_ephemeral"] for body in asked] == [False, True]
    assert ["message" in body for body in asked] == [True, False]
    assert {body["channel"]["id"] for body in asked} == {"C0TEA"}


def test_options_may_come_in_groups(asked, form, people):
    assert people.asha.suggestions(form, "one", "tea", "groups") == GROUPS
    people.asha.fills(one="black")

    assert form.values["one"] == "black"


def test_an_app_is_not_asked_before_enough_was_typed(asked, form, people):
    """Three letters, where the select does not say."""
    assert people.asha.suggestions(form, "one", "tea", "gr") == []
    assert asked == []
    assert people.asha.suggestions(form, "many", "tea", "") == TEAS


def test_nothing_found_is_an_answer(asked, form, people, slack):
    assert people.asha.suggestions(form, "one", "tea", "coffee") == []
    assert slack.failures == slack.refused == []


def test_what_was_offered_can_be_chosen_by_its_value(asked, form, people):
    """And what was chosen before stays possible; anything else is kept back."""
    people.asha.suggestions(form, "many", "tea", "gre")
    people.asha.enters(form, "many", "tea", ["green"])
    people.asha.suggestions(form, "many", "tea", "bla")
    people.asha.enters(form, "many", "tea", ["green", "black"])
    people.asha.enters(form, "held", "tea", "iced")

    assert (form.values["many"], form.values["held"]) == (["green", "black"], "iced")
    with pytest.raises(ValueError, match="'coffee' is none of the options"):
        people.asha.enters(form, "one", "tea", "coffee")


def test_other_fields_are_not_asked_about(asked, form, people):
    with pytest.raises(LookupError, match="has its own options"):
        people.asha.suggestions(form, "own", "a", "green")
    with pytest.raises(LookupError, match="not there any more"):
        people.asha.suggestions(form, "none", "tea", "green")


WRONG = {
    "nothing": "",
    "a page": "<html>",
    "a list": "[]",
    "no options": "{}",
    "both": '{"options": [], "option_groups": []}',
    "more": '{"options": [], "colour": "red"}',
    "a word": '{"options": "green"}',
    "words": '{"options": ["green"]}',
    "an option without a value": '{"options": [{"text": {"type": "plain_text", "text": "x"}}]}',
    "a hundred and one": json.dumps({"options": [option(str(n)) for n in range(101)]}),
    "a long label": json.dumps({"options": [option("1", "x" * 76)]}),
    "an mrkdwn label": json.dumps({"options": [{"text": mrkdwn("x"), "value": "1"}]}),
    "a group without options": json.dumps({"option_groups": [{"label": plain("x"), "options": []}]}),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_offer_that_slack_cannot_take_is_refused(form, people, slack, what):
    with bad_app(page("200 OK", WRONG[what])) as address:
        slack.send_to(address)
        assert people.asha.suggestions(form, "one", "tea", "green") == []

    assert [(call.method, call.answer["error"]) for call in slack.refused] == [("options_ack", "invalid_arguments")]
    assert [answer.error for answer in slack.failures] == ["invalid_arguments"]


def test_an_app_that_is_not_there_offers_nothing(form, people, slack):
    assert people.asha.suggestions(form, "one", "tea", "green") == []
    assert [answer.error for answer in slack.failures] == ["dispatch_unreachable"]


def test_nobody_is_asked_where_interactivity_is_off():
    slack = Slack(manifest={"settings": {}})
    asha = slack.add_person("U0ASHA", "Asha Patel")
    message = slack.space.say(asha.dm_channel, slack.bot_user, blocks=[SECTION, {**actions(SELECT), "block_id": "b"}])

    with pytest.raises(LookupError, match="Interactivity is not switched on"):
        asha.suggestions(message, "b", "tea", "green")
