"""In front of Bolt: forged, repeated, broken and strange requests, and what comes of them: nothing."""

from __future__ import annotations

import copy
import gzip
import hmac
import http.client
import json
import threading
import tracemalloc
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.guard import MOST_REMEMBERED, Remembered
from db.tables import Experiment, Inbox, Outbox, Workspace
from playground.delivery import Request
from tests.hands import runs
from tests.hearing import listening
from tests.signed import command, count, is_running, post, signed_anew, without
from tests.world import FILLED, MONDAY, fills_at_once

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
MARKER = "the words of a person"


@pytest.fixture(autouse=True)
def heard():
    with listening() as log:
        yield log


@pytest.fixture
def careless(world):
    """Forget in the end what the bot refused: here that was meant."""
    yield world
    world.slack.failures.clear()


def send(world, body, kind=FORM, *, secret=None, away=0, headers=(), length=True):
    """Send a body that is signed well, unless another secret or moment is given; the status and the answer."""
    stamp = str(int(world.clock.now().timestamp()) + away)
    key = (secret or world.slack.signing_secret).encode()
    where = urlsplit(world.slack.delivery.address)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=10)
    connection.putrequest("POST", where.path)
    sent = {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={hmac.new(key, f'v0:{stamp}:'.encode() + body, 'sha256').hexdigest()}",
        **dict(headers),
    }
    if length:
        sent["Content-Length"] = str(len(body))
    for name, value in sent.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    said = answer.status, answer.read()
    connection.close()
    return said


def refused(world, reason):
    """How often a request was refused for that reason."""
    name = f'safe_to_fail_requests_refused_total{{reason="{reason}"}} '
    lines = [line for line in world.bot.metrics.page().splitlines() if line.startswith(name)]
    return int(float(lines[0].removeprefix(name))) if lines else 0


# Signatures.


def test_a_signature_with_another_secret_is_refused_without_a_word(world, heard):
    assert (401, b"") == send(world, f"command=/experiment&text={MARKER}".encode(), secret="another")
    assert 1 == refused(world, "signature")
    assert "" == heard.getvalue()


@pytest.mark.parametrize(("away", "status"), [(-301, 401), (-299, 200), (59, 200), (61, 401)])
def test_a_signature_counts_for_five_minutes_and_one_minute_ahead(world, away, status):
    assert status == send(world, command(world, "help").body.encode(), away=away)[0]


def test_the_signatures_of_two_requests_cannot_be_swapped(world):
    runs(world)
    first, second = command(world, "help"), command(world, "stop EXP-1")

    assert 401 == post(world, second, first.headers)
    assert is_running(world)


def test_an_address_is_verified_only_when_that_is_signed(world):
    asked = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()

    assert 401 == send(world, asked, JSON, secret="another")[0]
    status, said = send(world, asked, JSON)
    assert (200, {"challenge": "abc"}) == (status, json.loads(said))


# What cannot be read.

MANY = "&".join(f"a{number}=1" for number in range(100_000)).encode()
BROKEN = {
    "nothing": (FORM, b""),
    "bad UTF-8": (JSON, b'{"type": "\xff\xfe"}'),
    "bad UTF-8 in a field": (FORM, b"command=%2Fexperiment&text=%FF"),
    "a NUL": (FORM, b"command=/experiment&text=\0"),
    "no JSON": (JSON, b"{"),
    "no object": (JSON, b"[]"),
    "no number": (JSON, b'{"type": NaN}'),
    "endless digits": (JSON, b'{"type": ' + b"9" * 100_000 + b"}"),
    "many fields": (FORM, MANY),
    "deep JSON": (JSON, b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "deep lists": (JSON, b'{"a":' + b"[" * 400_000 + b"]" * 400_000 + b"}"),
    "deep JSON in a field": (FORM, b"payload=" + b"[" * 400_000),
    "sixty-five levels": (JSON, b'{"a":' * 65 + b"1" + b"}" * 65),
}


def test_what_cannot_be_read_is_refused_without_a_trace(world, heard):
    for number, (what, (kind, body)) in enumerate(BROKEN.items(), 1):
        status, said = send(world, body, kind)
        assert (what == "nothing", b"") == (status == 200, said), (what, status)
        assert status == (200 if what == "nothing" else 400), what
        assert refused(world, "unreadable") == number - 1, what

    assert "" == heard.getvalue()
    assert 0 == count(world, Workspace)


def test_what_is_packed_is_refused(world):
    body = gzip.compress(b"command=/experiment" * 10_000)

    assert 415 == send(world, body, headers={"Content-Encoding": "gzip"})[0]


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "application/xml"])
def test_other_kinds_of_content_are_refused(world, kind):
    assert 415 == send(world, b"command=/experiment", kind)[0]


def test_what_does_not_say_its_length_is_refused(world):
    assert 411 == send(world, b"", length=False)[0]
    assert 411 == send(world, b"", headers={"Transfer-Encoding": "chunked"})[0]


def test_unsigned_floods_take_no_room(world):
    tracemalloc.start()
    try:
        for _ in range(20):
            assert 401 == send(world, b"x" * 900_000, secret="another")[0]
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 20_000_000


# Once.


def test_a_replayed_request_has_no_effect_and_is_not_even_looked_at(world):
    runs(world)
    stopped = world.asha.types("/experiment", "stop EXP-1")
    calls, rows = len(world.slack.calls), count(world, Inbox)
    for changed in ({}, {"X-Slack-Bolt-Lazy-Only": "1"}, {"X-Slack-Retry-Num": "1"}):
        assert 200 == post(world, stopped.request, stopped.request.headers | changed)

    assert (calls, rows, 3) == (len(world.slack.calls), count(world, Inbox), refused(world, "repeated"))


def test_headers_with_which_bolt_speaks_to_itself_do_nothing(world):
    runs(world)
    request = command(world, "stop EXP-1")
    changed = {"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "command"}

    assert 200 == post(world, request, request.headers | changed)
    assert not is_running(world)


def test_a_request_is_remembered_for_ten_minutes_and_the_room_for_it_is_bounded():
    moment = [MONDAY]
    done = Remembered(lambda: moment[0])
    done.note("first")
    moment[0] += timedelta(minutes=9)
    assert "first" in done
    moment[0] += timedelta(minutes=2)
    assert "first" not in done

    for number in range(MOST_REMEMBERED + 1):
        done.note(str(number))
    assert "0" not in done
    assert str(MOST_REMEMBERED) in done


def test_twenty_copies_at_once_have_one_effect(world):
    runs(world)
    before = count(world, Inbox)
    at_once(20, lambda request: post(world, request, request.headers), command(world, "stop EXP-1"))

    assert before + 1 == count(world, Inbox)
    assert not is_running(world)


def at_once(times, act, *arguments):
    """Do the same in many threads at once; what each of them got."""
    ready, got = threading.Barrier(times), []

    def one():
        ready.wait(10)
        got.append(act(*arguments))

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


# Events.


def home_opened(world, attempt=0, **changes):
    """A signed event that says that Asha looks at her Home."""
    with world.slack.space.lock:
        payload = world.slack.payloads.home_opened(world.asha.member, "home") | changes
    request = world.slack.delivery.request("events_api", payload)
    retry = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"} if attempt else {}
    return Request(request.kind, request.payload, request.body, request.headers | retry)


def test_an_event_that_comes_four_times_is_carried_out_once(world):
    event = home_opened(world)
    assert world.slack.replay(event).ok
    drawn = len(world.slack.called("views.publish"))
    for _ in range(3):
        assert signed_anew(world, event).ok

    assert (1, drawn) == (drawn, len(world.slack.called("views.publish")))
    assert 1 == count(world, Inbox)


def test_an_event_that_comes_four_times_at_once_is_written_down_once(world):
    world.asha.types("/experiment", "mine")
    event = home_opened(world)

    assert [200] * 4 == at_once(4, lambda: post(world, event, event.headers))
    assert 1 == count(world, Inbox)
    assert world.asha.home is not None


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_an_event_that_comes_only_as_a_repetition_is_carried_out(world, attempt):
    assert world.slack.replay(home_opened(world, attempt)).ok

    assert world.asha.home is not None


def test_an_event_that_could_not_be_carried_out_is_carried_out_when_it_comes_again_as_it_was(careless):
    runs(careless)
    event = home_opened(careless)
    with without(careless, "experiments"):
        assert 503 == post(careless, event, event.headers)
    assert careless.asha.home is None

    assert 200 == post(careless, event, event.headers)
    assert "EXP-1" in careless.asha.home.text


def test_events_in_the_wrong_order_show_what_is_true_now(world):
    world.asha.opens_home()
    older = home_opened(world)
    runs(world)
    newer = home_opened(world)
    assert world.slack.replay(newer).ok
    shown = world.asha.home.text
    world.clock.advance(timedelta(hours=26))
    signed_anew(world, older)

    assert "EXP-1" in shown
    assert "EXP-1" in world.asha.home.text
    world.slack.calls[:] = [call for call in world.slack.calls if call not in world.slack.refused]


# Strange.


def test_what_we_do_not_know_is_taken_and_counted(world, heard):
    event = {"type": "of_tomorrow", "user": "U0ASHA", "text": MARKER}
    assert world.slack.send_event(event).ok
    for unknown in ({"type": "of_tomorrow", "text": MARKER}, {"type": "message_action"}, {"type": "block_suggestion"}):
        assert 200 == send(world, urlencode({"payload": json.dumps(unknown)}).encode())[0]

    page = world.bot.metrics.page()
    assert 'safe_to_fail_requests_unknown_total{what="event"} 1.0' in page
    assert 'safe_to_fail_requests_unknown_total{what="type"} 3.0' in page
    assert "" == heard.getvalue()


def test_the_word_payload_can_be_typed(world):
    assert "about “payload”" in world.asha.types("/experiment", "learnings payload").text


RETYPED = st.sampled_from([None, 0, -1, 1.5, True, "", "x", MARKER, [], {}, [[]], {"id": "T0OTHER"}, "9" * 400])
WAYS = st.sampled_from(["drop", "rename", "retype"])


def recorded(world):
    """One real request of each kind, as the playground sends it, with people's words in it."""
    runs(world, title=MARKER)
    typed = world.asha.types("/experiment", "show EXP-1").request
    pressed = world.asha.presses("Say how it is going", on=world.asha.dm[0]).request
    world.asha.fills(answer="stuck")
    sent = world.asha.submits().request
    world.asha.closes(everything=True)
    world.asha.types("/experiment", "propose")
    fills_at_once(world.asha, **FILLED | {"problem": MARKER})
    proposed = world.asha.submits().request
    world.asha.closes(everything=True)
    return [typed, pressed, sent, proposed, home_opened(world)]


def places(value, path=()):
    """Every field of a payload, however deep."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*path, name)
        yield from places(one, (*path, name))


def mutated(payload, path, way, other):
    """The payload with one field dropped, renamed, or of another type."""
    made = copy.deepcopy(payload)
    place = made
    for name in path[:-1]:
        place = place[name]
    was = place.pop(path[-1]) if way != "retype" else None
    if way == "retype":
        place[path[-1]] = other
    elif way == "rename" and isinstance(place, dict):
        place[f"{path[-1]}_x"] = was
    return made


def test_no_change_to_a_field_of_a_request_breaks_anything_or_reaches_another_team(careless, heard):
    world = careless
    requests = recorded(world)
    world.slack.limit_rates(on=False)
    world.clock.advance(timedelta(seconds=1))
    tried = dict.fromkeys(("200", "400", "503"), 0)

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.data())
    def try_one(data):
        request = data.draw(st.sampled_from(requests))
        path = data.draw(st.sampled_from(list(places(request.payload))))
        changed = mutated(request.payload, path, data.draw(WAYS), data.draw(RETYPED))
        form = changed if request.kind == "slash_commands" else {"payload": json.dumps(changed)}
        event = request.kind == "events_api"
        body = json.dumps(changed) if event else urlencode(form)
        status, said = send(world, body.encode(), JSON if event else FORM)
        assert status in ({200, 400, 503} if event else {200, 400}), (path, status, said, heard.getvalue()[-3000:])
        tried[str(status)] += 1

    try_one()
    world.slack.calls[:] = [call for call in world.slack.calls if call not in world.slack.refused]
    assert {world.slack.team} == teams(world)
    assert MARKER not in heard.getvalue()
    assert tried["200"] > 50
    assert tried["400"] > 20


def teams(world):
    """The workspaces that anything was written for."""
    with world.bot.store.readings() as session:
        own = session.scalar(select(Workspace.id).where(Workspace.team == world.slack.team))
        for table in (Experiment, Outbox, Inbox):
            assert 0 == session.scalar(select(func.count()).select_from(table).where(table.workspace_id != own))
        return set(session.scalars(select(Workspace.team)))
