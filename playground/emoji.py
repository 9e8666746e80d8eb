"""Turns :names: into emoji, by the names that Slack gives them."""

import re
from functools import lru_cache
from typing import Any

from rich.emoji import Emoji

_NAME = re.compile(r":([a-z0-9_+'&.-]+):(?::skin-tone-([2-6]):)?")
_TONES = {str(number): chr(0x1F3F9 + number) for number in range(2, 7)}
_FLAG = re.compile(r"flag-([a-z]{2})")
_NAMED_FLAGS = {"us": "us", "gb": "gb", "uk": "gb", "de": "de", "fr": "fr", "es": "es", "it": "it", "jp": "jp"}
_OWN = {
    "+1": "👍",
    "-1": "👎",
    "thumbsup": "👍",
    "thumbsdown": "👎",
    "white_check_mark": "✅",
    "heavy_check_mark": "✔️",
    "simple_smile": "🙂",
    "large_blue_circle": "🔵",
    "large_green_circle": "🟢",
    "large_yellow_circle": "🟡",
    "large_orange_circle": "🟠",
    "large_purple_circle": "🟣",
    "large_brown_circle": "🟤",
    "large_red_square": "🟥",
    "large_blue_square": "🟦",
    "large_green_square": "🟩",
    "large_yellow_square": "🟨",
    "large_orange_square": "🟧",
    "large_purple_square": "🟪",
    "large_brown_square": "🟫",
    "medal": "🎖️",
    "first_place_medal": "🥇",
    "second_place_medal": "🥈",
    "third_place_medal": "🥉",
    "octagonal_sign": "🛑",
    "shrug": "🤷",
    "man-shrugging": "🤷‍♂️",
    "woman-shrugging": "🤷‍♀️",
    "facepalm": "🤦",
    "face_palm": "🤦",
    "hugs": "🤗",
    "zipper_mouth_face": "🤐",
    "metal": "🤘",
    "the_horns": "🤘",
    "spock-hand": "🖖",
    "tortoise": "🐢",
    "ladybug": "🐞",
}


def plain(text: str) -> str:
    """The words of a plain text, with its emoji; a name that nobody knows stays as it is."""
    return _NAME.sub(lambda found: _picture(found[1], found[2]) or found[0], text) if ":" in text else text


def said(text: dict[str, Any] | None) -> str:
    """What a plain text object says, or nothing where there is none."""
    if not text:
        return ""
    return plain(text["text"]) if text.get("emoji", True) else str(text["text"])


@lru_cache(maxsize=4096)
def _picture(name: str, tone: str | None) -> str:
    flag = _FLAG.fullmatch(name)
    country = flag[1] if flag else _NAMED_FLAGS.get(name)
    if country:
        return "".join(chr(0x1F1E6 + ord(letter) - ord("a")) for letter in country)
    written = f":{name}:"
    picture = _OWN.get(name) or Emoji.replace(written)
    return "" if picture == written else picture + _TONES.get(tone or "", "")
