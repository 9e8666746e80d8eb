"""When things fall due: intent is a local day and hour in a zone; the UTC moment is computed from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.lifecycle import AWAITING_LEARNING, AWAITING_SPONSOR, Status

ASK_AT = time(10)
CALM_WEEKDAYS = (1, 2, 3)  # Tuesday to Thursday: not the rush of Monday, not the last thing on a Friday.
SHORT_TRIAL = timedelta(weeks=4)
RHYTHM = timedelta(weeks=2)
NOTICE = timedelta(days=3)
LEARNING_REMINDERS = (timedelta(days=3), timedelta(days=8))
LEARNING_CLOSES = timedelta(days=15)
UNDO = timedelta(minutes=10)
CATCH_UP = timedelta(hours=48)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wall:
    """A person's clock on the wall: their zone, and which days they work."""

    zone: ZoneInfo
    works_on: Callable[[date], bool]

    def today(self, moment: datetime) -> date:
        """The local day that holds *moment*."""
        return moment.astimezone(self.zone).date()

    def moment(self, day: date, hour: time = ASK_AT) -> datetime:
        """The UTC moment of that hour on that day here."""
        return at_local(day, hour, self.zone)


def at_local(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """The one UTC moment of a local day and hour: a gap moves to its end, a repeated hour is its first."""
    wall = datetime.combine(day, hour)
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    return gap_end(wall, zone)


def gap_end(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after the clocks went forward over *wall*, to the second."""
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    behind = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    offset = behind.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(behind.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)


def on_or_after(day: date, suits: Callable[[date], bool]) -> date:
    """The first day from *day* on that suits; after a year without one, *day* itself."""
    return next((each for each in days_from(day, DAY) if suits(each)), day)


def on_or_before(day: date, suits: Callable[[date], bool]) -> date:
    """The last day up to *day* that suits; after a year without one, *day* itself."""
    return next((each for each in days_from(day, -DAY) if suits(each)), day)


def days_from(day: date, step: timedelta) -> Iterator[date]:
    """A year of days from *day*, one *step* after the other."""
    return (day + n * step for n in range(366))


def working_days_later(day: date, count: int, works_on: Callable[[date], bool]) -> date:
    """The *count*-th working day after *day*."""
    for _ in range(count):
        day = on_or_after(day + DAY, works_on)
    return day


def next_working_moment(moment: datetime, wall: Wall) -> datetime:
    """Ten o'clock on the next working day after the local day of *moment*."""
    return wall.moment(working_days_later(wall.today(moment), 1, wall.works_on))


def first_working_moment(moment: datetime, wall: Wall) -> datetime:
    """The first ten o'clock of a working day that is not before *moment*."""
    today = wall.moment(on_or_after(wall.today(moment), wall.works_on))
    return today if today >= moment else next_working_moment(moment, wall)


def check_in_days(start: date, end: date, works_on: Callable[[date], bool]) -> list[date]:
    """The days to ask how it goes, all after *start* and before *end*.

    Up to four weeks that is the middle (the ending asks the rest), then every two weeks; Tuesday to Thursday on
    working days where there is such a day in time, any working day otherwise.
    """
    length = end - start
    wished = [start + length / 2] if length <= SHORT_TRIAL else list(every(RHYTHM, start, end))
    calm = [on_or_after(day, lambda each: each.weekday() in CALM_WEEKDAYS and works_on(each)) for day in wished]
    chosen = [a if start < a < end else on_or_after(b, works_on) for a, b in zip(calm, wished, strict=True)]
    return sorted({day for day in chosen if start < day < end})


def every(rhythm: timedelta, start: date, end: date) -> Iterator[date]:
    """The days *start* + 1, 2, 3 … times *rhythm* that come before *end*."""
    day = start + rhythm
    while day < end:
        yield day
        day += rhythm


class Due(StrEnum):
    """The kinds of things that fall due for one experiment."""

    SIGN_OFF_REMINDER = "sign-off-reminder"
    SPONSOR_SILENT = "sponsor-silent"
    CONDITION_REMINDER = "condition-reminder"
    CHECK_IN = "check-in"
    CHECK_IN_REMINDER = "check-in-reminder"
    END_NOTICE = "end-notice"
    END = "end"
    LEARNING_ASKED = "learning-asked"
    LEARNING_REMINDER = "learning-reminder"
    LEARNING_CLOSES = "learning-closes"
    UNDO_ENDS = "undo-ends"
    SHARE_OPENS = "share-opens"


# When one of these is due too, whatever else had piled up before it is not said any more.
FINAL = frozenset({Due.END, Due.LEARNING_CLOSES})
# A reminder is not said in one breath with a question: either alone is enough.
QUESTION = {Due.CHECK_IN_REMINDER: Due.CHECK_IN, Due.LEARNING_REMINDER: Due.LEARNING_ASKED}


@dataclass(frozen=True, order=True)
class Entry:
    """One line of a timetable: when, what, and the how-manieth of its kind."""

    at: datetime
    due: Due
    nth: int = 1


@dataclass(frozen=True)
class Life:
    """What the timetable of one experiment depends on; moments are aware and in UTC."""

    status: Status
    start: date
    end: date
    asked_at: datetime | None = None
    condition_at: datetime | None = None
    agreed_at: datetime | None = None
    ended_at: datetime | None = None
    check_in_asked_at: datetime | None = None
    check_in_nth: int = 0
    ask_later_at: datetime | None = None
    share_opens_at: datetime | None = None


def timetable(life: Life, owner: Wall, sponsor: Wall) -> list[Entry]:
    """Everything that will fall due while the experiment stays as it is, in order of time."""
    if life.status in AWAITING_SPONSOR:
        entries = waiting_for_sponsor(life, owner, sponsor)
    elif life.status is Status.RUNNING:
        entries = running(life, owner)
    elif life.status in AWAITING_LEARNING:
        entries = waiting_for_learning(life, owner)
    elif life.status is Status.LEARNED and life.share_opens_at:
        entries = iter([Entry(first_working_moment(life.share_opens_at, owner), Due.SHARE_OPENS)])
    else:
        entries = iter([])
    return sorted(entries)


def waiting_for_sponsor(life: Life, owner: Wall, sponsor: Wall) -> Iterator[Entry]:
    """Private reminders on working days 1 and 2; on day 3 the owner is told. A condition reminds its owner, once."""
    if life.status is Status.CONDITION and life.condition_at:
        day = working_days_later(owner.today(life.condition_at), 2, owner.works_on)
        yield Entry(owner.moment(day), Due.CONDITION_REMINDER)
    if life.asked_at is None or life.status is not Status.PROPOSED:
        return
    asked_on = sponsor.today(life.asked_at)
    for nth in (1, 2):
        day = working_days_later(asked_on, nth, sponsor.works_on)
        yield Entry(sponsor.moment(day), Due.SIGN_OFF_REMINDER, nth)
    yield Entry(owner.moment(working_days_later(asked_on, 3, owner.works_on)), Due.SPONSOR_SILENT)


def running(life: Life, owner: Wall) -> Iterator[Entry]:
    """Check-ins, one reminder for the open one, a notice three days before the end, and the end."""
    start = max(life.start, owner.today(life.agreed_at)) if life.agreed_at else life.start
    notice = on_or_before(life.end - NOTICE, owner.works_on)
    days = [day for day in check_in_days(start, life.end, owner.works_on) if day != notice]  # One question a day.
    for nth, day in enumerate(days, 1):
        yield Entry(owner.moment(day), Due.CHECK_IN, nth)
    if life.check_in_asked_at:
        asked_on = owner.today(life.ask_later_at or life.check_in_asked_at)
        again = life.ask_later_at or owner.moment(working_days_later(asked_on, 2, owner.works_on))
        yield Entry(again, Due.CHECK_IN_REMINDER, life.check_in_nth)
    if notice > start:
        yield Entry(owner.moment(notice), Due.END_NOTICE)
    yield Entry(owner.moment(working_days_later(life.end, 1, owner.works_on)), Due.END)


def waiting_for_learning(life: Life, owner: Wall) -> Iterator[Entry]:
    """Reminders on days 3 and 8 after the end, a kind close on day 15; after a stop nothing is asked that day."""
    if life.ended_at is None:
        return
    ended_on = owner.today(life.ended_at)
    if life.status is Status.STOPPED:
        yield Entry(life.ended_at + UNDO, Due.UNDO_ENDS)
        yield Entry(next_working_moment(life.ended_at, owner), Due.LEARNING_ASKED)
    for nth, wait in enumerate(LEARNING_REMINDERS, 1):
        yield Entry(owner.moment(on_or_after(ended_on + wait, owner.works_on)), Due.LEARNING_REMINDER, nth)
    yield Entry(owner.moment(on_or_after(ended_on + LEARNING_CLOSES, owner.works_on)), Due.LEARNING_CLOSES)


def fallen_due(entries: list[Entry], since: datetime, now: datetime) -> list[Entry]:
    """What fell due after *since* and up to *now*; of what piled up in a downtime only the last of each kind."""
    latest = {entry.due: entry for entry in sorted(entries) if since < entry.at <= now}
    latest = {due: entry for due, entry in latest.items() if QUESTION.get(due) not in latest}
    final = FINAL & latest.keys()
    return sorted(entry for entry in latest.values() if not final or entry.due in final)


def next_due(entries: list[Entry], since: datetime) -> datetime | None:
    """The moment of the first entry after *since*."""
    return min((entry.at for entry in entries if entry.at > since), default=None)


@dataclass(frozen=True)
class Weekly:
    """A weekly slot: ISO weekday (Monday is 1), local hour, zone."""

    weekday: int
    hour: int
    zone: ZoneInfo

    def slot(self, year: int, week: int) -> datetime:
        """The UTC moment of the slot in that ISO week."""
        return at_local(date.fromisocalendar(year, week, self.weekday), time(self.hour), self.zone)

    def week_of(self, moment: datetime, ahead: int = 0) -> tuple[int, int]:
        """ISO year and week of the local day that holds *moment*, or of so many weeks *ahead* of it.

        Weeks are counted in days: a week of hours leaves a whole ISO week out when the clocks change beside midnight.
        """
        year, week, _ = (moment.astimezone(self.zone).date() + timedelta(weeks=ahead)).isocalendar()
        return year, week

    def latest(self, now: datetime) -> tuple[datetime, str]:
        """The last slot up to *now*, and the name of its ISO week such as "2026-W48"."""
        for ahead in (0, -1, -2):
            year, week = self.week_of(now, ahead)
            if (slot := self.slot(year, week)) <= now:
                break
        return slot, f"{year}-W{week:02}"

    def following(self, now: datetime) -> datetime:
        """The first slot after *now*."""
        return next(slot for ahead in range(3) if (slot := self.slot(*self.week_of(now, ahead))) > now)
