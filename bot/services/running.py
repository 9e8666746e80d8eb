"""While it runs: check-ins, stopping in one tap, undoing that, extending once, thanks."""

from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.cadence import UNDO, next_working_moment
from bot.domain.errors import UserError
from bot.domain.lifecycle import Status, Step, after
from bot.domain.words import day_words, fitting
from bot.services.work import NOT_FOUND, Act, Store, Work, check_running, whole
from db import queries
from db.tables import CheckIn, Experiment

ANSWERS = ("expected", "surprising", "stuck", "should_stop", "nothing_yet")
NEEDS = ("talk", "decision", "time", "helper")
LONGEST_NOTE = 600


@dataclass(frozen=True)
class Detail:
    """What somebody adds to a check-in, if they want."""

    note: str | None = None
    stop_sign_seen: bool = False
    harm: bool = False
    need: str | None = None

    @property
    def concerns(self) -> str:
        """What of it reaches the sponsor, by name: harm, a stop sign or a need; nothing else does."""
        named = {"harm": self.harm, "stop-sign": self.stop_sign_seen, f"{self.need}": self.need}
        return "+".join(name for name, said in named.items() if said)


def own_check_in(work: Work, check_in_id: int) -> tuple[Experiment, CheckIn]:
    """A check-in and its experiment, if the person who asks owns it."""
    check_in = work.session.get(CheckIn, check_in_id)
    if check_in is None or check_in.workspace_id != work.workspace.id:
        raise UserError(NOT_FOUND)
    experiment = work.owned(check_in.experiment_id)
    if not work.reading:
        work.session.refresh(check_in)
    return experiment, check_in


def answerable(work: Work, check_in_id: int) -> tuple[Experiment, CheckIn]:
    """A check-in that is still open; any other is refused with the reason."""
    experiment, check_in = own_check_in(work, check_in_id)
    if check_in.answer:
        raise UserError("You have answered this check-in already. Your first answer stands; thank you.")
    check_running(experiment)
    if check_in.missed:
        raise UserError("A newer check-in has taken the place of this one. Please answer the newer one.")
    return experiment, check_in


@whole
def check_in(store: Store, act: Act, check_in_id: int, answer: str) -> tuple[Experiment, CheckIn]:
    """The owner says how it goes, in one tap."""
    with store.asked_by_person(act) as work:
        experiment, asked = answerable(work, check_in_id)
        asked.answer, asked.answered_at = answer, work.now
        work.take(experiment, Step.CHECK_IN, nth=asked.nth, answer=answer)
        return experiment, asked


@whole
def ask_later(store: Store, act: Act, check_in_id: int) -> Experiment:
    """Ask again on the next working day, at the owner's own hour."""
    with store.asked_by_person(act) as work:
        experiment, asked = answerable(work, check_in_id)
        asked.later_at = next_working_moment(work.now, work.wall(act.person))
        work.plan(experiment)
        work.refresh(experiment)
        return experiment


def answered(store: Store, act: Act, check_in_id: int) -> tuple[Experiment, CheckIn]:
    """The check-in to which the owner wants to add something."""
    with store.read_by_person(act) as work:
        return own_check_in(work, check_in_id)


@whole
def add_detail(store: Store, act: Act, check_in_id: int, detail: Detail) -> Experiment:
    """The owner adds what they noticed to a check-in that they have answered."""
    with store.asked_by_person(act) as work:
        experiment, asked = own_check_in(work, check_in_id)
        write_detail(work, experiment, asked, detail)
        return experiment


def checkable(store: Store, act: Act, experiment_id: int) -> Experiment:
    """The experiment of which the owner wants to say, unasked, how it goes."""
    with store.read_by_person(act) as work:
        experiment = work.owned(experiment_id)
        check_running(experiment)
        return experiment


@whole
def report(store: Store, act: Act, experiment_id: int, answer: str, detail: Detail) -> Experiment:
    """The owner says how it goes without being asked; an open question is answered by it."""
    with store.asked_by_person(act) as work:
        experiment = work.owned(experiment_id)
        check_running(experiment)
        asked = queries.open_check_in(work.session, experiment.id) or ask(work, experiment, unasked=True)
        asked.answer, asked.answered_at = answer, work.now
        write_detail(work, experiment, asked, detail)
        work.take(experiment, Step.CHECK_IN, nth=asked.nth, answer=answer)
        return experiment


def write_detail(work: Work, experiment: Experiment, asked: CheckIn, detail: Detail) -> None:
    """Keep what was noticed; harm, a stop sign or a need reach the sponsor, nothing else does."""
    words = fitting(detail.note, LONGEST_NOTE, "note") or None
    asked.note, asked.stop_sign_seen, asked.harm = words, detail.stop_sign_seen, detail.harm
    asked.need, asked.detail_at = detail.need, work.now
    work.record("add to a check-in", experiment, nth=asked.nth)
    work.refresh(experiment)
    if detail.concerns:  # Each new worry is a message of its own: nobody notices an edit.
        name = f"{asked.id}:{detail.concerns}"
        work.say("concern", experiment.sponsor, about=experiment, subject=asked.id, name=name)


def ask(work: Work, experiment: Experiment, *, unasked: bool = False) -> CheckIn:
    """Ask the owner how it goes; earlier questions without an answer are replaced by this one."""
    earlier = queries.check_ins(work.session, experiment.id)
    for each in earlier:
        each.missed = each.missed or each.answer is None
    asked = CheckIn(
        workspace_id=work.workspace.id,
        experiment_id=experiment.id,
        nth=max((each.nth for each in earlier), default=0) + 1,
        asked_at=work.now,
    )
    work.session.add(asked)
    work.session.flush()
    if not unasked:
        work.say("check-in", experiment.owner, about=experiment, subject=asked.id)
    return asked


@whole
def stop(store: Store, act: Act, experiment_id: int) -> Experiment:
    """The owner stops it in one tap; the sponsor hears of it when it can no longer be undone."""
    with store.asked_by_person(act) as work:
        experiment = work.owned(experiment_id)
        after(experiment.status, Step.STOP, name=experiment.name)
        experiment.stopped_at = experiment.ended_at = work.now
        experiment.stops += 1
        work.take(experiment, Step.STOP)
        work.say(
            "stopped",
            experiment.sponsor,
            about=experiment,
            name=f"{experiment.id}:{experiment.stops}",
            due=work.now + UNDO,
        )
        return experiment


@whole
def undo_stop(store: Store, act: Act, experiment_id: int) -> Experiment:
    """The owner takes the stop back within ten minutes; nobody else heard of it."""
    with store.asked_by_person(act) as work:
        experiment = work.owned(experiment_id)
        after(experiment.status, Step.UNDO_STOP, name=experiment.name)
        if experiment.stopped_at is None or work.now >= experiment.stopped_at + UNDO:
            message = f"The ten minutes to undo are over, so {experiment.name} stays stopped. You can propose it again."
            raise UserError(message)
        work.unsay(f"stopped:{experiment.id}:{experiment.stops}")
        stopped_at, experiment.stopped_at, experiment.ended_at = experiment.stopped_at, None, None
        work.take(experiment, Step.UNDO_STOP)
        experiment.looked_at = stopped_at  # What fell due in between is not lost.
        work.plan(experiment)
        return experiment


@whole
def extend(store: Store, act: Act, experiment_id: int, end: date) -> Experiment:
    """The owner moves the end once, at most by as long as it was to last."""
    with store.asked_by_person(act) as work:
        experiment = work.owned(experiment_id)
        after(experiment.status, Step.EXTEND, name=experiment.name)
        check_extendable(experiment, work.workspace.ceiling_weeks)
        if end <= experiment.end:
            raise UserError("The new end must be later than the old one.", field="end")
        longest = longest_end(experiment, work.workspace.ceiling_weeks)
        if end > longest:
            raise UserError(f"It can last until {day_words(longest)} at most. Choose an earlier end.", field="end")
        if experiment.next_due is None or experiment.next_due > work.now:
            experiment.looked_at = work.now  # A new rhythm asks nothing about days that are over.
        experiment.end, experiment.extended = end, True
        work.take(experiment, Step.EXTEND, end=end.isoformat())
        work.say("extended", experiment.sponsor, about=experiment)
        return experiment


def longest_end(experiment: Experiment, weeks: int) -> date:
    """The latest end: as long again, but no longer than a small trial may last here."""
    again = experiment.end + (experiment.end - experiment.start)
    return min(again, experiment.start + timedelta(weeks=weeks))


def check_extendable(experiment: Experiment, weeks: int) -> None:
    """Refuse with `UserError` a second extension, and one past the longest that a small trial may last."""
    if experiment.extended:
        raise UserError(f"{experiment.name} was extended once already. Finish it, and propose a new one if you like.")
    if longest_end(experiment, weeks) <= experiment.end:
        message = (
            f"{experiment.name} is as long already as a small trial may be here: {weeks} weeks. Finish it, and propose "
            "a new one if you like."
        )
        raise UserError(message)


def extendable(store: Store, act: Act, experiment_id: int) -> tuple[Experiment, date]:
    """The experiment whose end the owner wants to move, and the latest end."""
    with store.read_by_person(act) as work:
        experiment = work.owned(experiment_id)
        after(experiment.status, Step.EXTEND, name=experiment.name)
        check_extendable(experiment, work.workspace.ceiling_weeks)
        return experiment, longest_end(experiment, work.workspace.ceiling_weeks)


@whole
def thank(store: Store, act: Act, experiment_id: int) -> Experiment:
    """The sponsor thanks the owner for stopping in time; once is enough."""
    with store.asked_by_person(act) as work:
        experiment = work.experiment(experiment_id)
        if experiment.sponsor != act.person:
            raise UserError("Only the sponsor of this experiment can send this. Nothing was changed.")
        if experiment.stopped_at is None or experiment.status is Status.RUNNING:
            raise UserError(f"{experiment.name} is not stopped, so there is nothing to thank for yet.")
        if experiment.thanked_at is None:
            experiment.thanked_at = work.now
            work.record("thank", experiment)
            work.say("thanked", experiment.owner, about=experiment, name=f"{experiment.id}:{experiment.stops}")
            work.refresh(experiment)
        return experiment
