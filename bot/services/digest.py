"""The weekly digest: what falls into it, once per ISO week and channel, and how readers answer."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from bot.domain.cadence import CATCH_UP, Weekly
from bot.domain.errors import UserError
from bot.services.work import Act, Store, Work
from db import queries
from db.shapes import Issue, Told
from db.tables import Digest, Experiment, Learning, Outbox, Reuse, State, Workspace

MOST_ITEMS = 5


def weekly(workspace: Workspace) -> Weekly:
    """When the digest of a workspace is due."""
    return Weekly(workspace.digest_weekday, workspace.digest_hour, ZoneInfo(workspace.zone))


def plan_digest(workspace: Workspace, now: datetime) -> None:
    """Work out when the next digest is due; without a channel there is none."""
    workspace.next_digest = weekly(workspace).following(now) if workspace.digest_channel else None


def fall_due(work: Work) -> None:
    """Make the digest of the last slot, unless it is more than two days late: then the content waits for the next."""
    workspace = work.workspace
    slot, week = weekly(workspace).latest(work.now)
    plan_digest(workspace, work.now)
    too_late = work.now - slot > CATCH_UP
    before_it_was_wanted = workspace.digest_since is not None and slot < workspace.digest_since
    if workspace.digest_channel and not too_late and not before_it_was_wanted:
        make_digest(work, workspace.digest_channel, week, slot)


def make_digest(work: Work, channel: str, week: str, slot: datetime) -> None:
    """Write the digest of one week and queue its messages; a second time changes nothing."""
    row = {"workspace_id": work.workspace.id, "channel": channel, "week": week}
    if not queries.insert_once(work.session, Digest, **row, slot=slot):
        return
    digest = work.session.scalars(select(Digest).filter_by(**row)).one()
    learnings = queries.untold(work.session, work.workspace.id, work.now, MOST_ITEMS, locked=True)
    if not learnings and (again := queries.older(work.session, work.workspace.id)):
        digest.retold, again.retold_at = again.id, work.now
    for learning in learnings:
        learning.celebrated_in = digest.id
        work.refresh(work.session.get_one(Experiment, learning.experiment_id))
    work.say("digest", channel, subject=digest.id, name=f"{channel}:{week}")
    head = queries.outbox(work.session, work.workspace.id, f"digest:{channel}:{week}")
    for learning in learnings:
        name = f"{digest.id}:{learning.id}"
        work.say("digest-item", channel, subject=learning.id, name=name, thread_of=head.id if head else None)
    work.record("digest", digest=digest.id, told=len(learnings))


def untell(work: Work, digest_id: int, reason: str) -> None:
    """The digest could not be posted: its learnings wait for the next one, and who set it up is told why."""
    for learning, experiment in queries.told_in(work.session, digest_id):
        learning.celebrated_in = None
        work.refresh(experiment)
    items = select(Outbox.id).where(Outbox.thread_of.is_not(None), Outbox.kind == "digest-item")
    head = select(Outbox.id).where(Outbox.kind == "digest", Outbox.subject_id == digest_id)
    waiting = update(Outbox).where(Outbox.id.in_(items), Outbox.thread_of.in_(head))
    work.session.execute(waiting.values(state=State.CANCELLED, reason=reason))
    tell_trouble(work, digest_id)


def tell_trouble(work: Work, digest_id: int) -> None:
    """Whoever set the digest up hears that it was not, or perhaps not, posted."""
    if work.workspace.settings_by:
        work.say("digest-trouble", work.workspace.settings_by, subject=digest_id)


def tell_still_shown(work: Work, row: Outbox) -> None:
    """Where words that were taken back could not be replaced, their owner must know it."""
    if row.kind == "digest":
        told = list(queries.told_in(work.session, row.subject_id or 0))
    else:
        learning = work.session.get_one(Learning, row.subject_id)
        told = [(learning, work.session.get_one(Experiment, learning.experiment_id))]
    for learning, experiment in told:
        if learning.taken_back_at:
            name = f"{row.id}:{learning.id}"
            work.say("still-shown", experiment.owner, about=experiment, subject=row.id, name=name)


def issue(work: Work, digest: Digest) -> Issue:
    """What a digest tells, as things are now."""
    older = with_experiment(work, digest.retold) if digest.retold else None
    return Issue(digest.week, list(queries.told_in(work.session, digest.id)), older)


def with_experiment(work: Work, learning_id: int) -> Told | None:
    """A learning with its experiment, unless it was taken back."""
    learning = work.session.get_one(Learning, learning_id)
    if learning.taken_back_at:
        return None
    return learning, work.session.get_one(Experiment, learning.experiment_id)


def preview(store: Store, act: Act) -> Issue:
    """What the next digest would tell if it were posted now; nothing is changed."""
    with store.read(act) as work:
        return next_issue(work)


def preview_for(store: Store, act: Act) -> tuple[Issue, Workspace]:
    """The same, with the settings, for a person who asks in Slack."""
    with store.read_by_person(act) as work:
        return next_issue(work), work.workspace


def next_issue(work: Work) -> Issue:
    """What the next digest would tell if it were posted now."""
    _, week = weekly(work.workspace).latest(weekly(work.workspace).following(work.now))
    learnings = queries.untold(work.session, work.workspace.id, work.now, MOST_ITEMS)
    told = [(each, work.session.get_one(Experiment, each.experiment_id)) for each in learnings]
    again = None if told else queries.older(work.session, work.workspace.id)
    older = with_experiment(work, again.id) if again else None
    return Issue(week, told, older)


def respond(store: Store, act: Act, learning_id: int, how: str) -> tuple[Learning, Experiment]:
    """A reader says that a learning helps them, or thank you; its owner hears of it, and nobody counts."""
    with store.asked_by_person(act) as work:
        learning = work.session.get(Learning, learning_id)
        here = learning is not None and learning.workspace_id == work.workspace.id
        if learning is None or not here or not learning.shared_at or learning.taken_back_at:
            raise UserError("This learning was taken back by the people who shared it, so there is nothing to answer.")
        experiment = work.session.get_one(Experiment, learning.experiment_id)
        if experiment.owner == act.person:
            raise UserError("This one is your own. Thank you for sharing it.")
        row = {
            "workspace_id": work.workspace.id,
            "learning_id": learning.id,
            "person": act.person,
            "how": how,
        }
        if queries.insert_once(work.session, Reuse, **row, at=work.now):
            work.say("helped", experiment.owner, about=experiment, subject=learning.id)
            work.refresh_where((Outbox.kind == "helped") & (Outbox.subject_id == learning.id))
        return learning, experiment
