"""Sensing on the twin's board at rest, through a sensor that comes and goes and a loop that comes late."""

import time

import board
from twin import clock

from hipcue.contract import config
from hipcue.contract.record import EVENT_CODES
from hipcue.sensing import MOST_FRAMES, RETRY_MS, Sensing

NAMES = {code: name for name, code in EVENT_CODES.items()}
drain_into = board.imu.drain_into


class Recorder:
    def __init__(self):
        self.events = []
        self.lost = 0

    def event(self, code, value, now_ms):
        self.events.append(NAMES[code])

    def samples_lost(self, count, now_ms):
        self.lost += count


def new_sensing():
    recorder = Recorder()
    sensing = Sensing(board, config.defaults(), None, recorder)
    sensing.start(clock.now_us())
    return sensing, recorder


def run(sensing, ms):
    """Drain as the application does for `ms`."""
    until_us = clock.now_us() + 1000 * ms
    while clock.now_us() < until_us:
        sensing.drain(clock.now_us())
        time.sleep_ms(max(1, sensing.wait_ms(clock.now_us())))


def broken(buffer):
    raise OSError(19)


def test_a_sensor_that_is_gone_again_before_its_first_sample_is_tried_again():
    """A loose wire: each start is answered, the drain after it is not. In the end every sample of the pauses is lost."""
    sensing, recorder = new_sensing()
    run(sensing, 1000)
    begun_us = clock.now_us()
    sensing._drain_into = broken
    run(sensing, 3 * (RETRY_MS + 100))
    assert recorder.events.count("sensor_back") > 1
    sensing._drain_into = drain_into
    run(sensing, 2 * RETRY_MS)
    assert recorder.events[-1] == "sensor_back" and not sensing.silent()
    gap_ms = (clock.now_us() - begun_us) // 1000 - RETRY_MS
    assert 0.6 * gap_ms < recorder.lost * 1000 / board.imu.rate_hz < 1.4 * gap_ms


def test_a_sensor_that_is_lost_before_its_very_first_sample():
    sensing, recorder = new_sensing()
    sensing._drain_into = broken
    run(sensing, 3 * RETRY_MS)
    sensing._drain_into = drain_into
    run(sensing, 2 * RETRY_MS)
    assert not sensing.silent() and recorder.lost == 0


def test_a_first_drain_that_comes_after_the_fifo_ran_over():
    """A flash of 12 MB takes its time to say how much room there is."""
    sensing, recorder = new_sensing()
    time.sleep_ms(MOST_FRAMES * 1000 // 208 + 500)
    sensing.drain(clock.now_us())
    run(sensing, 500)
    assert not sensing.silent() and recorder.lost > 0
    assert 0 <= clock.now_us() // 1000 - sensing.ms(sensing._count - 1) < 100


for name in sorted(globals()):
    if name.startswith("test_"):
        globals()[name]()
