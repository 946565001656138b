"""Freeing an I2C bus on which a part holds SDA low, waiting for clocks that a reset has cut off.

Source: NXP UM10204 (I2C-bus specification), section 3.1.16 "Bus clear": up to nine clocks, then a STOP.
"""

import time

from micropython import const

_CLOCKS = const(9)
_HALF_CLOCK_US = const(5)  # 100 kHz


def free(scl, sda, reopen):
    """Clock until SDA is let go, send a STOP and give the pins back to the bus.

    `scl`, `sda`: machine.Pin; `reopen()`: makes the machine.I2C on them anew. Returns the clocks that it took: 0 when
    nothing holds SDA, and the bus is left as it is; -1 when SDA is still low after nine.
    """
    if sda.value():
        return 0
    scl.init(mode=scl.OPEN_DRAIN, value=1)
    sda.init(mode=sda.OPEN_DRAIN, value=1)
    clocks = 0
    while not sda.value() and clocks < _CLOCKS:
        _set(scl, 0)
        _set(scl, 1)
        clocks += 1
    freed = sda.value()
    _set(scl, 0)
    _set(sda, 0)
    _set(scl, 1)
    _set(sda, 1)
    reopen()
    return clocks if freed else -1


def _set(pin, level):
    pin.value(level)
    time.sleep_us(_HALF_CLOCK_US)
