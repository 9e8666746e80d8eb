"""Requests made by hand and signed as Slack signs them, and a database that refuses to answer."""

from __future__ import annotations

import http.client
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select, text


def command(world, words, person=None):
    """A signed request that types words after /experiment."""
    who = (person or world.asha).member
    with world.slack.space.lock:
        payload = world.slack.payloads.command(who, world.slack.space.dm(who.id), "/experiment", words)
    return world.slack.delivery.request("slash_commands", payload)


def resigned(world, request, **changes):
    """The same request with another content, signed anew."""
    return world.slack.delivery.request(request.kind, request.payload | changes)


def signed_anew(world, request):
    """The same request as Slack would send it again a second later: with another signature."""
    world.clock.advance(timedelta(seconds=1))
    return world.slack.replay(resigned(world, request))


def post(world, request, headers):
    """Send a body under any headers at all; the status that comes back."""
    where = urlsplit(world.slack.delivery.address)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=3)
    connection.request(
        "POST", where.path, request.body.encode(), {"Content-Type": request.headers["Content-Type"]} | headers
    )
    status = connection.getresponse().status
    connection.close()
    return status


def is_running(world, number=1):
    """Whether the owner still reads that the experiment runs."""
    return "Stop now" in world.asha.types("/experiment", f"show EXP-{number}").shown.buttons


def count(world, table):
    with world.bot.store.sessions() as session:
        return session.scalar(select(func.count()).select_from(table))


@contextmanager
def without(world, table):
    """Take a table away for a while, so that the database refuses to answer."""
    run(world, f"ALTER TABLE {table} RENAME TO away")
    try:
        yield
    finally:
        run(world, f"ALTER TABLE away RENAME TO {table}")


def run(world, statement):
    with world.bot.store.sessions.begin() as session:
        session.execute(text(statement))
