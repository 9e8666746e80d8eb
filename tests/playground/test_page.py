"""The page over plain HTTP: what every answer carries, who may ask, and what a wrong question gets."""

import http.client
import json
import re

import pytest

from playground import config
from playground.browser.page import Page
from playground.stage import Stage

OFFICE = {
    "name": "Office <1>",
    "people": [{"id": "U0ASHA", "name": "Asha <b>Patel"}, {"id": "U0BEN", "name": "Ben Novak"}],
    "channels": [
        {"id": "C0TEA", "name": "tea"},
        {"id": "C0QUIET", "name": "quiet", "members": ["U0BEN"], "private": True},
    ],
    "panes": [{"who": "U0ASHA", "at": "C0TEA"}],
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
}
OURS = {"X-Playground": "1", "Sec-Fetch-Site": "same-origin"}
SAY = {"as": "U0ASHA", "deed": "write", "at": "C0TEA", "text": "Tea?"}


@pytest.fixture
def page():
    stage = Stage(config.read(OFFICE))
    made = Page(stage)
    with stage:
        yield made


@pytest.fixture
def ask(page):
    """Ask the page something, and give the status, the headers and the words of its answer."""

    def asked(path, headers=None, post=None):
        line = http.client.HTTPConnection("127.0.0.1", page.slack.server.port, timeout=10)
        body = post if post is None or isinstance(post, str) else json.dumps(post)
        try:
            line.request("GET" if post is None else "POST", path, body, headers or {})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            line.close()

    return asked


def said(page):
    return [message.text for message in page.slack.person("U0BEN").sees("C0TEA")]


@pytest.mark.parametrize(
    "path", ["/", "/parts?pane=U0ASHA@C0TEA", "/static/page.js", "/static/none", "/clock", "/entry/9"]
)
def test_every_answer_lets_the_browser_ask_this_server_alone(ask, path):
    _, headers, _ = ask(path)
    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_nothing_on_the_page_needs_more_than_the_policy_lets_in(ask):
    status, _, html = ask("/?open=inspector")
    assert status == 200
    assert re.findall(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=|javascript:", html) == []
    assert set(re.findall(r'(?:src|href)="([^"]*)"', html)) <= {
        "#desk",
        "/static/icon.svg",
        "/static/page.css",
        "/static/page.js",
    }


def test_what_people_are_called_and_say_is_shown_as_it_is(page, ask):
    page.slack.person("U0BEN").says("&lt;script&gt;alert(1)&lt;/script&gt;", "C0TEA")
    html = ask("/")[2]
    assert "Asha &lt;b&gt;Patel" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<b>Patel" not in html
    assert "<script>alert" not in html


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("post", [None, SAY])
def test_another_site_is_refused(page, ask, headers, post):
    status, _, words = ask("/" if post is None else "/deed", {**OURS, **headers}, post)
    assert (status, words) == (403, "The playground answers to its own pages only.\n")
    assert said(page) == []


@pytest.mark.parametrize(
    "path", ["/deed", "/time", "/story", "/guide", "/mishap", "/again", "/suggest", "/upload?as=U0ASHA"]
)
def test_a_deed_that_does_not_come_from_the_page_is_refused(page, ask, path):
    """A form of another site cannot set this header, whatever its browser leaves out."""
    status, _, words = ask(path, {"Content-Type": "text/plain"}, SAY)
    assert (status, json.loads(words)) == (403, {"said": "Only this page may do that."})
    assert said(page) == []


def test_a_deed_of_the_page_is_done(page, ask):
    status, _, words = ask("/deed", OURS, SAY)
    assert (status, json.loads(words)) == (200, {"said": ""})
    assert said(page) == ["Tea?"]


@pytest.mark.parametrize(
    "deed",
    [
        SAY | {"as": "U0NOBODY"},
        SAY | {"at": "C0NOWHERE"},
        {"as": "U0ASHA", "deed": "fly"},
        {"as": "U0ASHA", "deed": "submit", "surface": {"view": "V1"}},
        {
            "as": "U0ASHA",
            "deed": "press",
            "surface": {"channel": "C0TEA", "ts": "1.1", "version": 1},
            "block": "b",
            "action": "a",
        },
    ],
)
def test_what_is_gone_is_said_to_be_gone(page, ask, deed):
    status, _, words = ask("/deed", OURS, deed)
    assert (status, json.loads(words)["said"]) == (200, "That is not there any more.")
    assert said(page) == []


@pytest.mark.parametrize(
    "post",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        "{}",
        '{"as": "U0ASHA"}',
        '{"as": "U0ASHA", "deed": "shortcut"}',
        '{"as": ["U0ASHA"], "deed": "write"}',
    ],
)
def test_what_cannot_be_read_gets_a_sentence(ask, post):
    status, _, words = ask("/deed", OURS, post)
    assert status < 500, words
    assert json.loads(words)["said"].endswith(".")


@pytest.mark.parametrize(
    "query",
    [
        "pane=U0NOBODY@C0TEA",
        "pane=U0ASHA@C0NONE",
        "pane=U0ASHA@C0QUIET",
        "pane=@@@@@@",
        "pane=U0ASHA@C0TEA@9@x&since=x&number=9&era=none&open=all",
        "pane=U0ASHA&pane=U0BEN&pane=U0ASHA&pane=U0BEN",
    ],
)
def test_an_address_that_names_what_is_not_there_shows_what_is(ask, query):
    for path in (f"/?{query}", f"/parts?{query}"):
        status, _, words = ask(path)
        assert status == 200
        assert "quiet" not in words or "U0BEN" in query
    assert 1 <= len(json.loads(words)["html"]) - 3 <= 3


@pytest.mark.parametrize(
    "path", ["/static/../page.py", "/static/%2e%2e%2fpage.py", "/static/page.css.map", "/entry/4", "/x"]
)
def test_there_is_nothing_else(ask, path):
    assert ask(path)[0] == 404
