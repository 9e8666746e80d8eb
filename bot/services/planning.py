"""Plans anew, once, what other zone data, other public holidays or another calendar have planned."""

import zoneinfo
from functools import cache
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import literal, or_, select

from bot.services.digest import weekly
from bot.services.work import Act, Store, Work
from db.tables import Experiment, Workspace

BATCH = 100


def replan(store: Store) -> None:
    """Plan anew where the program's zones and holidays are not those of the plan, in short transactions."""
    ours = sources(zoneinfo.TZPATH)
    differs = or_(Workspace.planned_by.is_(None), Workspace.planned_by != literal(f"{ours} ") + Workspace.calendar)
    with store.readings() as session:
        teams = list(session.scalars(select(Workspace.team).where(differs, Workspace.left_at.is_(None))))
    for team in teams:
        replan_all(store, team, ours)


def replan_all(store: Store, team: str, ours: str) -> None:
    """Work out all next moments of a workspace; what was asked stays asked, because it lies behind."""
    last: int | None = 0
    while last is not None:
        with store.transaction(Act(team, "")) as work:
            last = replan_some(work, last)
    with store.transaction(Act(team, "")) as work:
        workspace = work.workspace
        work.session.refresh(workspace, with_for_update={"key_share": True})
        if workspace.digest_channel and workspace.next_digest:
            # This week's may have moved into the past untold; one that was told is not told again.
            slot, _ = weekly(workspace).latest(work.now)
            workspace.next_digest = slot
        workspace.planned_by = f"{ours} {workspace.calendar}"


def replan_some(work: Work, after: int) -> int | None:
    """The next few experiments behind that id; gives the last one's, or nothing when there are no more."""
    planned = select(Experiment).where(
        Experiment.workspace_id == work.workspace.id, Experiment.next_due.is_not(None), Experiment.id > after
    )
    some = work.session.scalars(planned.order_by(Experiment.id).limit(BATCH).with_for_update(key_share=True)).all()
    for experiment in some:
        work.plan(experiment)
    return some[-1].id if some else None


@cache
def sources(folders: tuple[str, ...]) -> str:
    """The versions of the zones and of the public holidays that this program uses."""
    return f"{zones(folders)[:24]} {version('holidays')[:16]}"


def zones(folders: tuple[str, ...]) -> str:
    """The version of the zone data: the machine's if it has any, or the one that was installed with the program."""
    for folder in map(Path, folders):
        if (folder / "tzdata.zi").is_file():
            with (folder / "tzdata.zi").open() as file:
                return file.readline().removeprefix("# version").strip()
        if (folder / "+VERSION").is_file():
            return (folder / "+VERSION").read_text().strip()
    return version("tzdata")
