"""People act on a small Bolt app and see what it shows them."""

import pytest

FORM = {
    "type": "modal",
    "callback_id": "order",
    "title": {"type": "plain_text", "text": "Order tea"},
    "submit": {"type": "plain_text", "text": "Order"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "kind",
            "label": {"type": "plain_text", "text": "Which tea?"},
            "element": {"type": "plain_text_input", "action_id": "it", "max_length": 20},
        },
        {
            "type": "input",
            "block_id": "milk",
            "optional": True,
            "label": {"type": "plain_text", "text": "Milk?"},
            "element": {
                "type": "static_select",
                "action_id": "it",
                "options": [{"text": {"type": "plain_text", "text": "Yes"}, "value": "yes"}],
            },
        },
    ],
}
CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Tea is ready*"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "drink",
                "text": {"type": "plain_text", "text": "Drink"},
                "value": "1",
            },
        ],
    },
]


@pytest.fixture
def heard(app, run):
    """A tea app, and the bodies of everything it heard."""
    bodies = []

    @app.use
    def hear(body, next_):
        bodies.append(body)
        next_()

    @app.command("/tea")
    def tea(ack, body, client, command):
        if command["text"] == "form":
            client.views_open(trigger_id=body["trigger_id"], view=FORM)
            ack()
        else:
            ack(f"You said {command['text']}.")

    @app.view("order")
    def order(ack, body, client, view):
        kind = view["state"]["values"]["kind"]["it"]["value"]
        if kind == "coffee":
            ack(response_action="errors", errors={"kind": "That is no tea."})
            return
        client.chat_postMessage(channel=body["user"]["id"], text=f"{kind} is ready", blocks=CARD)
        ack()

    @app.view_closed("order")
    def closed(ack):
        ack()

    @app.action("drink")
    def drink(ack, body, client):
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="Empty", blocks=[])
        ack()

    @app.event("app_home_opened")
    def home(event, client):
        view = {"type": "home", "blocks": CARD}
        client.views_publish(user_id=event["user"], view=view, hash=(event.get("view") or {}).get("hash"))

    run()
    return bodies


def test_a_command_is_answered_for_the_person_alone(heard, people):
    """What the app acknowledges with is shown to the one who typed."""
    answer = people.asha.types("/tea", "green @Dana")

    assert answer.ok
    assert answer.text == "You said green <@U0DANA|dana>."
    assert [message.ephemeral for message in people.asha.dm] == [True]
    assert heard[-1]["channel_name"] == "directmessage"


def test_a_form_is_filled_in_and_sent_off(heard, people, slack):
    """A modal opens, is filled, is sent, and the message it causes can be pressed."""
    people.asha.types("/tea", "form")
    assert people.asha.modal.title == "Order tea"

    people.asha.fills(kind="green", milk="yes")
    assert people.asha.modal.values == {"kind": "green", "milk": "yes"}
    assert people.asha.submits().ok
    assert people.asha.modal is None

    message = people.asha.dm[-1]
    assert message.text == "green is ready"
    assert message.buttons == ["Drink"]
    assert people.asha.presses("Drink").ok
    assert (message.text, message.buttons) == ("Empty", [])
    assert slack.refused == []
    assert slack.failures == []


def test_an_error_stands_beside_its_field(heard, people):
    """The app's objection is kept with the field, and the form stays open."""
    people.asha.types("/tea", "form")
    people.asha.fills(kind="coffee")
    people.asha.submits()

    assert people.asha.modal.errors == {"kind": "That is no tea."}


def test_the_client_keeps_wrong_values_back(heard, people):
    """What Slack's client refuses never reaches the app."""
    people.asha.types("/tea", "form")

    with pytest.raises(ValueError, match="kind: 21 characters are more"):
        people.asha.fills(kind="x" * 21)
    with pytest.raises(ValueError, match="milk: 'no' is none of the options"):
        people.asha.fills(milk="no")
    with pytest.raises(LookupError, match="no field 'sugar'; it has kind, milk"):
        people.asha.fills(sugar="two")
    with pytest.raises(ValueError, match="must be filled: kind"):
        people.asha.submits()


def test_a_closed_form_keeps_its_words_to_itself(heard, people):
    """Closing tells the app, without what was typed."""
    people.asha.types("/tea", "form")
    people.asha.fills(kind="green")
    people.asha.closes()

    assert heard[-1]["type"] == "view_closed"
    assert heard[-1]["view"]["state"] == {"values": {}}


def test_the_home_tab_is_published_and_pressed(heard, people):
    """Opening the Home tab lets the app publish it; the second time its hash is told."""
    people.dana.opens_home()
    first = people.dana.home.hash
    people.dana.opens_home()

    assert heard[-1]["event"]["view"]["hash"] == first
    assert people.dana.home.buttons == ["Drink"]
    assert people.asha.home is None


def test_a_missing_button_is_named_with_those_there_are(heard, people):
    """Whoever presses what is not there learns what is."""
    people.dana.opens_home()

    with pytest.raises(LookupError, match=r"Dana Okoro sees no button 'Spill'\. Buttons: 'Drink'"):
        people.dana.presses("Spill")


def test_a_request_can_be_sent_again_as_it_was(heard, people, slack):
    """A replay carries the same body under the same signature."""
    answer = people.asha.types("/tea", "green")
    again = slack.replay(answer.request)

    assert again.ok
    assert len(heard) == 2
    assert heard[0] == heard[1]
