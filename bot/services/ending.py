"""Ending: what was expected beside what was seen, in the owner's words; then sharing, only if they want."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from bot.domain.errors import UserError
from bot.domain.learning import Decision, Expected, Kind, Level, may_be_celebrated, share_opens
from bot.domain.lifecycle import Status, Step, after
from bot.domain.words import fitting
from bot.services.work import Act, Store, Work, whole
from db import queries
from db.tables import Digest, Experiment, Learning, Outbox

LONGEST = 600
REQUIRED = {
    "seen": "Say what you saw, so that it can stand beside what you expected.",
    "learned": "Finish the sentence: we learned that …",
}


@dataclass(frozen=True)
class Learned:
    """What the owner writes when it has ended."""

    expected: Expected
    well_made: tuple[str, ...]
    seen: str
    learned: str
    surprised: str | None
    advice: str | None
    protected: str | None
    kind: Kind
    harm: bool
    decision: Decision
    decision_owner: str | None = None
    decision_on: date | None = None


def words(field: str, text: str | None) -> str | None:
    """The cleaned words, `None` when empty; a missing or too long answer raises `UserError` about its field."""
    answer = fitting(text, LONGEST, field)
    if not answer and field in REQUIRED:
        raise UserError(REQUIRED[field], field=field)
    return answer or None


def learnable(store: Store, act: Act, experiment_id: int) -> Experiment:
    """The experiment of which the owner wants to say what it taught."""
    with store.read_by_person(act) as work:
        experiment = work.owned(experiment_id)
        check_learnable(experiment)
        return experiment


def check_learnable(experiment: Experiment) -> None:
    """Refuse what has not run or has its learning; a running experiment finishes when its learning is sent."""
    step = Step.FINISH if experiment.status is Status.RUNNING else Step.LEARN
    after(experiment.status, step, name=experiment.name)


@whole
def learn(store: Store, act: Act, experiment_id: int, learned: Learned) -> tuple[Experiment, Learning]:
    """The owner says what it taught; a running experiment is finished by that."""
    with store.asked_by_person(act) as work:
        experiment = work.owned(experiment_id)
        check_learnable(experiment)
        if experiment.status is Status.RUNNING:
            finish(work, experiment)
        learning = Learning(
            workspace_id=work.workspace.id,
            experiment_id=experiment.id,
            written_at=work.now,
            **vars(learned) | {"well_made": list(learned.well_made)},
        )
        work.session.add(learning)
        work.session.flush()
        work.take(experiment, Step.LEARN)
        work.say("learning", experiment.owner, about=experiment, subject=learning.id)
        return experiment, learning


def finish(work: Work, experiment: Experiment) -> None:
    """The experiment has run to its end."""
    experiment.ended_at = work.now
    work.take(experiment, Step.FINISH)
    work.say("ended", experiment.sponsor, about=experiment)


def shareable(store: Store, act: Act, experiment_id: int) -> tuple[Experiment, Learning, str | None]:
    """What the owner may share now, with the channel it would be told in; otherwise the reason as `UserError`."""
    with store.read_by_person(act) as work:
        experiment, learning = own_learning(work, experiment_id)
        check_shareable(work, experiment, learning)
        return experiment, learning, work.workspace.digest_channel


def own_learning(work: Work, experiment_id: int) -> tuple[Experiment, Learning]:
    """The learning of the person's own experiment, once it is written."""
    experiment = work.owned(experiment_id)
    after(experiment.status, Step.SHARE, name=experiment.name)
    learning = queries.learning(work.session, experiment.id, locked=not work.reading)
    if learning is None:
        raise UserError(f"{experiment.name} has no learning yet. Write it first; then you can share it.")
    return experiment, learning


def has_harm(work: Work, experiment: Experiment, learning: Learning) -> bool:
    """Whether somebody was harmed, as said in a check-in or at the end."""
    return learning.harm or any(each.harm for each in queries.check_ins(work.session, experiment.id))


def check_shareable(work: Work, experiment: Experiment, learning: Learning) -> None:
    """Refuse slips and harm, what is shared already, and a stop within its day of cooling off."""
    if not may_be_celebrated(learning.kind, harm=has_harm(work, experiment, learning)):
        message = (
            f"{experiment.name} is not for the digest: a slip, or harm to somebody, is put right in private first. "
            "Talk it over with your sponsor. Nothing was shared."
        )
        raise UserError(message)
    if learning.shared_at and not learning.taken_back_at:
        raise UserError(f"{experiment.name} is shared already. You can take it back at any time.")
    opens = share_opens(experiment.stopped_at)
    if opens and work.now < opens:
        local = opens.astimezone(work.wall(experiment.owner).zone)
        message = (
            f"There is a day to breathe after a stop: you can share {experiment.name} from "
            f"{local:%A} {local.day} {local:%B} at {local:%H:%M}. "
            "I will remind you on the next working day. Nothing was shared."
        )
        raise UserError(message)


@whole
def share(store: Store, act: Act, experiment_id: int, level: Level) -> Experiment:
    """The owner shares what it taught, after a preview, as far as they choose; the next digest tells it."""
    with store.asked_by_person(act) as work:
        experiment, learning = own_learning(work, experiment_id)
        check_shareable(work, experiment, learning)
        learning.level, learning.shared_at, learning.taken_back_at = level, work.now, None
        work.take(experiment, Step.SHARE, level=level.value)
        refresh_digests(work, learning)
        return experiment


@whole
def take_back(store: Store, act: Act, experiment_id: int) -> Experiment:
    """The owner takes back what was shared; wherever it was posted, a plain line takes its place."""
    with store.asked_by_person(act) as work:
        experiment, learning = own_learning(work, experiment_id)
        if not learning.shared_at or learning.taken_back_at:
            raise UserError(f"{experiment.name} is not shared, so there is nothing to take back.")
        learning.taken_back_at = work.now
        work.take(experiment, Step.TAKE_BACK)
        refresh_digests(work, learning)
        return experiment


def refresh_digests(work: Work, learning: Learning) -> None:
    """Have every digest that tells this learning shown as things are now."""
    work.session.flush()
    telling = select(Digest.id).where(
        Digest.workspace_id == work.workspace.id,
        or_(Digest.id == learning.celebrated_in, Digest.retold == learning.id),
    )
    work.refresh_where((Outbox.kind == "digest") & Outbox.subject_id.in_(telling))
    work.refresh_where((Outbox.kind == "digest-item") & (Outbox.subject_id == learning.id))
