"""Two seconds of raw EMG, kept in memory until the log has room for them: to write so much at once would tear them."""

# ruff: noqa: F821 - the pointer types are viper's

from array import array

import micropython
from micropython import const

from hipcue.contract.emg import RAW_SHIFT
from hipcue.contract.record import EMG_FRAMES
from hipcue.contract.signals import UNKNOWN_I16

RECORDS = 63  # 2.0 s at 1000 SPS
FRAMES = RECORDS * EMG_FRAMES

# Marks of a frame: a motor ran, and above it the sides of electrodes without contact.
_MOTOR = const(1)
_LEFT_OFF = const(2)
_RIGHT_OFF = const(4)

_MOST = const(32767)
_LEFT_ELECTRODES = const(3)  # of the driver's `leads`: IN1P, IN1N
_RIGHT_ELECTRODES = const(12)  # IN2P, IN2N


class Snippet:
    """`begin` when `wanted`, then `take` and `lose` while `taking`; its records are read by `next_...`, then `give`.

    Frames are left and right in turn, in 2^RAW_SHIFT LSB from the first frame's voltage on (`origin_left`,
    `origin_right`, LSB), held within 16 bits; a lost one is UNKNOWN_I16.
    """

    def __init__(self):
        self._frames = array("h", bytes(4 * FRAMES))
        self._marks = bytearray(FRAMES)
        view = memoryview(self._frames)
        # One view for every record, made once: what the log packs allocates nothing.
        self._views = tuple(view[at : at + 2 * EMG_FRAMES] for at in range(0, 2 * FRAMES, 2 * EMG_FRAMES))
        self._first_ms = self._more_us = 0
        self.interval_ns = 0
        self.origin_left = self.origin_right = 0
        self.drop()

    def drop(self):
        """Forget what is held and what is wanted."""
        self._taken = FRAMES
        self._given = RECORDS
        self.wanted = False

    @property
    def taking(self):
        """Whether frames are wanted."""
        return self._taken < FRAMES

    def waiting(self):
        """Return how many records are filled and not given away."""
        return self._taken // EMG_FRAMES - self._given

    def want(self):
        """Want to begin, unless something of the two seconds before is still waiting."""
        self.wanted = self._given == RECORDS

    def begin(self, samples, first_us, interval_ns):
        """Begin with the frame that is first in `samples`, taken at `first_us`: one that is not marred."""
        self.wanted = False
        self._taken = self._given = 0
        # In two numbers: after 18 minutes microseconds are more than a small integer of a 32-bit board holds.
        self._first_ms, self._more_us = first_us // 1000, first_us % 1000
        self.interval_ns = interval_ns
        self.origin_left, self.origin_right = samples[0], samples[1]

    def lose(self, count):
        """Pass over `count` frames that were lost."""
        count = min(count, FRAMES - self._taken)
        _fill(self._frames, 2 * self._taken, 2 * count, UNKNOWN_I16)
        _clear(self._marks, self._taken, count)
        self._taken += count

    def take(self, samples, leads, count, blanked):
        """Take what the driver has drained; `blanked`: offsets (start, stop) of where a motor ran, or None."""
        at, count = self._taken, min(count, FRAMES - self._taken)
        _keep(samples, leads, count, self._frames, self._marks, at, self.origin_left, self.origin_right)
        if blanked:
            for number in range(at + min(blanked[0], count), at + min(blanked[1], count)):
                self._marks[number] |= _MOTOR
        self._taken += count

    def next_ms(self):
        """Return when the first frame of the next record was taken, in whole ms."""
        return self._first_ms + self._since_us() // 1000

    def next_more_us(self):
        """Return the microseconds after these."""
        return self._since_us() % 1000

    def next_frames(self):
        """Return the frames of the next record, a view of 2 EMG_FRAMES int16."""
        return self._views[self._given]

    def next_blanked(self):
        """Return from | to << 8, the frames of the next record from the first to behind the last with a motor on."""
        return _motor(self._marks, self._given * EMG_FRAMES, EMG_FRAMES)

    def next_lead_off(self):
        """Return the sides of whose electrodes one was off in the next record, as bits."""
        return _any(self._marks, self._given * EMG_FRAMES, EMG_FRAMES) >> 1

    def give(self):
        """The next record is with the log, or there is no room for it."""
        self._given += 1

    def _since_us(self):
        """Return the time of the next record's first frame since `_first_ms`."""
        frames, interval_ns = self._given * EMG_FRAMES, self.interval_ns
        return self._more_us + frames * (interval_ns // 1000) + frames * (interval_ns % 1000) // 1000


@micropython.viper
def _keep(samples, leads, count: int, frames, marks, at: int, origin_left: int, origin_right: int):
    words = ptr32(samples)
    offs = ptr8(leads)
    kept = ptr16(frames)
    mark = ptr8(marks)
    shift = int(RAW_SHIFT)
    for k in range(2 * count):
        value = words[k] & 0xFFFFFF  # 24 bits: a word may come without its sign where an int is longer
        if value & 0x800000:
            value -= 0x1000000
        value = (value - (origin_right if k & 1 else origin_left)) >> shift
        if value > _MOST:
            value = _MOST
        if value < -_MOST:
            value = -_MOST
        kept[2 * at + k] = value & 0xFFFF
    for k in range(count):
        off = offs[k]
        mark[at + k] = (_LEFT_OFF if off & _LEFT_ELECTRODES else 0) | (_RIGHT_OFF if off & _RIGHT_ELECTRODES else 0)


@micropython.viper
def _fill(frames, at: int, count: int, value: int):
    kept = ptr16(frames)
    for k in range(count):
        kept[at + k] = value & 0xFFFF


@micropython.viper
def _clear(marks, at: int, count: int):
    mark = ptr8(marks)
    for k in range(count):
        mark[at + k] = 0


@micropython.viper
def _motor(marks, at: int, count: int) -> int:
    mark = ptr8(marks)
    begin = end = 0
    for k in range(count):
        if mark[at + k] & _MOTOR:
            begin = begin if end else k
            end = k + 1
    return begin | end << 8


@micropython.viper
def _any(marks, at: int, count: int) -> int:
    mark = ptr8(marks)
    found = 0
    for k in range(count):
        found |= mark[at + k]
    return found
