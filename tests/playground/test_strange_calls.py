"""Whatever an app sends, it is answered as Slack answers: never with a stack trace."""

import http.client
import json
import socket
from threading import Event
from urllib.parse import urlsplit

import pytest

from playground import limits

JSON = "application/json; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
DEEP = b"[" * 100_000


def send(slack, body, content, method="POST", path="/api/chat.postMessage"):
    """What the server answers to a body that no client would write."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(slack.api_url).port, timeout=10)
    headers = {"Authorization": f"Bearer {slack.bot_token}"} | ({"Content-Type": content} if content else {})
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    is_json = response.getheader("Content-Type", "").startswith("application/json")
    return response.status, json.loads(text) if is_json else text


def a_part(value, head=""):
    return f'--x\r\nContent-Disposition: form-data; name="channel"{head}\r\n\r\n{value}\r\n--x--\r\n'.encode()


UNREADABLE = {
    "half of an object": (b'{"channel": ', JSON, "invalid_json"),
    "no UTF-8": (b'{"text": "\xff"}', JSON, "invalid_json"),
    "half of a character": (b'{"text": "\\ud800"}', JSON, "invalid_json"),
    "a number that is none": (b'{"text": NaN}', JSON, "invalid_json"),
    "a number without end": (b'{"text": 1e999}', JSON, "invalid_json"),
    "lists in lists in lists": (DEEP, JSON, "invalid_json"),
    "a list": (b"[1, 2]", JSON, "json_not_object"),
    "a word": (b'"tea"', JSON, "json_not_object"),
    "another alphabet": (b"{}", "application/json; charset=klingon", "invalid_charset"),
    "an object as a form": (b'{"channel": "C0TEA"}', FORM, "invalid_form_data"),
    "a form in no UTF-8": (b"text=\xff", FORM, "invalid_form_data"),
    "a form of many fields": (b"&".join([b"a=1"] * 1001), FORM, "invalid_form_data"),
    "parts without a boundary": (b"tea", PARTS, "invalid_form_data"),
    "parts of no boundary at all": (b"tea", "multipart/form-data", "invalid_form_data"),
    "a part that ends early": (
        b'--x\r\nContent-Disposition: form-data; name="channel"\r\n\r\nC0',
        PARTS,
        "invalid_form_data",
    ),
    "a file as an argument": (a_part("C0TEA", '; filename="c.txt"'), PARTS, "invalid_form_data"),
    "an image": (b"\x89PNG", "image/png", "invalid_post_type"),
    "a body of no type": (b"channel=C0TEA", "", "missing_post_type"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_body_that_cannot_be_read_is_refused_by_name(slack, what):
    body, content, error = UNREADABLE[what]

    assert send(slack, body, content) == (200, {"ok": False, "error": error})
    assert [(call.method, call.answer["error"]) for call in slack.refused] == [("chat.postMessage", error)]


@pytest.mark.parametrize("what", UNREADABLE)
def test_an_answer_that_cannot_be_read_is_refused_by_name(slack, what):
    """An app looks at the status alone here."""
    body, content, error = UNREADABLE[what]

    assert send(slack, body, content, path="/respond/T/1/2") == (400, {"ok": False, "error": error})
    assert [call.method for call in slack.refused] == ["response_url"]


@pytest.mark.parametrize("content", [JSON, FORM, PARTS, "image/png"])
@pytest.mark.parametrize("path", ["/api/chat.postMessage", "/respond/T/1/2"])
def test_a_body_of_more_than_ten_megabytes_is_too_large(slack, content, path):
    body = a_part("x" * limits.REQUEST_BYTES) if content == PARTS else b"x" * (limits.REQUEST_BYTES + 1)

    assert send(slack, body, content, path=path) == (413, {"ok": False, "error": "request_too_large"})
    assert [call.status for call in slack.refused] == [413]


RIGHT = {
    "an object": (b'{"channel": "C0TEA", "text": "caf\xc3\xa9"}', JSON),
    "an object in Latin-1": (b'{"channel": "C0TEA", "text": "caf\xe9"}', "application/json; charset=iso-8859-1"),
    "a form": (b"channel=C0TEA&text=caf%C3%A9", FORM),
    "a form called text": (b"channel=C0TEA&text=caf%C3%A9", "text/plain"),
    "parts": (
        a_part("C0TEA").replace(b"--x--", b'--x\r\nContent-Disposition: form-data; name="text"')
        + "\r\ncafé\r\n--x--\r\n".encode(),
        PARTS,
    ),
}


@pytest.mark.parametrize("what", RIGHT)
def test_a_body_may_be_written_in_several_ways(slack, what):
    body, content = RIGHT[what]
    status, answer = send(slack, body, content)

    assert (status, answer.get("error")) == (200, None)
    assert [message.text for message in slack.messages] == ["café"]


def test_a_call_may_stand_in_the_address(slack):
    """Then a body is not looked for."""
    path = "/api/chat.postMessage?channel=C0TEA&text=x"

    assert send(slack, None, "", "GET", path)[1]["ok"]
    assert send(slack, None, "", "POST", path)[1]["ok"]
    assert send(slack, b"{", JSON, "GET", path)[1]["ok"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/tea.pour"), ("POST", "/api/tea.pour")])
def test_an_unknown_method_is_unknown_however_it_is_asked(slack, method, path):
    answer = {"ok": False, "error": "unknown_method", "req_method": "tea.pour"}

    assert send(slack, None, "", method, path) == (200, answer)


def test_what_is_no_address_of_slacks_is_not_found(slack):
    assert send(slack, None, "", "GET", "/api/")[0] == 404
    assert send(slack, None, "", "GET", "/respond/T/1/2")[0] == 405


STRANGE = (
    None,
    0,
    -1,
    1.5,
    True,
    "",
    "x",
    "é" * 300,
    [],
    {},
    [None],
    [[]],
    {"id": None},
    {"type": []},
    "1.2.3",
    "{",
    "\ud800",
)


@pytest.mark.parametrize("method", limits.METHODS)
def test_whatever_stands_in_an_argument_nothing_breaks(slack, method):
    """Every argument of every method is tried with every kind of thing, beside right ones."""
    slack.limit_rates(on=False)
    slack.api.scopes = None
    said = slack.person("U0ASHA").says("x", "C0TEA")
    right = {"channel": "C0TEA", "user": "U0ASHA", "user_id": "U0ASHA", "users": "U0ASHA", "ts": said.ts, "text": "x"}
    right = {name: value for name, value in right.items() if name in limits.METHODS[method].known}
    token = slack.app_token if limits.METHODS[method].token == "app" else slack.bot_token
    for name in limits.METHODS[method].known - {"token"}:
        for strange in STRANGE:
            slack.desk.take(method, token, {**right, name: strange})

    assert [(call.args, call.answer) for call in slack.calls if call.status == 500] == []


def test_a_surprise_is_answered_as_if_slack_broke(slack, client, capfd):
    """The book keeps a reference; nothing is printed."""
    slack.add_person("U0LOST", "Lee Lost", tz="Nowhere/At all")
    status, page = send(slack, None, "", path="/api/users.info?user=U0LOST")

    [call] = slack.refused
    assert (status, call.status, call.answer["error"]) == (500, 500, "internal_error")
    assert call.answer["reference"] in page
    assert "Traceback" not in page + "".join(capfd.readouterr())


HEAD = "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {}\r\n"


@pytest.mark.parametrize("content", [JSON, PARTS])
@pytest.mark.parametrize("path", ["/api/chat.postMessage", "/respond/T/1/2", "/upload/v1/x"])
def test_a_call_that_breaks_off_is_written_down(slack, capfd, path, content):
    written = Event()
    slack.space.watchers.append(lambda: slack.refused and written.set())
    with socket.create_connection(("127.0.0.1", slack.server.port)) as line:
        line.sendall(f"{HEAD.format(path, content)}Content-Length: 100\r\n\r\n--x\r\nContent-Le".encode())
    written.wait(5)

    [call] = slack.refused
    assert call.answer["error"] in ("request_timeout", "invalid_form_data")
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400"),
        ("Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "invalid_arguments"),
        ("Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nzz", "invalid_json"),
        ("Content-Length: tea\r\n\r\n", "400"),
    ],
)
def test_a_call_that_is_no_http_prints_nothing_here(slack, capfd, rest, said):
    """Nor is a body unpacked, as it may be much larger than it looks."""
    head = HEAD.format("/api/users.info?token=xoxb-not-a-real-token", JSON)
    with socket.create_connection(("127.0.0.1", slack.server.port)) as line:
        line.sendall((head + rest).encode())
        answer = line.recv(10_000).decode()

    assert said in answer
    assert "Traceback" not in "".join(capfd.readouterr())
