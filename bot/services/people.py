"""Who people are: remembered from what Slack says of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import or_, select

from bot.domain.errors import UserError
from bot.services.work import WHO, Act, Store, Work
from db import queries
from db.tables import Experiment, Person, Workspace

FRESH = timedelta(hours=12)
NOT_A_SPONSOR = {
    "bot": "A bot cannot sign off. Choose a person who can say yes to this.",
    "guest": "A guest cannot sign off. Choose a colleague of this organisation.",
    "external": "Somebody of another organisation cannot sign off here. Choose a colleague of this organisation.",
    "gone": "This account is switched off in Slack. Choose another sponsor.",
}


@dataclass(frozen=True)
class Facts:
    """What Slack says of one person; `kind` is member, guest, external, bot or gone."""

    slack_id: str
    name: str
    zone: str
    kind: str
    locale: str | None = None
    is_admin: bool = False


def unknown(store: Store, team: str, people: Iterable[str]) -> list[str]:
    """Whom of *people* Slack should be asked about, because we know nothing fresh."""
    asked = list(dict.fromkeys(people))
    with store.readings() as session:
        rows = session.scalars(
            select(Person)
            .join(Workspace, Workspace.id == Person.workspace_id)
            .where(Workspace.team == team, Person.slack_id.in_(asked))
        )
        fresh = {row.slack_id for row in rows if row.seen_at > store.now() - FRESH}
    return [each for each in asked if each not in fresh]


def is_known(store: Store, team: str, slack_id: str) -> bool:
    """Whether we have met somebody before, however long ago."""
    with store.readings() as session:
        found = queries.workspace(session, team)
        return found is not None and queries.person(session, found.id, slack_id) is not None


def remember(store: Store, team: str, facts: Facts) -> None:
    """Keep what Slack says of somebody; a new zone moves what falls due for them."""
    with store.transaction(Act(team, "")) as work:
        queries.insert_once(
            work.session,
            Person,
            workspace_id=work.workspace.id,
            slack_id=facts.slack_id,
            name=facts.name,
            zone="UTC",
            kind=facts.kind,
            seen_at=work.now,
        )
        person = queries.person(work.session, work.workspace.id, facts.slack_id)
        if person is None:
            return
        zone = known_zone(facts.zone) or work.workspace.zone
        moved = person.zone != zone
        person.name, person.zone, person.kind = facts.name, zone, facts.kind
        person.locale, person.is_admin, person.seen_at = facts.locale, facts.is_admin, work.now
        if moved:
            replan(work, facts.slack_id)


def replan(work: Work, slack_id: str) -> None:
    """Work out anew what falls due in the experiments of somebody whose zone has changed."""
    work.session.flush()
    theirs = select(Experiment).where(
        Experiment.workspace_id == work.workspace.id,
        Experiment.next_due.is_not(None),
        or_(Experiment.owner == slack_id, Experiment.sponsor == slack_id),
    )
    for experiment in work.session.scalars(theirs.order_by(Experiment.id).with_for_update(key_share=True)):
        work.plan(experiment)


def known_zone(name: str) -> str | None:
    """The name of the zone if this machine knows it."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def check_sponsor(work: Work, sponsor: str, owner: str) -> None:
    """Refuse with `UserError` a sponsor who is the owner, not a person, or not of this organisation."""
    if sponsor == owner:
        raise UserError("Nobody signs off their own experiment. Choose somebody else.", field="sponsor")
    person = queries.person(work.session, work.workspace.id, sponsor)
    if person is None:
        raise UserError("I could not find this person in Slack. Choose another sponsor.", field="sponsor")
    if person.kind != "member":
        raise UserError(NOT_A_SPONSOR.get(person.kind, WHO[person.kind]), field="sponsor")


def name(store: Store, act: Act, slack_id: str) -> str:
    """What somebody is called, for a text that cannot hold a mention."""
    with store.read_by_person(act) as work:
        person = queries.person(work.session, work.workspace.id, slack_id)
        return person.name if person else "my colleague"
