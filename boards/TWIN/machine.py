"""`machine` on the twin: an ESP32's pins and buses, with the modelled parts behind them."""

from twin import clock, power, scene, timers, waiting
from twin.buses import I2C, SPI  # noqa: F401
from twin.pins import ADC, PWM, Pin, stop_outputs  # noqa: F401
from twin.power import DEEPSLEEP_RESET, HARD_RESET, PWRON_RESET, SOFT_RESET, WDT_RESET, Reset  # noqa: F401

_TICK_US = 1000  # the operating system's, after which idle() returns at the latest
_TIMERS = 4
_DEFAULT_CLIP_ID = b"\x02HIPCU"


def unique_id():
    """Return the chip's identity, 6 bytes."""
    clip_id = scene.current.header.get("clip_id")
    return bytes.fromhex(clip_id) if clip_id else _DEFAULT_CLIP_ID


def reset_cause():
    """Return why the program was started: PWRON_RESET, HARD_RESET, WDT_RESET or SOFT_RESET."""
    return power.reset_cause


def reset():
    """Start the processor anew; the other chips keep their power."""
    raise Reset(HARD_RESET)


def soft_reset():
    """Start the program anew."""
    raise Reset(SOFT_RESET)


def freq():
    """Return the processor's clock in Hz."""
    return 240000000


def idle():
    """Wait for the operating system's next tick."""
    waiting.until(clock.now_us() + _TICK_US)


def lightsleep(time_ms):
    """Sleep for `time_ms`."""
    waiting.until(clock.now_us() + time_ms * 1000)


class WDT:
    """The watchdog: resets the processor unless it is fed in time; it cannot be stopped."""

    def __init__(self, id=0, timeout=5000):
        power.start_watchdog(timeout)

    def feed(self):
        """Give it its full timeout again."""
        power.feed_watchdog()


class Timer:
    """One of the four hardware timers of an ESP32."""

    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id):
        if not 0 <= id < _TIMERS:
            raise ValueError("invalid Timer number")
        self._id = id

    def init(self, *, mode=PERIODIC, period=None, callback=None):
        """Call `callback(timer)` after `period` ms, once or for ever."""
        timers.start(self._id, self, 1000 * period, callback, mode == self.PERIODIC)

    def deinit(self):
        """Call no more."""
        timers.stop(self._id)


class RTC:
    """The clock and memory that outlive resets, but not the loss of power."""

    def datetime(self, when=None):
        """Return (year, month, day, weekday, hour, minute, second, microsecond), or set it."""
        import time

        if when is None:
            year, month, day, hour, minute, second, weekday, _ = time.gmtime()
            return year, month, day, weekday, hour, minute, second, (clock.now_us() + power.rtc_offset_us) % 1000000
        year, month, day, _, hour, minute, second, microsecond = when
        seconds = time.mktime((year, month, day, hour, minute, second, 0, 0))
        power.rtc_offset_us = seconds * 1000000 + microsecond - clock.now_us()

    def memory(self, data=None):
        """Return what is kept, or keep `data`, at most 2048 bytes."""
        if data is None:
            return power.rtc_memory()
        power.keep_in_rtc(data)
