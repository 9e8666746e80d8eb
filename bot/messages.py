"""What each kind of outbox message says: the rows its view needs, and the view."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.services import digest as digests
from bot.services.reading import whole
from bot.services.stewards import is_member
from bot.services.work import Work
from bot.views import card, digest, gone, kit, operator, owner, sponsor, trouble
from bot.views.kit import Block
from db import queries
from db.shapes import Whole
from db.tables import CheckIn, Digest, Experiment, Learning, Outbox, SignOff, State, Workspace

Shown = list[Block]


def about_sign_off(view: Callable[[Whole, SignOff], Shown]) -> Callable[[Work, Outbox], Shown]:
    """A message about one question to a sponsor."""
    return lambda work, row: view(of(work, row), work.session.get_one(SignOff, row.subject_id))


def about_check_in(view: Callable[[Whole, CheckIn], Shown]) -> Callable[[Work, Outbox], Shown]:
    """A message about one check-in."""
    return lambda work, row: view(of(work, row), work.session.get_one(CheckIn, row.subject_id))


def about_experiment(view: Callable[[Whole], Shown]) -> Callable[[Work, Outbox], Shown]:
    """A message about an experiment as it stands."""
    return lambda work, row: view(of(work, row))


def of(work: Work, row: Outbox) -> Whole:
    """The experiment that a message is about, as its reader may see it."""
    return whole(work, work.session.get_one(Experiment, row.experiment_id))


def a_digest(work: Work, row: Outbox) -> Shown:
    """The digest as things are now."""
    return digest.digest(digests.issue(work, work.session.get_one(Digest, row.subject_id)))


def a_digest_item(work: Work, row: Outbox) -> Shown:
    """The detail of one learning."""
    learning = work.session.get_one(Learning, row.subject_id)
    return digest.detail((learning, work.session.get_one(Experiment, learning.experiment_id)))


def a_helped(work: Work, row: Outbox) -> Shown:
    """Who was helped by a learning."""
    people = [each.person for each in queries.reuses(work.session, row.subject_id or 0)]
    return owner.helped(of(work, row), list(dict.fromkeys(people)))


def an_undelivered(work: Work, row: Outbox) -> Shown:
    """Whom a message about an experiment could not reach; of an account that is gone its owner hears otherwise."""
    reader = work.session.get_one(Outbox, row.subject_id).recipient
    shown = is_member(work, reader) or row.ts
    return owner.undelivered(of(work, row), reader) if shown else []


def a_still_shown(work: Work, row: Outbox) -> Shown:
    """Where words that were taken back still stand, and why."""
    shown = work.session.get_one(Outbox, row.subject_id)
    return owner.still_shown(of(work, row), shown.recipient, shown.reason or "")


def a_digest_trouble(work: Work, row: Outbox) -> Shown:
    """Why the digest could not be posted, and what to do."""
    made = work.session.get_one(Digest, row.subject_id)
    failed = queries.outbox(work.session, work.workspace.id, f"digest:{made.channel}:{made.week}")
    reason = failed.reason if failed and failed.reason else "Slack refused it."
    return digest.trouble(made.channel, reason, certain=failed is None or failed.state is not State.HELD)


def a_needs_owner(work: Work, row: Outbox) -> Shown:
    """An experiment that needs a new owner; its title only where the reader may see it."""
    experiment = work.session.get_one(Experiment, row.experiment_id)
    return gone.needs_owner(experiment, may_read=queries.may_see(work.session, experiment.id, row.recipient))


def a_digest_paused(work: Work, row: Outbox) -> Shown:
    """Why the digest rests, as long as it does."""
    channel, reason = row.key.split(":")[1:3]
    return trouble.paused(work.workspace, channel, reason, row.id)


def a_held(work: Work, row: Outbox) -> Shown:
    """A message of which nobody knows whether it arrived."""
    return operator.held(work.session.get_one(Outbox, row.subject_id))


SAYS: dict[str, Callable[[Work, Outbox], Shown]] = {
    "sign-off": about_sign_off(sponsor.request),
    "sign-off-reminder": about_sign_off(sponsor.reminder),
    "condition-accepted": about_sign_off(sponsor.condition_accepted),
    "concern": about_check_in(sponsor.concern),
    "ended": about_experiment(sponsor.ended),
    "extended": about_experiment(sponsor.extended),
    "stopped": about_experiment(sponsor.stopped),
    "card": about_experiment(card.brief),
    "agreed": about_sign_off(owner.agreed),
    "condition": about_sign_off(owner.condition),
    "condition-reminder": about_sign_off(owner.condition),
    "talk": about_sign_off(owner.talk),
    "sponsor-silent": about_sign_off(owner.sponsor_silent),
    "check-in": about_check_in(owner.check_in),
    "check-in-reminder": about_check_in(owner.check_in_reminder),
    "end-notice": about_experiment(owner.end_notice),
    "learning-asked": about_experiment(owner.learning_asked),
    "learning-reminder": about_experiment(owner.learning_reminder),
    "learning-closes": about_experiment(owner.closed),
    "thanked": about_experiment(owner.thanked),
    "learning": about_experiment(owner.learned),
    "share-opens": about_experiment(owner.share_open),
    "helped": a_helped,
    "undelivered": an_undelivered,
    "held": a_held,
    "needs-owner": a_needs_owner,
    "take-over": about_experiment(gone.take_over),
    "taken-over": about_experiment(gone.taken_over),
    "sponsor-gone": about_sign_off(gone.sponsor_gone),
    "digest-paused": a_digest_paused,
    "still-shown": a_still_shown,
    "digest": a_digest,
    "digest-item": a_digest_item,
    "digest-trouble": a_digest_trouble,
}


def render(session: Session, row: Outbox, now: datetime) -> dict[str, Any] | None:
    """What the message says now, as text and blocks; `None` when there is nothing to say any more."""
    work = Work(session, now, session.get_one(Workspace, row.workspace_id), row.recipient)
    blocks = SAYS[row.kind](work, row)
    return kit.message(*blocks) if blocks else None
