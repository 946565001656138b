"""The twin's board: the real `machine` calls of the drivers, down to the modelled parts. At rest, without a scene."""

import time
from array import array

import board
from at_rest import is_at_rest
from machine import SPI, Pin
from micropython import heap_lock, heap_unlock
from twin import clock, parts

from hipcue.drivers.lsm6dsox import LSM6DSOX, SPIBus


def test_importing_takes_no_time():
    assert clock.now_us() == 0


def test_names():
    assert board.clip_id == b"\x02HIPCU"
    assert board.button.value() == 1
    assert board.battery.voltage_mv() == 4000


def test_sensor_on_i2c():
    assert board.imu.identify() == "LSM6DSO/DSOX"
    board.imu.start(208)
    frames = bytearray(12 * 64)
    drain_into = board.imu.drain_into
    sleep_ms = time.sleep_ms
    total = 0
    for _ in range(20):
        sleep_ms(77)
        heap_lock()
        count = drain_into(frames)
        heap_unlock()
        assert is_at_rest(frames, count)
        total += count
    # 20 turns of 77 ms and the time on the wire: a little over 320 samples.
    assert 320 <= total <= 350
    assert (board.imu.lost, board.imu.unpaired, board.imu.misread) == (0, 0, 0)


def test_sensor_on_spi():
    sensor = LSM6DSOX(SPIBus(SPI(1, baudrate=8000000, polarity=1, phase=1), Pin(4, Pin.OUT, value=1)))
    assert sensor.identify() == "LSM6DSO/DSOX"
    sensor.start(208)
    frames = bytearray(12 * 64)
    time.sleep_ms(100)
    heap_lock()
    count = sensor.drain_into(frames)
    heap_unlock()
    assert count in (20, 21)
    assert is_at_rest(frames, count)


def test_envelopes():
    envelope = array("H", (9, 9))
    heap_lock()
    board.emg.read_into(envelope, 0)
    heap_unlock()
    assert list(envelope) == [0, 0]


def test_motor_switches_when_told():
    started_us = clock.now_us()
    board.haptics.buzz(1, 120, 80, started_us // 1000)
    while board.haptics.running:
        time.sleep_ms(1)
        board.haptics.step(clock.now_us() // 1000)
    (on_us, on), (off_us, off) = parts.motors[25].record
    assert (on, off) == (0.8, 0)
    assert on_us == started_us
    assert 119000 <= off_us - on_us <= 121000
    assert parts.motors[26].record == []


test_importing_takes_no_time()  # before the others move the clock
for name in sorted(globals()):
    if name.startswith("test_") and name != "test_importing_takes_no_time":
        globals()[name]()
