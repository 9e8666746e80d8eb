"""The page's workspace, as data for the playground: the guide of a first visit, and the story that plays by itself."""

from typing import Any

from bot import office
from bot.office import ADA, ASHA, BEN, DANA, HOUSE, LEARN

Json = dict[str, Any]

ROLES = {
    ASHA: "has an idea",
    DANA: "can say yes",
    BEN: "a colleague",
    ADA: "looks after this Slack",
}
CHANNELS: list[Json] = [
    {
        "id": HOUSE,
        "name": office.CHANNELS[HOUSE],
        "topic": "Letters, calls and keys for people who move house",
        "app": False,
    },
    {
        "id": LEARN,
        "name": office.CHANNELS[LEARN],
        "topic": "What our small experiments taught us, each Thursday at ten",
    },
]
PROPOSE = "/experiment propose"


def workspace(manifest: Json) -> Json:
    """The workspace in which the app of *manifest* lives, with everything that a visitor is led through."""
    return {
        "name": office.NAME,
        "manifest": manifest,
        "begins": office.BEGINS,
        "zone": office.ZONE,
        "people": [
            {"id": each, "name": name, "role": ROLES[each], "admin": each == ADA}
            for each, name in office.PEOPLE.items()
        ],
        "channels": CHANNELS,
        "panes": [{"who": ASHA, "at": HOUSE}, {"who": DANA, "at": "app"}],
        "prepare": PREPARE,
        "guide": GUIDE,
        "story": STORY,
    }


# The administrator has chosen the digest's channel before anybody comes.
PREPARE: list[Json] = [
    {"who": ADA, "type": "/experiment settings"},
    {"who": ADA, "fill": {"digest_channel": LEARN}},
    {"who": ADA, "submit": True},
    {"who": ADA, "close": "all"},
    {"who": BEN, "at": HOUSE, "say": "On Friday, people waited on the phone for twenty minutes at lunch time. Again."},
]

GUIDE: list[Json] = [
    {
        "title": "Asha has an idea",
        "words": (
            "As Asha, type /experiment propose and choose “Fill in the form for me”: it asks what the worst is, and "
            "how it would be undone. Then press “Check and send”."
        ),
        "who": ASHA,
        "at": HOUSE,
        "point": [PROPOSE, "Check and send"],
        "type": PROPOSE,
        "fill": office.PHONES_FOR_THREE_DAYS,
        "until": {"who": DANA, "sees": "is it safe enough to try?"},
    },
    {
        "title": "Dana says yes, with a promise",
        "words": (
            "As Dana, read what Asha asks, press “Safe enough to try”, and then “Agree and send”. Her note says: if it "
            "does not work and was run as described, that is on her, not on Asha."
        ),
        "who": DANA,
        "at": "app",
        "point": ["Safe enough to try", "Agree and send"],
        "until": {"who": ASHA, "sees": "says it is safe enough to try. It runs"},
    },
    {
        "title": "Asha stops it in time",
        "words": (
            "Move the clock to the next thing due: on Tuesday at ten, the bot asks Asha how it is going. Only one of "
            "three people picked up, and that was her stop sign, so press “Stop now”."
        ),
        "who": ASHA,
        "at": "app",
        "point": ["Close", "clock: next", "Stop now"],
        "until": {"who": ASHA, "sees": "safely. Nothing else is needed today."},
    },
    {
        "title": "Asha writes what it taught",
        "words": (
            "Move the clock on by a day, because after a stop there is a day to breathe. As Asha, press “Write what it "
            "taught”, have the form filled in, and keep it; then press “Share”, and “Share” again below the preview."
        ),
        "who": ASHA,
        "at": "app",
        "point": ["clock: +1 day", "Write what it taught", "Keep it", "Share"],
        "fill": office.STOPPED_AFTER_A_DAY,
        "until": {"who": ASHA, "sees": "will be told in the next digest"},
    },
    {
        "title": "Others learn from it, and say thank you",
        "words": (
            "Move the clock to the next thing due: on Thursday at ten, the channel reads what was tried and what it "
            "taught. As Dana, press “Thank you” there, and Asha hears of it."
        ),
        "who": DANA,
        "at": LEARN,
        "point": ["clock: next", "Thank you"],
        "until": {"who": ASHA, "sees": "What it taught reached"},
    },
]

STORY: list[Json] = [
    {"tell": "Asha has an idea, and is a little nervous. She writes it down in a form that asks what could go wrong."},
    {"who": ASHA, "at": HOUSE, "type": PROPOSE},
    {"who": ASHA, "fill": office.LETTER},
    {"who": ASHA, "submit": True},
    {"tell": "Four thousand people who do not know of it are too many for a first try. She makes it smaller."},
    {"who": ASHA, "press": "Change my answers"},
    {"who": ASHA, "fill": office.LETTER_MADE_SMALLER},
    {"who": ASHA, "submit": True},
    {"who": ASHA, "close": "all"},
    {"tell": "Dana reads what could be lost, and how it would be undone. A minute is enough."},
    {"who": DANA, "at": "app", "press": "Safe enough to try"},
    {"tell": "Her promise in writing: if it does not work and was run as described, that is on her, not on Asha."},
    {"who": DANA, "submit": True},
    {"tell": "Ben has an idea too. Dana says yes to it, with a condition that protects the people who ring."},
    {"who": BEN, "at": HOUSE, "type": PROPOSE},
    {"who": BEN, "fill": office.PHONES},
    {"who": BEN, "submit": True},
    {"who": BEN, "close": "all"},
    {"who": DANA, "at": "app", "press": "Safe enough if…"},
    {"who": DANA, "fill": {"condition": office.CONDITION}},
    {"who": DANA, "submit": True},
    {"who": BEN, "at": "app", "press": "Accept the condition"},
    {"tell": "Half way, on a Wednesday at ten, the bot asks both how it is going. One tap is enough."},
    {"clock": "2026-06-10T10:00:02+01:00"},
    {"who": ASHA, "at": "app", "press": "As expected"},
    {"tell": "Ben's stop sign has shown: fewer than half of the people pick up. He says so, and Dana is told."},
    {"who": BEN, "at": "app", "press": "We should stop"},
    {"who": BEN, "fill": office.BEN_NOTICED},
    {"who": BEN, "submit": True},
    {"who": BEN, "press": "Stop now"},
    {"tell": "For ten minutes he can undo it. Then Dana hears of it, and the first thing she can do is thank him."},
    {"clock": "+10 minutes"},
    {"who": DANA, "at": "app", "press": "Thank them"},
    {"tell": "After a stop there is a day to breathe. Then Ben writes what it taught, and chooses to share it."},
    {"clock": "+1 day"},
    {"who": BEN, "at": "app", "press": "Write what it taught"},
    {"who": BEN, "fill": office.BEN_LEARNED},
    {"who": BEN, "submit": True},
    {"who": BEN, "press": "Share"},
    {"who": BEN, "submit": True},
    {"tell": "The next week, Asha finishes hers: the calls fell by half. She shares it with her name."},
    {"clock": "2026-06-16T10:00:02+01:00"},
    {"who": ASHA, "at": "app", "press": "Finish"},
    {"who": ASHA, "fill": office.ASHA_LEARNED},
    {"who": ASHA, "submit": True},
    {"who": ASHA, "press": "Share"},
    {"who": ASHA, "fill": {"level": "names"}},
    {"who": ASHA, "submit": True},
    {"tell": "Thursday at ten: everybody reads what both trials taught, the one that was stopped first."},
    {"clock": "2026-06-18T10:00:02+01:00"},
    {"who": DANA, "look": LEARN},
    {"who": DANA, "at": LEARN, "press": "Thank you", "value": "1"},
    {"tell": "Ben hears that what his stopped trial taught was worth reading. Nobody counts the thanks."},
    {"who": BEN, "look": "app"},
]
