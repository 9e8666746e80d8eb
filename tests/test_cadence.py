"""When things fall due, tried in every zone of the world, over every change of its clocks."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.domain import cadence
from bot.domain.cadence import DAY, FINAL, QUESTION, Due, Entry, Life, Wall, Weekly, at_local, check_in_days
from bot.domain.lifecycle import Status
from bot.services.work import working_days

LONDON = ZoneInfo("Europe/London")
ZONES = sorted(available_timezones())
WEEK = timedelta(weeks=1)
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
ENGLISH = working_days("GB-ENG")

quick = settings(max_examples=60, deadline=None)


@cache
def changes(name: str) -> list[datetime]:
    """The exact moments at which the clocks of a zone change."""
    zone = ZoneInfo(name)
    weeks = [FIRST + n * WEEK for n in range((LAST - FIRST) // WEEK + 1)]
    offsets = [each.astimezone(zone).utcoffset() for each in weeks]
    return [bisect(zone, a, b) for a, b, x, y in zip(weeks, weeks[1:], offsets, offsets[1:], strict=False) if x != y]


def bisect(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first second after *low* at which the clock shows what it shows at *high*."""
    then = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == then else (middle, high)
    return high


def readings(wall: datetime, zone: ZoneInfo, change: datetime) -> list[datetime]:
    """Every moment near a change at which the clock on the wall shows *wall*."""
    offsets = {(change + n * timedelta(seconds=1)).astimezone(zone).utcoffset() for n in (-1, 0)}
    moments = sorted((wall - offset).replace(tzinfo=UTC) for offset in offsets if offset is not None)
    return [each for each in moments if each.astimezone(zone).replace(tzinfo=None) == wall]


def changing() -> list[str]:
    """One zone of each set of zones whose clocks change at the same moments by the same steps."""
    kinds = {}
    for name in ZONES:
        moments = changes(name)
        offsets = tuple(each.astimezone(ZoneInfo(name)).utcoffset() for each in moments)
        kinds.setdefault((tuple(moments), offsets), name)
    return [name for (moments, _), name in kinds.items() if moments]


def test_some_zones_change_their_clocks():
    assert len(changing()) > 20
    assert 34 == len(changes("Europe/London"))


def test_around_every_change_a_local_hour_is_its_first_moment_or_the_end_of_the_gap():
    for name in changing():
        zone = ZoneInfo(name)
        for change in changes(name):
            day = change.astimezone(zone).date()
            for hour in range(24):
                for near in (day - DAY, day, day + DAY):
                    shown = readings(datetime.combine(near, time(hour)), zone, change)
                    assert (shown or [change])[0] == at_local(near, time(hour), zone), (name, near, hour)


def test_around_every_change_each_day_comes_after_the_day_before():
    for name in changing():
        zone = ZoneInfo(name)
        for change in changes(name):
            day = change.astimezone(zone).date()
            for hour in range(24):
                moments = [at_local(day + n * DAY, time(hour), zone) for n in range(-2, 3)]
                assert all(a < b for a, b in pairwise(moments)), (name, day, hour)


@quick
@given(st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2040, 12, 31)), st.times())
def test_any_local_time_anywhere_has_a_moment_that_shows_it_or_follows_it(name, day, hour):
    zone = ZoneInfo(name)
    shown = at_local(day, hour, zone).astimezone(zone).replace(tzinfo=None)

    assert datetime.combine(day, hour) <= shown <= datetime.combine(day, hour) + timedelta(hours=2)


def test_a_day_that_a_zone_left_out_becomes_the_first_moment_after_it():
    apia = ZoneInfo("Pacific/Apia")

    assert datetime(2011, 12, 30, 10, tzinfo=UTC) == at_local(date(2011, 12, 30), time(10), apia)


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        (date(2026, 3, 29), datetime(2026, 3, 29, 1, tzinfo=UTC)),  # There is no half past one that night.
        (date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # It is half past one twice.
        (date(2028, 2, 29), datetime(2028, 2, 29, 1, 30, tzinfo=UTC)),
        (date(2026, 12, 31), datetime(2026, 12, 31, 1, 30, tzinfo=UTC)),
    ],
)
def test_half_past_one_in_london(day, moment):
    assert moment == at_local(day, time(1, 30), LONDON)


# The weekly slot.

some_zone = st.deferred(lambda: st.sampled_from([*changing(), "UTC", "Asia/Kathmandu"]))
weeklies = st.builds(Weekly, st.integers(1, 7), st.integers(0, 23), some_zone.map(ZoneInfo))


@settings(max_examples=400, deadline=None)
@given(weeklies, st.datetimes(datetime(2024, 2, 1), datetime(2040, 11, 30)))  # noqa: DTZ001 - the zone is added
def test_now_lies_between_the_latest_slot_and_the_following_one_and_their_weeks_are_neighbours(weekly, naive):
    now = naive.replace(tzinfo=UTC)
    (latest, week), following = weekly.latest(now), weekly.following(now)

    assert latest <= now < following
    assert next_week(week) == weekly.latest(following)[1]
    assert following == weekly.following(latest)


@settings(max_examples=40, deadline=None)
@given(weeklies, st.data())
def test_a_clock_change_neither_doubles_nor_skips_a_week(weekly, data):
    moments = changes(weekly.zone.key)
    assume(moments)
    now = data.draw(st.sampled_from(moments)) - 2 * WEEK
    for _ in range(4):
        slot = weekly.following(now)
        assert next_week(weekly.latest(now)[1]) == weekly.latest(slot)[1]
        now = slot


def next_week(name: str) -> str:
    year, week = name.split("-W")
    later, number, _ = (date.fromisocalendar(int(year), int(week), 1) + WEEK).isocalendar()
    return f"{later}-W{number:02}"


@pytest.mark.parametrize("hour", range(24))
def test_no_week_is_left_out_on_the_sunday_the_clocks_go_forward(hour):
    weekly = Weekly(7, hour, LONDON)
    before = weekly.slot(2026, 12)

    assert weekly.slot(2026, 13) == weekly.following(before)
    assert weekly.slot(2026, 14) == weekly.following(weekly.slot(2026, 13))


def test_just_after_midnight_the_slot_of_yesterday_is_the_latest_even_when_an_hour_was_lost():
    early_monday = datetime(2026, 3, 29, 23, 30, tzinfo=UTC)  # Half past midnight in London.

    assert "2026-W13" == Weekly(7, 10, LONDON).latest(early_monday)[1]


def test_a_year_may_have_a_fifty_third_week():
    thursday = Weekly(4, 10, LONDON)

    assert "2026-W53" == thursday.latest(datetime(2027, 1, 3, tzinfo=UTC))[1]
    assert "2027-W01" == thursday.latest(datetime(2027, 1, 7, 10, tzinfo=UTC))[1]


def test_the_last_days_of_december_may_belong_to_the_first_week():
    assert "2025-W01" == Weekly(1, 9, LONDON).latest(datetime(2024, 12, 31, tzinfo=UTC))[1]


# Check-ins.

starts = st.dates(date(2024, 1, 1), date(2040, 1, 1))
lengths = st.integers(1, 366).map(timedelta)


def calm(day: date) -> bool:
    return day.weekday() in {1, 2, 3} and ENGLISH(day)


@settings(max_examples=300, deadline=None)
@given(starts, lengths)
def test_check_ins_fall_on_working_days_inside_in_order_and_once(start, length):
    days = check_in_days(start, start + length, ENGLISH)

    assert sorted(set(days)) == days
    assert all(start < day < start + length and ENGLISH(day) for day in days)


@settings(max_examples=300, deadline=None)
@given(starts, lengths)
def test_a_check_in_leaves_tuesday_to_thursday_only_where_no_such_day_is_left(start, length):
    for day in check_in_days(start, start + length, ENGLISH):
        left = [day + n * DAY for n in range((start + length - day).days)]
        assert calm(day) or not any(calm(each) for each in left)


@quick
@given(starts, st.integers(2, 28).map(timedelta))
def test_a_trial_of_up_to_four_weeks_is_asked_about_once_where_a_day_is_left_for_it(start, length):
    second_half = [start + n * DAY for n in range(length.days // 2, length.days)]
    possible = any(ENGLISH(day) for day in second_half)

    assert int(possible) == len(check_in_days(start, start + length, ENGLISH))


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2026, 6, 2), date(2026, 6, 26), [date(2026, 6, 16)]),
        (date(2028, 2, 28), date(2028, 3, 2), [date(2028, 2, 29)]),  # A leap day.
        (date(2028, 1, 31), date(2028, 2, 28), [date(2028, 2, 15)]),  # From a 31st.
        (date(2028, 1, 31), date(2028, 2, 29), [date(2028, 2, 15), date(2028, 2, 28)]),  # A day longer than four weeks.
        (date(2026, 8, 31), date(2026, 9, 1), []),  # One day.
        (date(2026, 12, 18), date(2027, 1, 4), [date(2026, 12, 29)]),  # Over Christmas and its bank holidays.
        (date(2026, 6, 1), date(2026, 7, 6), [date(2026, 6, 16), date(2026, 6, 30)]),
    ],
)
def test_the_days_of_check_ins(start, end, days):
    assert days == check_in_days(start, end, ENGLISH)


# Working days.


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        ("GB-ENG", date(2026, 12, 28)),  # Boxing Day was a Saturday.
        ("GB-ENG", date(2026, 4, 6)),
        ("GB-SCT", date(2026, 11, 30)),
        ("DE-BE", date(2026, 3, 8)),
        ("US", date(2026, 7, 3)),
        ("GB-ENG", date(2026, 6, 6)),
    ],
)
def test_nobody_works_on(calendar, day):
    assert not working_days(calendar)(day)


def test_a_holiday_of_scotland_is_a_working_day_in_england():
    assert working_days("GB-ENG")(date(2026, 11, 30))


def test_three_working_days_after_the_day_before_good_friday_pass_over_easter():
    assert date(2026, 4, 9) == cadence.working_days_later(date(2026, 4, 2), 3, ENGLISH)


def test_somebody_who_never_works_is_asked_all_the_same():
    never = Wall(LONDON, lambda _: False)

    assert datetime(2026, 6, 2, 9, tzinfo=UTC) == cadence.next_working_moment(datetime(2026, 6, 1, tzinfo=UTC), never)


# Timetables.

walls = st.sampled_from(["Europe/London", "America/New_York", "Pacific/Auckland", "Africa/Casablanca"]).map(
    lambda name: Wall(ZoneInfo(name), ENGLISH)
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001


@st.composite
def lives(draw):
    asked = draw(moments)
    start = asked.date() + draw(st.integers(0, 40)) * DAY
    agreed = draw(st.none() | st.just(asked + draw(st.integers(0, 30)) * DAY))
    running = draw(st.booleans())
    return Life(
        status=draw(st.sampled_from(Status)),
        start=start,
        end=start + draw(lengths),
        asked_at=asked,
        agreed_at=agreed,
        ended_at=draw(st.none() | st.just(asked + draw(st.integers(1, 200)) * DAY)),
        check_in_asked_at=asked + 20 * DAY if running else None,
        check_in_nth=1 if running else 0,
        ask_later_at=asked + 21 * DAY if running and draw(st.booleans()) else None,
        share_opens_at=draw(st.none() | st.just(asked + DAY)),
    )


@settings(max_examples=200, deadline=None)
@given(lives(), walls, walls, st.lists(st.integers(0, 400 * 24), min_size=1, max_size=12))
def test_whenever_somebody_looks_each_entry_is_done_at_most_once_and_none_is_lost_without_a_later_one(
    life, owner, sponsor, hours
):
    entries = cadence.timetable(life, owner, sponsor)
    done, since = [], life.asked_at
    for now in sorted(life.asked_at + timedelta(hours=each) for each in hours):
        fallen = cadence.fallen_due(entries, since, now)
        missed = [each for each in entries if since < each.at <= now and each not in fallen]
        assert all(replaced(each, fallen) for each in missed)
        done += fallen
        since = now

    assert sorted(set(done)) == done
    assert set(done) <= set(entries)


def replaced(entry: Entry, fallen: list[Entry]) -> bool:
    return any(
        each.due in FINAL or each.due is QUESTION.get(entry.due) or (each.due is entry.due and each.at >= entry.at)
        for each in fallen
    )


@settings(max_examples=200, deadline=None)
@given(lives(), walls, walls)
def test_who_looks_only_when_the_next_entry_is_due_misses_none_but_those_of_the_same_moment(life, owner, sponsor):
    entries = [each for each in cadence.timetable(life, owner, sponsor) if each.at > life.asked_at]
    done, now = [], life.asked_at
    while (then := cadence.next_due(entries, now)) is not None:
        assert [] == cadence.fallen_due(entries, now, then - timedelta(microseconds=1))
        done += cadence.fallen_due(entries, now, then)
        now = then

    assert {each.at for each in entries} == {each.at for each in done}


@quick
@given(lives(), walls, walls)
def test_people_are_written_to_on_their_working_days_at_ten(life, owner, sponsor):
    own_hour = {Due.UNDO_ENDS, Due.SHARE_OPENS, Due.CHECK_IN_REMINDER}
    for entry in cadence.timetable(life, owner, sponsor):
        wall = sponsor if entry.due is Due.SIGN_OFF_REMINDER else owner
        local = entry.at.astimezone(wall.zone)
        assert entry.due in own_hour or (10 == local.hour and ENGLISH(local.date())), entry


def test_the_whole_story_of_a_june_trial():
    at_ten = [date(2026, 6, 16), date(2026, 6, 23), date(2026, 6, 29)]
    life = Life(Status.RUNNING, date(2026, 6, 2), date(2026, 6, 26), agreed_at=datetime(2026, 6, 1, tzinfo=UTC))
    wall = Wall(LONDON, ENGLISH)

    assert [
        Entry(at_local(day, time(10), LONDON), due)
        for day, due in zip(at_ten, (Due.CHECK_IN, Due.END_NOTICE, Due.END), strict=True)
    ] == cadence.timetable(life, wall, wall)


def test_after_a_long_sleep_only_the_end_is_said():
    life = Life(Status.RUNNING, date(2026, 6, 2), date(2026, 6, 26), agreed_at=datetime(2026, 6, 1, tzinfo=UTC))
    wall = Wall(LONDON, ENGLISH)
    fallen = cadence.fallen_due(cadence.timetable(life, wall, wall), FIRST, LAST)

    assert [Due.END] == [each.due for each in fallen]


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.CLOSED, Status.LEARNED])
def test_nothing_falls_due_after_an_end(status):
    life = Life(status, date(2026, 6, 2), date(2026, 6, 26), ended_at=datetime(2026, 6, 5, tzinfo=UTC))
    wall = Wall(LONDON, ENGLISH)

    assert [] == cadence.timetable(life, wall, wall)


def test_the_owners_silence_after_a_condition_is_not_counted():
    life = Life(Status.CONDITION, date(2026, 6, 2), date(2026, 6, 26), asked_at=datetime(2026, 6, 1, tzinfo=UTC))
    wall = Wall(LONDON, ENGLISH)

    assert [] == cadence.timetable(life, wall, wall)
