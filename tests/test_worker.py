"""The heartbeat."""

from __future__ import annotations

import threading

from bot.worker import heartbeat


def test_the_heart_beats_again_and_again():
    thrice = threading.Event()
    beats = []

    def beat():
        beats.append(1)
        if len(beats) == 3:
            thrice.set()

    scheduler = heartbeat(beat, seconds=0.02)
    scheduler.start()
    try:
        assert thrice.wait(5)
    finally:
        scheduler.shutdown()


def test_a_beat_that_fails_does_not_stop_the_next(capsys):
    again = threading.Event()
    beats = []

    def beat():
        beats.append(1)
        if len(beats) == 1:
            raise RuntimeError("The first one fails.")
        again.set()

    scheduler = heartbeat(beat, seconds=0.02)
    scheduler.start()
    try:
        assert again.wait(5)
    finally:
        scheduler.shutdown()


def test_a_slow_beat_is_never_run_twice_at_once():
    going, most, release, second = [], [], threading.Event(), threading.Event()

    def beat():
        going.append(1)
        most.append(len(going))
        if len(most) == 1:
            release.wait(0.3)
        else:
            second.set()
        going.pop()

    scheduler = heartbeat(beat, seconds=0.02)
    scheduler.start()
    try:
        assert second.wait(5)
    finally:
        scheduler.shutdown()
    assert {1} == set(most)
