"""What `safe-to-fail outbox` prints: lines for a terminal, and never what a message says."""

from bot.services import outbox
from bot.services.work import Store
from db.tables import Outbox, State

NOTHING = "Every message is settled: nothing waits, nothing is uncertain, nothing is held."
SAID = {
    "released": "Message {number} is sent again by the next beat of the worker.",
    "cancelled": "Message {number} is given up: it will not be sent.",
}
DECIDE = {"released": outbox.released, "cancelled": outbox.cancelled}


def listed(store: Store, state: str) -> str:
    """The messages that are not settled, or those in one state, one a line."""
    if state and state not in set(State):
        message = f"There is no state {state!r}: it is one of {', '.join(State)}."
        raise outbox.CannotBe(message)
    rows = outbox.listed(store, State(state) if state else None)
    return "\n".join(map(line, rows)) if rows else NOTHING


def line(row: Outbox) -> str:
    """One message."""
    why = f"  {row.reason}" if row.reason else ""
    return f"{row.id:>6}  {row.state.value:<9}  {row.recipient:<12}  due {row.due:%Y-%m-%d %H:%M} UTC  {row.key}{why}"


def shown(store: Store, number: int) -> str:
    """Everything that is known of one message but its words."""
    row = outbox.shown(store, number)
    facts = {
        "number": row.id,
        "key": row.key,
        "state": row.state.value,
        "why": row.reason or "",
        "for": row.recipient,
        "due": row.due,
        "attempts": row.attempts,
        "first attempt": row.first_attempt_at or "",
        "last attempt": row.claimed_at or "",
        "looked for in Slack": row.looks,
        "looked for next": row.look_at or "",
        "sent again": row.repeats,
        "stands in": f"{row.channel} at {row.ts}" if row.ts else "",
        "proof": row.proof,
    }
    return "\n".join(f"{name:<20} {value}".rstrip() for name, value in facts.items())


def decided(store: Store, what: str, number: int) -> str:
    """Carry out a decision, and say what follows from it."""
    DECIDE[what](store, number)
    return SAID[what].format(number=number)
