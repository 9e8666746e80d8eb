"""The safety gate: five yes/no tests, computed from the visible answers only."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.proposal import TOUCHES_SAID, Answer, Proposal, UndoTime
from bot.domain.words import and_list


class Lane(StrEnum):
    """Which way a proposal goes."""

    LIGHT = "light"
    STANDARD = "standard"
    NOT_HERE = "not_here"


class Test(StrEnum):
    """The five tests of a small, safe trial."""

    SMALL = "small"
    REVERSIBLE = "reversible"
    CONTAINED = "contained"
    OBSERVABLE = "observable"
    NEW = "new"


# What each test asks, once the trial is over as well.
ASKS = {
    Test.SMALL: "Small: the most we could lose was little",
    Test.REVERSIBLE: "Reversible: it could be undone within a week",
    Test.CONTAINED: "Contained: only people who knew and agreed",
    Test.OBSERVABLE: "Observable: we would have noticed the stop sign",
    Test.NEW: "New: nobody knew the right answer yet",
}


@dataclass(frozen=True)
class Ceilings:
    """The most that a small trial of this organisation may put at stake."""

    people: int = 50
    money: int = 500
    hours: int = 80
    weeks: int = 8


@dataclass(frozen=True)
class Finding:
    """One test, whether it is met, and the sentence that says why."""

    test: Test
    met: bool
    why: str


def small(proposal: Proposal, ceilings: Ceilings, currency: str) -> Finding:
    """The most we can lose is under the organisation's ceilings."""
    weeks = -(-(proposal.end - proposal.start).days // 7)
    over = [
        words
        for value, ceiling, words in (
            (
                proposal.people,
                ceilings.people,
                f"{proposal.people:,} people, where the ceiling is {ceilings.people:,}",
            ),
            (
                proposal.money,
                ceilings.money,
                f"{currency}{proposal.money:,}, where the ceiling is {currency}{ceilings.money:,}",
            ),
            (
                proposal.hours,
                ceilings.hours,
                f"{proposal.hours:,} hours, where the ceiling is {ceilings.hours:,}",
            ),
            (weeks, ceilings.weeks, f"{weeks} weeks, where the ceiling is {ceilings.weeks}"),
        )
        if value > ceiling
    ]
    why = f"It is larger than a small trial: {and_list(over)}." if over else "Little is at stake."
    return Finding(Test.SMALL, not over, why)


def reversible(proposal: Proposal) -> Finding:
    """It can be undone within a week."""
    met = proposal.undo_time not in {UndoTime.LONGER, UndoTime.CANNOT}
    return Finding(
        Test.REVERSIBLE,
        met,
        "It can be undone within a week." if met else "Undoing it takes longer than a week.",
    )


def answered(test: Test, answer: Answer, yes: str, no: str, not_sure: str) -> Finding:
    """A test that the proposer answers; only a yes meets it."""
    return Finding(test, answer is Answer.YES, {Answer.YES: yes, Answer.NO: no, Answer.NOT_SURE: not_sure}[answer])


def findings(proposal: Proposal, ceilings: Ceilings, currency: str = "") -> list[Finding]:
    """The five tests in their order, each with its reason."""
    return [
        small(proposal, ceilings, currency),
        reversible(proposal),
        answered(
            Test.CONTAINED,
            proposal.contained,
            "Only people who know and have agreed are touched.",
            "It touches people who do not know or have not agreed, or somebody could lose a service or a payment.",
            "You are not sure yet that everybody touched knows and has agreed.",
        ),
        answered(
            Test.OBSERVABLE,
            proposal.observable,
            "You would notice the stop sign before the next check-in.",
            "The stop sign could show without anybody noticing before the next check-in.",
            "You are not sure yet that you would notice the stop sign in time.",
        ),
        answered(
            Test.NEW,
            proposal.novel,
            "Nobody knows the right answer yet.",
            "The right answer is known already, so it needs no trial: you may simply do it.",
            "You are not sure yet whether somebody knows the right answer already.",
        ),
    ]


def lane(proposal: Proposal, found: list[Finding]) -> Lane:
    """All five met is the light lane; what cannot be undone or touches what it must not is not for here."""
    if proposal.touches or proposal.undo_time is UndoTime.CANNOT:
        return Lane.NOT_HERE
    return Lane.LIGHT if all(finding.met for finding in found) else Lane.STANDARD


def why_not_here(proposal: Proposal) -> str:
    """Why the usual route is the safer one for this proposal, in one sentence."""
    reasons = [f"touches {and_list([TOUCHES_SAID[each] for each in proposal.touches])}"] if proposal.touches else []
    if proposal.undo_time is UndoTime.CANNOT:
        reasons.append("cannot be undone")
    return f"It {and_list(reasons)}."
