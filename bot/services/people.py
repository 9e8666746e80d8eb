"""Who people are: remembered from what Slack says of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import or_, select

from bot.domain.errors import UserError
from bot.services import leaving, orphans
from bot.services.work import Act, Store, Work, whole
from db import queries
from db.tables import Experiment, Person, Workspace

FRESH = timedelta(hours=12)
CLOCKS_DIFFER = timedelta(minutes=5)  # By no more than that, or Slack's requests would not be heard.
NOT_A_COLLEAGUE = {
    "bot": "{who} is a bot, and cannot {what}. Choose a person.",
    "guest": "{who} is a guest, and cannot {what}. Choose a colleague of this organisation.",
    "external": "{who} is of another organisation, and cannot {what} here. Choose a colleague of this organisation.",
    "gone": "The account of {who} is switched off in Slack. Choose another colleague.",
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
            # Who could not use this may have become able to; and when the app was removed, an answer says it is back.
            .where(Workspace.team == team, Workspace.left_at.is_(None), Person.kind == "member")
            .where(Person.slack_id.in_(asked))
        )
        fresh = {row.slack_id for row in rows if row.seen_at > store.now() - FRESH}
    return [each for each in asked if each not in fresh]


def is_known(store: Store, team: str, slack_id: str) -> bool:
    """Whether we have met somebody before, however long ago."""
    with store.readings() as session:
        found = queries.workspace(session, team)
        return found is not None and queries.person(session, found.id, slack_id) is not None


@whole
def remember(store: Store, team: str, facts: Facts) -> None:
    """Keep what Slack says of somebody, whom we asked it about; that it answers shows that we are let in."""
    with store.transaction(Act(team, "")) as work:
        if work.workspace.left_at:
            leaving.come_back(work)
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
        person = queries.person_for_change(work.session, work.workspace.id, facts.slack_id)
        if person:
            person.seen_at = work.now
            take_facts(work, person, facts)


@whole
def hear(store: Store, act: Act, facts: Facts, told_at: datetime) -> None:
    """Slack tells of a change of somebody; of strangers, and what is older than what we know, nothing is kept."""
    if not is_known(store, act.team, facts.slack_id):
        return
    with store.transaction(act) as work:
        person = queries.person_for_change(work.session, work.workspace.id, facts.slack_id)
        if person is None or told_at < (person.told_at or person.seen_at - CLOCKS_DIFFER):
            return
        if told_at < person.seen_at - CLOCKS_DIFFER:
            return
        person.told_at = told_at
        take_facts(work, person, facts)


def is_gone(work: Work, slack_id: str) -> None:
    """Slack refused a message because this account is switched off: what hangs on them is seen to."""
    person = queries.person_for_change(work.session, work.workspace.id, slack_id)
    if person and person.kind == "member":
        person.kind = "gone"
        orphans.changed(work, person)


def take_facts(work: Work, person: Person, facts: Facts) -> None:
    """Write down what Slack says of somebody; a new zone moves what falls due, and a lost account more than that."""
    was, zone = person.kind, known_zone(facts.zone)
    person.kind = facts.kind
    if facts.kind != "gone":  # Of a switched-off account Slack says little.
        moved = person.zone != (zone or work.workspace.zone)
        person.name, person.zone = facts.name, zone or work.workspace.zone
        person.locale, person.is_admin = facts.locale or person.locale, facts.is_admin
        if moved:
            replan(work, person.slack_id)
    if (was == "member") != (person.kind == "member"):
        orphans.changed(work, person)


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
    """Refuse a sponsor who is the owner, not a person, or not of this organisation."""
    if sponsor == owner:
        raise UserError("Nobody signs off their own experiment. Choose somebody else.", field="sponsor")
    check_colleague(work, sponsor, "sponsor", "sign off")


def check_colleague(work: Work, slack_id: str, field: str, what: str) -> None:
    """Refuse with `UserError` about *field* whoever is not a member of this organisation, and say who."""
    person = queries.person(work.session, work.workspace.id, slack_id)
    if person is None:
        raise UserError("I could not find this person in Slack. Choose somebody else.", field=field)
    if person.kind != "member":
        raise UserError(NOT_A_COLLEAGUE[person.kind].format(who=person.name or "This person", what=what), field=field)


def name(store: Store, act: Act, slack_id: str) -> str:
    """What somebody is called, for a text that cannot hold a mention."""
    with store.read_by_person(act) as work:
        person = queries.person(work.session, work.workspace.id, slack_id)
        return person.name if person else "my colleague"
