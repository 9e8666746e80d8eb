"""What people write into the forms, in the tests and in the proofs."""

from typing import Any

FILLED: dict[str, Any] = {
    "title": "A date on the letter",
    "problem": "People who move house ring us three times.",
    "idea": "Put one sentence with the answer date at the top of the letter.",
    "hypothesis": "We think a date will lead to fewer calls because people ring when they do not know.",
    "prediction": "Calls fall from 30 to 20 a week.",
    "stop_sign": "More calls than before.",
    "worst": "Some people read the date as a promise and are cross.",
    "undo": "Print the old letter again.",
    "undo_time": "same_day",
    "start": "2026-06-02",
    "end": "2026-06-26",
    "people": "40",
    "money": "100",
    "hours": "10",
    "contained": "yes",
    "observable": "yes",
    "novel": "yes",
    "sponsor": "U0DANA",
    "team": "House moves",
    "visibility": "everyone",
}
LEARNED: dict[str, Any] = {
    "seen": "Calls fell from 30 to 12 a week.",
    "expected": "yes",
    "well_made": ["small", "reversible"],
    "learned": "People ring because they do not know when we answer.",
    "kind": "worked",
    "harm": "no",
    "decision": "adopt",
}
