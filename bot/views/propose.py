"""The proposal: its form with one worked example in grey, what the gate says, and reading the answers."""

from datetime import date
from typing import Any

from bot.domain.errors import UserError
from bot.domain.gate import Finding, Lane, why_not_here
from bot.domain.proposal import (
    DEFAULT_LENGTH,
    NUMBERS,
    SHORT,
    TOUCHES_SAID,
    VISIBILITY_SAID,
    WRITTEN,
    Answer,
    Proposal,
    Touches,
    UndoTime,
    Visibility,
    number,
    written,
)
from bot.views import kit
from bot.views.kit import Block, View
from bot.views.names import Action, Form
from db.tables import Draft, Experiment, Workspace

TITLE = "Propose an experiment"
YES_NO = {Answer.YES: "Yes", Answer.NO: "No", Answer.NOT_SURE: "I am not sure"}

# Field, label, hint, and the worked example that stands in grey.
QUESTIONS: dict[str, list[tuple[str, str, str, str]]] = {
    "1. The problem": [
        ("problem", "What problem are you trying to ease, and for whom?", "One or two sentences.",
         "People who move house ring us three times, because our letter does not say when we will answer."),
    ],
    "2. The idea": [
        ("idea", "What will you try?", "Small enough to begin within days.",
         "Put one sentence with the answer date at the top of the letter, for one week's post."),
    ],
    "3. Why it should help": [
        ("hypothesis", "We think … will lead to … because …", "Finish the sentence in your own words.",
         "We think a date at the top will lead to fewer calls, because people ring when they do not know."),
    ],
    "4. How you will know": [
        ("prediction", "What do you expect to see?", "This is locked at sign-off, so that you can compare honestly.",
         "Calls about these letters fall from about 30 to about 20 a week."),
        ("stop_sign", "What would tell you that you are wrong?", "This is your stop sign. It is locked at sign-off too.",
         "More calls than before, or one person who missed a payment because of the new sentence."),
    ],
    "5. The worst, and the way back": [
        ("worst", "What is the worst that could sensibly happen, and to whom?", "Say it plainly: it protects you later.",
         "Some people read the date as a promise and are cross with the call centre when we are late."),
        ("undo", "How would you undo it?", "", "Print the old letter again; ring the people who got the new one."),
    ],
}  # fmt: skip
CHECKS = {
    "contained": (
        "Do all people it touches know and agree, and does nobody lose a service or payment?",
        "The colleagues in your trial count too.",
    ),
    "observable": (
        "Would you notice your stop sign before the next check-in?",
        "I ask in the middle and at the end.",
    ),
    "novel": (
        "Is it new: does nobody know the right answer yet?",
        "If the answer is known, you need no trial.",
    ),
}


def loading() -> View:
    """What opens at once, while the draft is looked up."""
    return kit.notice(TITLE, "One moment: I am looking for your draft.")


def empty_form(workspace: Workspace, today: date) -> View:
    """The form without a word, in the place of one that was filled in: Slack empties only fields with new ids."""
    view = form(workspace, today, {})
    for block in view["blocks"]:
        if block["type"] == "input":
            block["element"]["action_id"] += "_afresh"
    return view


def form(workspace: Workspace, today: date, answers: dict[str, Any], draft: Draft | None = None) -> View:
    """The proposal form, filled with *answers*."""
    blocks = [*opening(draft), field_title(answers)]
    for heading, questions in QUESTIONS.items():
        blocks.append(kit.header(heading))
        blocks += [question(*each, answers) for each in questions]
    blocks += [undo_time(answers), kit.header("6. When, and how much"), *amounts(workspace, today, answers)]
    blocks += [kit.header("Three quick checks"), *checks(answers)]
    blocks += [kit.header("Who"), *people(answers)]
    view = kit.modal(Form.PROPOSE, TITLE, blocks, submit="Check and send", close="Keep as draft")
    return view | {"notify_on_close": True}


def opening(draft: Draft | None) -> list[Block]:
    """What the form says first: how long it takes, who will read it, and about a draft."""
    welcome = (
        "This takes about four minutes. The words in grey are one worked example. *I keep a draft as you type, and "
        "only you can see it.* When you send it, your sponsor reads it, and the people you choose at the end. It is a "
        "work record, so people may be able to ask for it under freedom of information: please leave out names and "
        "personal details."
    )
    if draft is None:
        return [kit.section(welcome)]
    return [
        kit.section(welcome),
        kit.section(
            f"Here is your draft, last kept on {kit.moment(draft.saved_at)}.",
            kit.button("Start afresh", Action.START_AFRESH, about="throw this draft away"),
        ),
    ]


def field_title(answers: dict[str, Any]) -> Block:
    """A short name, by which lists and people call it."""
    element = kit.text_input(
        answers.get("title"), most=SHORT, lines=False, example="A date on the letter", dispatch=True
    )
    return kit.field("title", "Give it a short name", element, dispatch=True)


def question(name: str, label: str, hint: str, example: str, answers: dict[str, Any]) -> Block:
    """One question with room to write."""
    most = WRITTEN[name][1]
    element = kit.text_input(answers.get(name), most=most, example=example, dispatch=True)
    return kit.field(name, label, element, hint=hint, dispatch=True)


def undo_time(answers: dict[str, Any]) -> Block:
    """How long undoing takes."""
    choices = {UndoTime.MINUTES: "Minutes", UndoTime.SAME_DAY: "The same day", UndoTime.WEEK: "Within a week"}
    choices |= {UndoTime.LONGER: "Longer", UndoTime.CANNOT: "It cannot be undone"}
    element = kit.select(choices, answers.get("undo_time"))
    return kit.field("undo_time", "How long would undoing it take?", element, dispatch=True)


def amounts(workspace: Workspace, today: date, answers: dict[str, Any]) -> list[Block]:
    """From when to when, and the most that is at stake."""
    w = workspace
    start = answers.get("start") or today
    end = answers.get("end") or today + DEFAULT_LENGTH
    numbers = (
        ("people", "How many people does it affect at most?", f"Small here means up to {w.ceiling_people}."),
        (
            "money",
            "What is the most it could cost?",
            f"Whole {w.currency or 'units'}; small means up to {w.ceiling_money}.",
        ),
        ("hours", "How many hours of work could it take?", f"Small here means up to {w.ceiling_hours}."),
    )
    return [
        kit.field("start", "Start", kit.date_input(start), dispatch=True),
        kit.field(
            "end",
            "End",
            kit.date_input(end),
            hint=f"Small here means up to {w.ceiling_weeks} weeks.",
            dispatch=True,
        ),
        *(
            kit.field(name, label, kit.number_input(answers.get(name), dispatch=True), hint=hint, dispatch=True)
            for name, label, hint in numbers
        ),
    ]


def checks(answers: dict[str, Any]) -> list[Block]:
    """The tests of the gate that only the proposer can answer, and what a small trial must not touch."""
    asked = [
        kit.field(name, label, kit.radio(YES_NO, answers.get(name)), hint=hint, dispatch=True)
        for name, (label, hint) in CHECKS.items()
    ]
    touches = {each: words.capitalize() for each, words in TOUCHES_SAID.items()}
    element = kit.checkboxes(touches, answers.get("touches") or ())
    label = "Does it touch any of these?"
    return [
        *asked,
        kit.field("touches", label, element, hint="Leave all empty if not.", optional=True, dispatch=True),
    ]


def people(answers: dict[str, Any]) -> list[Block]:
    """Who says yes, who runs it, and who may see it."""
    team = kit.text_input(answers.get("team"), most=SHORT, lines=False, example="House moves team", dispatch=True)
    visible = {
        Visibility.EVERYONE: "Everyone here",
        Visibility.TEAM: "The people of the team, and the sponsor",
        Visibility.INVOLVED: "Only you and the sponsor",
    }
    return [
        kit.field("sponsor", "Who could say yes to this?", kit.person_input(answers.get("sponsor")),
                  hint="Your sponsor agrees in writing that a try that does not work is on them.", dispatch=True),
        kit.field("team", "Which team runs it?", team, dispatch=True),
        kit.field("members", "Who is in the team?", kit.people_input(answers.get("members") or ()),
                  optional=True, dispatch=True),
        kit.field("visibility", "Who may see it here?",
                  kit.radio(visible, answers.get("visibility") or Visibility.EVERYONE.value),
                  hint="Administrators of your Slack can see more than I show.", dispatch=True),
    ]  # fmt: skip


def read(view: View) -> Proposal:
    """The answers as a proposal; the first that cannot be used raises `UserError` about its field."""
    answers = kit.values(view)
    texts: dict[str, Any] = {name: written(name, answers.get(name)) for name in WRITTEN}
    numbers: dict[str, Any] = {name: number(name, answers.get(name)) for name in NUMBERS}
    return Proposal(
        **texts,
        **numbers,
        undo_time=choice(UndoTime, "undo_time", answers),
        start=a_day("start", answers),
        end=a_day("end", answers),
        contained=choice(Answer, "contained", answers),
        observable=choice(Answer, "observable", answers),
        novel=choice(Answer, "novel", answers),
        touches=tuple(Touches(each) for each in answers.get("touches") or () if each in TOUCHES_SAID),
        sponsor=a_person("sponsor", answers),
        members=several("members", answers),
        visibility=choice(Visibility, "visibility", answers),
    )


def choice(kind: Any, name: str, answers: dict[str, Any]) -> Any:
    """The answer as one of the words of *kind*."""
    try:
        return kind(answers.get(name))
    except ValueError:
        raise UserError("Choose one of these.", field=name) from None


def a_day(name: str, answers: dict[str, Any]) -> date:
    """The answer as a day."""
    try:
        return date.fromisoformat(answers.get(name) or "")
    except ValueError:
        raise UserError("Choose a day.", field=name) from None


def several(name: str, answers: dict[str, Any]) -> tuple[str, ...]:
    """The answer as Slack ids; too many raise `UserError` about the field."""
    people = tuple(answers.get(name) or ())
    if len(people) > kit.MOST_PEOPLE:
        raise UserError(f"Choose up to {kit.MOST_PEOPLE} people.", field=name)
    return people


def a_person(name: str, answers: dict[str, Any]) -> str:
    """The answer as somebody's Slack id."""
    if not answers.get(name):
        raise UserError("Choose a person.", field=name)
    return str(answers[name])


def kept_as_draft(lane: Lane, findings: list[Finding], proposal: Proposal, workspace: Workspace) -> View:
    """Why it was not sent yet, and the kind ways on; nothing that was typed is lost."""
    if lane is Lane.NOT_HERE:
        blocks = not_here(proposal, workspace)
    else:
        blocks = [
            kit.section(
                "*It is not sent yet, and nothing is lost.* A trial that can start on one yes meets five tests. "
                "Here is how yours stands:"
            ),
            *(
                kit.section(f"*{'Met' if each.met else 'Not yet'}: {each.test.value}.* {quiet_why(each)}")
                for each in findings
            ),
            kit.section(
                "Often one change is enough: fewer people, a shorter time, only those who volunteer, trying it beside "
                "the old way, or on paper first. "
                f"If it has to stay as it is, {kit.quiet(workspace.usual_route)} is the way to go."
            ),
        ]
    blocks += kit.actions(kit.button("Change my answers", Action.CHANGE_ANSWERS, style="primary"))
    blocks.append(kit.context("It is kept as a draft. Only you can see it. `/experiment propose` opens it again."))
    return kit.modal(Form.PROPOSE, TITLE, blocks)


def quiet_why(finding: Finding) -> str:
    """The reason of a finding; the sign of the currency is typed by people."""
    return kit.quiet(finding.why)


def not_here(proposal: Proposal, workspace: Workspace) -> list[Block]:
    """Why the usual route protects everybody better."""
    return [
        kit.section(
            "*This one is not for here, and asking was right.* Small trials here can be undone, and they stay away from "
            f"legal duties, safety, vulnerable people and personal data of many. {why_not_here(proposal)}"
        ),
        kit.section(
            f"The usual way protects you and others better: {kit.quiet(workspace.usual_route)}. Your words are kept, so "
            "you can take them along. Perhaps a smaller part of it can be tried here."
        ),
    ]


def sent(experiment: Experiment) -> View:
    """It is with the sponsor: what happens next, and who can see it."""
    e = experiment
    return kit.notice(
        TITLE,
        f"*{e.name} is with {kit.person(e.sponsor)} now.* All five safety tests are met. Thank you for writing it down.",
        "What happens next: they answer when they can. I remind them in private on the next two working days. If they "
        "have not answered by then, I tell you, and you can choose somebody else. Silence is never a no.",
        f"Who can see it: {VISIBILITY_SAID[e.visibility]}. You can withdraw it until it is agreed, without a reason.",
    )
