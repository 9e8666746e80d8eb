"""What the sponsor reads: a question that can be answered in sixty seconds, and news that needs them."""

from datetime import date

from bot.domain.lifecycle import Status
from bot.domain.proposal import UNDO_TIME_SAID, VISIBILITY_SAID
from bot.views import card, gone, kit
from bot.views.kit import Block, View
from bot.views.names import Action, Form
from db.shapes import Whole
from db.tables import CheckIn, Experiment, SignOff

NOT_IMMUNITY = "It is a promise between people. It is not immunity from the law or from conduct rules."
MOST_NOTE = 500
NAMED = "If they later share with names, the digest says that you agreed to this."


def request(whole: Whole, sign_off: SignOff) -> list[Block]:
    """The question; once it is answered, what was answered, by whom and when."""
    if is_open(whole, sign_off) and whole.experiment.orphaned_at:
        return gone.needs_owner(whole.experiment, may_read=True)
    if is_open(whole, sign_off):
        return [*question(whole, sign_off), *card.decision_buttons(whole)]
    return decided(whole, sign_off)


def is_open(whole: Whole, sign_off: SignOff) -> bool:
    """Whether this very question still waits for its sponsor."""
    return whole.experiment.status is Status.PROPOSED and sign_off.id == whole.sign_off.id


def question(whole: Whole, sign_off: SignOff) -> list[Block]:
    """The trial, the worst, the way back, the stop sign, and when the sponsor hears next."""
    e = whole.experiment
    return [
        kit.header(f"{e.name}: is it safe enough to try?"),
        kit.section(f"{kit.person(e.owner)} asks you to sponsor a small experiment. This takes about a minute."),
        kit.section(f"{card.titled(e)}\n{kit.quiet(e.idea)}"),
        *([kit.labelled("Their answer to your condition", sign_off.reply)] if sign_off.reply else []),
        kit.labelled("The worst that could sensibly happen", e.worst),
        kit.section(f"*At most* {card.at_stake(e, whole.workspace)}, from {card.dates(e)}"),
        kit.section(f"*It is undone {UNDO_TIME_SAID[e.undo_time]}*\n{kit.quiet(e.undo)}"),
        kit.labelled("It stops when", e.stop_sign),
        kit.section("*All five safety tests are met:* small, reversible, contained, observable, new."),
        kit.context(
            "You hear next when it ends, or earlier if its end is moved, anybody is harmed, the stop sign shows, or they need you. "
            "Your silence is never taken as a yes or a no.",
            f"Who can see it: {VISIBILITY_SAID[e.visibility]}.",
        ),
        *talked(sign_off),
    ]


def talked(sign_off: SignOff) -> list[Block]:
    """That the sponsor wanted to talk first."""
    if not sign_off.talk_at:
        return []
    return [kit.context(f"You asked to talk first, on {kit.moment(sign_off.talk_at)}. You can still answer here.")]


def decided(whole: Whole, sign_off: SignOff) -> list[Block]:
    """What became of the question: who, when, with what condition."""
    e = whole.experiment
    blocks = [kit.section(f"{card.titled(e)}\n{answer_words(whole, sign_off)}")]
    if sign_off.condition and sign_off.answer != "replaced":
        blocks.append(kit.labelled("Your condition", sign_off.condition))
    if sign_off.answer == "agreed":
        blocks += [kit.labelled("Your note", sign_off.cover_note), kit.context(NOT_IMMUNITY), *now(whole)]
    return [*blocks, *kit.actions(card.show_button(e))] if sign_off.sponsor == e.sponsor else blocks


def answer_words(whole: Whole, sign_off: SignOff) -> str:
    """One sentence for each way the question can have gone."""
    owner = kit.person(whole.experiment.owner)
    when = kit.moment(sign_off.answered_at) if sign_off.answered_at else ""
    if sign_off.answer == "agreed":
        return (
            f"{kit.person(sign_off.sponsor)} signed it off on {when}. Thank you: {owner} knows that it is safe to try."
        )
    if sign_off.answer == "condition":
        return f"{owner} has answered your condition on {when}. The newer message asks you again."
    if sign_off.answer == "replaced":
        return f"{owner} has asked somebody else on {when}. Nothing is needed from you. Thank you."
    if sign_off.answer == "withdrawn":
        return f"{owner} withdrew it on {when}. Nothing is needed from you. Thank you."
    asked = kit.moment(sign_off.condition_at) if sign_off.condition_at else ""
    return f"{kit.person(sign_off.sponsor)} answered on {asked}: safe enough, if. {owner} can accept or answer that."


def now(whole: Whole) -> list[Block]:
    """Where a signed-off experiment stands for its sponsor."""
    status = card.status_for(whole.experiment, whole.viewer)
    if status is Status.RUNNING:
        return [kit.context(f"It runs from {card.dates(whole.experiment)}.")]
    if status is Status.LEARNED:
        return [kit.context("It has ended, and what it taught is written. `Read all of it` shows it to you.")]
    return [kit.context("It has ended.")]


def reminder(whole: Whole, sign_off: SignOff) -> list[Block]:
    """A private reminder that can be answered at once; it goes quiet with the question."""
    if not is_open(whole, sign_off):
        return decided(whole, sign_off)
    e = whole.experiment
    talk = "" if sign_off.talk_at else " If now is not the time, `Let's talk` helps them too."
    return [
        kit.section(
            f"{card.titled(e)}\n{kit.person(e.owner)} is waiting for your answer. Only you see this reminder.{talk}"
        ),
        kit.labelled("The worst that could sensibly happen", e.worst),
        kit.labelled("It stops when", e.stop_sign),
        *talked(sign_off),
        *card.decision_buttons(whole),
    ]


def condition_accepted(whole: Whole, sign_off: SignOff) -> list[Block]:
    """The owner accepted; it runs."""
    e = whole.experiment
    return [
        kit.section(f"{card.titled(e)}\n{kit.person(e.owner)} has accepted your condition."),
        kit.labelled("The agreed guardrail", sign_off.condition),
        *now(whole),
        *kit.actions(card.show_button(e)),
    ]


def concern(whole: Whole, check_in: CheckIn) -> list[Block]:
    """Harm, a stop sign or a need: the only news of a check-in that reaches the sponsor."""
    e = whole.experiment
    said = [
        "somebody was harmed" if check_in.harm else "",
        "the stop sign showed" if check_in.stop_sign_seen else "",
        f"they need something: {card.NEED_SAID[check_in.need].lower()}" if check_in.need else "",
    ]
    if not any(said):
        changed = f"{kit.person(e.owner)} has changed what they said: no harm, no stop sign, and nothing is needed now."
        return [kit.section(f"{card.titled(e)}\n{changed}"), *kit.actions(card.show_button(e))]
    blocks = [
        kit.section(
            f"{card.titled(e)}\n{kit.person(e.owner)} tells you: {'; '.join(each for each in said if each)}. "
            "Thank them for telling you early, and talk with them today if you can."
        )
    ]
    if check_in.note:
        blocks.append(kit.labelled("What they noticed", check_in.note))
    return [*blocks, kit.labelled("The agreed stop sign", e.stop_sign), *kit.actions(card.show_button(e))]


def extended(whole: Whole) -> list[Block]:
    """The end was moved; the promise names the old one, and stays as it is."""
    e = whole.experiment
    return [
        kit.section(
            f"{card.titled(e)}\n{kit.person(e.owner)} has moved the end, which can be done once: it runs until {kit.day(e.end)}. "
            "Your note names the earlier day and stays as it is. If the new end is not right for you, please talk with them."
        ),
        *kit.actions(card.show_button(e)),
    ]


def ended(whole: Whole) -> list[Block]:
    """It has ended, as the sponsor was told that they would hear."""
    e = whole.experiment
    if whole.learning:
        news = "What it taught is written, and you can read it."
    elif e.status is Status.FINISHED:
        news = f"{kit.person(e.owner)} may write what it taught within two weeks. Nothing is needed from you."
    else:
        news = "Nothing is needed from you."
    return [kit.section(f"{card.titled(e)}\nIt has ended. {news}"), *kit.actions(card.show_button(e))]


def stopped(whole: Whole) -> list[Block]:
    """It was stopped: thanks come first, then the promise the sponsor wrote."""
    e, sign_off = whole.experiment, whole.sign_off
    if e.thanked_at:
        thanks = [kit.context(f"You thanked {kit.person(e.owner)} on {kit.moment(e.thanked_at)}.")]
    else:
        thanks = kit.actions(kit.button("Thank them", Action.THANK, e.id, about=e.name, style="primary"))
    when = f" on {kit.moment(e.stopped_at)}" if e.stopped_at else ""
    return [
        kit.section(
            f"{card.titled(e)}\n{kit.person(e.owner)} stopped it{when}, as was agreed. Somebody who stops in time keeps "
            "people safe. Nothing else is needed from you today."
        ),
        *thanks,
        kit.labelled("On the day you agreed, you wrote", sign_off.cover_note),
        kit.context(NOT_IMMUNITY),
        *kit.actions(card.show_button(e)),
    ]


def agree_form(experiment: Experiment, end: date, owner_name: str) -> View:
    """One editable sentence, and the yes."""
    e = experiment
    return kit.modal(
        Form.AGREE,
        f"{e.name}: safe to try",
        [
            kit.section(f"{card.titled(e)}\nYour note tells {kit.person(e.owner)} that trying is safe with you."),
            note_field(e, end, owner_name),
            kit.context(NOT_IMMUNITY, NAMED),
        ],
        submit="Agree and send",
        close="Not yet",
        about=e.id,
    )


def note_field(experiment: Experiment, end: date, owner_name: str) -> Block:
    """The promise that the form offers, ready to be sent as it is."""
    words = (
        f"I agreed that {owner_name} may try {experiment.name} until {kit.day(end)}. If it does not work and was run as "
        "described, that is on me, not them."
    )
    element = kit.text_input(words, most=MOST_NOTE)
    return kit.field(
        "cover_note",
        "Your note to them",
        element,
        hint="Change it as you like. It is dated and cannot be changed later.",
    )


def condition_form(experiment: Experiment, end: date, owner_name: str) -> View:
    """What would make it safe enough, and for whom."""
    e = experiment
    element = kit.text_input(
        most=MOST_NOTE, example="Ring the three people who got the letter before the second week starts."
    )
    return kit.modal(
        Form.CONDITION,
        f"{e.name}: safe if",
        [
            kit.section(
                f"{card.titled(e)}\n{kit.person(e.owner)} accepts your condition, or answers it. Accepted, it runs."
            ),
            kit.field(
                "condition",
                "It is safe enough if …",
                element,
                hint="Name who could be harmed, and what would make it safe.",
            ),
            note_field(e, end, owner_name),
            kit.context(NOT_IMMUNITY, NAMED),
        ],
        submit="Send condition",
        close="Not yet",
        about=e.id,
    )
