"""Where the doors are, who may come in, and what a person may carry through them."""

import http.client
import socket
from queue import Queue

import pytest
from aiohttp import web
from slack_sdk import WebClient

from playground import Slack, wire

FILE = 12_000_000  # More than a call may hold.


def opened(host):
    slack = Slack()
    slack.server.host = host
    return slack


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.2", "127.0.0.2"),
        ("localhost", "localhost"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - nobody outside is meant to come.
        ("::", "[::1]"),
        ("::1", "[::1]"),
    ],
)
def test_every_address_is_one_where_the_doors_are_open(host, place):
    with opened(host) as slack:
        at = f"{place}:{slack.server.port}"
        assert slack.server.address == f"http://{at}"
        assert slack.payloads.respond_at == f"http://{at}/respond/"
        assert slack.server.new_ticket().startswith(f"ws://{at}/socket/")
        assert WebClient(slack.bot_token, base_url=slack.api_url).auth_test()["ok"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
@pytest.mark.parametrize("named", ["evil.test", "[", "192.0.2.1"])
def test_doors_on_this_machine_open_to_no_other_name(host, named):
    with opened(host) as slack:
        line = http.client.HTTPConnection(host, slack.server.port, timeout=10)
        line.request("POST", "/api/api.test", headers={"Host": named})
        assert line.getresponse().status == 403
        line.close()


@pytest.fixture
def carried():
    """A door that takes a person's file, and gives its size or what is wrong with it."""
    slack = Slack()
    told = Queue()

    async def take(request):
        try:
            told.put(len(await wire.upload_of_person(request, FILE)))
        except ValueError as error:
            told.put(str(error))
        return web.Response()

    slack.server.more = lambda application: application.router.add_post("/carry", take)
    with slack:

        def carry(data):
            line = http.client.HTTPConnection("127.0.0.1", slack.server.port, timeout=10)
            line.request("POST", "/carry", data, {"Content-Type": "image/png"})
            line.getresponse().read()
            line.close()
            return told.get(timeout=10)

        carry.port, carry.told = slack.server.port, told
        yield carry


def test_a_person_may_carry_a_file_larger_than_any_call(carried):
    assert carried(bytes(FILE)) == FILE


def test_a_file_that_is_too_large_is_told_in_a_sentence(carried):
    assert carried(bytes(FILE + 1)) == "The file is too large: 12,000,000 bytes are the most for a file."


def test_a_file_that_breaks_off_is_told_in_a_sentence(carried):
    with socket.create_connection(("127.0.0.1", carried.port)) as line:
        line.sendall(b"POST /carry HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf")
        line.shutdown(socket.SHUT_WR)
        line.recv(1)

    assert carried.told.get(timeout=10) == "The file did not come whole: try again."
