"""Proposing: drafts are kept, the gate is computed, and what passes it goes to its sponsor."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain import gate
from bot.domain.gate import Ceilings, Finding, Lane
from bot.domain.lifecycle import Status
from bot.domain.proposal import Proposal, check_dates
from bot.services.people import check_colleague, check_sponsor
from bot.services.work import Act, Store, Work, whole
from db import queries
from db.tables import Draft, Experiment, Member, SignOff, Workspace


@dataclass(frozen=True)
class Outcome:
    """What became of a proposal; `experiment` is there only when it went to its sponsor."""

    lane: Lane
    findings: list[Finding]
    workspace: Workspace
    experiment: Experiment | None = None


def begin(store: Store, act: Act) -> tuple[Draft | None, Workspace, date]:
    """What the form starts from: the draft, if there is one, the settings, and the proposer's own day."""
    with store.read_by_person(act) as work:
        draft = queries.draft(work.session, work.workspace.id, act.person)
        return draft if draft and draft.answers else None, work.workspace, work.wall(act.person).today(work.now)


@whole
def keep_draft(store: Store, act: Act, answers: dict[str, Any], typed_at: str) -> None:
    """Keep what stands in the form; what was typed earlier never overwrites what was typed later."""
    with store.asked_by_person(act) as work:
        keep(work, answers, typed_at)


def keep(work: Work, answers: dict[str, Any], typed_at: str) -> None:
    """Write the draft of the person who asks."""
    draft = own_draft(work)
    if draft.typed_at < typed_at:
        draft.answers, draft.typed_at, draft.saved_at = answers, typed_at, work.now


def own_draft(work: Work) -> Draft:
    """The draft of the person who asks; an empty one if there was none."""
    empty = {"answers": {}, "typed_at": "", "saved_at": work.now}
    queries.insert_once(work.session, Draft, workspace_id=work.workspace.id, person=work.person, **empty)
    # It is there now.
    return queries.draft(work.session, work.workspace.id, work.person, locked=True)  # type: ignore[return-value]


@whole
def discard_draft(store: Store, act: Act) -> tuple[Workspace, date]:
    """Throw the draft away, because its owner asked for an empty form."""
    with store.asked_by_person(act) as work:
        forget_draft(work)
        return work.workspace, work.wall(act.person).today(work.now)


def forget_draft(work: Work) -> None:
    """Forget every word of the draft of the person who asks; a keystroke that arrives late brings none back."""
    draft = own_draft(work)
    draft.answers, draft.saved_at = {}, work.now
    draft.typed_at = max(draft.typed_at, f"{work.now.timestamp():.6f}")


@whole
def propose(store: Store, act: Act, proposal: Proposal, answers: dict[str, Any]) -> Outcome:
    """Send a proposal that passes the gate to its sponsor; keep any other as a draft, with the reasons."""
    with store.asked_by_person(act) as work:
        check_dates(proposal.start, proposal.end, work.wall(act.person).today(work.now))
        check_sponsor(work, proposal.sponsor, act.person)
        for member in proposal.members:
            check_colleague(work, member, "members", "be of the team")
        found = gate.findings(proposal, ceilings(work.workspace), work.workspace.currency)
        lane = gate.lane(proposal, found)
        if lane is not Lane.LIGHT:
            keep(work, answers, f"{work.now.timestamp():.6f}")
            return Outcome(lane, found, work.workspace)
        forget_draft(work)
        experiment = write(work, proposal)
        return Outcome(lane, found, work.workspace, experiment)


def ceilings(workspace: Workspace) -> Ceilings:
    """The most that a small trial may put at stake here."""
    return Ceilings(
        people=workspace.ceiling_people,
        money=workspace.ceiling_money,
        hours=workspace.ceiling_hours,
        weeks=workspace.ceiling_weeks,
    )


def write(work: Work, proposal: Proposal) -> Experiment:
    """Write the experiment and ask its sponsor."""
    answers = {name: value for name, value in vars(proposal).items() if name not in {"members", "touches"}}
    experiment = Experiment(
        workspace_id=work.workspace.id,
        number=next_number(work),
        status=Status.PROPOSED,
        lane=Lane.LIGHT,
        owner=work.person,
        proposed_at=work.now,
        looked_at=work.now,
        **answers,
    )
    work.session.add(experiment)
    work.session.flush()
    for person in dict.fromkeys(proposal.members):
        work.session.add(Member(workspace_id=work.workspace.id, experiment_id=experiment.id, person=person))
    work.record("propose", experiment, sponsor=proposal.sponsor)
    ask_sponsor(work, experiment)
    work.say("card", experiment.owner, about=experiment)
    work.plan(experiment)
    return experiment


def next_number(work: Work) -> int:
    """The next number of this workspace; two proposals at once get two numbers."""
    # Every row that names the workspace holds its key: a lock on the key as well would make two proposals deadlock.
    work.session.refresh(work.workspace, with_for_update={"key_share": True})
    work.workspace.last_number += 1
    return work.workspace.last_number


def ask_sponsor(work: Work, experiment: Experiment, *, reply: str | None = None) -> None:
    """Ask the experiment's sponsor for a sign-off, with the owner's *reply* to an earlier condition if there is one."""
    sign_off = SignOff(
        workspace_id=work.workspace.id,
        experiment_id=experiment.id,
        sponsor=experiment.sponsor,
        asked_at=work.now,
        reply=reply,
    )
    work.session.add(sign_off)
    work.session.flush()
    work.say("sign-off", experiment.sponsor, about=experiment, subject=sign_off.id)
