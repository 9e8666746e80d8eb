"""One experiment as it stands: its facts, where it is in its life, and the buttons that fit."""

from bot.domain import lifecycle
from bot.domain.cadence import UNDO
from bot.domain.learning import DECISION_SAID, EXPECTED_SAID, KIND_SAID, LEVEL_SAID, Level, may_be_celebrated
from bot.domain.lifecycle import Status
from bot.domain.proposal import UNDO_TIME_SAID, VISIBILITY_SAID
from bot.views import kit
from bot.views.kit import Block
from bot.views.names import Action
from db.shapes import Whole
from db.tables import Experiment, Learning, Workspace

CHECK_IN_SAID = {
    "expected": "As expected",
    "surprising": "Surprising",
    "stuck": "Stuck",
    "should_stop": "We should stop",
    "nothing_yet": "Nothing to report yet",
}
NEED_SAID = {"talk": "A talk", "decision": "A decision", "time": "More time", "helper": "A helper"}


def titled(experiment: Experiment) -> str:
    """The name and the title, as lists and messages begin."""
    return f"*{experiment.name}: {kit.quiet(experiment.title, 500)}*"


def status_for(experiment: Experiment, viewer: str) -> Status:
    """Where it stands for *viewer*: a stop that can still be undone is known to its owner alone."""
    e = experiment
    undoable = e.status is Status.STOPPED and e.stopped_at is not None and e.looked_at < e.stopped_at + UNDO
    return Status.RUNNING if undoable and viewer != e.owner else e.status


def at_stake(experiment: Experiment, workspace: Workspace) -> str:
    """The most that could be lost, in one line."""
    e = experiment
    people = f"{e.people:,} {'person' if e.people == 1 else 'people'}"
    hours = f"{e.hours:,} {'hour' if e.hours == 1 else 'hours'}"
    return f"{people}, {kit.quiet(workspace.currency)}{e.money:,}, {hours} of work"


def dates(experiment: Experiment) -> str:
    """From when to when."""
    return f"{kit.day(experiment.start)} to {kit.day(experiment.end)}"


def stop_button(experiment: Experiment) -> Block:
    """One tap stops it; there are ten minutes to undo that, so nothing is asked first."""
    return kit.button("Stop now", Action.STOP, experiment.id, about=experiment.name, style="danger")


def learn_button(experiment: Experiment, label: str = "Write what it taught") -> Block:
    """Opens the learning form."""
    return kit.button(label, Action.LEARN, experiment.id, about=experiment.name, style="primary")


def show_button(experiment: Experiment, label: str = "Read all of it") -> Block:
    """Shows the whole experiment."""
    return kit.button(label, Action.SHOW, experiment.id, about=experiment.name)


def decision_buttons(whole: Whole) -> list[Block]:
    """The sponsor's answers, and the whole; none of them is a no to the person."""
    e = whole.experiment
    return kit.actions(*answer_buttons(e), show_button(e))


def answer_buttons(experiment: Experiment) -> list[Block]:
    """The sponsor's three answers."""
    e = experiment
    return [
        kit.button("Safe enough to try", Action.AGREE, e.id, about=e.name, style="primary"),
        kit.button("Safe enough if…", Action.ASK_CONDITION, e.id, about=e.name),
        kit.button("Let's talk", Action.TALK, e.id, about=e.name),
    ]


def condition_buttons(experiment: Experiment) -> list[Block]:
    """What the owner can do with a condition."""
    e = experiment
    return [
        kit.button("Accept the condition", Action.ACCEPT_CONDITION, e.id, about=e.name, style="primary"),
        kit.button("Answer it", Action.ANSWER_CONDITION, e.id, about=e.name),
    ]


def viewer_buttons(whole: Whole) -> list[Block]:
    """What whoever looks at the whole experiment can do now."""
    e = whole.experiment
    if whole.viewer == e.owner:
        return owner_buttons(whole)
    if whole.viewer == e.sponsor and e.status is Status.PROPOSED:
        return kit.actions(*answer_buttons(e))
    return []


def owner_buttons(whole: Whole) -> list[Block]:
    """What the owner can do now."""
    e = whole.experiment
    if e.status in lifecycle.AWAITING_SPONSOR:
        sure = kit.confirm(
            f"Withdraw {e.name}?",
            "Your sponsor is told that nothing is needed any more.",
            "Withdraw",
            "Keep it",
        )
        return kit.actions(
            *(condition_buttons(e) if e.status is Status.CONDITION else []),
            kit.button("Choose another sponsor", Action.ASK_ANOTHER, e.id, about=e.name),
            kit.button("Withdraw", Action.WITHDRAW, e.id, about=e.name, confirm=sure),
        )
    if e.status is Status.RUNNING:
        extend = None if e.extended else kit.button("Extend once", Action.EXTEND, e.id, about=e.name)
        return kit.actions(
            stop_button(e),
            kit.button("Say how it is going", Action.CHECK_IN, e.id, about=e.name),
            learn_button(e, "Finish"),
            extend,
        )
    if e.status in lifecycle.AWAITING_LEARNING:
        return kit.actions(learn_button(e), undo_button(whole))
    if e.status is Status.CLOSED:
        return kit.actions(learn_button(e))
    return kit.actions(*sharing_buttons(whole))


def undo_button(whole: Whole) -> Block | None:
    """The way back from a stop, while it is still open."""
    e = whole.experiment
    if status_for(e, "") is e.status:
        return None
    return kit.button("Undo the stop", Action.UNDO_STOP, e.id, about=e.name)


def sharing_buttons(whole: Whole) -> list[Block | None]:
    """Sharing or taking back, for the owner of a written learning."""
    e, learning = whole.experiment, whole.learning
    if learning is None or e.status is not Status.LEARNED:
        return []
    if learning.shared_at and not learning.taken_back_at:
        return [kit.button("Take back", Action.TAKE_BACK, e.id, about=e.name)]
    if not may_be_celebrated(learning.kind, harm=harmed(whole)):
        return []
    return [kit.button("Share", Action.SHARE, e.id, about=e.name, style="primary")]


def harmed(whole: Whole) -> bool:
    """Whether somebody was harmed, as said in a check-in or at the end."""
    return bool(whole.learning and whole.learning.harm) or any(each.harm for each in whole.check_ins)


def where_it_is(whole: Whole) -> str:  # noqa: PLR0911 - one sentence for each status
    """One or two sentences: where it stands, and what happens next."""
    e, sign_off = whole.experiment, whole.sign_off
    sponsor = kit.person(e.sponsor)
    if e.status is Status.PROPOSED and sign_off.talk_at:
        return f"It is with {sponsor}, who would like to talk with you before answering. It is not a no."
    if e.status is Status.PROPOSED:
        return f"It is with {sponsor}, asked on {kit.moment(sign_off.asked_at)}. Silence is never a no."
    if e.status is Status.CONDITION:
        return f"{sponsor} says it is safe enough *if* a condition is met. You can accept it or answer it."
    if e.status is Status.RUNNING:
        return f"It was signed off by {sponsor}, and runs from {dates(e)}."
    if undo_button(whole):
        return "You stopped it safely. Nothing else is needed today."
    if e.status is Status.STOPPED and e.ended_at:
        return f"It was stopped on {kit.moment(e.ended_at)}. Stopping in time is good practice."
    if e.status is Status.LEARNED and whole.learning:
        return shared_words(whole.learning)
    return f"It is {lifecycle.SAID[e.status]}."


def shared_words(learning: Learning) -> str:
    """How far the learning is shared."""
    if learning.taken_back_at:
        return "Its learning is written. You took it back, so the channel does not show it."
    if learning.shared_at and learning.level:
        where = "was told in the digest" if learning.celebrated_in else "will be told in the next digest"
        return f"Its learning {where}: {LEVEL_SAID[learning.level].lower()}."
    return (
        "Its learning is written. The sponsor and the people of the team can read it; nobody else, unless it is shared."
    )


def brief(whole: Whole) -> list[Block]:
    """The owner's card: short, with every next step in reach."""
    e = whole.experiment
    return [kit.section(f"{titled(e)}\n{where_it_is(whole)}"), *owner_buttons(whole)]


def condition_words(whole: Whole) -> list[Block]:
    """The guardrails, or the condition that waits for an answer."""
    named = names_told(whole) is Level.NAMES
    blocks = [
        kit.section(
            f"*Agreed guardrail{f', from {kit.person(each.person)}' if named else ''}*\n{kit.quiet(each.words)}"
        )
        for each in whole.guardrails
    ]
    e = whole.experiment
    if e.status is Status.CONDITION and whole.viewer in {e.owner, e.sponsor}:
        blocks.append(kit.labelled("Safe enough if", whole.sign_off.condition))
    return blocks


def cover_note(whole: Whole) -> list[Block]:
    """The sponsor's written promise, for the owner and the sponsor only."""
    sign_off, e = whole.sign_off, whole.experiment
    if sign_off.answer != "agreed" or sign_off.answered_at is None or whole.viewer not in {e.owner, e.sponsor}:
        return []
    return [
        kit.section(
            f"*{kit.person(sign_off.sponsor)} wrote on {kit.moment(sign_off.answered_at)}:*\n{kit.quiet(sign_off.cover_note)}"
        ),
        kit.context("This note cannot be changed. It is not immunity from the law or from conduct rules."),
    ]


def names_told(whole: Whole) -> Level:
    """How much of who did it *whole*'s reader is told: after it was shared without names, others read none here either."""
    e, learning = whole.experiment, whole.learning
    involved = whole.viewer in {e.owner, e.sponsor, *whole.members}
    if involved or learning is None or learning.shared_at is None or learning.level is None:
        return Level.NAMES
    return learning.level


def who(whole: Whole) -> list[Block]:
    """Owner, sponsor and team, as far as this reader is told."""
    e, told = whole.experiment, names_told(whole)
    names = f"*Owner* {kit.person(e.owner)} · *Sponsor* {kit.person(e.sponsor)} · " if told is Level.NAMES else ""
    team = "" if told is Level.NO_NAMES else f"*Team* {kit.quiet(e.team, 400)}"
    return [kit.section(names + team)] if names or team else []


def full(whole: Whole) -> list[Block]:
    """Everything that one person may read of an experiment."""
    e = whole.experiment
    locked = f" (locked on {kit.moment(e.locked_at)})" if e.locked_at else ""
    blocks = [
        kit.section(f"{titled(e)}\n{standing(whole)}"),
        *who(whole),
        kit.labelled("The problem", e.problem),
        kit.labelled("What is tried", e.idea),
        kit.labelled("We think …", e.hypothesis),
        kit.labelled(f"What is expected{locked}", e.prediction),
        kit.labelled(f"The stop sign{locked}", e.stop_sign),
        kit.labelled("The worst that could sensibly happen", e.worst),
        kit.section(f"*How it is undone, {UNDO_TIME_SAID[e.undo_time]}*\n{kit.quiet(e.undo)}"),
        kit.section(f"*At most* {at_stake(e, whole.workspace)}\n*When* {dates(e)}"),
        *condition_words(whole),
        *cover_note(whole),
        *learning_words(whole),
        kit.context(f"Who can see this: {VISIBILITY_SAID[e.visibility]}."),
    ]
    return [*blocks, *viewer_buttons(whole)]


def standing(whole: Whole) -> str:
    """Where it stands, for whoever reads it."""
    if whole.viewer == whole.experiment.owner:
        return where_it_is(whole)
    return f"It is {lifecycle.SAID[status_for(whole.experiment, whole.viewer)]}."


def learning_words(whole: Whole) -> list[Block]:
    """What it taught, for those who may read it."""
    e, learning = whole.experiment, whole.learning
    if learning is None or not may_read_learning(whole):
        return []
    optional = {
        "What surprised us": learning.surprised,
        "To whoever tries this next": learning.advice,
        "What protected people": learning.protected,
    }
    return [
        kit.labelled("What was seen", learning.seen),
        kit.labelled("We learned that …", learning.learned),
        *(kit.labelled(label, words) for label, words in optional.items() if words),
        kit.section(
            f"{two_axes(learning)}\n*Kind* {KIND_SAID[learning.kind]}\n*What happens next* {next_words(learning, named=names_told(whole) is Level.NAMES)}"
        ),
        kit.context(f"{e.name} taught this on {kit.moment(learning.written_at)}."),
    ]


def two_axes(learning: Learning) -> str:
    """Whether it worked, and apart from that which tests of a well-made try it met."""
    worked = f"*Did what was expected happen?* {EXPECTED_SAID[learning.expected]}"
    held = ", ".join(learning.well_made).capitalize()
    return f"{worked}\n*Was the try well made?* {held}" if held else worked


def may_read_learning(whole: Whole) -> bool:
    """Before it is shared, a learning is read by the owner, the sponsor and the team only."""
    e, learning = whole.experiment, whole.learning
    shared = learning is not None and learning.shared_at is not None and learning.taken_back_at is None
    return shared or whole.viewer in {e.owner, e.sponsor, *whole.members}


def next_words(learning: Learning, *, named: bool = True) -> str:
    """The decision, with who and when if that was said."""
    words = DECISION_SAID[learning.decision]
    if learning.decision_owner and named:
        words += f", by {kit.person(learning.decision_owner)}"
    if learning.decision_on:
        words += (
            f", by {kit.day(learning.decision_on)}"
            if not learning.decision_owner
            else f" on {kit.day(learning.decision_on)}"
        )
    return words
