"""An app that answers badly, or not at all: Slack names what happened, and says what to do."""

import socket
import struct
from contextlib import closing, contextmanager
from threading import Event, Thread

import pytest
from test_refusals import an_input, modal

from playground import Slack

TROUBLE = "We had some trouble connecting. Try again?"
PATIENCE = 0.15


@contextmanager
def bad_app(play):
    """A server that reads one request after the other and answers each by *play*; gives its address."""
    over = Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as door:

        def serve():
            while not over.is_set():
                line, _ = door.accept()
                with line:
                    line.recv(1_000_000)
                    play(line, over)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/slack/events"
        over.set()
        socket.create_connection(door.getsockname()).close()
        thread.join()


def says(text):
    """An answer, cut off after its words."""
    return lambda line, _: line.sendall(text.encode())


def page(status, body="", head=""):
    return says(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{head}\r\n{body}")


def resets(line, _):
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def never(line, over):
    over.wait(10)


def trickles(line, over):
    """Something comes all the time, and it is never all."""
    try:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not over.wait(PATIENCE / 5):
            line.sendall(b".")
    except OSError:
        return


def floods(line, _):
    try:
        line.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(40):
            line.sendall(b"x" * 50_000)
    except OSError:
        return


BAD = {
    "a redirection": (
        page("302 Found", head="Location: http://127.0.0.1/\r\n"),
        302,
        "dispatch_failed",
        "The app answered 302 at /slack/events: Slack does not follow it elsewhere; name the address itself.",
    ),
    "a door that does not trust": (
        page("401 Unauthorized"),
        401,
        "dispatch_failed",
        "The app answered 401 at /slack/events: it does not trust the signature; check the secret and the clock.",
    ),
    "a page that is not there": (
        page("404 Not Found", "<html>No</html>"),
        404,
        "dispatch_failed",
        "The app answered 404 at /slack/events: check the address that --app names, and that the app answers this.",
    ),
    "a refusal": (
        page("418 Teapot"),
        418,
        "dispatch_failed",
        "The app answered 418 at /slack/events: it refuses what Slack sends; its log says why.",
    ),
    "something broken": (
        page("500 Internal Server Error", "<html>\xff</html>"),
        500,
        "dispatch_failed",
        "The app answered 500 at /slack/events: something broke in it; its log says what.",
    ),
    "an odd status": (
        page("999 Whatever"),
        999,
        "dispatch_failed",
        "The app answered 999 at /slack/events: that is no answer Slack knows.",
    ),
    "half a body": (says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), 200, "dispatch_unknown_error", "broke"),
    "half a chunk": (
        says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        200,
        "dispatch_unknown_error",
        "broke",
    ),
    "a flood": (floods, 200, "dispatch_unknown_error", "broke"),
    "no HTTP": (says("tea\r\n\r\n"), 0, "dispatch_unknown_error", "broke"),
    "heads without end": (
        says("HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 200 + "\r\n"),
        0,
        "dispatch_unknown_error",
        "broke",
    ),
    "nothing": (says(""), 0, "dispatch_unknown_error", "broke"),
    "a line that is cut": (resets, 0, "dispatch_unknown_error", "broke"),
    "silence": (never, 0, "operation_timeout", "late"),
    "a trickle": (trickles, 0, "operation_timeout", "late"),
}
SENTENCES = {
    "broke": "The app's answer broke off, or is too long to be read: see whether the app still runs.",
    "late": "The app took longer than 0.15 seconds. Slack would show an error here.",
}


@pytest.fixture(params=BAD)
def bad(request, slack):
    """Slack with a bad app before it, and what is made of it."""
    play, status, error, sentence = BAD[request.param]
    if error == "operation_timeout":
        slack.delivery.patience = PATIENCE
    with bad_app(play) as address:
        slack.send_to(address)
        yield status, error, SENTENCES.get(sentence, sentence)


def test_a_bad_answer_to_a_command_has_a_name_and_a_sentence(bad, slack, people):
    answer = people.asha.types("/tea")
    status, error, sentence = bad

    assert (answer.ok, answer.error, answer.sentence) == (False, error, sentence)
    assert answer.status == status or error == "operation_timeout"
    assert answer.text == f"/tea failed with the error “{error}”."
    assert slack.failures == [answer]
    assert people.asha.dm == []


def test_a_bad_answer_to_a_form_leaves_it_open_with_an_apology(bad, slack, people, client):
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=modal(an_input({"type": "plain_text_input"})))
    people.asha.fills(it="words")
    answer = people.asha.submits()

    assert answer.error == bad[1]
    assert people.asha.modal.trouble == TROUBLE
    assert people.asha.modal.values == {"it": "words"}


@pytest.fixture
def form(slack, people, client):
    view = modal(an_input({"type": "plain_text_input"}))
    client.views_open(trigger_id=slack.space.new_trigger("U0ASHA"), view=view)
    people.asha.fills(it="words")
    return people.asha


NO_FORMS = {
    "a page": "<html>Thank you</html>",
    "a text": '"thanks"',
    "a number": "17",
    "an array": '[{"response_action": "clear"}]',
    "another word": '{"text": "thanks"}',
    "no errors": '{"response_action": "errors"}',
    "errors that are no sentences": '{"response_action": "errors", "errors": {"it": 5}}',
    "no view": '{"response_action": "update"}',
    "lists in lists": "[" * 100_000,
}


@pytest.mark.parametrize("what", NO_FORMS)
def test_an_answer_that_is_none_to_a_form_leaves_it_open(form, slack, what):
    """The refused acknowledgement stands in the book."""
    with bad_app(page("200 OK", NO_FORMS[what])) as address:
        slack.send_to(address)
        answer = form.submits()

    assert (answer.status, answer.error) == (200, "invalid_arguments")
    assert answer.sentence == (
        "Slack could not use the app's answer (invalid_arguments): the refused call says what is wrong with it."
    )
    assert [call.method for call in slack.refused] == ["view_ack"]
    assert form.modal.trouble == TROUBLE


def test_no_body_at_all_closes_a_form(form, slack):
    with bad_app(page("200 OK")) as address:
        slack.send_to(address)
        answer = form.submits()

    assert (answer.ok, answer.sentence) == (True, "")
    assert form.modal is None


def test_nobody_may_listen(slack, people):
    """At an address where nothing is, and where no address is known."""
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
    slack.send_to(f"{address}/slack/events")
    answer = people.asha.types("/tea")
    assert (answer.error, answer.sentence) == (
        "dispatch_unreachable",
        f"Nobody listens at {address}: start the app, then try again.",
    )

    slack.send_to("")
    answer = people.asha.types("/tea")
    assert (answer.error, answer.sentence) == (
        "dispatch_unreachable",
        "No app is known yet: say where it listens, or connect it by Socket Mode.",
    )
    assert len(slack.failures) == 2


@pytest.mark.parametrize("address", ["127.0.0.1:4000", "ftp://x.test/", "http://", "http://[", "http://x.test:tea/"])
def test_an_address_must_be_one(address):
    with pytest.raises(ValueError, match="is no address such as http"):
        Slack().send_to(address)
