"""Clocks that run backwards, leap, tremble or stand still, and zones and holidays that change under a plan."""

from __future__ import annotations

import shutil
import threading
import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.services import planning
from db.clock import ServerClock
from db.engine import open_database
from db.tables import Beat, CheckIn, Digest, Experiment, Outbox, Workspace
from tests.hearing import listening
from tests.world import MONDAY

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def heard():
    with listening() as log:
        yield log


@pytest.fixture
def elsewhere(tmp_path):
    """Zone data of another version, in which London keeps the time of Tokyo."""
    london = tmp_path / "zones" / "Europe" / "London"
    london.parent.mkdir(parents=True)
    (tmp_path / "zones" / "tzdata.zi").write_text("# version 2099z\n")
    source = next(path for folder in zoneinfo.TZPATH if (path := Path(folder) / "Asia" / "Tokyo").is_file())
    shutil.copyfile(source, london)
    before = zoneinfo.TZPATH

    def change():
        zoneinfo.reset_tzpath([str(tmp_path / "zones"), *before])
        ZoneInfo.clear_cache()

    yield change
    zoneinfo.reset_tzpath(before)
    ZoneInfo.clear_cache()


def rows(world, thing):
    with world.bot.store.readings() as session:
        return session.scalars(select(thing)).all()


def one(world, table):
    (row,) = rows(world, table)
    return row


def count(world, table):
    with world.bot.store.readings() as session:
        return session.scalar(select(func.count()).select_from(table))


def run_steadily(world, span, step=timedelta(seconds=30)):
    end = world.clock.now() + span
    while world.clock.now() < end:
        world.clock.advance(step)
        world.bot.beat()


def test_while_the_clock_runs_backwards_nothing_is_scheduled_or_sent_and_then_all_goes_on(world, heard):
    world.settle()
    world.clock.set(MONDAY - 2 * HOUR)
    world.asha.types("/experiment", "propose")
    world.asha.closes()
    world.bot.beat()
    world.propose()
    assert world.dana.dm == []
    assert "has passed already" in str(world.bot.facts()["clock"])
    assert 1 == len(heard.said("the clock runs backwards; nothing is scheduled or sent"))

    world.clock.set(MONDAY)
    world.settle()
    assert world.dana.dm
    assert world.bot.facts()["clock"] is None


def test_a_clock_that_was_once_far_in_the_future_is_believed_again_after_ten_steady_minutes(world):
    world.set_up_digest()
    world.clock.set(MONDAY + timedelta(days=400))
    world.settle()
    made = count(world, Digest)
    world.clock.set(MONDAY + HOUR)
    run_steadily(world, timedelta(minutes=9))
    assert world.bot.facts()["clock"]

    run_steadily(world, timedelta(minutes=3))
    assert world.bot.facts()["clock"] is None
    assert one(world, Beat).at < MONDAY + 2 * HOUR
    world.at("2026-06-04 10:00")
    assert made + 1 == count(world, Digest)


def test_a_clock_that_goes_on_leaping_is_not_believed(world):
    world.settle()
    for minutes in range(60, 30, -1):
        world.clock.set(MONDAY - timedelta(minutes=minutes))
        world.bot.beat()
        world.clock.advance(-HOUR)
        world.bot.beat()

    assert world.bot.facts()["clock"]


@pytest.mark.parametrize("wrong", [[0, 1, -1, 1, -1, 0, 1], [0, 0, 0, 0], [0, 7200, 0, 7200, 7201]])
def test_a_clock_that_trembles_stands_or_leaps_makes_no_slot_twice(world, wrong):
    world.set_up_digest()
    world.running()
    for moment in ("2026-06-04 10:00", "2026-06-16 10:00"):
        world.at(moment)
        right = world.clock.now()
        for seconds in wrong:
            world.clock.set(right + seconds * SECOND)
            world.bot.beat()
        world.clock.set(right + 3 * HOUR)
        world.settle()

    assert ["2026-W23"] == [each.week for each in rows(world, Digest)]
    assert 1 == count(world, CheckIn)
    assert len({each.key for each in rows(world, Outbox)}) == count(world, Outbox)


@pytest.mark.parametrize("slots", range(6))
def test_after_a_downtime_over_some_digests_one_is_made_up_for(world, slots):
    world.set_up_digest()
    world.at("2026-06-04 10:00")
    assert 1 == count(world, Digest)
    world.clock.advance(timedelta(weeks=slots, days=1))
    world.settle()

    assert 1 + min(slots, 1) == count(world, Digest)


def test_other_zone_data_moves_what_is_planned_once_and_asks_nothing_twice(world, elsewhere):
    world.set_up_digest()
    world.running()
    world.at("2026-06-16 10:00")
    assert 1 == count(world, CheckIn)
    before = one(world, Experiment).next_due
    by = one(world, Workspace).planned_by

    elsewhere()
    world.bot.beat()
    assert one(world, Experiment).next_due == before - 8 * HOUR
    assert one(world, Workspace).planned_by.startswith("2099z ")
    assert one(world, Workspace).planned_by != by
    world.settle()
    assert 1 == count(world, CheckIn)
    moved = one(world, Experiment).next_due
    world.bot.beat()
    assert moved == one(world, Experiment).next_due


def test_another_calendar_in_the_settings_moves_what_is_planned(world):
    world.running(start="2026-08-03", end="2026-08-28")
    world.at("2026-08-27 11:00")
    assert one(world, Experiment).next_due == datetime(2026, 9, 1, 9, tzinfo=UTC)
    world.admin.types("/experiment", "settings")
    world.admin.fills(digest_channel="C0LEARN", calendar="GB-SCT")
    world.admin.submits()
    world.settle()

    assert one(world, Workspace).planned_by.endswith(" GB-SCT")
    assert one(world, Experiment).next_due == datetime(2026, 8, 31, 9, tzinfo=UTC)


def test_the_zones_of_the_machine_come_before_those_that_were_installed(tmp_path):
    (tmp_path / "tzdata.zi").write_text("# version 2031c\nR more\n")
    assert planning.zones((str(tmp_path),)) == "2031c"
    (tmp_path / "tzdata.zi").unlink()
    (tmp_path / "+VERSION").write_text("2030a\n")
    assert planning.zones((str(tmp_path),)) == "2030a"
    assert planning.zones(()).startswith("20")


def test_moments_are_those_of_the_database_server_however_wrong_the_machine_is(postgres_url):
    engine = open_database(postgres_url)
    right = ServerClock(engine, lambda: datetime.now(UTC))
    wrong = ServerClock(engine, lambda: datetime.now(UTC) - 3 * HOUR)

    assert abs(wrong() - right()) < SECOND
    engine.dispose()


def test_two_workers_at_once_make_one_check_in_and_one_digest(world):
    world.set_up_digest()
    world.running()
    other = world.bot
    world.start_bot()
    world.clock.set(datetime(2026, 6, 4, 9, tzinfo=UTC))
    together(other, world.bot)
    world.settle()
    assert 1 == count(world, Digest)
    world.clock.set(datetime(2026, 6, 16, 9, tzinfo=UTC))
    together(other, world.bot)
    world.settle()
    other.close()

    assert 1 == count(world, CheckIn)
    assert 1 == count(world, Digest)


def together(*bots):
    """Have several workers beat at once, again and again."""
    barrier = threading.Barrier(len(bots))

    def beat(bot):
        for _ in range(3):
            barrier.wait()
            bot.beat()

    threads = [threading.Thread(target=beat, args=(bot,)) for bot in bots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
