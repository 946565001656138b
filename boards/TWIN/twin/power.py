"""Resets, the watchdog and what outlives them.

The exceptions derive from SystemExit, so that device code that catches
Exception does not catch the end of its own life.
"""

from twin import clock

# machine.reset_cause(), numbered as on the ESP32.
PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

POWER_CUT_EXIT_CODE = 75

reset_cause = PWRON_RESET
rtc_offset_us = 0
started_us = 0  # when the processor last started: the ticks count from there, but go on over a soft reset

RTC_MEMORY_BYTES = 2048

_rtc_memory = bytearray(RTC_MEMORY_BYTES)  # as large as it is on the chip, however much is kept
_rtc_kept = 0
_watchdog_timeout_us = None
_watchdog_bites_us = None


class Reset(SystemExit):
    """The processor starts anew; args: the cause."""


class PowerCut(SystemExit):
    """The power is gone: the process ends with POWER_CUT_EXIT_CODE."""


class Unplugged(SystemExit):
    """The host that held the serial line is gone: the process ends."""


def rtc_memory():
    """Return what the memory of the real-time clock keeps."""
    return bytes(memoryview(_rtc_memory)[:_rtc_kept])


def keep_in_rtc(data):
    """Let the memory of the real-time clock keep `data`; ValueError when that is too much."""
    global _rtc_kept
    if len(data) > RTC_MEMORY_BYTES:
        raise ValueError("buffer too long")
    _rtc_memory[: len(data)] = data
    _rtc_kept = len(data)


def start_watchdog(timeout_ms):
    """Start the watchdog, which cannot be stopped."""
    global _watchdog_timeout_us
    _watchdog_timeout_us = timeout_ms * 1000
    feed_watchdog()


def feed_watchdog():
    """Give the watchdog its full timeout again."""
    global _watchdog_bites_us
    check_watchdog()
    _watchdog_bites_us = clock.now_us() + _watchdog_timeout_us


def check_watchdog():
    """Raise Reset when the watchdog was not fed in time."""
    if _watchdog_bites_us is not None and clock.now_us() > _watchdog_bites_us:
        raise Reset(WDT_RESET)


def record_reset(cause):
    """Set what machine.reset_cause() returns; any but a soft reset stops the watchdog and starts the ticks anew."""
    global reset_cause, started_us, _watchdog_bites_us
    reset_cause = cause
    if cause != SOFT_RESET:
        _watchdog_bites_us = None
        started_us = clock.now_us()
