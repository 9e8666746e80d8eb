"""What nobody can know is left to a person: in Slack with two buttons, and on the command line."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db.tables import Audit, Outbox, State
from tests.hands import SECOND, asked, beats, posts, proposes, row
from tests.programs import finished


@pytest.fixture
def held(world):
    """A question to a sponsor of which nobody knows whether it arrived."""
    world.set_up_digest()
    world.slack.refuse("conversations.history", "missing_scope", times=None)
    world.slack.refuse("chat.postMessage", where={"channel": "U0DANA"}, cut=True)
    proposes(world)
    beats(world, 65)
    world.settle()
    assert State.HELD is row(world, "sign-off").state
    return world.newest(world.admin, "I do not know whether a message arrived")


def test_without_the_right_to_look_a_message_is_held_and_never_sent_twice(world, held):
    beats(world, 600, 10 * SECOND)

    assert (1, 1) == (len(asked(world.dana)), len(posts(world, channel="U0DANA")))


def test_the_operator_reads_for_whom_it_is_and_not_what_it_says(world, held):
    assert "<@U0DANA>" in held.words
    assert ["It arrived", "Send it again"] == held.buttons
    assert "EXP" not in held.words
    assert "letter" not in held.words


def test_a_message_that_arrived_is_left_alone(world, held):
    world.admin.presses("It arrived", on=held)
    beats(world, 5)

    assert (1, State.SENT) == (len(asked(world.dana)), row(world, "sign-off").state)
    assert world.newest(world.admin, "this is settled")


def test_a_message_that_did_not_arrive_is_sent_again(world, held):
    asked(world.dana)[0].deleted = True
    world.admin.presses("Send it again", on=held)
    beats(world, 5)

    assert (1, State.SENT) == (len(asked(world.dana)), row(world, "sign-off").state)


def test_a_second_decision_changes_nothing_and_says_so(world, held):
    world.admin.presses("It arrived", on=held)
    world.forges(world.admin, held, "send_again", row(world, "sign-off").id)
    beats(world, 5)

    assert 1 == len(posts(world, channel="U0DANA"))
    assert any("Somebody has decided" in each.words for each in world.admin.sees(world.admin.dm_channel))


def test_only_stewards_and_admins_decide(world, held):
    world.forges(world.ben, held, "send_again", row(world, "sign-off").id)
    beats(world, 5)

    assert State.HELD is row(world, "sign-off").state


def test_home_shows_stewards_what_is_held_and_nobody_else(world, held):
    world.admin.opens_home()
    world.ben.opens_home()

    assert "I do not know whether a message arrived" in world.admin.home.text
    assert "I do not know" not in world.ben.home.text
    world.admin.presses("It arrived", on=world.admin.home)
    assert "I do not know" not in world.admin.home.text


def test_a_decision_stands_in_the_audit(world, held):
    world.admin.presses("It arrived", on=held)
    with world.bot.store.sessions() as session:
        last = session.scalars(select(Audit).order_by(Audit.id.desc())).first()

    assert ("message arrived", "U0ADMIN") == (last.step, last.person)


# On the command line.


def outbox(world, tmp_path, *words):
    """Run the command on the world's database."""
    url = world.engine.url.render_as_string(hide_password=False)
    done = finished(tmp_path, "outbox", *words, real=True, DATABASE_URL=url)
    return done.returncode, done.stdout + done.stderr


def test_the_command_lists_what_is_not_settled_and_why(world, held, tmp_path):
    number = row(world, "sign-off").id
    status, said = outbox(world, tmp_path, "list", "--state", "held")

    assert 0 == status
    assert f"{number}  held       U0DANA" in said
    assert "I cannot look whether it arrived (I lack a permission" in said
    assert "letter" not in said


def test_the_command_shows_one_message_without_its_words(world, held, tmp_path):
    status, said = outbox(world, tmp_path, "show", str(row(world, "sign-off").id))

    assert 0 == status
    assert "attempts             1" in said
    assert "letter" not in said


def test_the_command_releases_a_held_message_once(world, held, tmp_path):
    asked(world.dana)[0].deleted = True
    number = str(row(world, "sign-off").id)
    assert (0, f"Message {number} is sent again by the next beat of the worker.\n") == outbox(
        world, tmp_path, "release", number
    )
    beats(world, 5)

    assert 1 == len(asked(world.dana))
    assert (1, f"Message {number} is sent, so it cannot be sent again.\n") == outbox(world, tmp_path, "release", number)


def test_the_command_cancels_a_held_message(world, held, tmp_path):
    number = str(row(world, "sign-off").id)
    outbox(world, tmp_path, "cancel", number)
    beats(world, 5)

    with world.bot.store.sessions() as session:
        found = session.get(Outbox, int(number))
    assert (State.CANCELLED, "an operator gave it up") == (found.state, found.reason)


def test_the_command_says_what_is_wrong_with_a_number_or_state(world, tmp_path):
    assert (1, "There is no message 77: safe-to-fail outbox list shows them.\n") == outbox(
        world, tmp_path, "show", "77"
    )
    status, said = outbox(world, tmp_path, "list", "--state", "lost")
    assert (1, True) == (status, said.startswith("There is no state 'lost': it is one of waiting, sending"))


def test_the_command_says_that_all_is_well(world, tmp_path):
    assert (0, "Every message is settled: nothing waits, nothing is uncertain, nothing is held.\n") == outbox(
        world, tmp_path, "list"
    )
