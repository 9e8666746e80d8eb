"""The weekly digest: the trial is the subject of every sentence, never the person; and the sharing form."""

from typing import Any

from bot.domain.learning import DECISION_SAID, LEVEL_SAID, Expected, Level
from bot.views import card, kit
from bot.views.kit import Block, View
from bot.views.names import Action, Form
from db.shapes import Issue, Told
from db.tables import Experiment, Learning

TAKEN_BACK = "This learning was taken back by the people who shared it."
SAW = {
    Expected.YES: "What was expected happened",
    Expected.PARTLY: "What was expected happened in part",
    Expected.NO: "What was expected did not happen",
    Expected.COULD_NOT_TELL: "It could not be told whether what was expected happened",
}
WHO_READS = (
    "Everybody in the channel reads it. Without names, administrators, people who read the proposal before, and people "
    "who ask for records may still be able to find out who it was."
)


def digest(issue: Issue) -> list[Block]:
    """One message: each learning in short; the detail stands in its thread."""
    if not issue.told:
        return quiet_week(issue)
    blocks = [
        kit.header("What our experiments taught us"),
        kit.section("Small trials, told by the people who ran them. The detail of each is in the thread."),
    ]
    for told in issue.told:
        blocks += [kit.divider(), *in_short(told)]
    return [*blocks, kit.divider(), closing()]


def closing() -> Block:
    """How to take part."""
    return kit.context(
        "Have a small idea? `/experiment propose` opens a form for it. A draft is seen by nobody but you."
    )


def quiet_week(issue: Issue) -> list[Block]:
    """Nothing new: one honest line, and one older learning if there is one."""
    blocks = [
        kit.header("What our experiments taught us"),
        kit.section("No experiment has shared a learning this week. Good trials take their time."),
    ]
    if issue.older:
        blocks += [kit.section("One from earlier that is still worth knowing:"), *in_short(issue.older)]
    return [*blocks, kit.divider(), closing()]


def in_short(told: Told) -> list[Block]:
    """One learning: the sponsor's line, what was tried, what was seen, what was learned, what is next, thanks."""
    learning, experiment = told
    if learning.taken_back_at:
        return [kit.section(f"_{TAKEN_BACK}_")]
    return [
        *sponsor_line(learning, experiment),
        kit.section(
            f"{heading(learning, experiment)}\nTried, because it was worth knowing: "
            f"{kit.quiet(experiment.hypothesis, 1200)}"
        ),
        kit.section(f"*{SAW[learning.expected]}.*{stop_words(experiment)} {kit.quiet(learning.seen)}"),
        kit.section(f"*Learned:* {kit.quiet(learning.learned)}"),
        kit.context(f"What happens next: {DECISION_SAID[learning.decision].lower()}. {credit(learning, experiment)}"),
        *answers(learning),
    ]


def sponsor_line(learning: Learning, experiment: Experiment) -> list[Block]:
    """The sponsor's own line comes first, where names are told."""
    if learning.level is not Level.NAMES:
        return []
    return [kit.section(f"“I agreed to this.” {kit.person(experiment.sponsor)}, sponsor of {experiment.name}")]


def heading(learning: Learning, experiment: Experiment) -> str:
    """The title; the number leads to the people, so it is told only where their names are."""
    return card.titled(experiment) if learning.level is Level.NAMES else f"*{kit.quiet(experiment.title, 500)}*"


def stop_words(experiment: Experiment) -> str:
    """That the trial was stopped, which is good practice."""
    return " It was stopped in time, as agreed." if experiment.stopped_at else ""


def credit(learning: Learning, experiment: Experiment) -> str:
    """Thanks, to whom the owner chose to name."""
    if learning.level is Level.NAMES:
        return f"Thank you, {kit.person(experiment.owner)} and {kit.quiet(experiment.team, 400)}."
    if learning.level is Level.TEAM:
        return f"Thank you, {kit.quiet(experiment.team, 400)}."
    return "Thank you to the people who tried it."


def answers(learning: Learning) -> list[Block]:
    """What a reader can say; nobody counts it."""
    return kit.actions(
        kit.button("This helps me", Action.HELPS, learning.id, about="this learning"),
        kit.button("Thank you", Action.THANKS, learning.id, about="this learning"),
    )


def detail(told: Told) -> list[Block]:
    """The detail of one learning, for the thread."""
    learning, experiment = told
    if learning.taken_back_at:
        return [kit.section(f"_{TAKEN_BACK}_")]
    optional = {
        "What surprised us": learning.surprised,
        "To whoever tries this next": learning.advice,
        "What protected people": learning.protected,
    }
    return [
        kit.section(heading(learning, experiment)),
        kit.labelled("The problem", experiment.problem),
        kit.labelled("What was tried", experiment.idea),
        kit.labelled("Expected, and locked before it began", experiment.prediction),
        kit.labelled("Seen", learning.seen),
        kit.section(card.two_axes(learning)),
        *(kit.labelled(label, words) for label, words in optional.items() if words),
    ]


def preview(issue: Issue, channel: str | None) -> list[Block]:
    """What the next digest would say, for one person's eyes; nothing in it can be pressed."""
    where = (
        f"It will be posted in {kit.channel(channel)}." if channel else "No channel is set yet, so it is not posted."
    )
    shown = [each for each in digest(issue) if each["type"] != "actions"]
    return [kit.section(f"*A preview of the next digest.* {where} Only you see this."), kit.divider(), *shown]


def where_told(learning: Learning, channel: str | None) -> str:
    """Where readers will find it, and from when on."""
    found = "From now on everybody here can find it under `What we learned`"
    if learning.celebrated_in:
        return f"{found}, and it stands again where it stood in the digest before."
    where = f"in {kit.channel(channel)}" if channel else "once an admin has chosen a channel"
    return f"{found}, and the next weekly digest tells it, {where}."


def share_form(experiment: Experiment, learning: Learning, channel: str | None, level: Level = Level.TEAM) -> View:
    """How far to share, with what readers would see."""
    shown = as_shared(learning, level)
    lines = [each for each in in_short((shown, experiment)) if each["type"] != "actions"]
    choice = kit.field("level", "How should it be told?", kit.radio(LEVEL_SAID, level), hint=WHO_READS, dispatch=True)
    return kit.modal(
        Form.SHARE,
        f"{experiment.name}: share it",
        [
            kit.section(f"{where_told(learning, channel)} You can take it back at any time."),
            choice,
            kit.divider(),
            kit.section("*A preview. Readers will see:*"),
            *lines,
            kit.divider(),
            kit.section("*And in its thread:*"),
            *detail((shown, experiment)),
        ],
        submit="Share",
        close="Not now",
        about=experiment.id,
    )


def as_shared(learning: Learning, level: Level) -> Any:
    """The learning as it would be if it were shared so far; the row itself is left alone."""
    names = [column.key for column in Learning.__mapper__.column_attrs]
    return Learning(**{name: getattr(learning, name) for name in names} | {"level": level, "taken_back_at": None})


def trouble(channel: str, reason: str, *, certain: bool) -> list[Block]:
    """The digest was not posted, or perhaps not: why, and what to do."""
    where = kit.channel(channel)
    if not certain:
        return [
            kit.section(
                f"I do not know whether the weekly digest arrived in {where}: {reason}. I do not send it twice. Please look "
                "there; if it is missing, tell your administrator."
            )
        ]
    return [
        kit.section(
            f"The weekly digest could not be posted in {where}: {reason} Nothing is lost: its learnings wait for the next "
            "one. If I am not in the channel, type `/invite @Safe to Fail` there; `/experiment settings` changes the channel."
        )
    ]
