"""Requests that are forged, late, repeated, foreign or unlucky, and what people read then."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import text

from db.tables import Inbox, Workspace
from tests.hands import runs
from tests.hearing import listening
from tests.signed import command, count, is_running, post, resigned, run, signed_anew, without
from tests.world import FILLED, LEARNED, fills_at_once

SIX_MINUTES = timedelta(minutes=6)
SECRET_WORDS = "the-words-of-a-person"
NOTHING_SAVED = "I cannot reach my records just now, so nothing was saved."


@pytest.fixture(autouse=True)
def heard():
    with listening() as log:
        yield log


@pytest.fixture
def forgiving(world):
    """Forget in the end which requests the bot failed to answer well: here that was meant."""
    yield world
    world.slack.failures.clear()


# Forged and late.

STAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"
FORGED = {
    "no headers": lambda _: {},
    "no signature": lambda good: {STAMP: good[STAMP]},
    "no timestamp": lambda good: {SIGNATURE: good[SIGNATURE]},
    "an empty signature": lambda good: good | {SIGNATURE: ""},
    "an empty timestamp": lambda good: good | {STAMP: ""},
    "another signature": lambda good: good | {SIGNATURE: "v0=" + "0" * 64},
    "another version": lambda good: good | {SIGNATURE: good[SIGNATURE].replace("v0", "v1")},
    "a shortened signature": lambda good: good | {SIGNATURE: good[SIGNATURE][:-1]},
    "a signature in capitals": lambda good: good | {SIGNATURE: good[SIGNATURE].upper()},
    "a signature in Latin-1": lambda good: good | {SIGNATURE: "v0=é" * 20},
    "a signature in UTF-8": lambda good: good | {SIGNATURE: "v0=💣".encode()},
    "a later timestamp": lambda good: good | {STAMP: str(int(good[STAMP]) + 1)},
    "a timestamp in words": lambda good: good | {STAMP: "now"},
    "no number": lambda good: good | {STAMP: "nan"},
    "endless time": lambda good: good | {STAMP: "inf"},
    "a negative timestamp": lambda good: good | {STAMP: "-" + good[STAMP]},
    "a timestamp with a fraction": lambda good: good | {STAMP: good[STAMP] + ".0"},
    "a signed timestamp": lambda good: good | {STAMP: "+" + good[STAMP]},
    "a power": lambda good: good | {STAMP: "1e9"},
    "Arabic digits": lambda good: good | {STAMP: "١٧٨٠٣٠٤٤٠٠".encode()},
    "a superscript": lambda good: good | {STAMP: "²"},
    "thousands of digits": lambda good: good | {STAMP: "9" * 5000},
}


def test_what_is_not_signed_well_is_refused_and_has_no_effect(world, heard):
    runs(world)
    request = command(world, f"stop EXP-1 {SECRET_WORDS}")
    for how, forge in FORGED.items():
        assert 401 == post(world, request, forge(request.headers)), how

    assert is_running(world)
    assert SECRET_WORDS not in heard.getvalue()
    assert "Traceback" not in heard.getvalue()


@pytest.mark.parametrize("away", [SIX_MINUTES, -SIX_MINUTES])
def test_what_was_signed_six_minutes_ago_or_is_signed_for_later_is_refused(world, away):
    runs(world)
    request = command(world, "stop EXP-1")
    world.clock.advance(away)
    status = post(world, request, request.headers)
    world.clock.advance(-away)

    assert 401 == status
    assert is_running(world)


def test_a_changed_body_is_refused(world):
    runs(world)
    request = command(world, "help")
    forged = replace(request, body=request.body.replace("help", "stop+EXP-1"))

    assert 401 == post(world, forged, request.headers)
    assert is_running(world)


def test_who_only_says_that_they_check_a_certificate_or_are_bolt_is_refused(world):
    runs(world)
    request = command(world, "stop EXP-1")
    unsigned = {"X-Slack-Bolt-Retry": "1", "X-Slack-Retry-Num": "1"}

    assert 401 == post(world, request, unsigned)
    assert 401 == post(world, replace(request, body=request.body + "&ssl_check=1"), unsigned)
    assert is_running(world)


def test_a_signed_request_that_makes_no_sense_changes_nothing(world):
    stamp = str(int(world.clock.now().timestamp()))
    signs = SignatureVerifier(world.slack.signing_secret).generate_signature
    for body in (
        "",
        "payload=",
        "payload=%7B",
        "payload=null",
        "payload=[]",
        "payload=1",
        "a=b",
        "{}",
        "command=/other",
    ):
        nonsense = replace(command(world, ""), body=body)
        status = post(world, nonsense, {STAMP: stamp, SIGNATURE: signs(timestamp=stamp, body=body)})
        assert status in {200, 400, 404, 500}, body

    assert 0 == count(world, Workspace)


# Repeated.


def test_a_repeated_command_has_no_second_effect(world):
    runs(world)
    stopped = world.asha.types("/experiment", "stop EXP-1")
    world.asha.presses("Undo the stop", on=stopped.shown)

    assert world.asha.replays(stopped.request).ok
    assert signed_anew(world, stopped.request).ok
    assert is_running(world)


def test_a_repeated_press_has_no_second_effect(world):
    runs(world)
    pressed = world.asha.presses("Stop now", on=world.asha.dm[0])
    world.asha.presses("Undo the stop")

    assert world.asha.replays(pressed.request).ok
    assert signed_anew(world, pressed.request).ok
    assert is_running(world)


def test_a_form_that_is_sent_again_has_no_second_effect(world):
    world.asha.types("/experiment", "propose")
    fills_at_once(world.asha, **FILLED)
    sent = world.asha.submits()
    world.settle()

    assert world.asha.replays(sent.request).ok
    assert signed_anew(world, sent.request).ok
    world.settle()
    assert 1 == len(world.dana.dm)
    assert "I cannot find" in world.asha.types("/experiment", "show EXP-2").text


def test_what_slack_repeats_is_written_down_once(world):
    runs(world)
    before = count(world, Inbox)
    stopped = world.asha.types("/experiment", "stop EXP-1")
    for _ in range(3):
        signed_anew(world, stopped.request)

    assert before + 1 == count(world, Inbox)


def test_a_repeated_request_is_known_again_after_a_restart(world):
    runs(world)
    stopped = world.asha.types("/experiment", "stop EXP-1")
    world.asha.presses("Undo the stop", on=stopped.shown)
    world.stop_bot()
    world.start_bot()
    assert world.asha.replays(stopped.request).ok

    assert is_running(world)


def test_a_request_that_failed_may_be_repeated(world):
    runs(world)
    with without(world, "outbox"):
        failed = world.asha.types("/experiment", "stop EXP-1")
    assert NOTHING_SAVED in failed.text
    assert is_running(world)

    signed_anew(world, failed.request)
    assert not is_running(world)


# Foreign.


def test_a_command_from_another_workspace_is_not_for_us(world):
    runs(world)
    request = resigned(world, command(world, "stop EXP-1"), team_id="T0OTHER", team_domain="other")
    world.slack.replay(request)

    assert is_running(world)
    assert 1 == count(world, Workspace)


def test_a_press_from_another_workspace_is_not_for_us(world):
    runs(world)
    pressed = world.asha.presses("Say how it is going", on=world.asha.dm[0]).request
    world.asha.closes(everything=True)
    action = pressed.payload["actions"][0] | {"action_id": "stop"}
    foreign = {"id": "T0OTHER", "domain": "other"}
    request = resigned(
        world, pressed, actions=[action], team=foreign, user=pressed.payload["user"] | {"team_id": "T0OTHER"}
    )
    world.slack.replay(request)

    assert is_running(world)


# Events.


def test_an_event_that_fails_is_answered_503_and_taken_when_it_comes_again(forgiving, heard):
    runs(forgiving)
    with without(forgiving, "experiments"):
        assert 503 == forgiving.asha.opens_home().status
    assert forgiving.asha.home is None
    assert heard.said("a request could not be answered")

    assert [True] == [each.ok for each in forgiving.slack.redeliver_events()]
    assert "EXP-1" in forgiving.asha.home.text


# A surprise.


def test_a_surprise_is_told_with_a_reference_that_the_log_knows(world, heard):
    runs(world)
    run(world, "DELETE FROM sign_offs")
    text_shown = world.asha.types("/experiment", "show EXP-1").text

    line = heard.said("a request could not be answered")[0]
    assert f"tell your administrator this reference: {line['reference']}." in text_shown
    assert "NoResultFound" in line["exception"]
    assert "NoResultFound" not in text_shown
    assert "Traceback" not in text_shown


def test_a_surprise_after_a_press_is_told_to_the_one_who_pressed(world):
    runs(world)
    run(world, "DELETE FROM sign_offs")
    world.asha.presses("Stop now", on=world.asha.dm[0])

    assert "Something went wrong on my side." in world.asha.dm[-1].words
    assert world.asha.dm[-1].ephemeral


def test_a_surprise_after_a_form_is_told_in_the_form_and_keeps_what_was_typed(world):
    runs(world)
    world.asha.presses("Finish", on=world.asha.dm[0])
    fills_at_once(world.asha, **LEARNED)
    run(world, "DELETE FROM sign_offs")
    world.asha.submits()

    assert "Something went wrong on my side." in " ".join(world.asha.modal.errors.values())
    assert LEARNED["learned"] == world.asha.modal.values["learned"]


# The database is away.


def test_without_a_database_a_form_stays_with_its_words_and_can_be_sent_later(world):
    world.asha.types("/experiment", "propose")
    fills_at_once(world.asha, **FILLED)
    with without(world, "experiments"):
        assert world.asha.submits().seconds < 3
    assert NOTHING_SAVED in " ".join(world.asha.modal.errors.values())
    assert FILLED["problem"] == world.asha.modal.values["problem"]

    world.asha.submits()
    assert "EXP-1 is with" in world.asha.modal.text


def test_without_a_database_who_types_or_presses_reads_that_nothing_was_saved(world):
    runs(world)
    with without(world, "people"):
        assert NOTHING_SAVED in world.asha.types("/experiment", "stop EXP-1").text
        world.asha.presses("Stop now", on=world.asha.dm[0])

    assert NOTHING_SAVED in world.asha.dm[-1].words
    assert is_running(world)


def test_a_database_that_is_held_up_is_not_waited_for_longer_than_slack_waits(world, engine):
    runs(world)
    with engine.begin() as connection:
        connection.execute(text("UPDATE experiments SET title = title"))
        connection.execute(text("UPDATE workspaces SET zone = zone"))
        answer = world.asha.types("/experiment", "stop EXP-1")
    assert answer.seconds < 3
    assert NOTHING_SAVED in answer.text
    assert is_running(world)


def test_peoples_words_stay_out_of_the_log_when_the_database_refuses_them(world, heard):
    world.asha.types("/experiment", "propose")
    fills_at_once(world.asha, **FILLED | {"problem": SECRET_WORDS})
    with without(world, "experiments"):
        world.asha.submits()
    run(world, "ALTER TABLE learnings RENAME TO away")
    world.asha.types("/experiment", f"learnings {SECRET_WORDS}")
    run(world, "ALTER TABLE away RENAME TO learnings")

    assert 2 == len(heard.said("a request could not be answered"))
    assert SECRET_WORDS not in heard.getvalue()


# Slack is unlucky.


MISHAPS = ({"error": "internal_error"}, {"status": 503}, {"cut": True}, {"error": "ratelimited"})


@pytest.mark.parametrize("mishap", MISHAPS, ids=str)
@pytest.mark.parametrize("method", ["views.open", "views.update"])
def test_when_slack_opens_no_form_a_sentence_says_so(world, method, mishap):
    world.slack.refuse(method, **mishap)
    answer = world.asha.types("/experiment", "propose")

    assert answer.ok
    assert "Something went wrong on my side." in answer.text


@pytest.mark.parametrize("mishap", MISHAPS, ids=str)
def test_when_slack_does_not_say_who_a_stranger_is_a_sentence_says_so(world, mishap):
    world.slack.refuse("users.info", **mishap)
    world.asha.types("/experiment", "propose")

    assert "Slack did not answer me just now, so nothing was changed." in world.asha.modal.text


def test_a_slack_that_does_not_answer_is_not_waited_for_longer_than_slack_waits(world):
    never = threading.Event()
    world.slack.refuse("users.info", where=lambda _: never.wait(2.3))
    answer = world.asha.types("/experiment", "mine")

    assert answer.seconds < 3
    assert "Slack did not answer me just now, so nothing was changed." in answer.text


def test_after_slack_was_unlucky_the_same_words_work(world):
    world.slack.refuse("users.info", "internal_error")
    world.asha.types("/experiment", "mine")

    assert "You have not proposed anything yet." in world.asha.types("/experiment", "mine").text


def test_a_form_that_could_not_be_opened_in_time_is_explained_to_the_one_who_pressed(world):
    runs(world)
    world.slack.refuse("views.open", "expired_trigger_id")
    world.asha.presses("Say how it is going", on=world.asha.dm[0])

    said = world.asha.dm[-1]
    assert "Slack was too slow to open the form. Please press once more." in said.words
    assert said.ephemeral
    world.asha.presses("Say how it is going", on=world.asha.dm[0])
    assert "How is it going?" in world.asha.modal.text


def test_a_press_that_arrives_twice_opens_one_form_and_nothing_more_is_said(world):
    runs(world)
    pressed = world.asha.presses("Say how it is going", on=world.asha.dm[0])
    said = len(world.asha.dm)
    signed_anew(world, pressed.request)

    assert (1, said) == (len(world.asha.modals), len(world.asha.dm))
    world.was_refused("exchanged_trigger_id")


def test_a_command_that_reached_us_too_late_is_answered_in_words(world):
    request = command(world, "propose")
    world.clock.advance(timedelta(seconds=4))
    answer = world.slack.replay(request)

    assert "Slack was too slow" in answer.body["text"]
    world.was_refused("expired_trigger_id")


def test_where_nothing_can_be_shown_the_log_says_so(world, heard):
    world.asha.opens_home()
    world.slack.refuse("views.open", "expired_trigger_id")
    world.slack.refuse("chat.postMessage", "messages_tab_disabled")

    assert world.asha.presses("Propose an experiment", on="home").ok
    assert heard.said("a sentence could not be shown")


# Of another release.


FORGERIES = [
    ("of_another_release", 1), ("stop", ""), ("stop", "one"), ("stop", "-1"), ("stop", "²"), ("stop", "9" * 30),
    ("stop", "1; DROP TABLE experiments"), ("agree", "999999999"), ("check_in_stuck", "77"), ("helps", "5"),
]  # fmt: skip


def test_a_button_of_another_release_or_a_forged_one_is_answered_in_words(world):
    runs(world)
    for action, value in FORGERIES:
        seen = len(world.asha.dm)
        assert world.forges(world.asha, world.asha.dm[0], action, value).ok
        said = world.asha.modal.text if world.asha.modal else world.asha.dm[seen].words
        known = ("no longer in use", "cannot find that experiment", "taken back")
        assert any(words in said for words in known), (action, value, said)
        if world.asha.modal:
            world.asha.closes()

    assert is_running(world)


def test_a_form_of_another_release_is_answered_in_words(world):
    runs(world)
    world.asha.presses("Say how it is going", on=world.asha.dm[0])
    world.asha.fills(answer="stuck")
    for form in ("of_another_release", "notice", ""):
        world.asha.modal.body["callback_id"] = form
        assert world.asha.submits().ok
        assert "This form is no longer in use." in " ".join(world.asha.modal.errors.values()), form


def test_a_form_about_nothing_is_answered_in_words(world):
    runs(world)
    world.asha.presses("Say how it is going", on=world.asha.dm[0])
    world.asha.fills(answer="stuck")
    for about in ("", "one", "9" * 30, "77", "{}"):
        world.asha.modal.body["private_metadata"] = about
        assert world.asha.submits().ok
        assert "Something went wrong" not in " ".join(world.asha.modal.errors.values()), about


def test_a_shortcut_opens_the_proposal_form(world):
    assert world.asha.uses_shortcut("propose").ok

    assert "Propose an experiment" == world.asha.modal.title
