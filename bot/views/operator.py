"""What whoever answers for the bot reads about its messages; never what they say."""

from collections.abc import Sequence

from bot.views import kit
from bot.views.kit import Block
from bot.views.names import Action
from db.tables import Outbox, State


def held(row: Outbox) -> list[Block]:
    """A message of which nobody knows whether it arrived, with the two answers; nothing once it is decided."""
    if row.state is not State.HELD:
        return [kit.section(f"{named(row)}: this is settled. Nothing is needed from you.")]
    return [
        kit.section(
            f"*I do not know whether a message arrived.* {named(row)}. The line broke while I sent it, and "
            f"{kit.quiet(row.reason or '', 500)}. Rather than say something twice, I leave it to you: please look or ask."
        ),
        *answers(row),
    ]


def named(row: Outbox) -> str:
    """Whom a message is for and when it was due."""
    to = kit.person(row.recipient) if row.recipient[0] in "UW" else kit.channel(row.recipient)
    return f"For {to}, due {kit.moment(row.due)}"


def answers(row: Outbox) -> list[Block]:
    """The two answers."""
    return kit.actions(
        kit.button("It arrived", Action.ARRIVED, row.id, about=f"message {row.id}"),
        kit.button("Send it again", Action.SEND_AGAIN, row.id, about=f"message {row.id}"),
    )


def on_home(rows: Sequence[Outbox]) -> list[Block]:
    """The messages that wait for a steward's decision."""
    return [block for row in rows for block in held(row)]
