"""Finding a new owner: somebody who may choose one asks a colleague, and it is theirs once they say yes."""

from bot.domain.errors import UserError
from bot.services.orphans import keepers, period
from bot.services.people import check_colleague
from bot.services.work import NOT_FOUND, Act, Store, Work, whole
from db import queries
from db.tables import Experiment

HAS_OWNER = "{} has an owner again, so nothing is needed. Thank you."


def orphan(work: Work, experiment_id: int) -> Experiment:
    """The experiment without an owner, if the person who asks may choose a new one."""
    look_up = queries.experiment if work.reading else queries.experiment_for_change
    found = look_up(work.session, work.workspace.id, experiment_id)
    # Stewards choose for what they may not read, so visibility is not asked here.
    if found is None or work.person not in keepers(work, found):
        raise UserError(NOT_FOUND)
    if found.orphaned_at is None:
        raise UserError(HAS_OWNER.format(found.name))
    return found


def choosing(store: Store, act: Act, experiment_id: int) -> tuple[Experiment, bool]:
    """The experiment for which somebody chooses a new owner, and whether they may read its title."""
    with store.read_by_person(act) as work:
        found = orphan(work, experiment_id)
        return found, queries.may_see(work.session, found.id, act.person)


@whole
def choose(store: Store, act: Act, experiment_id: int, owner: str) -> Experiment:
    """Ask a colleague to take it over; nothing changes until they say yes."""
    with store.asked_by_person(act) as work:
        experiment = orphan(work, experiment_id)
        check_colleague(work, owner, "owner", "own this")
        if owner == experiment.sponsor:
            raise UserError("The sponsor cannot own it too. Choose somebody else.", field="owner")
        work.say("take-over", owner, about=experiment, name=f"{experiment.id}:{period(experiment)}:{owner}")
        work.record("ask to take over", experiment, owner=owner)
        return experiment


@whole
def take(store: Store, act: Act, experiment_id: int) -> Experiment:
    """The colleague who was asked says yes: it is theirs from now on."""
    with store.asked_by_person(act) as work:
        experiment = queries.experiment_for_change(work.session, work.workspace.id, experiment_id)
        if experiment is None or not queries.was_asked(work.session, experiment.id, act.person):
            raise UserError(NOT_FOUND)
        if experiment.owner == act.person:
            raise UserError(f"{experiment.name} is yours already.")
        asked = queries.outbox(
            work.session, work.workspace.id, f"take-over:{experiment.id}:{period(experiment)}:{act.person}"
        )
        if experiment.orphaned_at is None or asked is None or experiment.sponsor == act.person:
            raise UserError(HAS_OWNER.format(experiment.name))
        before, experiment.owner, experiment.orphaned_at = experiment.owner, act.person, None
        work.record("take over", experiment, before=before)
        work.plan(experiment)
        work.refresh(experiment)
        work.say("taken-over", act.person, about=experiment, name=f"{experiment.id}:{int(work.now.timestamp())}")
        return experiment
