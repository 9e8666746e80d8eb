"""The office in which the demo plays: who works there, and what they write."""

from datetime import UTC, datetime
from typing import Any

BEGINS = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)  # Half past nine on a Monday in London.
NAME = "Office of House Moves"
ZONE = "Europe/London"
ASHA, DANA, BEN, ADA = "U0ASHA", "U0DANA", "U0BEN", "U0ADA"
PEOPLE = {ASHA: "Asha Patel", DANA: "Dana Okafor", BEN: "Ben Novak", ADA: "Ada Lindqvist"}
LEARN, HOUSE = "C0LEARN", "C0HOUSE"
CHANNELS = {LEARN: "what-we-learned", HOUSE: "house-moves"}

LETTER: dict[str, Any] = {
    "title": "A date on the letter",
    "problem": "People who move house ring us three times, because our letter does not say when we will answer.",
    "idea": "Put one sentence with the answer date at the top of the letter, for everybody who moves house this month.",
    "hypothesis": "We think a date at the top will lead to fewer calls, because people ring when they do not know.",
    "prediction": "Calls about these letters fall from about 30 to about 20 a week.",
    "stop_sign": "More calls than before.",
    "worst": "Some people read the date as a promise and are cross with the call centre when we are late.",
    "undo": "Print the old letter again; ring the people who got the new one.",
    "undo_time": "same_day",
    "start": "2026-06-02",
    "end": "2026-06-19",
    "people": "4000",
    "money": "120",
    "hours": "12",
    "contained": "no",
    "observable": "yes",
    "novel": "yes",
    "sponsor": DANA,
    "team": "House moves",
    "visibility": "everyone",
}
SMALLER = (
    "Put one sentence with the answer date at the top of the letter, for forty people who agree to it when they ring."
)
LETTER_MADE_SMALLER: dict[str, Any] = {"idea": SMALLER, "people": "40", "contained": "yes"}
PHONES: dict[str, Any] = LETTER | {
    "title": "Ring back instead of queueing",
    "problem": "People wait on the phone for twenty minutes at lunch time.",
    "idea": "Offer a call back in the afternoon to three callers a day, if they like the idea.",
    "hypothesis": "We think a call back will lead to calmer calls, because nobody has waited in line before them.",
    "prediction": "Most of them pick up when we ring, and the calls get shorter.",
    "stop_sign": "Fewer than half of them pick up in the first week.",
    "worst": "Somebody waits for our call in vain and has to ring again.",
    "undo": "Stop offering it; ring everybody who is still on the list.",
    "people": "45",
    "contained": "yes",
    "money": "0",
    "hours": "20",
    "team": "Call centre",
}
PHONES_FOR_THREE_DAYS: dict[str, Any] = PHONES | {
    "stop_sign": "Fewer than half of them pick up on the first day.",
    "start": "2026-06-01",
    "end": "2026-06-03",
    "people": "9",
    "hours": "4",
}
CONDITION = "Nobody waits longer than until four o'clock; ring the last ones first."
BEN_NOTICED: dict[str, Any] = {
    "note": "Only seven of eighteen picked up in the first week.",
    "signs": ["stop_sign_seen"],
}
BEN_LEARNED: dict[str, Any] = {
    "seen": "Seven of eighteen picked up. Most said that they cannot take calls at work in the afternoon.",
    "expected": "no",
    "well_made": ["small", "reversible", "contained", "observable", "new"],
    "learned": "People who ring at lunch cannot talk in the afternoon. A call back needs a time that they choose.",
    "protected": "The stop sign was plain after a week, and three people a day are few enough to ring them all again.",
    "kind": "intelligent_failure",
    "harm": "no",
    "decision": "change",
}
ASHA_LEARNED: dict[str, Any] = {
    "seen": "Calls about these letters fell from 31 to 14 a week.",
    "expected": "yes",
    "well_made": ["small", "reversible", "contained", "observable", "new"],
    "learned": "People ring because they do not know when we answer. One date at the top halves the calls.",
    "kind": "worked",
    "harm": "no",
    "decision": "adopt",
}
STOPPED_AFTER_A_DAY: dict[str, Any] = BEN_LEARNED | {
    "seen": "One of three picked up. The others said that they cannot take calls at work in the afternoon.",
    "protected": "The stop sign was plain after a day, and three people are few enough to ring them all again.",
}
