"""The clip's clock over the wrap of its ticks, and sample numbers in its time."""

import time

from twin import clock as virtual
from twin import power

from hipcue import clock
from hipcue.clock import Clock, CountedClock, SampleClock

RATE_HZ = 208.0


def test_now_goes_on_over_the_wraps_of_the_ticks():
    """Four hours, read every 7 minutes: exact, though ticks_us began anew every 17.9 minutes, 13 times."""
    virtual.advance(-virtual.now_us() % (1 << 30))
    now = Clock()
    start_us, wraps, before = now.now_us(), 0, 0
    for k in range(1, 36):
        virtual.advance(7 * 60 * 1000000 + 1)
        assert now.now_us() == start_us + k * 420000001
        assert now.now_ms() == (start_us + k * 420000001) // 1000
        wraps += time.ticks_us() < before
        before = time.ticks_us()
    assert wraps == 13


def test_a_clock_made_late_starts_at_the_time_since_power_on():
    """To the millisecond: ticks_ms lasts 12 days."""
    virtual.advance_to(20000 * 1000000 + 345678)
    assert Clock().now_us() == 20000345000


def test_wall_clock_is_not_known_until_it_is_set():
    assert Clock().unix_ms() is None
    power.rtc_offset_us = (1790000000 - clock.UNIX_EPOCH_S) * 1000000 - virtual.now_us()
    unix_ms = Clock().unix_ms()
    assert abs(unix_ms - 1790000000000) < 1000
    virtual.advance(2500000)
    assert Clock().unix_ms() - unix_ms == 2500
    power.rtc_offset_us = 0


def test_a_counted_sample_is_placed_within_its_interval_though_the_chip_runs_two_percent_off():
    """SBAS502 6.5: the oscillator within 0.5 % at room temperature, 2.5 % over all; nominal for the first 5 s."""
    for rate_hz in (980.0, 1003.0, 1020.0):
        times = CountedClock(1000.0)
        assert not times.known()
        for drain in range(1, 401):
            now_us = 7000000 + 50000 * drain + drain * 7919 % 900
            times.observe(int((now_us - 7000000) * rate_hz / 1e6) + 1, now_us)
            true = (now_us - 300000 - 7000000) * rate_hz / 1e6  # what was taken 0.3 s ago
            assert times.known()
            assert abs(times.number(now_us - 300000) - true) < (2 if drain > 110 else 9)
    assert times.number(now_us + 100000) - times.number(now_us) in (101, 102, 103)


def drains(interval_ns, late_us, count=400, block=16):
    """Return (SampleClock, number of the newest sample, its true time in us) after `count` drains of `block` samples.

    Sample n is taken at 5 s + n intervals; a drain comes `late_us(k)` after the newest sample of the k-th block.
    """
    times = SampleClock(RATE_HZ)
    for k in range(1, count + 1):
        newest = k * block - 1
        true_us = 5000000 + newest * interval_ns // 1000
        times.observe(k * block, true_us + late_us(k))
    return times, newest, true_us


def test_samples_are_placed_half_an_interval_before_an_even_spread():
    """Drains between 0 and 4.8 ms late: their mean, half an interval, is taken off, all but 1/32 of the spread."""
    times, newest, true_us = drains(4807692, lambda k: k * 1709 % 4808)
    assert abs(times.us(newest) - true_us) < 500


def test_a_sensor_that_runs_fast_is_followed():
    """0.05 % off the rate that the clock was told: a mean over 16 drains of 77 ms lags by 0.6 ms."""
    times, newest, true_us = drains(4805289, lambda k: 2404, count=1500)
    assert 500 < times.us(newest) - true_us < 700


def test_earlier_samples_and_fractions():
    times = SampleClock(RATE_HZ)
    times.observe(1000, 10000000)
    at = times.us(999)
    assert at == 10000000 - 4807692 // 2000
    assert at - times.us(999 - 208) == 1000000
    assert at - times.us(999, 0.5) == 2403
    assert times.interval_us() == 4808


def test_a_restart_takes_the_next_drain_as_it_is():
    times = SampleClock(RATE_HZ)
    times.observe(16, 1000000)
    times.observe(32, 9000000)
    assert times.us(31) < 2000000  # one late drain counts a sixteenth
    times.restart()
    assert times.known() and times.us(31) < 2000000  # what is lost until then is counted by the times before
    times.observe(48, 9000000)
    assert times.us(47) == 9000000 - 4807692 // 2000


def test_sample_times_hold_for_a_day():
    """18 million samples: whole numbers, no float that would lose its last digits."""
    times = SampleClock(RATE_HZ)
    number = 24 * 3600 * 208
    times.observe(number + 1, 86400000000)
    assert times.us(number + 208) - times.us(number) in (999999, 1000000)
    assert times.us(number) - times.us(number - 1) in (4807, 4808)


def run():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()


run()
