"""What the owner reads and fills in, from the sponsor's answer to what the experiment taught."""

from datetime import date

from bot.domain.gate import ASKS
from bot.domain.learning import DECISION_SAID, EXPECTED_SAID, KIND_SAID, share_opens
from bot.domain.lifecycle import Status
from bot.domain.words import and_list
from bot.views import card, kit
from bot.views.kit import Block, View
from bot.views.names import Action, Form
from db.shapes import Whole
from db.tables import CheckIn, Experiment, SignOff

MOST = 600
MOST_REPLY = 500
MOST_NAMED = 10


def agreed(whole: Whole, sign_off: SignOff) -> list[Block]:
    """The sponsor's yes, with their promise and what happens next."""
    e = whole.experiment
    return [
        kit.section(
            f"{card.titled(e)}\n{kit.person(sign_off.sponsor)} says it is safe enough to try. It runs from {card.dates(e)}."
        ),
        kit.labelled("Their note to you", sign_off.cover_note),
        *card.condition_words(whole),
        kit.context(
            "The note is dated and cannot be changed. It is not immunity from the law or from conduct rules.",
            "What you expect and your stop sign are locked now. I will ask you how it is going, at ten in the morning your time.",
        ),
        *card.owner_buttons(whole),
    ]


def condition(whole: Whole, sign_off: SignOff) -> list[Block]:
    """A yes with a condition: accept it, or answer it."""
    e = whole.experiment
    opening = f"{card.titled(e)}\n{kit.person(sign_off.sponsor)} says it is safe enough to try, *if*:"
    blocks = [kit.section(opening), kit.section(kit.quiet(sign_off.condition))]
    if e.status is Status.CONDITION and sign_off.id == whole.sign_off.id:
        return [
            *blocks,
            *kit.actions(*card.condition_buttons(e)),
            kit.context("If you accept, it becomes a guardrail of the experiment, and it runs."),
        ]
    said = "You have accepted it." if sign_off.answer == "agreed" else "This condition is no longer open."
    return [*blocks, kit.context(said)]


def talk(whole: Whole, sign_off: SignOff) -> list[Block]:
    """The sponsor wants to talk; that is not a no."""
    e = whole.experiment
    if e.status is not Status.PROPOSED or sign_off.id != whole.sign_off.id:
        return [kit.section(f"{card.titled(e)}\n{card.where_it_is(whole)}")]
    return [
        kit.section(
            f"{card.titled(e)}\n{kit.person(sign_off.sponsor)} would like to talk with you before answering. That is not a "
            "no: people who ask are thinking about it. A few minutes are often enough."
        ),
        *kit.actions(card.show_button(e)),
    ]


def sponsor_silent(whole: Whole, sign_off: SignOff) -> list[Block]:
    """The sponsor has not answered in three working days; the owner may wait or choose another."""
    e = whole.experiment
    if e.status is not Status.PROPOSED or sign_off.id != whole.sign_off.id:
        return [kit.section(f"{card.titled(e)}\n{card.where_it_is(whole)}")]
    if sign_off.talk_at:
        why = "They asked to talk with you first, and that is not a no: perhaps a few minutes together are all that is missing."
    else:
        why = "That says nothing about your idea: they may be away."
    return [
        kit.section(
            f"{card.titled(e)}\n{kit.person(e.sponsor)} has not answered yet. {why} I have reminded them, in private. You "
            "can wait, or choose somebody else."
        ),
        *card.owner_buttons(whole),
    ]


def check_in(whole: Whole, asked: CheckIn) -> list[Block]:
    """How is it going? One tap is enough."""
    e = whole.experiment
    if asked.answer:
        return answered(whole, asked)
    if asked.missed:
        return [
            kit.section(f"{card.titled(e)}\nThis check-in was not answered, and need not be: there is a newer one.")
        ]
    if e.status is not Status.RUNNING:
        return [kit.section(f"{card.titled(e)}\nThis check-in is no longer needed. {card.where_it_is(whole)}")]
    if asked.later_at and put_off(whole, asked):
        return [
            kit.section(f"{card.titled(e)}\nI will ask you again on {kit.moment(asked.later_at)}."),
            *answer_buttons(asked),
            *kit.actions(card.stop_button(e)),
        ]
    return [
        kit.section(f"{card.titled(e)}\nHow is it going? One tap is enough."),
        kit.labelled("Your stop sign", e.stop_sign),
        *answer_buttons(asked),
        *kit.actions(
            kit.button("Nothing to report yet", Action.NOTHING_YET, asked.id, about=e.name),
            kit.button("Ask me later", Action.ASK_LATER, asked.id, about=e.name),
            card.stop_button(e),
        ),
        kit.context("Your sponsor hears of it only if somebody is harmed, the stop sign shows, or you need something."),
    ]


def put_off(whole: Whole, asked: CheckIn) -> bool:
    """Whether the owner wants to be asked again, and has not been yet."""
    return asked.later_at is not None and asked.later_at > whole.experiment.looked_at


def answer_buttons(asked: CheckIn) -> list[Block]:
    """The four answers."""
    return kit.actions(
        kit.button("As expected", Action.EXPECTED, asked.id),
        kit.button("Surprising", Action.SURPRISING, asked.id),
        kit.button("Stuck", Action.STUCK, asked.id),
        kit.button("We should stop", Action.SHOULD_STOP, asked.id),
    )


def answered(whole: Whole, asked: CheckIn) -> list[Block]:
    """What was answered, and room for more."""
    e = whole.experiment
    said = card.CHECK_IN_SAID[asked.answer or "nothing_yet"]
    when = f" on {kit.moment(asked.answered_at)}" if asked.answered_at else ""
    blocks = [kit.section(f"{card.titled(e)}\nThank you. You answered{when}: *{said}*.")]
    if asked.note:
        blocks.append(kit.labelled("You noticed", asked.note))
    if asked.detail_at and (asked.harm or asked.stop_sign_seen or asked.need):
        blocks.append(
            kit.context(f"{kit.person(e.sponsor)} has been told what you said about harm, a stop sign or a need.")
        )
    if e.status is not Status.RUNNING:
        return blocks
    more = "Add something" if not asked.detail_at else "Change what I added"
    stop = card.stop_button(e)
    return [*blocks, *kit.actions(kit.button(more, Action.ADD_DETAIL, asked.id, about=e.name), stop)]


def check_in_reminder(whole: Whole, asked: CheckIn) -> list[Block]:
    """The question once more, and then quiet."""
    return check_in(whole, asked) if asked.answer or asked.missed else check_in_again(whole, asked)


def check_in_again(whole: Whole, asked: CheckIn) -> list[Block]:
    """A short reminder with the same buttons."""
    e = whole.experiment
    if e.status is not Status.RUNNING or put_off(whole, asked):
        return check_in(whole, asked)
    return [
        kit.section(
            f"{card.titled(e)}\nYou can still say in one tap how it goes. I will not ask again about this one."
        ),
        *answer_buttons(asked),
        *kit.actions(
            kit.button("Nothing to report yet", Action.NOTHING_YET, asked.id, about=e.name),
            kit.button("Ask me later", Action.ASK_LATER, asked.id, about=e.name),
            card.stop_button(e),
        ),
    ]


def end_notice(whole: Whole) -> list[Block]:
    """Three days before the end: finish, extend once, or stop."""
    e = whole.experiment
    if e.status is not Status.RUNNING:
        return card.brief(whole)
    extended = " It was extended once, so it ends then." if e.extended else " You can finish now, or extend it once."
    return [
        kit.section(f"{card.titled(e)}\nIt ends on {kit.day(e.end)}.{extended}"),
        kit.labelled("What you expected to see", e.prediction),
        *card.owner_buttons(whole),
    ]


def learning_asked(whole: Whole) -> list[Block]:
    """It has ended: what did it teach?"""
    e = whole.experiment
    if e.status not in {Status.STOPPED, Status.FINISHED}:
        return card.brief(whole)
    opening = (
        "You stopped it in time; that was good practice." if e.status is Status.STOPPED else "It has run to its end."
    )
    return [
        kit.section(
            f"{card.titled(e)}\n{opening} What did it teach? Five minutes are enough, and whether it worked or not does "
            "not matter for that. Your sponsor and the team can read it; nobody else, unless you share it."
        ),
        kit.labelled("What you expected to see", e.prediction),
        *card.owner_buttons(whole),
    ]


def learning_reminder(whole: Whole) -> list[Block]:
    """A short reminder, without blame."""
    e = whole.experiment
    if e.status not in {Status.STOPPED, Status.FINISHED}:
        return card.brief(whole)
    return [
        kit.section(
            f"{card.titled(e)}\nOne sentence about what it taught is enough. If there is no time for it, that is fine: it "
            "closes quietly by itself, two weeks after its end."
        ),
        *card.owner_buttons(whole),
    ]


def closed(whole: Whole) -> list[Block]:
    """Closed without a note, and no blame; the door stays open."""
    e = whole.experiment
    if e.status is not Status.CLOSED:
        return card.brief(whole)
    return [
        kit.section(
            f"{card.titled(e)}\nI have closed it without a learning note. That is all right: you tried something. If you "
            "find the time one day, you can still write what it taught."
        ),
        *card.owner_buttons(whole),
    ]


def undelivered(whole: Whole, recipient: str) -> list[Block]:
    """Somebody whom this experiment needs could not be reached in Slack."""
    e = whole.experiment
    return [
        kit.section(
            f"{card.titled(e)}\nI could not reach {kit.person(recipient)} in Slack, so they may not know of this. You can tell "
            "them yourself."
        ),
        *card.owner_buttons(whole),
    ]


def still_shown(whole: Whole, channel: str, reason: str) -> list[Block]:
    """What was taken back still stands somewhere, and who can help."""
    return [
        kit.section(
            f"{card.titled(whole.experiment)}\nI could not replace what you took back in {kit.channel(channel)}: {reason} It is "
            "still to be read there. An administrator of your Slack can delete the message."
        )
    ]


def thanked(whole: Whole) -> list[Block]:
    """The sponsor's thanks for a stop."""
    e = whole.experiment
    return [
        kit.section(
            f"{card.titled(e)}\n{kit.person(e.sponsor)} thanks you for stopping it in time. That is what a safe-to-fail "
            "experiment is for."
        )
    ]


def learned(whole: Whole) -> list[Block]:
    """What it taught, as the owner wrote it, with the way to share it."""
    e, learning = whole.experiment, whole.learning
    if learning is None:
        return []
    opens = share_opens(e.stopped_at)
    blocks = [
        kit.section(f"{card.titled(e)}\n{card.where_it_is(whole)}"),
        kit.labelled("Expected, and locked at sign-off", e.prediction),
        kit.labelled("Seen", learning.seen),
        kit.labelled("We learned that …", learning.learned),
        *card.owner_buttons(whole),
    ]
    if card.harmed(whole) or not card.sharing_buttons(whole):
        note = "A slip, or harm to somebody, is put right in private first, and is not told in the digest."
    elif learning.shared_at and not learning.taken_back_at:
        note = "You can take it back at any time; a plain line then takes its place."
    elif opens and opens > e.looked_at:
        note = f"After a stop there is a day to breathe: you can share it from {kit.moment(opens)}."
    else:
        note = "Your sponsor and the people of the team can read it; nobody else, unless you share it. You see a preview first."
    return [*blocks, kit.context(note)]


def share_open(whole: Whole) -> list[Block]:
    """The day of cooling off is over."""
    e = whole.experiment
    if not card.sharing_buttons(whole):
        return []
    if whole.learning and whole.learning.shared_at:
        return card.brief(whole)
    return [
        kit.section(
            f"{card.titled(e)}\nThe day to breathe is over. If you want, you can share what it taught: a stop is often what "
            "helps others most. You see a preview first, and you can take it back at any time."
        ),
        *card.owner_buttons(whole),
    ]


def helped(whole: Whole, people: list[str]) -> list[Block]:
    """Readers were helped or said thank you; who, but never how many."""
    named = [kit.person(each) for each in people[:MOST_NAMED]] + ["others"] * (len(people) > MOST_NAMED)
    words = (
        f"What it taught reached {and_list(named)}: it helped them, or they say thank you. Thank you for sharing it."
    )
    return [kit.section(f"{card.titled(whole.experiment)}\n{words}")]


def reply_form(experiment: Experiment, sign_off: SignOff) -> View:
    """An answer to a condition."""
    e = experiment
    element = kit.text_input(most=MOST_REPLY)
    return kit.modal(
        Form.REPLY,
        f"{e.name}: your answer",
        [
            kit.labelled("The condition", sign_off.condition),
            kit.field("reply", "Your answer", element, hint="What speaks against it, or what you offer instead."),
        ],
        submit="Send answer",
        about=e.id,
    )


def another_form(experiment: Experiment) -> View:
    """Another sponsor."""
    e = experiment
    return kit.modal(
        Form.ANOTHER,
        f"{e.name}: sponsor",
        [
            kit.section(f"{kit.person(e.sponsor)} is told, kindly, that nothing is needed any more."),
            kit.field("sponsor", "Who else could say yes to this?", kit.person_input()),
        ],
        submit="Ask them",
        about=e.id,
    )


def detail_blocks(asked: CheckIn | None) -> list[Block]:
    """What can be added to a check-in; everything is optional."""
    ticked = [] if asked is None else [name for name in ("stop_sign_seen", "harm") if getattr(asked, name)]
    needs = {"": "Nothing just now"} | card.NEED_SAID
    needs = {key or "nothing": words for key, words in needs.items()}
    seen = {"stop_sign_seen": "The stop sign showed", "harm": "Somebody was harmed"}
    note = kit.text_input(asked.note if asked else None, most=MOST)
    return [
        kit.field("note", "One thing you noticed", note, optional=True),
        kit.field(
            "signs",
            "Did any of this happen?",
            kit.checkboxes(seen, ticked),
            hint="If you tick one, your sponsor is told and reads what you noticed, so that they can help.",
            optional=True,
        ),
        kit.field(
            "need",
            "Do you need anything?",
            kit.radio(needs, (asked.need if asked else None) or "nothing"),
            hint="If you do, your sponsor is told and reads what you noticed.",
            optional=True,
        ),
    ]


def detail_form(experiment: Experiment, asked: CheckIn) -> View:
    """More about a check-in that is answered."""
    e = experiment
    said = card.CHECK_IN_SAID[asked.answer or "nothing_yet"]
    opening = kit.section(
        f"{card.titled(e)}\nYour answer is kept: *{said}*. Add more if you want; you can also just close this."
    )
    return kit.modal(
        Form.DETAIL, f"{e.name}: check-in", [opening, *detail_blocks(asked)], submit="Keep it", about=asked.id
    )


def check_in_form(experiment: Experiment) -> View:
    """How it goes, said unasked."""
    e = experiment
    answer = kit.field("answer", "How is it going?", kit.radio(card.CHECK_IN_SAID))
    return kit.modal(
        Form.CHECK_IN,
        f"{e.name}: check-in",
        [kit.section(card.titled(e)), answer, *detail_blocks(None)],
        submit="Keep it",
        about=e.id,
    )


def extend_form(experiment: Experiment, longest: date) -> View:
    """A later end, once."""
    e = experiment
    return kit.modal(
        Form.EXTEND,
        f"{e.name}: extend",
        [
            kit.section(
                f"{card.titled(e)}\nIt ends on {kit.day(e.end)}. You can move that once, to {kit.day(longest)} at most."
            ),
            kit.field("end", "New end", kit.date_input(longest)),
        ],
        submit="Move the end",
        about=e.id,
    )


def learn_form(experiment: Experiment) -> View:
    """Two axes kept apart: did what was expected happen, and was the try well made."""
    e = experiment
    finishing = " Sending this finishes it." if e.status is Status.RUNNING else ""
    return kit.modal(
        Form.LEARN,
        f"What {e.name} taught",
        [
            kit.section(f"{card.titled(e)}\nWhether it worked or not: what it taught is what counts. Your sponsor and the people of the team can read it; nobody else, unless you share it.{finishing}"),
            kit.labelled("You expected, locked at sign-off", e.prediction),
            kit.labelled("Your stop sign was", e.stop_sign),
            written("seen", "What did you see?", "It stands beside what you expected."),
            kit.field("expected", "Did what you expected happen?", kit.radio(EXPECTED_SAID)),
            kit.field(
                "well_made", "Was the try well made? Tick what held.", kit.checkboxes(ASKS), optional=True,
                hint="A try can be well made and still not work.",
            ),
            written("learned", "We learned that …", "One sentence is enough."),
            written("surprised", "What surprised you?", optional=True),
            written("advice", "Advice to whoever tries this next", optional=True),
            written("protected", "What protected people?", "A stop sign, a colleague's caution, a small start.", optional=True),
            kit.field("kind", "What kind of ending was it?", kit.radio(KIND_SAID), hint="You choose the word."),
            kit.field(
                "harm", "Was anybody harmed?", kit.radio({"no": "No", "yes": "Yes"}),
                hint="If so, it is put right in private and never told in the digest.",
            ),
            kit.field("decision", "What happens next?", kit.select(DECISION_SAID)),
            kit.field("decision_owner", "Who does that?", kit.person_input(), optional=True),
            kit.field("decision_on", "By when?", kit.date_input(), optional=True),
        ],
        submit="Keep it",
        about=e.id,
    )  # fmt: skip


def written(name: str, label: str, hint: str = "", *, optional: bool = False) -> Block:
    """Room to write in the learning form."""
    return kit.field(name, label, kit.text_input(most=MOST), hint=hint, optional=optional)


def a_date(text: str | None) -> date | None:
    """A day that was chosen, if one was."""
    return date.fromisoformat(text) if text else None


def stopped(experiment: Experiment) -> list[Block]:
    """The answer to a stop: calm, with the way back."""
    e = experiment
    return [
        kit.section(
            f"*You stopped {e.name} safely. Nothing else is needed today.* {kit.person(e.sponsor)} hears of it in ten "
            "minutes. Until then you can undo it, and nobody will know."
        ),
        *kit.actions(kit.button("Undo the stop", Action.UNDO_STOP, e.id, about=e.name)),
    ]
