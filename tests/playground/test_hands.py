"""What a person's hands can do, and what Slack's client keeps them from."""

import pytest
from test_refusals import SECTION, actions, an_input, button, modal, option

OPTIONS = {"options": [option("1", "One"), option("2", "Two")]}
FIELDS = {
    "date": {"type": "datepicker"},
    "time": {"type": "timepicker"},
    "moment": {"type": "datetimepicker"},
    "mail": {"type": "email_text_input"},
    "page": {"type": "url_text_input"},
    "count": {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"},
    "share": {"type": "number_input", "is_decimal_allowed": True},
    "least": {"type": "plain_text_input", "min_length": 5},
    "ticks": {"type": "checkboxes", **OPTIONS},
    "people": {"type": "multi_users_select", "max_selected_items": 2},
    "outside": {"type": "external_select"},
}


@pytest.fixture
def asha(slack, client, people):
    """Asha, with a form of every kind of field open before her."""
    fields = [an_input(element, block_id=name) for name, element in FIELDS.items()]
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=modal(*fields))
    return people.asha


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("date", "8 June"),
        ("time", "25:00"),
        ("mail", "nobody"),
        ("page", "x.test"),
        ("count", "2.5"),
        ("count", 10),
        ("share", "much"),
        ("least", "four"),
        ("ticks", ["3"]),
        ("people", ["U1", "U2", "U3"]),
    ],
)
def test_a_wrong_value_is_kept_back(asha, field, wrong):
    with pytest.raises(ValueError, match=f"^{field}: "):
        asha.fills(**{field: wrong})

    assert not asha.modal.values[field]


def test_right_values_stand_in_their_fields(asha):
    values = {
        "date": "2026-06-08",
        "time": "09:30",
        "moment": 1780304400,
        "mail": "a@x.test",
        "page": "https://x.test",
        "count": "9",
        "share": "0.5",
        "least": "fives",
        "ticks": ["1", "2"],
        "people": ["U0ASHA", "U0DANA"],
        "outside": "x",
    }
    asha.fills(**{**values, "outside": option("x")})
    assert asha.modal.values == values

    asha.fills(date=None, ticks=[])
    assert (asha.modal.values["date"], asha.modal.values["ticks"]) == (None, [])
    with pytest.raises(ValueError, match="must be filled: date, ticks"):
        asha.submits()


@pytest.fixture
def told(app, run):
    """What the app is told of actions called a, b and c."""
    heard = []
    for name in "abc":

        @app.action(name)
        def action(ack, body):
            ack()
            heard.append(body)

    run()
    return heard


MENU = [
    actions(
        button(value="1"),
        {"type": "overflow", "action_id": "b", **OPTIONS},
        {"type": "static_select", "action_id": "c", **OPTIONS},
    )
]


def test_buttons_and_menus_work_on_messages(told, client, people):
    """A choice on a message is remembered for the one who chose."""
    client.chat_postMessage(channel="C0TEA", text="x", blocks=MENU)
    people.asha.presses("Press")
    people.asha.chooses("b", "Two")
    people.asha.chooses("c", "1")

    assert [body["container"]["type"] for body in told] == ["message"] * 3
    assert told[0]["actions"][0]["value"] == "1"
    assert told[1]["actions"][0]["selected_option"]["value"] == "2"
    assert next(iter(told[2]["state"]["values"].values()))["c"]["selected_option"]["value"] == "1"


def test_buttons_work_on_the_home_tab_and_in_modals(told, slack, client, people):
    """A modal lies over everything else."""
    client.views_publish(user_id="U0ASHA", view={"type": "home", "blocks": MENU})
    people.asha.presses("Press")
    people.asha.presses("a", on="home")
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=modal(*MENU))
    people.asha.presses("Press")

    assert [body["view"]["type"] for body in told] == ["home", "home", "modal"]
    assert {body["container"]["type"] for body in told} == {"view"}


def test_an_ephemeral_message_is_pressed_without_its_words(told, client, people):
    """Slack does not tell the app what an ephemeral message said."""
    client.chat_postEphemeral(channel="C0TEA", user="U0ASHA", text="x", blocks=MENU)
    people.asha.presses("Press")

    assert told[0]["container"]["is_ephemeral"] is True
    assert "message" not in told[0]


def test_a_stranger_is_told_apart(told, slack, client, people):
    """The person's own team is beside them."""
    slack.channels["C0TEA"].members.add("U0STRANGE")
    client.chat_postMessage(channel="C0TEA", text="x", blocks=MENU)
    people.sam.presses("Press")

    assert (told[0]["user"]["team_id"], told[0]["team"]["id"]) == ("T0OTHER", slack.team)


def test_nobody_presses_what_they_do_not_see(slack, client, people):
    """Deleted messages, closed modals, a Home tab that is not there, channels of others."""
    client.chat_postMessage(channel="C0TEA", text="x", blocks=MENU)
    message = slack.messages[-1]
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=modal(SECTION))
    view = people.asha.modal
    people.asha.closes()
    client.chat_delete(channel="C0TEA", ts=message.ts)

    for surface in (message, view):
        with pytest.raises(LookupError, match="does not see that any more"):
            people.asha.presses("Press", on=surface)
    with pytest.raises(LookupError, match="no Home tab yet"):
        people.asha.presses("Press", on="home")
    with pytest.raises(LookupError, match="no button 'Press'"):
        people.sam.presses("Press")
    with pytest.raises(LookupError, match="no modal open"):
        people.asha.fills(x="y")
    assert repr(people.sam) == "<Sam Stranger U0STRANGE>"


def test_a_form_without_submit_can_only_be_closed(slack, client, people):
    """And a choice that is not told at once is made with fills."""
    view = modal(SECTION)
    del view["submit"]
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=view)
    with pytest.raises(LookupError, match="nothing to press but close"):
        people.asha.submits()
    people.asha.closes()

    quiet = modal(an_input({"type": "static_select", **OPTIONS}))
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=quiet)
    with pytest.raises(LookupError, match="has no dispatch_action"):
        people.asha.chooses("a", "1")
    with pytest.raises(LookupError, match="no element 'z'"):
        people.asha.chooses("z", "1")


def test_closing_may_clear_everything(slack, client, people):
    """The whole stack goes where the upper view says so."""
    for more in ({}, {"clear_on_close": True}):
        client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=modal(SECTION, **more))
    people.asha.closes()

    assert people.asha.modals == []
