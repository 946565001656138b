"""Instructions executed, by a timer of the emulated board.

With `-icount shift=0` one instruction takes 1 ns of emulated time, so the
25 MHz CMSDK timer (Arm Cortex-M System Design Kit TRM, section 4.2) counts
one tick per 40 instructions, the same in every run.
"""

from machine import mem32
from micropython import const

INSTRUCTIONS_PER_TICK = 40

_CTRL = const(0x40000000)
VALUE = const(0x40000004)  # counts down
_RELOAD = const(0x40000008)
_MOST = const(0x3FFFFFFF)  # the largest whole number that takes no memory: 43e9 instructions


def start():
    """Start the count anew, in the same phase of a tick each time."""
    mem32[_CTRL] = 0
    mem32[_RELOAD] = _MOST
    mem32[VALUE] = _MOST
    mem32[_CTRL] = 1


def own_ticks():
    """Return the ticks that `begun = mem32[VALUE]; ...; begun - mem32[VALUE]` counts when it encloses nothing."""
    total = 0
    for _ in range(1000):
        begun = mem32[VALUE]
        total += begun - mem32[VALUE]
    return total / 1000
