"""One running step: what is known of it at the end of its stance, and what is read of it once it has settled."""

import math

import micropython
from ulab import numpy as np

from hipcue.contract.record import QUALITY_BITS
from hipcue.contract.signals import SIDE_RIGHT, SIDE_UNKNOWN

DEGREES = 180.0 / math.pi

SETTLING = QUALITY_BITS["settling"]
TURNING = QUALITY_BITS["turning"]
CLIPPED = QUALITY_BITS["clipped"]
GAP = QUALITY_BITS["gap"]
NOT_RUNNING = QUALITY_BITS["not_running"]
ACCELERATING = QUALITY_BITS["accelerating"]
SIDE_UNSURE = QUALITY_BITS["side_unsure"]
UNCALIBRATED = QUALITY_BITS["uncalibrated"]
SLIPPED = QUALITY_BITS["slipped"]
UPSIDE_DOWN = QUALITY_BITS["upside_down"]

# Codes that take a step out of the gravity windows.
UNSTEADY = TURNING | CLIPPED | GAP | NOT_RUNNING | ACCELERATING
# Codes with which the absolute drop is not given; the excursion is, except with NO_EXCURSION.
NO_DROP = SETTLING | TURNING | CLIPPED | GAP | NOT_RUNNING | SIDE_UNSURE | UNCALIBRATED | SLIPPED | UPSIDE_DOWN
NO_EXCURSION = SETTLING | CLIPPED | GAP | NOT_RUNNING | SIDE_UNSURE | UPSIDE_DOWN


class Step:
    """One step, contact to contact. Indices are whole samples since the State was new.

    first: first sample after the contact; early: how far before it the
    contact lies, in samples (two fields, since one float would lose its
    fraction within an hour). peak: sample of the peak drop as the cue knew
    it. stance_end: the last sample behind the decision. period: samples to the next contact,
    contact_samples: to toe-off (None until known). parity: 0 or 1, alternating.
    peak_drop_causal_deg, peak_drop_deg, excursion_deg: degrees or None (not
    known). quality: bits of contract.record.QUALITY. obliquity_deg: settled,
    of whole samples from `trace_start` on, or None (trace only).
    """

    # Not known, until an instance says otherwise.
    parity = 0
    side = SIDE_UNKNOWN
    period = None
    contact_samples = None
    peak_drop_causal_deg = None
    peak_drop_deg = None
    excursion_deg = None
    obliquity_deg = None

    def __init__(self, first, early, stance_end, quality):
        self.first = first
        self.peak = first
        self.early = early
        self.stance_end = stance_end
        self.quality = quality

    @micropython.native
    def lift_off(self, base, offset):
        """Set `contact_samples` from a toe-off at `offset` samples after sample `base`."""
        self.contact_samples = (base - self.first) + offset + self.early

    @micropython.native
    def since(self, other):
        """Return the samples from the contact of `other` to this one's."""
        return (self.first - other.first) - (self.early - other.early)

    @property
    def trace_start(self):
        """First sample of `obliquity_deg`: the chunk's first belongs to the one before."""
        return self._place[1] + 1

    @micropython.native
    def keep(self, attitude, left, contact, origin):
        """Keep what a better "up" will be read with, and where the contact lies in it.

        `attitude` of the chunk; `left`: rows, the left axis at every moment in
        the frame of the chunk's first; `contact`: its fractional moment;
        `origin`: sample of the first moment and samples from moment to moment.
        """
        # Each further member of an object costs the clip as much as an operation on an array.
        self._rows = (attitude, left)
        self._place = (contact,) + origin

    @micropython.native
    def peak_of(self, sines):
        """Return (sample, sine, sine at the contact) where the swing side hangs lowest from the contact on.

        Many a drop is largest at the contact itself, which lies between moments.
        """
        contact, origin, pool = self._place
        at = max(0, min(int(contact), len(sines) - 2))
        before = sines[at]
        at_contact = before + (contact - at) * (sines[at + 1] - before)
        first = min(len(sines) - 1, max(0, int(contact) + 1))
        stance = sines[first:]
        if self.side == SIDE_RIGHT:
            at = np.argmin(stance)
            falls = at_contact < stance[at]
        else:
            at = np.argmax(stance)
            falls = at_contact > stance[at]
        if falls:
            return self.first, at_contact, at_contact
        return origin + pool * (first + at), stance[at], at_contact

    @micropython.native
    def settle(self, up, trace):
        """Read peak drop and excursion with gravity `up` (carried frame, or None); `trace`: the obliquity, too."""
        (attitude, left), self._rows = self._rows, None
        known = not self.quality & NO_EXCURSION
        if up is None or not (known or trace):
            return
        sines = np.dot(np.dot(up, attitude), left)
        if known:
            self.peak, peak, at_contact = self.peak_of(sines)
            peak_drop_deg = drop_deg(self.side, peak)
            self.excursion_deg = peak_drop_deg - drop_deg(self.side, at_contact)
            if not self.quality & NO_DROP:
                self.peak_drop_deg = peak_drop_deg
        if trace:
            self.obliquity_deg = _at_every_sample((np.asin(sines) * DEGREES).tolist(), self._place[2])


def _at_every_sample(values, pool):
    """Return the values at whole samples from those of means over `pool` samples, whose middles lie between."""
    fine = []
    for i in range(1, len(values)):
        before, here = values[i - 1], values[i]
        for sample in range(1, pool + 1):
            share = (sample - 0.5 * (pool - 1)) / pool
            fine.append(before + share * (here - before))
    return fine


@micropython.native
def drop_deg(side, sine):
    """Return the drop of the swing side in degrees for a stance `side` and the sine of the obliquity."""
    obliquity = DEGREES * (math.asin(sine) if -1.0 < sine < 1.0 else math.copysign(0.5 * math.pi, sine))
    return -obliquity if side == SIDE_RIGHT else obliquity
