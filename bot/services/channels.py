"""Whether the digest may be posted in its channel, as Slack says just before, and who is asked where it may not."""

from dataclasses import dataclass
from datetime import timedelta

from bot.services.stewards import answerable
from bot.services.work import Work
from db import queries
from db.tables import Outbox

LOOK_AGAIN = timedelta(minutes=10)
ALMOST_A_WEEK = timedelta(days=6)  # From one digest to the next may be an hour less than a week.
ASK_AGAIN = timedelta(minutes=1)
UNREACHABLE = "unreachable"
ASKED = ("shared", "unknown")  # What a person may allow: readers of another organisation, and what we cannot find out.
ALLOW = "post there all the same"
FORGET = "ask again about the channel"


@dataclass(frozen=True)
class Standing:
    """What Slack says of a channel: no trouble, or one word for it."""

    channel: str
    trouble: str | None


def settle(work: Work, standing: Standing) -> str | None:
    """What keeps the digest out of its channel now; a change is kept, and told at most once a week."""
    workspace, trouble = work.workspace, standing.trouble
    if trouble == UNREACHABLE:
        return trouble  # It says nothing about the channel.
    if trouble in ASKED and is_allowed(work, standing):
        trouble = None
    elif standing.trouble is None:
        forget_permission(work)
    is_new = workspace.digest_paused != trouble
    if is_new:
        workspace.digest_paused = trouble
        work.record("digest paused" if trouble else "digest goes on", channel=standing.channel, why=trouble)
        work.refresh_where(Outbox.kind == "digest-paused")
    if trouble:
        tell(work, f"{standing.channel}:{trouble}:", at_once=is_new and trouble in ASKED)
    return trouble


def tell(work: Work, about: str, *, at_once: bool) -> None:
    """Tell what keeps the digest out, at most once a week; a new question is asked at once."""
    for each in answerable(work):
        lately = queries.said_since(
            work.session, work.workspace.id, each, f"digest-paused:{about}", work.now - ALMOST_A_WEEK
        )
        if at_once or not lately:
            work.say("digest-paused", each, name=f"{about}{int(work.now.timestamp())}:{each}")


def is_allowed(work: Work, standing: Standing) -> bool:
    """Whether somebody has said that the digest may be posted there all the same."""
    newest = queries.newest_audit(work.session, work.workspace.id, (ALLOW, FORGET))
    said = {"channel": standing.channel, "why": standing.trouble}
    return newest is not None and newest.step == ALLOW and newest.detail == said


def forget_permission(work: Work) -> None:
    """What was allowed holds as long as things are as they were then."""
    newest = queries.newest_audit(work.session, work.workspace.id, (ALLOW, FORGET))
    if newest and newest.step == ALLOW:
        work.record(FORGET)
        work.session.flush()
