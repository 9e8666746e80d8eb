"""Who looks after a workspace, and is told when something there needs a person."""

from bot.services.work import Work
from db import queries


def is_member(work: Work, slack_id: str) -> bool:
    """Whether somebody can use this; whom we never met is taken to be able to."""
    person = queries.person(work.session, work.workspace.id, slack_id)
    return person is None or person.kind == "member"


def stewards(work: Work) -> list[str]:
    """Who looks after this workspace: its stewards, else whoever set it up, else the admins we have met."""
    w = work.workspace
    named = [each for each in w.stewards if is_member(work, each)]
    set_up = [w.settings_by] if w.settings_by and is_member(work, w.settings_by) else []
    return named or set_up or queries.admins(work.session, w.id)


def answerable(work: Work) -> list[str]:
    """Who hears when something needs a decision: whoever set it up, and if they are gone, the stewards."""
    set_up = work.workspace.settings_by
    return [set_up] if set_up and is_member(work, set_up) else stewards(work)
