"""What the app may answer, how often, how late, and what Slack makes of it."""

import json
from datetime import timedelta

import pytest
from slack_sdk.webhook import WebhookClient
from test_refusals import SECTION, an_input, modal, option, plain, refusal


@pytest.fixture
def address(app, run, people):
    """A response_url, as the app received it with a command."""
    kept = []

    @app.command("/tea")
    def tea(ack, command):
        kept.append(command["response_url"])
        ack()

    run()
    people.asha.types("/tea", channel="C0TEA")
    return WebhookClient(kept[0])


def test_a_response_url_works_five_times(address, people, slack):
    statuses = [address.send(text=f"{n}").status_code for n in range(6)]

    assert statuses == [200] * 5 + [404]
    assert slack.refused[-1].answer["error"] == "used_url"
    assert len(people.asha.sees("C0TEA")) == 5
    assert people.dana.sees("C0TEA") == []


def test_a_response_url_works_for_thirty_minutes(address, clock, slack):
    clock.advance(timedelta(minutes=30))
    assert address.send(text="x").status_code == 200
    clock.advance(timedelta(seconds=1))
    assert address.send(text="x").status_code == 404
    assert slack.refused[-1].answer["error"] == "expired_url"


def test_an_answer_may_be_for_everybody(address, people):
    """Everybody in the channel sees it, though the app is not asked to be a member."""
    address.send(text="All", response_type="in_channel")

    assert [message.text for message in people.dana.sees("C0TEA")] == ["All"]


def test_a_wrong_answer_is_refused(address, slack):
    """The limits of messages hold here too."""
    address.send(text="x", blocks=[{"type": "paragraph"}])
    address.send_dict({"text": "x", "colour": "red"})
    address.send(text="x", response_type="loud")

    assert [c.answer["error"] for c in slack.refused] == ["invalid_blocks"] + ["invalid_arguments"] * 2


@pytest.fixture
def card(app, run, client, people):
    """A message with a button, whose presses the app answers by its response_url."""

    @app.action("a")
    def pressed(ack, respond, action):
        ack()
        respond(**json.loads(action["value"]))

    run()

    def post(**answer):
        button = {"type": "button", "action_id": "a", "text": plain("Press"), "value": json.dumps(answer)}
        client.chat_postMessage(channel="U0ASHA", text="x", blocks=[{"type": "actions", "elements": [button]}])
        return people.asha.dm[-1]

    return post


def test_an_answer_may_replace_or_delete_what_was_pressed(card, people):
    """The message itself changes, live."""
    replaced = card(text="Done", replace_original=True)
    assert people.asha.presses("Press").ok
    assert (replaced.words, replaced.buttons) == ("Done", [])

    deleted = card(delete_original=True)
    assert people.asha.presses("Press").ok
    assert deleted.deleted
    assert deleted not in people.asha.dm


def test_a_screen_that_was_not_refreshed_can_still_be_pressed(card, people):
    """Two people press before either sees the other's effect."""
    seen = card(text="Done", replace_original=True).as_seen()
    people.asha.presses("Press")

    assert people.asha.presses("Press", on=seen).ok


def test_buttons_of_one_name_are_told_apart_by_value(client, people):
    both = [
        {
            "type": "actions",
            "elements": [{"type": "button", "action_id": "a", "text": plain("Open"), "value": v}],
        }
        for v in "12"
    ]
    client.chat_postMessage(channel="U0ASHA", text="x", blocks=both)

    with pytest.raises(LookupError, match="2 buttons are called 'Open'"):
        people.asha.presses("Open")


def test_a_wrong_acknowledgement_is_refused(app, run, people, slack):
    """Slack shows nothing of a message it cannot read."""
    app.command("/tea")(lambda ack: ack(blocks=[{"type": "paragraph"}], text="x"))
    run()
    answer = people.asha.types("/tea")

    assert (answer.ok, answer.error) == (False, "invalid_blocks")
    assert [call.method for call in slack.refused] == ["command_ack"]
    assert people.asha.dm == []


ACKS = {
    "an error beside no input": {"response_action": "errors", "errors": {"none": "Wrong."}},
    "an empty sentence": {"response_action": "errors", "errors": {"it": ""}},
    "an unknown action": {"response_action": "explode"},
    "a wrong view": {"response_action": "update", "view": modal(SECTION, title=plain("x" * 25))},
}


@pytest.fixture
def form(app, run, slack, client, people):
    """An open form whose submission the app answers as told."""

    def start(**ack_with):
        app.view("form")(lambda ack: ack(**ack_with))
        run()
        view = modal(an_input({"type": "plain_text_input"}), callback_id="form")
        client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=view)
        people.asha.fills(it="words")

    return start


@pytest.mark.parametrize("what", ACKS)
def test_a_wrong_answer_to_a_form_is_refused(form, people, slack, what):
    """The form stays, with Slack's own apology on it."""
    form(**ACKS[what])
    answer = people.asha.submits()

    assert not answer.ok
    assert [call.method for call in slack.refused] == ["view_ack"]
    assert people.asha.modal.trouble == "We had some trouble connecting. Try again?"


def test_a_form_may_turn_into_another(form, people):
    form(response_action="update", view=modal(SECTION, title=plain("Next")))
    people.asha.submits()

    assert people.asha.modal.title == "Next"


def test_a_form_may_lie_on_top_of_another(form, people):
    """The one below is seen again when the upper one closes."""
    form(response_action="push", view=modal(SECTION, title=plain("Upper")))
    people.asha.submits()
    assert [view.title for view in people.asha.modals] == ["A title", "Upper"]

    people.asha.closes()
    assert people.asha.modal.values == {"it": "words"}


def test_a_form_may_close_everything(form, people):
    form(response_action="clear")
    people.asha.submits()

    assert people.asha.modals == []


def test_an_app_that_raises_leaves_the_form_open(app, run, slack, client, people):
    """An answer that is not 2xx is a failure and is kept."""

    @app.view("form")
    def fail(ack):
        raise RuntimeError

    run()
    view = modal(an_input({"type": "plain_text_input"}), callback_id="form")
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=view)
    people.asha.fills(it="words")
    answer = people.asha.submits()

    assert (answer.status, answer.error) == (500, "dispatch_failed")
    assert slack.failures == [answer]
    assert people.asha.modal.values == {"it": "words"}


def test_an_app_that_is_not_there_is_a_failure(slack, people):
    slack.send_to("http://127.0.0.1:1/slack/events")
    answer = people.asha.types("/tea")

    assert answer.text == "/tea failed with the error “dispatch_unreachable”."
    assert slack.failures == [answer]


def test_an_app_that_answers_late_is_a_failure(app, run, slack, people):
    """Slack waits so long and no longer."""
    app.command("/tea")(lambda ack: ack("Late"))
    run()
    slack.delivery.patience = 0.000001
    answer = people.asha.types("/tea")

    assert (answer.ok, answer.error) == (False, "operation_timeout")
    assert people.asha.dm == []


@pytest.fixture
def dispatched(app, run, slack, client, people):
    """A form with fields that tell at once, and what the app was told."""
    told = []

    @app.action("a")
    def action(ack, body):
        ack()
        told.append((body["actions"][0]["block_id"], body["view"]["state"]["values"]))

    run()
    at_once = {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}
    blocks = [
        an_input({"type": "plain_text_input"} | at_once, block_id="live", dispatch_action=True),
        an_input({"type": "plain_text_input"}, block_id="enter", dispatch_action=True),
        an_input({"type": "plain_text_input"} | at_once, block_id="still"),
        an_input({"type": "datepicker"}, block_id="day", dispatch_action=True),
        {
            **SECTION,
            "block_id": "side",
            "accessory": {"type": "static_select", "action_id": "a", "options": [option("1")]},
        },
    ]
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=modal(*blocks))
    return told


def test_a_field_tells_at_once_only_where_it_is_asked_to(dispatched, people):
    """The whole form's values come with it."""
    people.asha.fills(live="words", enter="more", still="quiet", day="2026-06-08")
    people.asha.fills(side="1")

    assert [block for block, _ in dispatched] == ["live", "day", "side"]
    assert dispatched[-1][1]["still"]["a"] == {"type": "plain_text_input", "value": "quiet"}
    assert dispatched[-1][1]["side"]["a"]["selected_option"]["value"] == "1"


def test_keystrokes_tell_again_and_again(dispatched, people, slack):
    slack.keystrokes = True
    people.asha.fills(live="x" * 25)

    assert [len(values["live"]["a"]["value"]) for _, values in dispatched] == [10, 20, 25]


def test_rates_are_counted_by_the_minute(client, clock):
    """The fifty-first call of a method of tier 3 has to wait."""
    client.chat_postMessage(channel="C0TEA", text="x")
    where = client.chat_postMessage(channel="C0TEA", text="x")
    for n in range(50):
        client.chat_update(channel="C0TEA", ts=where["ts"], text=str(n))
    clock.advance(timedelta(seconds=20))
    answer = refusal(client.chat_update, channel="C0TEA", ts=where["ts"], text="x")

    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "40")
    clock.advance(timedelta(seconds=40))
    assert client.chat_update(channel="C0TEA", ts=where["ts"], text="x")["ok"]


def test_a_channel_hears_about_one_message_a_second(client, clock):
    """A burst is let through; other channels are not touched."""
    for _ in range(20):
        client.chat_postMessage(channel="C0TEA", text="x")
    answer = refusal(client.chat_postMessage, channel="C0TEA", text="x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")

    assert client.chat_postMessage(channel="U0ASHA", text="x")["ok"]
    clock.advance(timedelta(seconds=1))
    assert client.chat_postMessage(channel="C0TEA", text="x")["ok"]
