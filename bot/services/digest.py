"""The weekly digest: what falls into it, once per ISO week and channel, and how readers answer."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from bot.domain.cadence import CATCH_UP, Weekly
from bot.domain.errors import UserError
from bot.services import channels
from bot.services.channels import Standing
from bot.services.work import Act, Store, Work, whole
from db import queries
from db.shapes import Issue, Told
from db.tables import Digest, Experiment, Learning, Outbox, Reuse, State, Workspace

MOST_ITEMS = 5
TRY_AGAIN = timedelta(hours=1)  # After Slack refused the post itself.


def weekly(workspace: Workspace) -> Weekly:
    """When the digest of a workspace is due."""
    return Weekly(workspace.digest_weekday, workspace.digest_hour, ZoneInfo(workspace.zone))


def plan_digest(workspace: Workspace, now: datetime) -> None:
    """Work out when the next digest is due; without a channel there is none."""
    workspace.next_digest = weekly(workspace).following(now) if workspace.digest_channel else None


def fall_due(work: Work, standing: Standing) -> None:
    """Make the digest of the last slot, unless it is more than two days late: then the content waits for the next."""
    workspace = work.workspace
    if workspace.digest_channel and workspace.digest_channel != standing.channel:
        return  # Another channel was chosen while Slack was asked; the next beat asks about that one.
    slot, week = weekly(workspace).latest(work.now)
    plan_digest(workspace, work.now)
    too_late = work.now - slot > CATCH_UP
    before_it_was_wanted = workspace.digest_since is not None and slot < workspace.digest_since
    if not workspace.digest_channel or before_it_was_wanted:
        return
    if trouble := channels.settle(work, standing):
        again(work, channels.ASK_AGAIN if trouble == channels.UNREACHABLE else channels.LOOK_AGAIN)
    elif not too_late:
        make_digest(work, workspace.digest_channel, week, slot)


def again(work: Work, wait: timedelta) -> None:
    """Try the last slot again soon, unless it will be more than two days late by then."""
    slot, _ = weekly(work.workspace).latest(work.now)
    soon = work.now + wait
    if work.workspace.next_digest and soon - slot <= CATCH_UP:
        work.workspace.next_digest = min(soon, work.workspace.next_digest)


def is_told_in(store: Store, team: str, channel: str) -> bool:
    """Whether the digest of a workspace is posted in that channel."""
    with store.readings() as session:
        found = queries.workspace(session, team)
        return found is not None and found.digest_channel == channel


@whole
def hear_of_channel(store: Store, act: Act, standing: Standing, *, shared_anew: bool) -> None:
    """Something about a channel has changed: if the digest is told there, it pauses, or goes on with the next beat."""
    with store.transaction(act) as work:
        workspace = work.workspace
        work.session.refresh(workspace, with_for_update={"key_share": True})
        if workspace.digest_channel != standing.channel:
            return
        if shared_anew:
            channels.forget_permission(work)
        was = workspace.digest_paused
        if channels.settle(work, standing):
            hold_back(work)
        elif was and workspace.next_digest:
            again(work, timedelta(0))


def hold_back(work: Work) -> None:
    """What is not posted yet is not posted now; its learnings wait."""
    unsaid = (Outbox.workspace_id == work.workspace.id, Outbox.state == State.WAITING, Outbox.ts.is_(None))
    heads = work.session.scalars(select(Outbox).where(*unsaid, Outbox.kind == "digest").with_for_update()).all()
    for head in heads:
        head.state, head.reason = State.CANCELLED, "the digest is paused"
        forget_told(work, head.subject_id or 0)
        cancel_items(work, head.subject_id or 0, "the digest is paused")
        again(work, channels.LOOK_AGAIN)


def make_digest(work: Work, channel: str, week: str, slot: datetime) -> None:
    """Write the digest of one week and queue its messages; one that is under way or posted is left alone."""
    row = {"workspace_id": work.workspace.id, "channel": channel, "week": week}
    is_new = queries.insert_once(work.session, Digest, **row, slot=slot)
    digest = work.session.scalars(select(Digest).filter_by(**row)).one()
    key = f"digest:{channel}:{week}"
    if not is_new and not reopen(work, key):
        return
    learnings = queries.untold(work.session, work.workspace.id, work.now, MOST_ITEMS, locked=True)
    if not learnings and (older := queries.older(work.session, work.workspace.id)):
        digest.retold, older.retold_at = older.id, work.now
    for learning in learnings:
        learning.celebrated_in = digest.id
        work.refresh(work.session.get_one(Experiment, learning.experiment_id))
    work.say("digest", channel, subject=digest.id, name=f"{channel}:{week}")
    head = queries.outbox(work.session, work.workspace.id, key)
    for learning in learnings:
        # Not by our own ids, which begin anew after the return to an old backup: this names the same thing for ever.
        name = f"{channel}:{week}:{work.session.get_one(Experiment, learning.experiment_id).number}"
        reopen(work, f"digest-item:{name}")
        work.say("digest-item", channel, subject=learning.id, name=name, thread_of=head.id if head else None)
    work.record("digest", digest=digest.id, told=len(learnings))


def reopen(work: Work, key: str) -> bool:
    """Have a message said after all that definitely never was; says whether it is such a one."""
    never_said = (Outbox.state.in_([State.FAILED, State.CANCELLED]), Outbox.ts.is_(None))
    mine = update(Outbox).where(Outbox.workspace_id == work.workspace.id, Outbox.key == key, *never_said)
    fresh = {"attempts": 0, "first_attempt_at": None, "reason": None}
    again = mine.values(state=State.WAITING, due=work.now, **fresh).returning(Outbox.id)
    return work.session.execute(again).first() is not None


def untell(work: Work, digest_id: int, reason: str) -> None:
    """The digest could not be posted: its learnings wait, it is tried again, and who set it up is told why."""
    forget_told(work, digest_id)
    cancel_items(work, digest_id, reason)
    again(work, TRY_AGAIN)
    tell_trouble(work, digest_id)


def forget_told(work: Work, digest_id: int) -> None:
    """The learnings of a digest that was not posted are still to be told."""
    for learning, experiment in queries.told_in(work.session, digest_id):
        learning.celebrated_in = None
        work.refresh(experiment)


def cancel_items(work: Work, digest_id: int, reason: str) -> None:
    """Without the digest there is no thread to tell the detail in."""
    items = select(Outbox.id).where(Outbox.thread_of.is_not(None), Outbox.kind == "digest-item")
    head = select(Outbox.id).where(Outbox.kind == "digest", Outbox.subject_id == digest_id)
    waiting = update(Outbox).where(Outbox.id.in_(items), Outbox.thread_of.in_(head))
    work.session.execute(waiting.values(state=State.CANCELLED, reason=reason))


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
    once = None if told else queries.older(work.session, work.workspace.id)
    older = with_experiment(work, once.id) if once else None
    return Issue(week, told, older)


@whole
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
