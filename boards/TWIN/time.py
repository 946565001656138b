"""`time` on the twin: the virtual clock, with the ESP32's epoch (2000-01-01) and wrap of the ticks."""

import utime
from twin import clock, power, waiting
from utime import ticks_add, ticks_diff  # noqa: F401

_TICKS_MASK = (1 << 30) - 1
_UNIX_TIME_OF_EPOCH_S = 946684800


def sleep(seconds):
    """Wait `seconds`, a whole number or a float."""
    sleep_us(int(seconds * 1000) * 1000)


def sleep_ms(ms):
    """Wait `ms` milliseconds."""
    sleep_us(ms * 1000)


def sleep_us(us):
    """Wait `us` microseconds."""
    waiting.until(clock.now_us() + max(us, 0))


def ticks_ms():
    """Return the milliseconds since the processor's start; they wrap after 12.4 days."""
    return (clock.now_us() - power.started_us) // 1000 & _TICKS_MASK


def ticks_us():
    """Return the microseconds since the processor's start; they wrap after 17.9 minutes."""
    return (clock.now_us() - power.started_us) & _TICKS_MASK


ticks_cpu = ticks_us


def time():
    """Return the seconds since 2000-01-01 by the clock that was set with machine.RTC."""
    return (clock.now_us() + power.rtc_offset_us) // 1000000


def time_ns():
    """Return the nanoseconds since 2000-01-01 by the clock that was set with machine.RTC."""
    return (clock.now_us() + power.rtc_offset_us) * 1000


def gmtime(seconds=None):
    """Return (year, month, day, hour, minute, second, weekday, day of the year)."""
    return utime.gmtime((time() if seconds is None else seconds) + _UNIX_TIME_OF_EPOCH_S)[:8]


localtime = gmtime


def mktime(when):
    """Return the seconds since 2000-01-01 of an 8-tuple as gmtime returns."""
    year, month, day, hour, minute, second = when[:6]
    # Years from March on, so that the leap day comes last (proleptic Gregorian calendar).
    year -= month < 3
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return ((days - 730425) * 24 + hour) * 3600 + minute * 60 + second
