"""The virtual clock through `time`, `select` and `machine`: it moves when, and as far as, the clip waits."""

import select
import time

import machine
from bench import elapsed_us
from twin import clock


def test_only_waiting_moves_it():
    assert elapsed_us(lambda: [time.ticks_us() for _ in range(1000)]) == 0
    assert elapsed_us(time.sleep_us, 7) == 7
    assert elapsed_us(time.sleep_ms, 20) == 20000
    assert elapsed_us(time.sleep, 2) == 2000000
    assert elapsed_us(time.sleep, 0.25) == 250000
    assert elapsed_us(time.sleep_ms, -5) == 0
    assert elapsed_us(machine.idle) == 1000
    assert elapsed_us(machine.lightsleep, 77) == 77000
    assert elapsed_us(select.poll().poll, 76) == 76000


def test_ticks_wrap_as_on_a_board():
    clock.advance_to((1 << 30) - 5)
    before = time.ticks_us()
    time.sleep_us(8)
    assert time.ticks_us() == 3
    assert time.ticks_diff(time.ticks_us(), before) == 8
    assert time.ticks_ms() == 1073741
    assert time.ticks_add((1 << 30) - 1, 2) == 1


def test_calendar():
    # The ESP32's epoch; then a leap day, which `date -u -d 2024-02-29T12:34:56 +%s` puts at 1709210096.
    assert time.gmtime(0) == (2000, 1, 1, 0, 0, 0, 5, 1)
    seconds = 1709210096 - 946684800
    assert time.mktime((2024, 2, 29, 12, 34, 56, 3, 60)) == seconds
    assert time.gmtime(seconds) == (2024, 2, 29, 12, 34, 56, 3, 60)


def test_wall_clock_is_set_by_the_rtc():
    machine.RTC().datetime((2026, 3, 1, 6, 23, 59, 58, 250000))
    time.sleep(3)
    assert time.localtime()[:6] == (2026, 3, 2, 0, 0, 1)
    assert time.time_ns() // 1000000 % 1000 == machine.RTC().datetime()[7] // 1000 == 250


def run():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()


run()
