"""Triggers, stacks, hashes and names of views."""

from datetime import timedelta

from test_refusals import SECTION, an_input, modal, refusal


def opened(slack, client, *blocks, **more):
    blocks = blocks or (SECTION,)
    return client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=modal(*blocks, **more))["view"]


def test_a_trigger_works_once(slack, client):
    trigger = slack.space.new_trigger("U0ASHA")
    client.views_open(trigger_id=trigger, view=modal(SECTION))

    assert refusal(client.views_open, trigger_id=trigger, view=modal(SECTION))["error"] == "exchanged_trigger_id"


def test_a_trigger_lives_three_seconds(slack, client, clock):
    trigger = slack.space.new_trigger("U0ASHA")
    clock.advance(timedelta(seconds=3, microseconds=1))

    assert refusal(client.views_open, trigger_id=trigger, view=modal(SECTION))["error"] == "expired_trigger_id"


def test_an_invented_trigger_is_invalid(client):
    assert refusal(client.views_open, trigger_id="1.2.3", view=modal(SECTION))["error"] == "invalid_trigger_id"


def test_three_views_are_a_stack_and_a_fourth_is_one_too_many(slack, client, people):
    """Pushing needs a trigger that came from a modal."""
    stray = slack.space.new_trigger("U0ASHA")
    assert refusal(client.views_push, trigger_id=stray, view=modal(SECTION))["error"] == "not_found"
    view = opened(slack, client)
    for _ in range(2):
        client.views_push(trigger_id=slack.space.new_trigger("U0ASHA", view["id"]), view=modal(SECTION))
    trigger = slack.space.new_trigger("U0ASHA", view["id"])

    assert refusal(client.views_push, trigger_id=trigger, view=modal(SECTION))["error"] == "push_limit_reached"
    assert [shown.root for shown in people.asha.modals] == [view["id"]] * 3


def test_a_stale_hash_conflicts(slack, client, people):
    view = opened(slack, client)
    client.views_update(
        view_id=view["id"], hash=view["hash"], view=modal(SECTION, title={"type": "plain_text", "text": "2"})
    )
    stale = refusal(client.views_update, view_id=view["id"], hash=view["hash"], view=modal(SECTION))

    assert stale["error"] == "hash_conflict"
    assert people.asha.modal.title == "2"


def test_a_stale_hash_conflicts_on_the_home_tab_too(client):
    home = {"type": "home", "blocks": [SECTION]}
    first = client.views_publish(user_id="U0ASHA", view=home)["view"]["hash"]
    client.views_publish(user_id="U0ASHA", view=home, hash=first)

    assert refusal(client.views_publish, user_id="U0ASHA", view=home, hash=first)["error"] == "hash_conflict"


def test_an_external_id_is_open_once(slack, client, people):
    """Once its view is closed it is free again."""
    opened(slack, client, external_id="draft-1")
    trigger = slack.space.new_trigger("U0ASHA")
    again = modal(SECTION, external_id="draft-1")

    assert refusal(client.views_open, trigger_id=trigger, view=again)["error"] == "duplicate_external_id"
    people.asha.closes()
    assert client.views_open(trigger_id=trigger, view=again)["ok"]


def test_a_closed_view_cannot_be_updated(slack, client, people):
    view = opened(slack, client)
    people.asha.closes()

    assert refusal(client.views_update, view_id=view["id"], view=modal(SECTION))["error"] == "not_found"
    assert refusal(client.views_update, external_id="none", view=modal(SECTION))["error"] == "not_found"
    nameless = refusal(client.api_call, "views.update", json={"view": modal(SECTION)})
    assert nameless["error"] == "invalid_arguments"


def test_typed_words_survive_an_update_where_the_field_is_the_same(slack, client, people):
    """Another action_id is another field."""
    view = opened(slack, client, an_input({"type": "plain_text_input"}))
    people.asha.fills(it="words")
    client.views_update(view_id=view["id"], view=modal(SECTION, an_input({"type": "plain_text_input"})))
    assert people.asha.modal.values == {"it": "words"}

    client.views_update(view_id=view["id"], view=modal(an_input({"type": "plain_text_input", "action_id": "b"})))
    assert people.asha.modal.values == {"it": None}
