"""The twin as science build: the real board file of HIPCUE_S3, down to the modelled parts. At rest, without a scene."""

import sys
import time

from at_rest import is_at_rest
from emg_bench import Caller, clock, parts

sys.path.insert(0, ".frozen/HIPCUE_S3")

import board


def test_importing_takes_no_time():
    assert clock.now_us() == 0


def test_names():
    assert board.__file__.endswith("HIPCUE_S3/board.py")
    assert board.clip_id == b"\x02HIPCU"
    assert board.button.value() == 1
    assert board.battery.voltage_mv() == 4000
    assert board.emg.kind == "raw"


def test_motion_sensor_on_spi():
    assert board.imu.identify() == "LSM6DSO/DSOX"
    board.imu.start(208)
    time.sleep_ms(100)
    frames = bytearray(12 * 64)
    count = board.imu.drain_into(frames)
    assert count in (20, 21)
    assert is_at_rest(frames, count)


def test_both_sensors_at_once():
    """The interrupt reads the one while the loop reads the other; neither disturbs the other."""
    board.imu.start(208)
    board.emg.start()
    caller = Caller(board.emg)
    frames = bytearray(12 * 64)
    board.imu.drain_into(frames)
    started_us = clock.now_us()
    motion = 0
    for _ in range(40):
        time.sleep_ms(77)
        motion += board.imu.drain_into(frames)
        runs = caller.drain_all()
        assert all(gap == 0 for gap, _ in runs)
    elapsed_s = (clock.now_us() - started_us) / 1e6
    assert abs(motion - 208 * elapsed_s) < 4
    assert abs(board.emg.read - 1003 * elapsed_s) < 8
    assert (board.imu.lost, board.imu.unpaired, board.emg.lost, board.emg.bad) == (0, 0, 0, 0)


def test_motors_disturb_the_electrodes():
    """30 mV at 48.08 nV a LSB are 623,960 LSB."""
    caller = Caller(board.emg)
    board.emg.start()
    peaks = []
    for strength_pct in (0, 80, 0):
        board.haptics.buzz(1, 100, strength_pct, clock.now_us() // 1000)
        time.sleep_ms(100)
        count, _ = caller.drain()
        peaks.append(max(abs(value) for value in caller.samples[10 : 2 * count]))
    board.haptics.stop(clock.now_us() // 1000)
    assert peaks[0] < 200 and peaks[2] < 200
    assert abs(peaks[1] - 623960) < 2000
    assert parts.motors[17].record[0][1] == 0.8


test_importing_takes_no_time()  # before the others move the clock
for name in sorted(globals()):
    if name.startswith("test_") and name != "test_importing_takes_no_time":
        globals()[name]()
