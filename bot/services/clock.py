"""What the clock makes happen: each moment, whatever has fallen due becomes a step or a message."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, func, select

from bot.domain.cadence import Due, Entry, fallen_due
from bot.domain.lifecycle import Step
from bot.services import digest, leaving
from bot.services.channels import Standing
from bot.services.ending import finish
from bot.services.running import ask
from bot.services.stewards import is_member
from bot.services.work import Act, Store, Work
from db import queries
from db.engine import is_away
from db.tables import Beat, Experiment, Inbox, Outbox, State, Workspace

BATCH = 100
BEAT_WRITTEN_EVERY = timedelta(seconds=20)
# An experiment without an owner rests, and so does a workspace that the app has left.
RESTLESS = (Experiment.orphaned_at.is_(None), Workspace.left_at.is_(None))
REPEATED_WITHIN = timedelta(days=7)  # Slack repeats a request within the hour; a week is ample.


def fall_due(store: Store, look: Callable[[str], Standing]) -> int:
    """Carry out everything that has fallen due, each in a transaction of its own; *look* asks Slack about a channel."""
    leaving.sweep(store)
    experiments, workspaces = due_now(store)
    for team, experiment_id in experiments:
        with surviving(experiment=experiment_id), store.transaction(Act(team, "")) as work:
            look_at(work, work.experiment(experiment_id))
        store.reach("due.committed")
    for team, channel in workspaces:
        with surviving(workspace=team):
            tell_digest(store, team, look(channel))
        store.reach("due.committed")
    return len(experiments) + len(workspaces)


def tell_digest(store: Store, team: str, standing: Standing) -> None:
    """Make a digest that has fallen due; its channel was looked at before, so that nothing is held meanwhile."""
    with store.transaction(Act(team, "")) as work:
        work.session.refresh(work.workspace, with_for_update={"key_share": True})
        if work.workspace.next_digest and work.workspace.next_digest <= work.now:
            digest.fall_due(work, standing)


@contextmanager
def surviving(**about: object) -> Iterator[None]:
    """Whatever breaks for one is logged with a reference, and does not hold up the others; a database away does."""
    try:
        yield
    except Exception as error:
        if is_away(error):
            raise
        reference = secrets.token_hex(4)
        structlog.get_logger().exception("what fell due could not be carried out", reference=reference, **about)


def due_now(store: Store) -> tuple[list[tuple[str, int]], list[tuple[str, str]]]:
    """The experiments, and the workspaces with their channel, of which something is due, the oldest first."""
    now = store.now()
    experiments = (
        select(Workspace.team, Experiment.id)
        .join(Workspace, Workspace.id == Experiment.workspace_id)
        .where(Experiment.next_due <= now, *RESTLESS)
        .order_by(Experiment.next_due)
        .limit(BATCH)
    )
    workspaces = (
        select(Workspace.team, Workspace.digest_channel)
        .where(Workspace.next_digest <= now, Workspace.left_at.is_(None))
        .order_by(Workspace.next_digest)
        .limit(BATCH)
    )
    with store.readings() as session:
        rows = [(row[0], row[1] or "") for row in session.execute(workspaces)]
        return [(row[0], row[1]) for row in session.execute(experiments)], rows


def next_due(store: Store) -> datetime | None:
    """The earliest moment at which there is something to do: a step, a digest, or a message that waits."""
    firsts = (
        select(func.min(Experiment.next_due)).join(Workspace, Workspace.id == Experiment.workspace_id).where(*RESTLESS),
        select(func.min(Workspace.next_digest)).where(Workspace.left_at.is_(None)),
        # What the pace of a channel holds back has its new moment in the row.
        select(func.min(Outbox.due)).where(Outbox.state == State.WAITING),
        select(func.min(Outbox.look_at)).where(Outbox.state.in_([State.UNCERTAIN, State.SENT])),
    )
    with store.readings() as session:
        return min((moment for each in firsts if (moment := session.scalar(each))), default=None)


def look_at(work: Work, experiment: Experiment) -> None:
    """Carry out what has fallen due for one experiment since it was last looked at."""
    if experiment.orphaned_at or work.workspace.left_at:
        return
    for entry in fallen_due(work.timetable(experiment), experiment.looked_at, work.now):
        STEPS[entry.due](work, experiment, entry)
    experiment.looked_at = work.now
    work.plan(experiment)


def remind_sponsor(work: Work, experiment: Experiment, entry: Entry) -> None:
    """A private reminder to the sponsor, if they are still there to answer."""
    if not is_member(work, experiment.sponsor):
        return
    sign_off = queries.sign_off(work.session, experiment.id)
    work.say(
        entry.due,
        experiment.sponsor,
        about=experiment,
        subject=sign_off.id,
        name=f"{sign_off.id}:{entry.nth}",
    )


def tell_owner_about_sign_off(work: Work, experiment: Experiment, entry: Entry) -> None:
    """The owner hears that the sponsor has not answered, or is reminded of a condition that waits for them."""
    if not is_member(work, experiment.sponsor):
        return  # They know already that nobody will answer.
    sign_off = queries.sign_off(work.session, experiment.id)
    work.say(entry.due, experiment.owner, about=experiment, subject=sign_off.id)


def ask_owner(work: Work, experiment: Experiment, entry: Entry) -> None:
    """Ask the owner how it goes."""
    del entry
    wall = work.wall(experiment.owner)
    asked = queries.check_ins(work.session, experiment.id)
    if any(wall.today(each.asked_at) == wall.today(work.now) for each in asked):
        return  # They have flown west: today's ten o'clock came twice.
    ask(work, experiment)
    work.refresh(experiment)


def ask_owner_again(work: Work, experiment: Experiment, entry: Entry) -> None:
    """One reminder of an open check-in, or the question again when the owner wished so."""
    asked = queries.open_check_in(work.session, experiment.id)
    if asked and asked.nth == entry.nth:
        when = asked.later_at.date() if asked.later_at else "once"
        work.say(entry.due, experiment.owner, about=experiment, subject=asked.id, name=f"{asked.id}:{when}")


def tell_owner(work: Work, experiment: Experiment, entry: Entry) -> None:
    """A message to the owner about the experiment as it stands."""
    name = f"{experiment.id}:{experiment.end}:{experiment.stops}:{entry.nth}"
    work.say(entry.due, experiment.owner, about=experiment, name=name)


def end(work: Work, experiment: Experiment, entry: Entry) -> None:
    """It has run to its end: ask what it taught."""
    finish(work, experiment)
    tell_owner(work, experiment, Entry(entry.at, Due.LEARNING_ASKED))


def close(work: Work, experiment: Experiment, entry: Entry) -> None:
    """Close it kindly without a learning note."""
    work.take(experiment, Step.CLOSE)
    tell_owner(work, experiment, entry)


def refresh(work: Work, experiment: Experiment, entry: Entry) -> None:
    """Nothing is said, but what is shown changes."""
    del entry
    work.refresh(experiment)


STEPS: dict[Due, Callable[[Work, Experiment, Entry], None]] = {
    Due.SIGN_OFF_REMINDER: remind_sponsor,
    Due.SPONSOR_SILENT: tell_owner_about_sign_off,
    Due.CONDITION_REMINDER: tell_owner_about_sign_off,
    Due.CHECK_IN: ask_owner,
    Due.CHECK_IN_REMINDER: ask_owner_again,
    Due.END_NOTICE: tell_owner,
    Due.END: end,
    Due.LEARNING_ASKED: tell_owner,
    Due.LEARNING_REMINDER: tell_owner,
    Due.LEARNING_CLOSES: close,
    Due.UNDO_ENDS: refresh,
    Due.SHARE_OPENS: tell_owner,
}


def beat(store: Store) -> None:
    """Write down that the worker is alive, now and then."""
    with store.readings() as session:
        last = queries.last_beat(session)
    now = store.now()
    if last and now - last < BEAT_WRITTEN_EVERY:
        return
    with store.sessions.begin() as session:
        # Never back: several workers write here, and it is by this that a clock which runs backwards is noticed.
        mark = queries.INSERTS[session.get_bind().dialect.name](Beat).values(id=1, at=now)
        session.execute(
            mark.on_conflict_do_update(index_elements=["id"], set_={"at": now}, where=Beat.at < mark.excluded.at)
        )
        session.execute(delete(Inbox).where(Inbox.at < store.now() - REPEATED_WITHIN))
