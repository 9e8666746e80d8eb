"""What people look things up in: the menu, help, lists, Home, and the settings form."""

from collections.abc import Sequence

from bot.domain import lifecycle
from bot.views import card, digest, gone, kit, operator, trouble
from bot.views.kit import Block, View
from bot.views.names import Action, Form
from db.shapes import Page, Told, Whole
from db.tables import Experiment, Workspace

WEEKDAYS = {1: "Monday", 2: "Tuesday", 3: "Wednesday", 4: "Thursday", 5: "Friday", 6: "Saturday", 7: "Sunday"}
MOST_LISTED = 10
HOURS = {hour: f"{hour:02}:00" for hour in range(24)}

# Every word that can be typed after /experiment, with what it does.
WORDS = {
    "propose": "opens the form for a small experiment; a draft is kept for you",
    "list": "shows the experiments that are open",
    "mine": "shows your own experiments",
    "waiting": "shows what waits for your answer",
    "show EXP-1": "shows one experiment",
    "check-in EXP-1": "says how yours goes",
    "stop EXP-1": "stops yours at once; you can undo it for ten minutes",
    "finish EXP-1": "finishes yours, and asks what it taught",
    "share EXP-1": "shows a preview, and shares what yours taught, if you want",
    "learnings": "shows what was learned; `learnings letter` looks for a word",
    "digest preview": "shows what the next weekly digest would say",
    "settings": "opens the settings, for admins and stewards",
    "help": "shows this",
}


def menu() -> list[Block]:
    """What `/experiment` alone answers."""
    return [
        kit.section(
            "*Try something small, safely.* You write down a small experiment and when you would stop. A sponsor agrees in "
            "writing that a try that does not work is on them. What it taught is shared only if you want."
        ),
        *kit.actions(
            kit.button("Propose an experiment", Action.PROPOSE, style="primary"),
            kit.button("Waiting for me", Action.WAITING),
            kit.button("My experiments", Action.MINE),
            kit.button("What is open", Action.LIST),
            kit.button("What we learned", Action.LEARNINGS),
        ),
        kit.context("Only you see this. `/experiment help` shows every word you can type."),
    ]


def help_page() -> list[Block]:
    """Every word that can be typed."""
    lines = [f"• `/experiment {word}` {what}" for word, what in WORDS.items()]
    return [
        kit.section("*What you can type*\n" + "\n".join(lines)),
        kit.context(
            "Your proposal is read by your sponsor and by whom you choose. Of your check-ins your sponsor hears only harm, a stop sign or a need. Nothing is told "
            "in the channel unless you press `Share`. Administrators and people who ask for records may be able to see more."
        ),
    ]


def until(experiment: Experiment, viewer: str) -> str:
    """When it ends, while it has not ended."""
    open_still = {*lifecycle.AWAITING_SPONSOR, lifecycle.Status.RUNNING}
    return f" · until {kit.day(experiment.end)}" if card.status_for(experiment, viewer) in open_still else ""


def line(experiment: Experiment, viewer: str) -> Block:
    """One experiment in a list."""
    e = experiment
    text = (
        f"{card.titled(e)}\n{kit.quiet(e.team, 400)} · {lifecycle.SAID[card.status_for(e, viewer)]}{until(e, viewer)}"
    )
    return kit.section(text, card.show_button(e, "Open"))


TITLES = {"list": "What is open", "mine": "My experiments", "waiting": "Waiting for me"}
EMPTY = {
    "list": "No experiment is open that you can see. Yours could be the first: `/experiment propose`.",
    "mine": "You have not proposed anything yet. `/experiment propose` opens the form; a draft is seen by you alone.",
    "waiting": "Nothing waits for your answer.",
}


def listed(which: str, experiments: Sequence[Experiment], viewer: str) -> list[Block]:
    """A list of experiments, or a kind word when it is empty."""
    if not experiments:
        return [kit.section(EMPTY[which])]
    more = [kit.context(f"These are the {MOST_LISTED} newest.")] if len(experiments) >= MOST_LISTED else []
    return [kit.section(f"*{TITLES[which]}*"), *(line(each, viewer) for each in experiments), *more]


def learnings(found: Sequence[Told], words: Sequence[str]) -> list[Block]:
    """What was learned, newest first."""
    about = f" about “{kit.quiet(' '.join(words), 300)}”" if words else ""
    if not found:
        return [kit.section(f"I know of no shared learning{about} yet.")]
    return [kit.section(f"*What we learned{about}*"), *(learned_line(each) for each in found)]


def learned_line(told: Told) -> Block:
    """One learning in a list."""
    learning, experiment = told
    stopped = " · stopped in time" if experiment.stopped_at else ""
    return kit.section(f"{digest.heading(learning, experiment)}{stopped}\n{kit.quiet(learning.learned, 2000)}")


def show(whole: Whole) -> View:
    """One experiment in a window."""
    return kit.modal(Form.NOTICE, whole.experiment.name, card.full(whole), about=whole.experiment.id)


def home(page: Page) -> View:
    """Waiting for me, mine, running near me, what we learned."""
    blocks = [
        kit.header("Safe to Fail"),
        kit.section("Small experiments that are safe to try, and what they taught us."),
        *kit.actions(
            kit.button("Propose an experiment", Action.PROPOSE, style="primary"),
            kit.button("Help", Action.HELP),
            kit.button("Settings", Action.SETTINGS) if page.steward else None,
        ),
        *(trouble.on_home(page.workspace, page.trouble) if page.looks_after else []),
        *operator.on_home(page.held),
        *part("Waiting for me", page, page.waiting, "Nothing waits for your answer."),
        *part("My experiments", page, page.mine, "You have no experiment yet. A draft is seen by you alone."),
        *part("Running near me", page, page.near, "Nothing else is running that you can see."),
        kit.header("What we learned"),
        *([learned_line(each) for each in page.learnings] or [kit.section("No learning has been shared yet.")]),
    ]
    return {"type": "home", "blocks": blocks}


def part(title: str, page: Page, experiments: Sequence[Experiment], empty: str) -> list[Block]:
    """One part of Home."""
    lines = [block for each in experiments for block in home_line(each, page.person)]
    return [kit.header(title), *(lines or [kit.section(empty)])]


def home_line(experiment: Experiment, viewer: str) -> list[Block]:
    """One experiment on Home, with its most useful buttons."""
    e = experiment
    stop = card.stop_button(e) if e.owner == viewer and e.status is lifecycle.Status.RUNNING else None
    learn = card.learn_button(e) if e.owner == viewer and e.status in lifecycle.AWAITING_LEARNING else None
    choose = gone.choose_button(e) if e.orphaned_at and e.sponsor == viewer else None
    standing = "Needs a new owner" if choose else lifecycle.SAID[card.status_for(e, viewer)].capitalize()
    text = f"{card.titled(e)}\n{standing}{until(e, viewer)}"
    return [kit.section(text, card.show_button(e, "Open")), *kit.actions(choose, stop, learn)]


def settings_form(workspace: Workspace) -> View:
    """The settings of the workspace."""
    w = workspace
    channel: Block = {"type": "channels_select", "placeholder": kit.plain("Choose a channel")}
    if w.digest_channel:
        channel["initial_channel"] = w.digest_channel
    ceilings = (
        ("ceiling_people", "Most people that a small trial may affect", w.ceiling_people),
        ("ceiling_money", "Most money that a small trial may cost", w.ceiling_money),
        ("ceiling_hours", "Most hours of work that a small trial may take", w.ceiling_hours),
        ("ceiling_weeks", "Most weeks that a small trial may last", w.ceiling_weeks),
    )
    return kit.modal(
        Form.SETTINGS,
        "Settings",
        [
            kit.header("The weekly digest"),
            kit.field("digest_channel", "Channel", channel, optional=True,
                      hint="Then type /invite @Safe to Fail there. Without a channel there is no digest."),
            kit.field("digest_weekday", "Day", kit.select(WEEKDAYS, w.digest_weekday)),
            kit.field("digest_hour", "Hour", kit.select(HOURS, w.digest_hour)),
            kit.field("zone", "Time zone", kit.text_input(w.zone, most=64, lines=False), hint="For example Europe/London."),
            kit.header("What counts as small"),
            *(kit.field(name, label, kit.number_input(str(value))) for name, label, value in ceilings),
            kit.field("currency", "Currency symbol", kit.text_input(w.currency, most=4, lines=False), optional=True),
            kit.header("People and days"),
            kit.field("calendar", "Public holidays of", kit.text_input(w.calendar, most=16, lines=False),
                      hint="Country and region, such as GB-ENG or GB-SCT."),
            kit.field("stewards", "Stewards", kit.people_input(w.stewards), optional=True,
                      hint="They may change these settings, like the admins of your Slack."),
            kit.field("usual_route", "Where should people take an idea that is not for here?",
                      kit.text_input(w.usual_route, most=200, lines=False), hint="Such as your manager, or the change board."),
        ],
        submit="Save",
    )  # fmt: skip


def settings_saved(workspace: Workspace) -> View:
    """What holds from now on."""
    w = workspace
    if not w.digest_channel:
        return kit.notice("Settings", "Saved. No channel is chosen, so no digest is posted.")
    return kit.notice(
        "Settings",
        f"Saved. The digest is posted in {kit.channel(w.digest_channel)} on {WEEKDAYS[w.digest_weekday]} at "
        f"{w.digest_hour:02}:00, {kit.quiet(w.zone)} time.",
        "If you have not done so yet, type `/invite @Safe to Fail` in that channel.",
    )
