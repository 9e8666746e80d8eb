"""The settings of a workspace, which its admins and stewards may change."""

from dataclasses import dataclass
from datetime import timedelta

import holidays

from bot.domain.errors import UserError
from bot.domain.words import clean
from bot.services import channels
from bot.services.digest import again, plan_digest
from bot.services.people import known_zone
from bot.services.work import Act, Store, Work, whole
from db import queries
from db.tables import Outbox, Workspace

CEILINGS = {
    "ceiling_people": 100_000,
    "ceiling_money": 1_000_000_000,
    "ceiling_hours": 100_000,
    "ceiling_weeks": 52,
}
LONGEST_ROUTE = 200
LONGEST_CURRENCY = 4


@dataclass(frozen=True)
class Changes:
    """What the settings form holds."""

    digest_channel: str | None
    digest_weekday: int
    digest_hour: int
    zone: str
    ceilings: dict[str, str]
    currency: str
    calendar: str
    stewards: tuple[str, ...]
    usual_route: str


def may_change(work: Work) -> bool:
    """Whether the person who asks is an admin of the Slack workspace or a named steward."""
    person = queries.person(work.session, work.workspace.id, work.person)
    return work.person in work.workspace.stewards or bool(person and person.is_admin)


def looks_after(work: Work) -> bool:
    """Whether the person who asks hears of what stands in the way: also whoever set the digest up."""
    return may_change(work) or work.person == work.workspace.settings_by


def check_may_change(work: Work) -> None:
    """Refuse with `UserError` whoever may not change the settings."""
    if not may_change(work):
        message = "Only an admin of this Slack workspace, or a steward named in the settings, can change them."
        raise UserError(message)


def current(store: Store, act: Act) -> Workspace:
    """The settings, for somebody who may change them."""
    with store.read_by_person(act) as work:
        check_may_change(work)
        return work.workspace


@whole
def change(store: Store, act: Act, changes: Changes) -> Workspace:
    """Change the settings; a new channel, day or hour holds from the next slot on."""
    with store.asked_by_person(act) as work:
        check_may_change(work)
        workspace = work.workspace
        moved = workspace.digest_channel != changes.digest_channel
        for name, value in checked(changes).items():
            setattr(workspace, name, value)
        workspace.settings_by = act.person
        if moved or workspace.digest_since is None:
            workspace.digest_since = work.now
        if moved:  # Of the new channel Slack is asked before the next digest.
            workspace.digest_paused = None
            work.refresh_where(Outbox.kind == "digest-paused")
        plan_digest(workspace, work.now)
        work.record("change settings")
        return workspace


@whole
def allow_channel(store: Store, act: Act, row_id: int) -> str:
    """Post the digest in its channel although others may read along; gives the channel."""
    with store.asked_by_person(act) as work:
        if not looks_after(work):
            raise UserError("Whoever set up the digest, an admin or a steward can decide this. Nothing was changed.")
        asked = work.session.get(Outbox, row_id)
        here = asked is not None and asked.workspace_id == work.workspace.id and asked.kind == "digest-paused"
        channel, why = asked.key.split(":")[1:3] if asked and here else ("", "")
        workspace = work.workspace
        if why not in channels.ASKED or (channel, why) != (workspace.digest_channel, workspace.digest_paused):
            raise UserError("This question is no longer open. Nothing was changed.")
        work.record(channels.ALLOW, channel=channel, why=why)
        workspace.digest_paused = None
        again(work, timedelta(0))
        work.refresh_where(Outbox.kind == "digest-paused")
        return channel


def checked(changes: Changes) -> dict[str, object]:
    """The settings as columns; what cannot be used raises `UserError` about its field."""
    if known_zone(changes.zone) is None:
        message = "I do not know this time zone. Write it like Europe/London or America/New_York."
        raise UserError(message, field="zone")
    ceilings = {name: ceiling(name, changes.ceilings.get(name, "")) for name in CEILINGS}
    route = clean(changes.usual_route)
    if not route or len(route) > LONGEST_ROUTE:
        message = f"Say in up to {LONGEST_ROUTE} characters where people go with what is not for here."
        raise UserError(message, field="usual_route")
    currency = clean(changes.currency)
    if len(currency) > LONGEST_CURRENCY:
        raise UserError("Write the sign of your currency, such as £ or EUR.", field="currency")
    return {
        "digest_channel": changes.digest_channel,
        "digest_weekday": changes.digest_weekday,
        "digest_hour": changes.digest_hour,
        "zone": changes.zone,
        "currency": currency,
        "calendar": checked_calendar(changes.calendar),
        "stewards": list(changes.stewards),
        "usual_route": route,
        **ceilings,
    }


def ceiling(name: str, text: str) -> int:
    """A ceiling as a whole number within reason."""
    digits = clean(text).replace(",", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len("1000000000") or int(digits) > CEILINGS[name]:
        raise UserError(f"Write a whole number from 0 to {CEILINGS[name]:,}.", field=name)
    return int(digits)


def checked_calendar(text: str) -> str:
    """A calendar of public holidays such as "GB-ENG"; a country that has regions needs one."""
    calendar = clean(text).upper()
    country, _, region = calendar.partition("-")
    countries = holidays.list_supported_countries()
    if country not in countries:
        message = "Write your country and region as in GB-ENG, GB-SCT or DE-BE: two letters, a hyphen, the region."
        raise UserError(message, field="calendar")
    regions = countries[country]
    if (region and region not in regions) or (country == "GB" and not region):
        message = f"The regions of {country} are {', '.join(regions) or 'none'}. Write it like GB-ENG."
        raise UserError(message, field="calendar")
    return calendar
