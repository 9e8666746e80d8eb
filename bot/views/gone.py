"""What people read when somebody an experiment needs can no longer use this Slack."""

from bot.domain.lifecycle import Status
from bot.views import card, kit
from bot.views.kit import Block, View
from bot.views.names import Action, Form
from db.shapes import Whole
from db.tables import Experiment, SignOff


def name_for(experiment: Experiment, *, may_read: bool) -> str:
    """The number, and the title for those who may read it."""
    return card.titled(experiment) if may_read else f"*{experiment.name}*"


def choose_button(experiment: Experiment) -> Block:
    """Opens the form for a new owner."""
    e = experiment
    return kit.button("Choose a new owner", Action.CHOOSE_OWNER, e.id, about=e.name, style="primary")


def needs_owner(experiment: Experiment, *, may_read: bool) -> list[Block]:
    """For whoever may choose: the owner cannot go on, and what to do; quiet once there is an owner."""
    e = experiment
    name = name_for(e, may_read=may_read)
    if e.orphaned_at is None:
        return [kit.section(f"{name}\nIt has an owner: {kit.person(e.owner)}. Nothing is needed from you. Thank you.")]
    return [
        kit.section(
            f"{name}\n{kit.person(e.owner)}, who runs it, can no longer use this Slack as a colleague. Nothing is wrong "
            "with the experiment: it rests, and I ask nobody how it goes. Would you choose a colleague to go on with it?"
        ),
        *kit.actions(choose_button(e), card.show_button(e) if may_read else None),
        kit.context("Whoever you choose is asked first. If their account is switched on again before, all goes on."),
    ]


def owner_form(experiment: Experiment, may_read: bool) -> View:  # noqa: FBT001 - a service hands both over together
    """Whom to ask."""
    e = experiment
    return kit.modal(
        Form.NEW_OWNER,
        f"{e.name}: new owner",
        [
            kit.section(name_for(e, may_read=may_read)),
            kit.field(
                "owner", "Who could go on with it?", kit.person_input(), hint="They can say no by doing nothing."
            ),
            kit.context("They are shown what it is about, and it is theirs once they say yes."),
        ],
        submit="Ask them",
        about=e.id,
    )


def take_over(whole: Whole) -> list[Block]:
    """For the colleague who was chosen: what it is, and that a no costs nothing."""
    e = whole.experiment
    if e.owner == whole.viewer:
        return [kit.section(f"{card.titled(e)}\nIt is yours now. Thank you for going on with it.")]
    if e.orphaned_at is None:
        return [kit.section("The experiment that I asked you about has an owner now. Nothing is needed from you.")]
    return [
        kit.section(
            f"{card.titled(e)}\nThe colleague who ran it has gone. Would you go on with it, from {card.dates(e)}? "
            f"{kit.person(e.sponsor)} is its sponsor."
        ),
        kit.labelled("What is tried", e.idea),
        kit.labelled("It stops when", e.stop_sign),
        *kit.actions(kit.button("Take it over", Action.TAKE_OVER, e.id, about=e.name, style="primary")),
        kit.context("If it is not for you, do nothing. You can stop it at any time, and that is good practice."),
    ]


def taken_over(whole: Whole) -> list[Block]:
    """The card of the new owner, with every next step."""
    if whole.viewer != whole.experiment.owner:
        return [kit.section(f"{card.titled(whole.experiment)}\nSomebody else owns it now.")]
    return card.brief(whole)


def sponsor_gone(whole: Whole, sign_off: SignOff) -> list[Block]:
    """For the owner, at once: nobody will answer there, and silence is not a yes."""
    e = whole.experiment
    if sign_off.id != whole.sign_off.id or whole.sponsor_here or e.orphaned_at:
        return [kit.section(f"{card.titled(e)}\n{card.where_it_is(whole)}")]
    gone = f"{card.titled(e)}\n{kit.person(e.sponsor)} can no longer use this Slack as a colleague"
    if e.status is Status.RUNNING:
        return [
            kit.section(
                f"{gone}. What they agreed in writing stands, and the experiment goes on. If somebody is harmed, the stop "
                "sign shows or you need something, please tell your manager yourself: I cannot reach a sponsor for it."
            ),
            *kit.actions(card.show_button(e)),
        ]
    if e.status in {Status.PROPOSED, Status.CONDITION}:
        return [
            kit.section(
                f"{gone}, so they cannot sign it off. That says nothing about your idea. Whom else could you ask?"
            ),
            *card.owner_buttons(whole),
        ]
    return [kit.section(f"{card.titled(e)}\n{card.where_it_is(whole)}")]
