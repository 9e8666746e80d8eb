"""What can be read at /metrics: figures, and nobody's words or ids."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urljoin

from sqlalchemy import event, text

from db import queries
from tests.hands import proposes, runs
from tests.programs import fetch
from tests.signed import command, post, run


def page(world):
    """What stands at /metrics."""
    status, body = fetch(urljoin(world.slack.delivery.address, "/metrics"))
    assert 200 == status
    return body


def figure(world, name):
    """One figure of the page, by its name and labels."""
    lines = [line for line in page(world).splitlines() if line.startswith(f"{name} ")]
    return float(lines[0].rpartition(" ")[2]) if lines else None


def test_what_waits_is_told_with_the_age_of_the_oldest(world):
    assert 0 == figure(world, "safe_to_fail_oldest_due_seconds")
    proposes(world)
    world.clock.advance(timedelta(minutes=5))

    assert 300 == figure(world, "safe_to_fail_oldest_due_seconds")
    assert 1 <= figure(world, 'safe_to_fail_messages{state="waiting"}')
    world.settle()
    assert 0 == figure(world, "safe_to_fail_oldest_due_seconds")
    assert 0 == figure(world, 'safe_to_fail_messages{state="waiting"}')


def test_what_is_due_only_later_is_not_late(world):
    proposes(world)
    run(world, "UPDATE outbox SET due = '2027-01-01 00:00:00'")

    assert 0 == figure(world, "safe_to_fail_oldest_due_seconds")


def test_uncertain_held_and_failed_messages_are_told(world):
    proposes(world)
    for state in ("uncertain", "held", "failed"):
        run(world, f"UPDATE outbox SET state = '{state}'")
        assert 1 <= figure(world, f'safe_to_fail_messages{{state="{state}"}}')


def test_what_is_counted_in_the_database_is_told_for_all_workspaces_together(world):
    runs(world)
    with world.bot.store.sessions.begin() as session:
        for _ in range(3):
            queries.count(session, 1, "doubled", "network")

    assert 3 == figure(world, 'safe_to_fail_figures_total{name="doubled",reason="network"}')


def test_refusals_and_answers_are_counted(world):
    request = command(world, "help")
    assert world.slack.replay(request).ok
    assert 401 == post(world, request, {})

    assert 1 == figure(world, 'safe_to_fail_requests_refused_total{reason="timestamp"}')
    assert 1 == figure(world, 'safe_to_fail_answer_seconds_count{kind="command"}')


def test_nobodys_words_or_ids_are_told(world):
    runs(world, title="The words of a person")
    told = page(world)

    assert "words of a person" not in told
    assert re.findall(r"\b[UTCDVW]0[A-Z0-9]+|EXP-\d|xox", told) == []


def test_it_takes_few_statements(world):
    runs(world)
    seen = []
    event.listen(world.engine, "before_cursor_execute", lambda *told: seen.append(told[2]))
    page(world)

    assert len([each for each in seen if each.startswith("SELECT")]) <= 3


def test_without_a_database_the_rest_is_told(world):
    with world.engine.begin() as connection:
        connection.execute(text("ALTER TABLE figures RENAME TO away"))
    told = page(world)
    with world.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO figures"))

    assert "safe_to_fail_database_answers 0.0" in told
    assert "safe_to_fail_answer_seconds" in told
