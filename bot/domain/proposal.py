"""A proposal: the answers to the six questions, refused here when they cannot be run."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from bot.domain.errors import UserError
from bot.domain.words import clean, fitting

LONG = 600  # Characters of an answer; five times that, fully escaped, still fits one Slack text object.
SHORT = 80
LARGEST_NUMBER = 1_000_000_000
DEFAULT_LENGTH = timedelta(weeks=4)
LONGEST = timedelta(days=366)
FARTHEST_START = timedelta(days=366)


class UndoTime(StrEnum):
    """How long it takes to put things back."""

    MINUTES = "minutes"
    SAME_DAY = "same_day"
    WEEK = "week"
    LONGER = "longer"
    CANNOT = "cannot"


UNDO_TIME_SAID = {
    UndoTime.MINUTES: "within minutes",
    UndoTime.SAME_DAY: "the same day",
    UndoTime.WEEK: "within a week",
    UndoTime.LONGER: "it takes longer than a week",
    UndoTime.CANNOT: "it cannot be undone",
}


class Answer(StrEnum):
    """An answer to a plain question of the gate."""

    YES = "yes"
    NO = "no"
    NOT_SURE = "not_sure"


class Touches(StrEnum):
    """What a small trial must not touch."""

    LAW = "law"
    SAFETY = "safety"
    VULNERABLE = "vulnerable"
    DATA = "data"


TOUCHES_SAID = {
    Touches.LAW: "a legal duty",
    Touches.SAFETY: "somebody's safety",
    Touches.VULNERABLE: "vulnerable people",
    Touches.DATA: "personal data of many people",
}


class Visibility(StrEnum):
    """Who may see an experiment."""

    EVERYONE = "everyone"
    TEAM = "team"
    INVOLVED = "involved"


VISIBILITY_SAID = {
    Visibility.EVERYONE: "everyone here",
    Visibility.TEAM: "the people of the team, and the sponsor",
    Visibility.INVOLVED: "only the owner and the sponsor",
}

# The written answers: field, what is missing when it is empty, most characters.
WRITTEN = {
    "title": ("Give it a short name, so that people can speak of it.", SHORT),
    "problem": ("Say what problem you are trying to ease, and for whom.", LONG),
    "idea": ("Say what you will try.", LONG),
    "hypothesis": ("Finish the sentence: we think … will lead to … because …", LONG),
    "prediction": ("Say what you expect to see, so that you can compare later.", LONG),
    "stop_sign": (
        "Name the sign that would tell you that you are wrong, so that you know when to stop.",
        LONG,
    ),
    "worst": ("Say what the worst is that could sensibly happen, and to whom.", LONG),
    "undo": ("Say how you would undo it.", LONG),
    "team": ("Name the team, so that people know whom to ask.", SHORT),
}
NUMBERS = {
    "people": "how many people it affects",
    "money": "the most it could cost",
    "hours": "how many hours it could take",
}


@dataclass(frozen=True)
class Proposal:
    """What somebody wants to try; `checked` says whether it can be run."""

    title: str
    problem: str
    idea: str
    hypothesis: str
    prediction: str
    stop_sign: str
    worst: str
    undo: str
    undo_time: UndoTime
    start: date
    end: date
    people: int
    money: int
    hours: int
    contained: Answer
    observable: Answer
    novel: Answer
    sponsor: str
    team: str
    visibility: Visibility
    touches: tuple[Touches, ...] = ()
    members: tuple[str, ...] = field(default=())


def written(field_name: str, text: str | None) -> str:
    """The cleaned answer; an empty or too long one raises `UserError` about its field."""
    missing, most = WRITTEN[field_name]
    answer = fitting(text, most, field_name)
    if not answer:
        raise UserError(missing, field=field_name)
    return answer


def number(field_name: str, text: str | None) -> int:
    """A whole number from 0 up; anything else raises `UserError` about its field."""
    what = NUMBERS[field_name]
    digits = clean(text).replace(",", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit()):
        raise UserError(f"Say {what} as a whole number, such as 0 or 25.", field=field_name)
    plain = digits.lstrip("0") or "0"
    if len(plain) > len(str(LARGEST_NUMBER)) or int(plain) > LARGEST_NUMBER:
        raise UserError(f"Say {what} with a number up to {LARGEST_NUMBER:,}.", field=field_name)
    return int(plain)


def check_dates(start: date, end: date, today: date) -> None:
    """Refuse with `UserError` a start in the past, an end that is not after the start, or a year and more."""
    if start < today:
        raise UserError("This day is past. Choose today or a later day to start.", field="start")
    if start > today + FARTHEST_START:
        raise UserError("This is more than a year away. Choose an earlier day to start.", field="start")
    if end <= start:
        raise UserError("The end must be at least one day after the start.", field="end")
    if end - start > LONGEST:
        raise UserError("A small trial lasts a year at most. Choose an earlier end.", field="end")
