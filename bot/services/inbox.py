"""Which requests were carried out: for those whose whole work is done in Slack, not in the database."""

from sqlalchemy import select

from bot.services.work import Act, Store
from db import queries
from db.tables import Inbox


def is_done(store: Store, act: Act) -> bool:
    """Whether the same request was carried out before."""
    with store.readings() as session:
        found = queries.workspace(session, act.team)
        same = select(Inbox.id).where(Inbox.workspace_id == found.id, Inbox.key == act.key) if found else None
        return same is not None and session.scalar(same) is not None


def note(store: Store, act: Act) -> None:
    """Write down that a request is carried out; one that another noted meanwhile raises `AlreadyDone`."""
    with store.transaction(act):
        pass
