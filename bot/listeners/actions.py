"""What buttons do, and what happens while a form is filled in."""

from collections.abc import Callable

import structlog
from slack_sdk.errors import SlackApiError

from bot.domain.errors import UserError
from bot.domain.learning import Level
from bot.domain.lifecycle import Step
from bot.listeners import home
from bot.listeners.ask import Ask
from bot.services import digest as digests
from bot.services import ending, outbox, people, reading, running, sign_off, taking_over
from bot.services import propose as proposals
from bot.services import settings as all_settings
from bot.views import digest, gone, kit, owner, pages, sponsor
from bot.views import propose as proposal
from bot.views.kit import View
from bot.views.names import Action, Form


def answer(ask: Ask) -> None:
    """Do what the button or input says; a button of a former release gets a sentence."""
    name = ask.action["action_id"]
    if name in ACTIONS:
        ACTIONS[Action(name)](ask)
    elif ask.view.get("callback_id") in INPUTS:
        INPUTS[Form(ask.view["callback_id"])](ask)
    elif ask.view.get("type") != "modal":
        raise UserError("This button is no longer in use. `/experiment` shows you where things are.")


def show_anew(ask: Ask, experiment_id: int) -> None:
    """Show in the same window or on Home what has just changed; messages change by themselves."""
    if ask.view.get("type") == "home":
        home.publish(ask, ask.view.get("hash"))
    elif ask.view.get("callback_id") == Form.NOTICE and ask.view.get("private_metadata"):
        ask.redraw(pages.show(reading.show_by_id(ask.store, ask.act, experiment_id)))


def propose(ask: Ask) -> None:
    """Open the proposal form with the draft, if there is one."""

    def build() -> View:
        draft, workspace, today = proposals.begin(ask.store, ask.act)
        return proposal.form(workspace, today, draft.answers if draft else {}, draft)

    ask.open(build, proposal.loading())


def start_afresh(ask: Ask) -> None:
    """Throw the draft away and show an empty form."""
    workspace, today = proposals.discard_draft(ask.store, ask.act)
    ask.redraw(proposal.empty_form(workspace, today))


def change_answers(ask: Ask) -> None:
    """Show the form again, with everything that was typed."""
    ask.meet()
    draft, workspace, today = proposals.begin(ask.store, ask.act)
    ask.redraw(proposal.form(workspace, today, draft.answers if draft else {}, draft))


def keep_draft(ask: Ask) -> None:
    """Keep what stands in the proposal form while it is filled in."""
    try:
        ask.meet()
        proposals.keep_draft(ask.store, ask.act, ask.answers, ask.action["action_ts"])
    except Exception as error:  # noqa: BLE001 - no window may push itself over a form in which somebody types
        structlog.get_logger().warning("a draft could not be kept", error=type(error).__name__)


def preview_level(ask: Ask) -> None:
    """Show the preview as it would be with the chosen level."""
    experiment, learning, channel = ending.shareable(ask.store, ask.act, ask.about)
    ask.redraw(digest.share_form(experiment, learning, channel, Level(ask.answers.get("level") or Level.TEAM)))


def agree(ask: Ask) -> None:
    """Open the cover note."""

    def build() -> View:
        experiment, end = sign_off.decidable(ask.store, ask.act, ask.subject, Step.AGREE)
        return sponsor.agree_form(experiment, end, people.name(ask.store, ask.act, experiment.owner))

    ask.open(build)


def ask_condition(ask: Ask) -> None:
    """Open the form for a condition."""

    def build() -> View:
        experiment, end = sign_off.decidable(ask.store, ask.act, ask.subject, Step.ASK_CONDITION)
        return sponsor.condition_form(experiment, end, people.name(ask.store, ask.act, experiment.owner))

    ask.open(build)


def talk(ask: Ask) -> None:
    """The sponsor would like to talk first."""
    ask.meet()
    experiment = sign_off.talk(ask.store, ask.once, ask.subject)
    ask.say(
        kit.section(
            f"{kit.person(experiment.owner)} is told that you would like to talk first, and that it is not a no. "
            f"You can still answer {experiment.name} here at any time."
        )
    )


def accept_condition(ask: Ask) -> None:
    """The owner accepts the condition, and it runs."""
    ask.meet()
    show_anew(ask, sign_off.accept_condition(ask.store, ask.once, ask.subject).id)


def answer_condition(ask: Ask) -> None:
    """Open the form for an answer to the condition."""
    ask.open(lambda: owner.reply_form(*sign_off.condition(ask.store, ask.act, ask.subject)))


def ask_another(ask: Ask) -> None:
    """Open the form for another sponsor."""
    ask.open(lambda: owner.another_form(sign_off.choosing(ask.store, ask.act, ask.subject)))


def withdraw(ask: Ask) -> None:
    """The owner takes the proposal back."""
    ask.meet()
    show_anew(ask, sign_off.withdraw(ask.store, ask.once, ask.subject).id)


def check_in(ask: Ask) -> None:
    """One tap; where more is likely to be said, the short form opens after the answer is kept."""
    ask.meet()
    said = ask.action["action_id"].removeprefix("check_in_")
    experiment, asked = running.check_in(ask.store, ask.once, ask.subject, said)
    if said in {"surprising", "stuck", "should_stop"}:
        try:
            ask.open(lambda: owner.detail_form(experiment, asked))
        except SlackApiError as error:  # The answer is kept, and the message offers `Add something`.
            structlog.get_logger().warning("the short form did not open", error=str(error))


def ask_later(ask: Ask) -> None:
    """Ask again on the next working day."""
    ask.meet()
    running.ask_later(ask.store, ask.once, ask.subject)


def add_detail(ask: Ask) -> None:
    """Open the short form for a check-in that is answered."""
    ask.open(lambda: owner.detail_form(*running.answered(ask.store, ask.act, ask.subject)))


def say_how_it_goes(ask: Ask) -> None:
    """Open the check-in form unasked."""
    ask.open(lambda: owner.check_in_form(running.checkable(ask.store, ask.act, ask.subject)))


def stop(ask: Ask) -> None:
    """Stop it, in one tap."""
    ask.meet()
    experiment = running.stop(ask.store, ask.once, ask.subject)
    if ask.view.get("type") != "modal":
        ask.say(*owner.stopped(experiment))
    show_anew(ask, experiment.id)


def undo_stop(ask: Ask) -> None:
    """Take the stop back."""
    ask.meet()
    experiment = running.undo_stop(ask.store, ask.once, ask.subject)
    words = f"{experiment.name} runs again. Nobody else was told that it had stopped."
    if ask.view.get("type") != "modal":
        ask.say(kit.section(words))
    elif not ask.view.get("private_metadata"):
        ask.redraw(kit.notice("Safe to Fail", words))
    show_anew(ask, experiment.id)


def extend(ask: Ask) -> None:
    """Open the form for a later end."""
    ask.open(lambda: owner.extend_form(*running.extendable(ask.store, ask.act, ask.subject)))


def learn(ask: Ask) -> None:
    """Open the learning form."""
    ask.open(lambda: owner.learn_form(ending.learnable(ask.store, ask.act, ask.subject)))


def thank(ask: Ask) -> None:
    """The sponsor thanks the owner for a stop."""
    ask.meet()
    experiment = running.thank(ask.store, ask.once, ask.subject)
    ask.say(kit.section(f"{kit.person(experiment.owner)} reads your thanks now. That keeps the next person safe, too."))


def share(ask: Ask) -> None:
    """Open the preview."""
    ask.open(lambda: digest.share_form(*ending.shareable(ask.store, ask.act, ask.subject)))


def take_back(ask: Ask) -> None:
    """Take back what was shared."""
    ask.meet()
    experiment = ending.take_back(ask.store, ask.once, ask.subject)
    if ask.view.get("type") != "modal":
        where = "Where it was posted, a plain line takes its place."
        ask.say(kit.section(f"What {experiment.name} taught is taken back. {where}"))
    show_anew(ask, experiment.id)


def choose_owner(ask: Ask) -> None:
    """Open the form for a new owner."""
    ask.open(lambda: gone.owner_form(*taking_over.choosing(ask.store, ask.act, ask.subject)))


def take_over(ask: Ask) -> None:
    """The colleague who was asked says yes."""
    ask.meet()
    experiment = taking_over.take(ask.store, ask.once, ask.subject)
    ask.say(kit.section(f"{experiment.name} is yours now. Thank you for going on with it."))


def allow_channel(ask: Ask) -> None:
    """The digest is posted where it was to be posted, whoever else reads along."""
    ask.meet()
    channel = all_settings.allow_channel(ask.store, ask.once, ask.subject)
    ask.say(
        kit.section(f"The weekly digest is posted in {kit.channel(channel)} as it is. I ask again if that changes.")
    )


def show(ask: Ask) -> None:
    """Show the whole experiment in a window."""
    ask.open(lambda: pages.show(reading.show_by_id(ask.store, ask.act, ask.subject)))


def respond(ask: Ask) -> None:
    """A reader of the digest says that it helps, or thank you."""
    ask.meet()
    digests.respond(ask.store, ask.once, ask.subject, ask.action["action_id"])
    ask.say(kit.section("Thank you. The people who shared it are told; nobody else is, and nobody counts."))


def listed(ask: Ask) -> None:
    """One of the lists, from the menu."""
    ask.meet()
    which = ask.action["action_id"]
    ask.say(*pages.listed(which, reading.listed(ask.store, ask.act, which), ask.person))


def learnings(ask: Ask) -> None:
    """What was learned, from the menu."""
    ask.meet()
    ask.say(*pages.learnings(reading.learnings(ask.store, ask.act, ()), ()))


def settings(ask: Ask) -> None:
    """Open the settings."""
    ask.open(lambda: pages.settings_form(all_settings.current(ask.store, ask.act)))


def arrived(ask: Ask) -> None:
    """A steward has seen that a held message arrived."""
    ask.meet()
    outbox.arrived(ask.store, ask.once, ask.subject)
    decided(ask, "Thank you. I take it that it arrived, and send nothing.")


def send_again(ask: Ask) -> None:
    """A steward has seen that a held message did not arrive."""
    ask.meet()
    outbox.send_again(ask.store, ask.once, ask.subject)
    decided(ask, "Thank you. I send it again now.")


def decided(ask: Ask, words: str) -> None:
    """Say what was decided where it was asked."""
    if ask.view.get("type") == "home":
        home.publish(ask, ask.view.get("hash"))
    else:
        ask.say(kit.section(words))


def help_page(ask: Ask) -> None:
    """Every word that can be typed."""
    ask.say(*pages.help_page())


ACTIONS: dict[Action, Callable[[Ask], None]] = {
    Action.PROPOSE: propose,
    Action.START_AFRESH: start_afresh,
    Action.CHANGE_ANSWERS: change_answers,
    Action.AGREE: agree,
    Action.ASK_CONDITION: ask_condition,
    Action.TALK: talk,
    Action.ACCEPT_CONDITION: accept_condition,
    Action.ANSWER_CONDITION: answer_condition,
    Action.ASK_ANOTHER: ask_another,
    Action.WITHDRAW: withdraw,
    Action.EXPECTED: check_in,
    Action.SURPRISING: check_in,
    Action.STUCK: check_in,
    Action.SHOULD_STOP: check_in,
    Action.NOTHING_YET: check_in,
    Action.ASK_LATER: ask_later,
    Action.ADD_DETAIL: add_detail,
    Action.CHECK_IN: say_how_it_goes,
    Action.STOP: stop,
    Action.UNDO_STOP: undo_stop,
    Action.EXTEND: extend,
    Action.LEARN: learn,
    Action.THANK: thank,
    Action.SHARE: share,
    Action.TAKE_BACK: take_back,
    Action.SHOW: show,
    Action.HELPS: respond,
    Action.THANKS: respond,
    Action.LIST: listed,
    Action.MINE: listed,
    Action.WAITING: listed,
    Action.LEARNINGS: learnings,
    Action.SETTINGS: settings,
    Action.HELP: help_page,
    Action.CHOOSE_OWNER: choose_owner,
    Action.TAKE_OVER: take_over,
    Action.ALLOW_CHANNEL: allow_channel,
    Action.ARRIVED: arrived,
    Action.SEND_AGAIN: send_again,
}

# Forms that are answered while they are filled in.
INPUTS: dict[Form, Callable[[Ask], None]] = {Form.PROPOSE: keep_draft, Form.SHARE: preview_level}
