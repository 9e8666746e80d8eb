"""Socket Mode: what comes twice, connections that end, are renewed, fall silent or never greet."""

from __future__ import annotations

import secrets

import pytest
from sqlalchemy import func, select

from bot.socket_mode import Patience, Receiver, SocketRefused, connected
from db.tables import Audit
from tests.hands import runs
from tests.hearing import listening
from tests.programs import wait_until
from tests.signed import command, is_running

QUICK = Patience(ping=0.2, silence=3, hello=3, watch=0.05, farewell=0.5)


@pytest.fixture
def line(world):
    """The bot connected by Socket Mode, which notices within seconds what takes it a minute otherwise."""
    with listening() as heard, connected(Receiver(world.bot, world.slack.app_token, world.clock.now, QUICK)) as made:
        assert world.slack.wait_for_socket()
        made.heard = heard
        yield made


def server(world):
    return world.slack.server


def envelope(world, words, person=None):
    """An envelope that types words after /experiment."""
    request = command(world, words, person)
    return {
        "envelope_id": secrets.token_hex(8),
        "type": "slash_commands",
        "payload": request.payload,
        "accepts_response_payload": True,
    }


def ready(line):
    return line.facts() == {"socket": None}


def renewed(world, line, cause):
    """Do something to the connection and wait until the bot has another, on which Slack has said hello."""
    before = line.client.session_id()
    cause()
    wait_until(lambda: line.client.session_id() != before and line.client.is_connected())
    wait_until(lambda: server(world).sockets and line.facts() == {"socket": None})


def test_over_socket_mode_people_are_answered(world, line):
    assert "/experiment propose" in world.asha.types("/experiment", "help").text


def test_an_envelope_that_comes_twice_has_one_effect_and_both_are_acknowledged(world, line):
    runs(world)
    sent = envelope(world, "stop EXP-1")
    server(world).send_envelope(sent, copies=2)
    wait_until(lambda: server(world).acknowledged.count(sent["envelope_id"]) == 2)

    assert [] == line.heard.said("a request could not be answered")
    assert 1 == stops(world)


def test_the_same_request_in_another_envelope_has_no_second_effect(world, line):
    runs(world)
    stopped = world.asha.types("/experiment", "stop EXP-1")
    world.asha.presses("Undo the stop", on=stopped.shown)
    assert is_running(world)
    server(world).send_envelope(envelope(world, "") | {"payload": stopped.request.payload})

    assert is_running(world)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_when_slack_asks_for_a_new_connection_it_is_opened_and_nothing_is_lost(world, line, reason):
    runs(world)
    renewed(world, line, lambda: server(world).send_disconnect(reason))

    assert world.asha.types("/experiment", "stop EXP-1").ok
    assert not is_running(world)


def test_what_comes_on_the_old_connection_after_the_farewell_is_answered(world, line):
    runs(world)
    old = line.client.session_id()
    sent = envelope(world, "stop EXP-1")
    server(world).send_disconnect("warning")
    said = server(world).send_envelope(sent, patience=10)
    wait_until(lambda: line.client.session_id() != old)

    assert said["payload"]
    assert not is_running(world)


def test_after_many_new_connections_a_request_is_still_answered_once(world, line):
    for _ in range(4):
        renewed(world, line, server(world).send_disconnect)
    before = len(server(world).acknowledged)
    assert world.asha.types("/experiment", "help").ok
    assert world.asha.types("/experiment", "help").ok

    assert before + 2 == len(server(world).acknowledged)
    assert 1 == len(line.client.socket_mode_request_listeners)


def test_a_connection_that_slack_closes_is_opened_anew(world, line):
    renewed(world, line, server(world).close_sockets)

    assert world.asha.types("/experiment", "help").ok


def test_a_connection_that_is_cut_is_opened_anew(world, line):
    renewed(world, line, server(world).cut_sockets)

    assert world.asha.types("/experiment", "help").ok


def test_a_connection_that_falls_silent_is_given_up_for_another(world, line):
    wait_until(lambda: ready(line))
    renewed(world, line, server(world).fall_silent)

    assert world.asha.types("/experiment", "help").ok


def test_a_connection_that_was_silent_from_the_beginning_is_given_up_too(world, line):
    server(world).greets = False

    def silent_from_now_on():
        server(world).send_disconnect()
        server(world).fall_silent()

    before = line.client.session_id()
    silent_from_now_on()
    wait_until(lambda: line.client.session_id() != before)
    server(world).greets = True
    renewed(world, line, server(world).fall_silent)

    assert world.asha.types("/experiment", "help").ok


def test_without_a_hello_the_bot_is_not_ready(world):
    server(world).greets = False
    with connected(Receiver(world.bot, world.slack.app_token, world.clock.now, QUICK)) as line:
        assert world.slack.wait_for_socket()
        assert {"socket": "Slack has not said hello yet."} == line.facts()


def test_a_bot_that_loses_its_connection_is_not_ready_after_a_while_and_ready_again_with_a_new_one(world, line):
    wait_until(lambda: ready(line))
    world.slack.refuse("apps.connections.open", "internal_error", times=None)
    server(world).cut_sockets()
    wait_until(lambda: line.facts() == {"socket": "The connection to Slack is lost."})
    world.slack.desk.mishaps.clear()
    wait_until(lambda: ready(line))

    assert world.asha.types("/experiment", "help").ok


def test_what_cannot_be_understood_is_not_acknowledged_and_what_is_unknown_is(world, line):
    strange = {"envelope_id": "strange", "type": "interactive", "payload": {"type": "block_actions"}}
    unknown = {"envelope_id": "unknown", "type": "interactive", "payload": {"type": "of_tomorrow"}}
    with pytest.raises(TimeoutError):
        server(world).send_envelope(strange, patience=0.3)
    server(world).send_envelope(unknown)

    assert {"unknown"} == set(server(world).acknowledged)
    page = world.bot.metrics.page()
    assert 'safe_to_fail_requests_refused_total{reason="shape"} 1.0' in page
    assert 'safe_to_fail_requests_unknown_total{what="type"} 1.0' in page


def test_a_connection_that_slack_refuses_is_one_sentence(world):
    world.slack.refuse("apps.connections.open", "invalid_auth", times=None)
    with (
        pytest.raises(SocketRefused, match=r"Slack opened no connection \(invalid_auth\)"),
        connected(Receiver(world.bot, world.slack.app_token, world.clock.now, QUICK)),
    ):
        pass


def stops(world):
    """How often the experiment was stopped, by the audit."""

    with world.bot.store.readings() as session:
        return session.scalar(select(func.count()).select_from(Audit).where(Audit.step == "stop"))
