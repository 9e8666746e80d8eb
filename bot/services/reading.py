"""What people look at: Home, lists, one experiment, what was learned; nothing here changes anything."""

import re
from collections.abc import Sequence

from bot.domain.errors import UserError
from bot.services.settings import looks_after, may_change
from bot.services.stewards import is_member
from bot.services.work import NOT_FOUND, Act, Store, Work
from db import queries
from db.shapes import Page, Told, Whole
from db.tables import Experiment

MOST = 10
MOST_HELD = 5
NUMBER = re.compile(r"(?:EXP)?[-\s]?(\d{1,9})", re.IGNORECASE)


def welcome(store: Store, act: Act) -> None:
    """Refuse with `UserError` whoever is not a member of this organisation."""
    with store.read_by_person(act):
        pass


def home(store: Store, act: Act) -> Page:
    """The Home of the person who asks."""
    with store.read_by_person(act) as work:
        asking = (work.session, work.workspace.id, act.person)
        steward, told = may_change(work), looks_after(work)
        failed = queries.failed_digest(work.session, work.workspace.id) if told else None
        return Page(
            workspace=work.workspace,
            person=act.person,
            waiting=queries.waiting_for(*asking, MOST),
            mine=queries.owned_by(*asking, MOST),
            near=queries.running_near(*asking, MOST),
            learnings=queries.learnings(*asking, (), MOST),
            steward=steward,
            looks_after=told,
            trouble=failed.reason if failed else None,
            held=queries.held(work.session, work.workspace.id, MOST_HELD) if steward else (),
        )


def whole(work: Work, experiment: Experiment) -> Whole:
    """*experiment* with everything that belongs to it."""
    return Whole(
        experiment=experiment,
        workspace=work.workspace,
        sign_off=queries.sign_off(work.session, experiment.id),
        viewer=work.person,
        guardrails=queries.guardrails(work.session, experiment.id),
        check_ins=queries.check_ins(work.session, experiment.id),
        learning=queries.learning(work.session, experiment.id),
        members=queries.members(work.session, experiment.id),
        sponsor_here=is_member(work, experiment.sponsor),
    )


def numbered(work: Work, name: str) -> Experiment:
    """The experiment that somebody names, such as "EXP-12" or "12", if they may see it."""
    found = NUMBER.fullmatch(name.strip())
    if not found:
        raise UserError("Name the experiment by its number, such as EXP-12. You find it with `/experiment list`.")
    experiment = queries.experiment_seen(work.session, work.workspace.id, int(found[1]), work.person)
    if experiment is None:
        raise UserError(NOT_FOUND)
    return experiment


def show(store: Store, act: Act, name: str) -> Whole:
    """The experiment that somebody names."""
    with store.read_by_person(act) as work:
        return whole(work, numbered(work, name))


def show_by_id(store: Store, act: Act, experiment_id: int) -> Whole:
    """The experiment that a button stands for, if the person who asks may see it."""
    with store.read_by_person(act) as work:
        found = queries.experiment(work.session, work.workspace.id, experiment_id)
        return whole(work, numbered(work, str(found.number) if found else "0"))


def find(store: Store, act: Act, name: str) -> Experiment:
    """The experiment that somebody names, without what belongs to it."""
    with store.read_by_person(act) as work:
        return numbered(work, name)


def listed(store: Store, act: Act, which: str) -> Sequence[Experiment]:
    """Experiments: "list" is all open ones, "mine" one's own, "waiting" those that wait for one's answer."""
    found = {"list": queries.open_to, "mine": queries.owned_by, "waiting": queries.waiting_for}[which]
    with store.read_by_person(act) as work:
        return found(work.session, work.workspace.id, act.person, MOST)


def learnings(store: Store, act: Act, words: Sequence[str]) -> Sequence[Told]:
    """What was learned, holding every one of *words*."""
    with store.read_by_person(act) as work:
        return queries.learnings(work.session, work.workspace.id, act.person, words, MOST)
