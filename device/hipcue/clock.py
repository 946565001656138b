"""The board's clock as monotonic 64-bit milliseconds, and sample numbers in that time."""

import time

# The board counts its wall clock from 2000, MicroPython on a PC from 1970.
UNIX_EPOCH_S = 946684800 if time.gmtime(0)[0] == 2000 else 0
# A clock that was never set since the power came starts at its epoch.
FIRST_YEAR = 2025

ticks_us = time.ticks_us
ticks_diff = time.ticks_diff


class Clock:
    """Milliseconds since power-on that never wrap; read at least once per 8 minutes.

    `ticks_us` wraps after 17.9 minutes on a 32-bit port; differences taken
    within half of that are exact.
    """

    def __init__(self):
        self._ticks = ticks_us()
        self._us = time.ticks_ms() * 1000

    def now_us(self):
        """Return the time since power-on in microseconds."""
        ticks = ticks_us()
        self._us += ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        return self._us

    def now_ms(self):
        """Return the time since power-on in milliseconds."""
        return self.now_us() // 1000

    def rtc_ms(self):
        """Return what the wall clock says, in ms since 1970: since its epoch when no host has set it."""
        return time.time_ns() // 1000000 + UNIX_EPOCH_S * 1000

    def unix_ms(self):
        """Return the wall clock as a host has set it, UTC in ms since 1970, or None when none has."""
        return None if time.gmtime()[0] < FIRST_YEAR else self.rtc_ms()

    def wait_ms(self, duration_ms):
        """Let the board's time pass; for the console's measurements only, never in the application's loop."""
        time.sleep_ms(duration_ms)


class SampleClock:
    """When a sample was taken, from when its block was drained.

    The newest sample of a drain is between 0 and 1 interval old; the running
    mean of (drain time - number / rate) therefore lags by half an interval,
    which is taken off. It follows the sensor's own clock against the board's.
    """

    GAIN_SHIFT = 4  # a new drain counts 1/16

    def __init__(self, rate_hz):
        self._interval_ns = int(1e9 / rate_hz)
        self._offset_us = None
        self._restarted = True

    def observe(self, count, now_us):
        """Tell that sample number `count` - 1 was the newest at `now_us`."""
        offset = now_us - self._at(count - 1) - self._interval_ns // 2000
        if self._restarted:
            self._restarted = False
            self._offset_us = offset
        self._offset_us += (offset - self._offset_us) >> self.GAIN_SHIFT

    def us(self, number, early=0.0):
        """Return when sample `number`, less the fraction `early`, was taken, in microseconds."""
        return self._offset_us + self._at(number) - int(early * self._interval_ns) // 1000

    def interval_us(self):
        """Return the sample interval in microseconds, rounded."""
        return (self._interval_ns + 500) // 1000

    def known(self):
        """Return whether there was a sample."""
        return self._offset_us is not None

    def restart(self):
        """Take the next drain as it is: samples were lost. Until it comes, times go on from those before."""
        self._restarted = True

    def _at(self, number):
        return number * self._interval_ns // 1000


class CountedClock:
    """Which sample was taken when, of a chip whose rate is known to some percent but whose every sample is counted.

    The interval is the mean since the start, or nominal before SETTLED_US; times are counted back from the newest
    sample, so that what is wrong with it hardly shows.
    """

    SETTLED_US = 5000000

    def __init__(self, rate_hz):
        self._interval_ns = int(1e9 / rate_hz)
        self._first = None  # sample and time of the first look
        self._newest = 0
        self._newest_us = 0

    def observe(self, count, now_us):
        """Tell that sample number `count` - 1 was the newest at `now_us`: half an interval old on the mean."""
        self._newest = count - 1
        self._newest_us = now_us - self._interval_ns // 2000
        if self._first is None:
            self._first = self._newest, self._newest_us
        elapsed_us = self._newest_us - self._first[1]
        if elapsed_us > self.SETTLED_US:
            self._interval_ns = 1000 * elapsed_us // (self._newest - self._first[0])

    def known(self):
        """Return whether there was a sample."""
        return self._first is not None

    def interval_ns(self):
        """Return the sample interval in nanoseconds."""
        return self._interval_ns

    def us(self, number):
        """Return when sample `number` was taken, or will be, in microseconds."""
        return self._newest_us + (number - self._newest) * self._interval_ns // 1000

    def number(self, time_us):
        """Return the number of the sample taken at `time_us`; also of one still to come."""
        return self._newest + 1000 * (time_us - self._newest_us) // self._interval_ns
