"""When the app is taken out of a workspace: nothing more is said; and when it is put in again, all goes on."""

from datetime import datetime

from sqlalchemy import select, update

from bot.services.digest import forget_told
from bot.services.work import Act, Store, Work, whole
from db import queries
from db.tables import Outbox, State, Workspace

TEAM_GONE = "team_gone"
NOBODY_LOOKED = "the app was removed before I could look whether it arrived"
BACK = "the app is back"
# What would come too late after a while away; the timetable and the next digest say what is true then.
STALE = ("digest", "digest-item", "sign-off-reminder", "check-in-reminder", "condition-reminder", "learning-reminder")


@whole
def leave(store: Store, act: Act, told_at: datetime) -> None:
    """Slack says that the app was removed, or its token revoked; a second time changes nothing."""
    if not is_known(store, act.team):
        return
    with store.transaction(act) as work:
        back = queries.newest_audit(work.session, work.workspace.id, (BACK,))
        if back and told_at <= back.at:
            return  # It speaks of the time before the app was put in again.
        if work.workspace.left_at is None:
            work.workspace.left_at = work.now
            work.record("the app was removed")
        cancel(work)


def is_known(store: Store, team: str) -> bool:
    """Whether we ever worked for a workspace."""
    with store.readings() as session:
        return queries.workspace(session, team) is not None


def cancel(work: Work) -> None:
    """Nothing that waits is said any more; what was being sent just now ends by itself."""
    waiting = (Outbox.workspace_id == work.workspace.id, Outbox.state == State.WAITING)
    unsaid = select(Outbox.subject_id).where(*waiting, Outbox.kind == "digest", Outbox.ts.is_(None))
    for digest_id in work.session.scalars(unsaid).all():
        forget_told(work, digest_id or 0)
    work.session.flush()
    gone = {"reason": TEAM_GONE}
    work.session.execute(update(Outbox).where(*waiting, Outbox.ts.is_(None)).values(state=State.CANCELLED, **gone))
    work.session.execute(update(Outbox).where(*waiting, Outbox.ts.is_not(None)).values(state=State.SENT, **gone))
    looked_for = update(Outbox).where(Outbox.workspace_id == work.workspace.id, Outbox.state == State.SENT)
    work.session.execute(looked_for.values(look_at=None))
    unknown = (Outbox.workspace_id == work.workspace.id, Outbox.state == State.UNCERTAIN)
    # Without a token nobody can look whether it arrived.
    work.session.execute(update(Outbox).where(*unknown).values(state=State.HELD, look_at=None, reason=NOBODY_LOOKED))


def sweep(store: Store) -> None:
    """What was being sent while the app was removed, or was queued by that, is not said either."""
    behind = (
        select(Workspace.team)
        .join(Outbox, Outbox.workspace_id == Workspace.id)
        .where(Workspace.left_at.is_not(None), Outbox.state == State.WAITING)
        .distinct()
    )
    with store.readings() as session:
        teams = session.scalars(behind).all()
    for team in teams:
        with store.transaction(Act(team, "")) as work:
            if work.workspace.left_at:
                cancel(work)


def come_back(work: Work) -> None:
    """Slack lets us in again: what was cancelled is said as far as it is still true, and the clock goes on."""
    work.workspace.left_at = work.workspace.suspended = None
    work.record(BACK)
    work.session.flush()
    gone = (Outbox.workspace_id == work.workspace.id, Outbox.reason == TEAM_GONE)
    again = update(Outbox).where(*gone, Outbox.state == State.CANCELLED, Outbox.kind.not_in(STALE))
    work.session.execute(again.values(state=State.WAITING, due=work.now, attempts=0, reason=None))
    work.refresh_where((Outbox.reason == TEAM_GONE) & (Outbox.state == State.SENT))
    shown = update(Outbox).where(*gone, Outbox.state == State.WAITING)
    work.session.execute(shown.values(reason=None))
