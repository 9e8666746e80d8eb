"""People's own words: made storable without changing what they say."""

import re
import unicodedata
from datetime import date

from bot.domain.errors import UserError

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
INVISIBLE_ONLY = re.compile(r"[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufe0f\ufeff]*")
SMART_QUOTES = str.maketrans("“”„‟«»‘’‚‛–—", '""""""' + "''''" + "--")


def storable(text: str) -> str:
    """*text* without what no database can hold."""
    return UNSTORABLE.sub("", text)


def clean(text: str | None) -> str:
    """*text* without what no database can hold, in composed form, with plain line ends and no outer space."""
    plain = storable(text or "").replace("\r\n", "\n").replace("\r", "\n")
    plain = unicodedata.normalize("NFC", plain).strip()
    return "" if INVISIBLE_ONLY.fullmatch(plain) else plain


def fitting(text: str | None, most: int, field: str) -> str:
    """The cleaned *text*; more than *most* characters raise `UserError` about its field."""
    words = clean(text)
    if len(words) > most:
        message = f"This is {len(words)} characters long; please keep it to {most}. Your words are still here."
        raise UserError(message, field=field)
    return words


def straighten(text: str) -> str:
    """*text* with the quotes and dashes that phones put in turned back into plain ones."""
    return text.translate(SMART_QUOTES)


def and_list(items: list[str]) -> str:
    """One or more items as people say them: "a", "a and b", "a, b and c"."""
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last


def day_words(day: date) -> str:
    """A day as people say it, such as "Thursday 4 June 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"
