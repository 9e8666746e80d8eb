"""What hangs on a message is seen, used and told of like the message itself."""

import json

import pytest
from test_refusals import SECTION, SELECT, actions, an_input, button, mrkdwn, option, plain

ATTACHED = {"color": "#2bb", "blocks": [SECTION, actions(button("drink", text=plain("Drink"), value="1"))]}
PLACE = {"channel": "C0TEA"}


@pytest.fixture
def heard(app, run):
    """The bodies of everything a silent app hears."""
    bodies = []

    @app.use
    def hear(ack, body):
        bodies.append(body)
        return ack()

    run()
    return bodies


def test_a_button_in_an_attachment_is_pressed_and_the_app_told_where_it_hangs(client, people, slack, heard):
    client.chat_postMessage(**PLACE, text="Tea", attachments=[{"text": "Hot"}, ATTACHED])
    message = slack.messages[-1]

    assert message.buttons == ["Drink"]
    assert message.words == "Tea\nHot\nwords\nDrink"
    assert people.asha.presses("Drink").ok
    told = heard[-1]
    block = told["message"]["attachments"][1]["blocks"][1]
    assert (told["actions"][0]["block_id"], told["actions"][0]["action_id"]) == (block["block_id"], "drink")
    assert told["container"] == {
        "type": "message_attachment",
        "message_ts": message.ts,
        "attachment_id": 2,
        "channel_id": "C0TEA",
        "is_ephemeral": False,
        "is_app_unfurl": False,
    }


def test_an_element_in_an_attachment_is_found_by_its_block_and_action(client, people, slack, heard):
    client.chat_postMessage(**PLACE, text="Tea", attachments=[{"blocks": [actions({**SELECT, "action_id": "which"})]}])
    message = slack.messages[-1]
    block = message.attachments[0]["blocks"][0]["block_id"]

    assert people.asha.touches(message, block, "which", "2").ok
    assert heard[-1]["state"]["values"][block]["which"]["selected_option"] == option("2")


def test_every_field_of_a_message_is_told_with_a_press_also_the_untouched(client, people, slack, heard):
    fields = [
        {"type": "static_select", "action_id": "kind", "options": [option("1")], "initial_option": option("1")},
        {"type": "datepicker", "action_id": "day"},
        button("go", text=plain("Go")),
    ]
    blocks = [
        {**actions(*fields), "block_id": "first"},
        an_input({"type": "plain_text_input", "action_id": "why"}, block_id="second", optional=True),
    ]
    attached = {**SECTION, "block_id": "third", "accessory": {"type": "users_select", "action_id": "who"}}
    client.chat_postMessage(**PLACE, text="Tea", blocks=blocks, attachments=[{"blocks": [attached]}])
    people.dana.chooses("day", "2026-06-08")
    people.asha.enters(slack.messages[-1], "second", "why", "Thirst")
    people.asha.presses("Go")

    assert heard[-1]["state"]["values"] == {
        "first": {
            "kind": {"type": "static_select", "selected_option": option("1")},
            "day": {"type": "datepicker", "selected_date": None},
        },
        "second": {"why": {"type": "plain_text_input", "value": "Thirst"}},
        "third": {"who": {"type": "users_select", "selected_user": None}},
    }


def test_a_screen_that_stands_still_shows_and_presses_what_hung_there(client, people, slack, heard):
    ts = client.chat_postMessage(**PLACE, text="Tea", attachments=[ATTACHED])["ts"]
    message = slack.messages[-1]
    before = message.version
    client.chat_update(**PLACE, ts=ts, text="Gone", attachments=[])

    assert message.buttons == []
    assert message.as_of(before).buttons == ["Drink"]
    assert people.asha.presses("Drink", message.as_of(before)).ok
    assert heard[-1]["actions"][0]["value"] == "1"


def test_an_answer_in_the_thread_leaves_a_screen_what_its_head_showed(client, people, slack, heard):
    ts = client.chat_postMessage(**PLACE, text="Tea", blocks=[actions(button("drink", text=plain("Drink")))])["ts"]
    head = slack.messages[-1]
    before = head.version
    people.dana.says("Thanks", "C0TEA", thread_ts=ts)
    client.chat_update(**PLACE, ts=ts, text="Gone", blocks=[])

    assert head.buttons == []
    assert people.asha.presses("Drink", head.as_of(before)).ok


def test_an_update_that_mentions_no_attachments_leaves_them_and_null_takes_them_away(client, slack):
    ts = client.chat_postMessage(**PLACE, text="Tea", blocks=[SECTION], attachments=[ATTACHED])["ts"]
    message = slack.messages[-1]
    client.chat_update(**PLACE, ts=ts, text="Coffee")
    assert message.buttons == ["Drink"]

    nothing = json.dumps(None)
    client.api_call("chat.update", params={**PLACE, "ts": ts, "text": "x", "blocks": nothing, "attachments": nothing})
    assert (message.buttons, message.words) == ([], "x")


def test_an_attachment_without_blocks_shows_its_words(client, slack):
    client.chat_postMessage(**PLACE, text="So", attachments=[{"pretext": "Look", "title": "Tea", "text": "Green"}])

    assert slack.messages[-1].words == "So\nLook\nTea\nGreen"


def test_wrong_blocks_in_an_attachment_are_refused_where_they_are(client, slack):
    said = {**PLACE, "text": "x", "attachments": [{"blocks": [{**SECTION, "text": mrkdwn("")}]}]}
    slack.desk.take("chat.postMessage", slack.bot_token, said)

    assert "/attachments/0/blocks/0/text/text" in slack.refused[-1].answer["response_metadata"]["messages"][0]
