"""Signing off: a sponsor's yes, a yes with a condition, a wish to talk; and what the owner can do meanwhile."""

from datetime import date, timedelta

from bot.domain.errors import UserError
from bot.domain.lifecycle import Status, Step, after
from bot.domain.words import fitting
from bot.services.people import check_sponsor
from bot.services.propose import ask_sponsor
from bot.services.stewards import is_member
from bot.services.work import Act, Store, Work, whole
from db import queries
from db.tables import Experiment, Guardrail, SignOff

LONGEST_NOTE = 500


def asked(work: Work, experiment_id: int) -> Experiment:
    """The experiment, if the person who asks is its sponsor; nobody signs off their own."""
    experiment = work.experiment(experiment_id)
    if experiment.owner == work.person:
        raise UserError("Nobody signs off their own experiment. Your sponsor decides.")
    if experiment.sponsor != work.person:
        raise UserError("Somebody else is asked to sign this off. Nothing is needed from you.")
    return experiment


def decidable(store: Store, act: Act, experiment_id: int, step: Step) -> tuple[Experiment, date]:
    """What the sponsor's form is about, and when it ends if agreed now; refused when nothing is to decide any more."""
    with store.read_by_person(act) as work:
        experiment = asked(work, experiment_id)
        check_open(work, experiment, step)
        return experiment, experiment.end + late(work, experiment)


def late(work: Work, experiment: Experiment) -> timedelta:
    """By how many days a yes of today comes after the day on which it was to start."""
    return max(work.wall(experiment.owner).today(work.now) - experiment.start, timedelta(0))


def check_open(work: Work, experiment: Experiment, step: Step) -> None:
    """Refuse a second answer of the sponsor with a sentence that says so."""
    sign_off = queries.sign_off(work.session, experiment.id)
    if experiment.status is Status.RUNNING and sign_off.answered_at:
        raise UserError(f"You have signed off {experiment.name} already. Nothing was changed.")
    if experiment.orphaned_at:
        raise UserError(f"{experiment.name} needs a new owner first: whoever proposed it can no longer use this Slack.")
    after(experiment.status, step, name=experiment.name)


def note(field: str, text: str | None, missing: str) -> str:
    """A written sentence of the sponsor or owner; empty or too long raises `UserError` about its field."""
    words = fitting(text, LONGEST_NOTE, field)
    if not words:
        raise UserError(missing, field=field)
    return words


@whole
def agree(store: Store, act: Act, experiment_id: int, cover_note: str) -> Experiment:
    """The sponsor says yes, with a promise in writing; prediction and stop sign are locked, and it runs."""
    with store.asked_by_person(act) as work:
        experiment = asked(work, experiment_id)
        check_open(work, experiment, Step.AGREE)
        sign_off = queries.sign_off(work.session, experiment.id)
        sign_off.cover_note = note("cover_note", cover_note, "Leave one sentence that your colleague can rely on.")
        start_running(work, experiment, sign_off, Step.AGREE)
        return experiment


def start_running(work: Work, experiment: Experiment, sign_off: SignOff, step: Step) -> None:
    """The experiment is agreed: say so to its owner, and lock what was predicted."""
    sign_off.answer, sign_off.answered_at = "agreed", work.now
    experiment.locked_at = work.now
    moved = late(work, experiment)
    experiment.start, experiment.end = experiment.start + moved, experiment.end + moved
    work.take(experiment, step)
    work.say("agreed", experiment.owner, about=experiment, subject=sign_off.id)


@whole
def ask_condition(store: Store, act: Act, experiment_id: int, condition: str, cover_note: str) -> Experiment:
    """The sponsor says yes, if: the owner accepts the condition or answers it."""
    with store.asked_by_person(act) as work:
        experiment = asked(work, experiment_id)
        check_open(work, experiment, Step.ASK_CONDITION)
        sign_off = queries.sign_off(work.session, experiment.id)
        sign_off.condition = note("condition", condition, "Say what would make it safe enough, and for whom.")
        sign_off.cover_note = note("cover_note", cover_note, "Leave one sentence that your colleague can rely on.")
        sign_off.condition_at = work.now
        work.take(experiment, Step.ASK_CONDITION)
        work.say("condition", experiment.owner, about=experiment, subject=sign_off.id)
        return experiment


@whole
def talk(store: Store, act: Act, experiment_id: int) -> Experiment:
    """The sponsor would like to talk first; the question stays open."""
    with store.asked_by_person(act) as work:
        experiment = asked(work, experiment_id)
        check_open(work, experiment, Step.TALK)
        sign_off = queries.sign_off(work.session, experiment.id)
        sign_off.talk_at = sign_off.talk_at or work.now
        work.take(experiment, Step.TALK)
        work.say("talk", experiment.owner, about=experiment, subject=sign_off.id)
        return experiment


@whole
def accept_condition(store: Store, act: Act, experiment_id: int) -> Experiment:
    """The owner accepts: the condition becomes a guardrail, and it runs."""
    with store.asked_by_person(act) as work:
        experiment = work.owned(experiment_id)
        after(experiment.status, Step.ACCEPT_CONDITION, name=experiment.name)
        if not is_member(work, experiment.sponsor):
            raise UserError(
                "Your sponsor can no longer use this Slack. Please choose another one. Nothing was changed."
            )
        sign_off = queries.sign_off(work.session, experiment.id)
        work.session.add(
            Guardrail(
                workspace_id=work.workspace.id,
                experiment_id=experiment.id,
                person=sign_off.sponsor,
                words=sign_off.condition or "",
                accepted_at=work.now,
            )
        )
        start_running(work, experiment, sign_off, Step.ACCEPT_CONDITION)
        work.say("condition-accepted", sign_off.sponsor, about=experiment, subject=sign_off.id)
        return experiment


def condition(store: Store, act: Act, experiment_id: int) -> tuple[Experiment, SignOff]:
    """What the owner's form about a condition is about."""
    with store.read_by_person(act) as work:
        experiment = work.owned(experiment_id)
        after(experiment.status, Step.ANSWER_CONDITION, name=experiment.name)
        return experiment, queries.sign_off(work.session, experiment.id)


@whole
def answer_condition(store: Store, act: Act, experiment_id: int, reply: str) -> Experiment:
    """The owner answers instead of accepting; the sponsor is asked again, with the answer."""
    with store.asked_by_person(act) as work:
        experiment = work.owned(experiment_id)
        after(experiment.status, Step.ANSWER_CONDITION, name=experiment.name)
        words = note("reply", reply, "Say what speaks against the condition, or what you offer instead.")
        before = queries.sign_off(work.session, experiment.id)
        before.answer, before.answered_at = "condition", work.now
        ask_sponsor(work, experiment, reply=words)
        work.take(experiment, Step.ANSWER_CONDITION)
        return experiment


def choosing(store: Store, act: Act, experiment_id: int) -> Experiment:
    """The experiment for which the owner is choosing another sponsor."""
    with store.read_by_person(act) as work:
        experiment = work.owned(experiment_id)
        after(experiment.status, Step.ASK_ANOTHER, name=experiment.name)
        return experiment


@whole
def ask_another(store: Store, act: Act, experiment_id: int, sponsor: str) -> Experiment:
    """The owner chooses another sponsor; the first one is told that nothing is needed any more."""
    with store.asked_by_person(act) as work:
        experiment = work.owned(experiment_id)
        after(experiment.status, Step.ASK_ANOTHER, name=experiment.name)
        check_sponsor(work, sponsor, act.person)
        if sponsor == experiment.sponsor:
            raise UserError("This person is the sponsor already. Choose somebody else.", field="sponsor")
        before = queries.sign_off(work.session, experiment.id)
        before.answer, before.answered_at = "replaced", work.now
        work.unsay(f"sign-off:{before.id}")
        experiment.sponsor = sponsor
        ask_sponsor(work, experiment)
        work.take(experiment, Step.ASK_ANOTHER, sponsor=sponsor)
        return experiment


@whole
def withdraw(store: Store, act: Act, experiment_id: int) -> Experiment:
    """The owner takes the proposal back before it runs; no reason is asked."""
    with store.asked_by_person(act) as work:
        experiment = work.owned(experiment_id)
        after(experiment.status, Step.WITHDRAW, name=experiment.name)
        sign_off = queries.sign_off(work.session, experiment.id)
        sign_off.answer, sign_off.answered_at = "withdrawn", work.now
        work.unsay(f"sign-off:{sign_off.id}")
        work.take(experiment, Step.WITHDRAW)
        return experiment
