"""The Home tab."""

from bot.domain.errors import UserError
from bot.listeners.ask import Ask, overtaken
from bot.services import reading
from bot.views import kit, pages


def opened(ask: Ask) -> None:
    """Somebody looks at the app; only its Home tab is drawn."""
    if ask.body["event"].get("tab") == "home":
        ask.meet()
        publish(ask, (ask.body["event"].get("view") or {}).get("hash"))


def publish(ask: Ask, known_hash: str | None) -> None:
    """Draw the Home of the person who asks; a newer one that is there already is left alone."""
    try:
        view = pages.home(reading.home(ask.store, ask.act))
    except UserError as error:
        view = {"type": "home", "blocks": [kit.section(error.sentence)]}
    newer = {"hash": known_hash} if known_hash else {}
    with overtaken():
        ask.client.views_publish(user_id=ask.person, view=view, **newer)
