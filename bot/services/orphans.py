"""What becomes of an experiment whose owner or sponsor can no longer use this Slack, or can again."""

from sqlalchemy import update

from bot.domain.lifecycle import Status
from bot.services.stewards import is_member, stewards
from bot.services.work import Work
from db import queries
from db.tables import Experiment, Outbox, Person, State

NEED_THEIR_SPONSOR = frozenset({Status.PROPOSED, Status.CONDITION, Status.RUNNING})


def changed(work: Work, person: Person) -> None:
    """Somebody is no longer a member with an account here, or is one again: see to what they own and sponsor."""
    work.session.flush()
    if person.kind == "member":
        ask_again(work, person.slack_id)
    for experiment in queries.involving(work.session, work.workspace.id, person.slack_id):
        if experiment.owner == person.slack_id:
            owner_changed(work, experiment, here=person.kind == "member")
        elif person.kind != "member":
            sponsor_went(work, experiment)
        work.plan(experiment)
        work.refresh(experiment)


def owner_changed(work: Work, experiment: Experiment, *, here: bool) -> None:
    """Without its owner an experiment rests and needs a new one; when they are back, all goes on."""
    if here and experiment.orphaned_at:
        experiment.orphaned_at = None
        work.record("owner is back", experiment)
    elif not here and not experiment.orphaned_at:
        experiment.orphaned_at = work.now
        work.record("needs a new owner", experiment)
        tell_keepers(work, experiment)


def sponsor_went(work: Work, experiment: Experiment) -> None:
    """The owner hears at once that there is nobody to answer them; for a rested one the stewards hear instead."""
    work.record("sponsor went", experiment, sponsor=experiment.sponsor)
    if experiment.orphaned_at:
        tell_keepers(work, experiment)
    elif experiment.status in NEED_THEIR_SPONSOR:
        sign_off = queries.sign_off(work.session, experiment.id)
        name = f"{sign_off.id}:{int(work.now.timestamp())}"
        work.say("sponsor-gone", experiment.owner, about=experiment, subject=sign_off.id, name=name)


def tell_keepers(work: Work, experiment: Experiment) -> None:
    """Whoever may choose a new owner is told that one is needed."""
    for each in keepers(work, experiment):
        name = f"{experiment.id}:{period(experiment)}:{each}"
        work.say("needs-owner", each, about=experiment, name=name)


def period(experiment: Experiment) -> int:
    """Names the time for which an experiment has been without its owner."""
    return int(experiment.orphaned_at.timestamp()) if experiment.orphaned_at else 0


def keepers(work: Work, experiment: Experiment) -> list[str]:
    """Who may choose a new owner: the sponsor, and where the sponsor is gone too, the stewards."""
    return [experiment.sponsor] if is_member(work, experiment.sponsor) else stewards(work)


def ask_again(work: Work, slack_id: str) -> None:
    """A question to a sponsor that could not reach them while they were away is asked now."""
    unasked = update(Outbox).where(
        Outbox.workspace_id == work.workspace.id,
        Outbox.recipient == slack_id,
        Outbox.kind == "sign-off",
        Outbox.state == State.FAILED,
        Outbox.ts.is_(None),
    )
    work.session.execute(unasked.values(state=State.WAITING, due=work.now, attempts=0, reason=None))
