"""What whoever answers for the bot may do about its messages: see them, and decide on those that are held."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.errors import UserError
from bot.services.settings import check_may_change
from bot.services.work import Act, Store, Work, whole
from db.tables import Outbox, State, Workspace

MOST_LISTED = 100
DECIDED = "Somebody has decided on this message already. Nothing was changed."
UNSETTLED = (State.HELD, State.UNCERTAIN, State.FAILED, State.WAITING, State.SENDING)
MAY_RELEASE = {State.HELD, State.FAILED}
MAY_CANCEL = {State.HELD, State.FAILED, State.WAITING, State.UNCERTAIN}


class CannotBe(Exception):  # noqa: N818 - the message is a sentence for a person.
    """What was asked for makes no sense for this message; the sentence says why."""


@whole
def arrived(store: Store, act: Act, row_id: int) -> Outbox:
    """Somebody has seen that a held message arrived."""
    with store.asked_by_person(act) as work:
        row = held(work, row_id)
        row.state, row.reason = State.SENT, "somebody saw that it arrived"
        work.record("message arrived", message=row.id)
        settled(work, row)
        return row


@whole
def send_again(store: Store, act: Act, row_id: int) -> Outbox:
    """Somebody has seen that a held message did not arrive."""
    with store.asked_by_person(act) as work:
        row = held(work, row_id)
        release(work, row)
        settled(work, row)
        return row


def settled(work: Work, row: Outbox) -> None:
    """Have the question to the operator shown as answered."""
    work.session.flush()
    work.refresh_where((Outbox.kind == "held") & (Outbox.subject_id == row.id))


def held(work: Work, row_id: int) -> Outbox:
    """A message that waits for a decision, for somebody who may decide."""
    check_may_change(work)
    row = work.session.get(Outbox, row_id, with_for_update=True)
    if row is None or row.workspace_id != work.workspace.id or row.state is not State.HELD:
        raise UserError(DECIDED)
    return row


def release(work: Work, row: Outbox) -> None:
    """Have a message sent, as if it had never been tried."""
    row.state, row.reason, row.due = State.WAITING, None, min(row.due, work.now)
    row.attempts, row.looks, row.repeats = 0, 0, 0
    work.record("message sent again", message=row.id)


def listed(store: Store, state: State | None = None) -> Sequence[Outbox]:
    """The messages that are not settled, or those in one state; the newest first."""
    states = [state] if state else UNSETTLED
    with store.readings() as session:
        found = select(Outbox).where(Outbox.state.in_(states)).order_by(Outbox.due.desc(), Outbox.id.desc())
        return session.scalars(found.limit(MOST_LISTED)).all()


def shown(store: Store, number: int) -> Outbox:
    """One message by its number; raises `CannotBe` when there is none."""
    with store.readings() as session:
        return numbered(session, number)


def numbered(session: Session, number: int, *, locked: bool = False) -> Outbox:
    """The same in a session, locked if it is to be changed."""
    row = session.get(Outbox, number, with_for_update=locked)
    if row is None:
        raise CannotBe(f"There is no message {number}: safe-to-fail outbox list shows them.")
    return row


def released(store: Store, number: int) -> Outbox:
    """Have a held or failed message sent again, from the command line."""
    with store.sessions.begin() as session:
        row, work = changed(store, session, number, MAY_RELEASE, "sent again")
        release(work, row)
        settled(work, row)
        return row


def cancelled(store: Store, number: int) -> Outbox:
    """Give a message up, from the command line."""
    with store.sessions.begin() as session:
        row, work = changed(store, session, number, MAY_CANCEL, "cancelled")
        row.state, row.look_at, row.reason = State.CANCELLED, None, "an operator gave it up"
        work.record("message cancelled", message=row.id)
        settled(work, row)
        return row


def changed(store: Store, session: Session, number: int, may: set[State], what: str) -> tuple[Outbox, Work]:
    """A message that may be changed so, locked; any other raises `CannotBe`."""
    row = numbered(session, number, locked=True)
    if row.state not in may or (what == "cancelled" and row.ts):
        raise CannotBe(f"Message {number} is {row.state.value}, so it cannot be {what}.")
    return row, Work(session, store.now(), session.get_one(Workspace, row.workspace_id), "")
