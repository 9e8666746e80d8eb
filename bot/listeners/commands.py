"""What can be typed after /experiment."""

import difflib
import re
import shlex
from collections.abc import Callable
from typing import Any

from bot.domain.errors import UserError
from bot.domain.words import clean, straighten
from bot.listeners import actions
from bot.listeners.ask import Ask
from bot.services import digest as digests
from bot.services import ending, reading, running
from bot.views import card, digest, kit, owner, pages
from bot.views.kit import Block

NAME = re.compile(r"exp-?\d+", re.IGNORECASE)
ESCAPED = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}  # As Slack sends what was typed; in this order.
Answered = list[Block] | None


def answer(ask: Ask) -> dict[str, Any]:
    """What the person who typed reads at once; nothing where a form opens instead."""
    words = split(ask.body.get("text", ""))
    blocks = chosen(words)(ask, words[1:])
    return {"response_type": "ephemeral", **kit.message(*blocks)} if blocks else {}


def split(text: str) -> list[str]:
    """The words that were typed; quotes keep words together, and the quotes of phones count as quotes."""
    for escaped, letter in ESCAPED.items():
        text = text.replace(escaped, letter)
    plain = " ".join(straighten(clean(text)).split())
    try:
        return shlex.split(plain)
    except ValueError:  # A quote without its other half, as in “don't”, keeps nothing together.
        return [bare for each in plain.split() if (bare := each.strip("\"'"))]


def chosen(words: list[str]) -> Callable[[Ask, list[str]], Answered]:
    """The function for the first word; an unknown word raises `UserError` with a suggestion."""
    word = words[0].lower() if words else ""
    if NAME.fullmatch(word):
        return lambda ask, _: show(ask, words[:1])
    if word in WORDS:
        return WORDS[word]
    near = difflib.get_close_matches(word, [each for each in WORDS if each], n=1)
    hint = f"Did you mean `/experiment {near[0]}`? " if near else ""
    raise UserError(f"I do not know “{kit.quiet(word, 60)}”. {hint}`/experiment help` shows every word.")


def menu(ask: Ask, _: list[str]) -> Answered:
    """The menu with buttons."""
    ask.meet()
    reading.welcome(ask.store, ask.act)
    return pages.menu()


def help_page(ask: Ask, _: list[str]) -> Answered:
    """Every word that can be typed."""
    ask.meet()
    reading.welcome(ask.store, ask.act)
    return pages.help_page()


def propose(ask: Ask, _: list[str]) -> Answered:
    """Open the proposal form."""
    actions.propose(ask)
    return None


def listed(which: str) -> Callable[[Ask, list[str]], Answered]:
    """One of the lists."""

    def answered(ask: Ask, _: list[str]) -> Answered:
        ask.meet()
        return pages.listed(which, reading.listed(ask.store, ask.act, which), ask.person)

    return answered


def named(words: list[str]) -> str:
    """The experiment that was named."""
    if not words:
        raise UserError("Name the experiment by its number, such as EXP-12. You find it with `/experiment mine`.")
    return words[0]


def show(ask: Ask, words: list[str]) -> Answered:
    """One experiment with everything that belongs to it."""
    name = named(words)
    ask.meet()
    return card.full(reading.show(ask.store, ask.act, name))


def stop(ask: Ask, words: list[str]) -> Answered:
    """Stop it at once."""
    name = named(words)
    ask.meet()
    found = reading.find(ask.store, ask.act, name)
    return owner.stopped(running.stop(ask.store, ask.once, found.id))


def check_in(ask: Ask, words: list[str]) -> Answered:
    """Say how it is going, in a form."""
    name = named(words)
    ask.open(
        lambda: owner.check_in_form(running.checkable(ask.store, ask.act, reading.find(ask.store, ask.act, name).id))
    )
    return None


def finish(ask: Ask, words: list[str]) -> Answered:
    """Say what it taught, which finishes it."""
    name = named(words)
    ask.open(lambda: owner.learn_form(ending.learnable(ask.store, ask.act, reading.find(ask.store, ask.act, name).id)))
    return None


def share(ask: Ask, words: list[str]) -> Answered:
    """Show the preview and share, if the owner wants."""
    name = named(words)
    ask.open(
        lambda: digest.share_form(*ending.shareable(ask.store, ask.act, reading.find(ask.store, ask.act, name).id))
    )
    return None


def learnings(ask: Ask, words: list[str]) -> Answered:
    """What was learned, all or about some words."""
    ask.meet()
    return pages.learnings(reading.learnings(ask.store, ask.act, words), words)


def preview(ask: Ask, words: list[str]) -> Answered:
    """What the next digest would say."""
    if words and words[0].lower() != "preview":
        raise UserError("`/experiment digest preview` shows what the next digest would say.")
    ask.meet()
    issue, workspace = digests.preview_for(ask.store, ask.act)
    return digest.preview(issue, workspace.digest_channel)


def settings(ask: Ask, _: list[str]) -> Answered:
    """Open the settings."""
    actions.settings(ask)
    return None


WORDS: dict[str, Callable[[Ask, list[str]], Answered]] = {
    "": menu,
    "propose": propose,
    "list": listed("list"),
    "mine": listed("mine"),
    "waiting": listed("waiting"),
    "show": show,
    "check-in": check_in,
    "stop": stop,
    "finish": finish,
    "share": share,
    "learnings": learnings,
    "digest": preview,
    "settings": settings,
    "help": help_page,
}
