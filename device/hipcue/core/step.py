"""One running step: what is known of it at the end of its stance, and what is read of it once it has settled."""

import math

from ulab import numpy as np

from hipcue.contract.record import QUALITY_BITS
from hipcue.contract.signals import SIDE_RIGHT, SIDE_UNKNOWN
from hipcue.core.rotation import dot, heights_of

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
    fraction within an hour). peak: sample of the peak drop. stance_end: the
    last sample behind the decision. period: samples to the next contact,
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
        self.early = early
        self.stance_end = stance_end
        self.quality = quality

    def lift_off(self, base, offset):
        """Set `contact_samples` from a toe-off at `offset` samples after sample `base`."""
        self.contact_samples = (base - self.first) + offset + self.early

    def since(self, other):
        """Return the samples from the contact of `other` to this one's."""
        return (self.first - other.first) - (self.early - other.early)

    @property
    def peak(self):
        """Sample of the peak drop: where the swing side hangs lowest."""
        base, pool = self._origin
        return base + pool * self._peaks[1 if self.side == SIDE_RIGHT else 0]

    @property
    def trace_start(self):
        """First sample of `obliquity_deg`: the chunk's first belongs to the one before."""
        return self._origin[0] + 1

    def keep(self, attitude, rotations, contact, peaks, origin, trace):
        """Keep what a better "up" will be read with.

        `attitude` and `rotations` of the chunk; `contact`: its fractional
        moment; `peaks`: the moments at which the left side stands highest and
        lowest within stance; `origin`: sample of the first moment and samples
        from moment to moment; `trace`: keep all of it.
        """
        self._attitude = attitude
        self._peaks = peaks
        self._origin = origin
        at = max(0, min(int(contact), rotations.theta.shape[1] - 2))
        share = contact - at
        (x, next_x), (y, next_y), (z, next_z) = rotations.theta[:, at : at + 2].tolist()
        contact = (x + share * (next_x - x), y + share * (next_y - y), z + share * (next_z - z))
        self._turns = (contact, rotations.at(peaks[0]), rotations.at(peaks[1]))
        self._rotations = rotations if trace else None

    def settle(self, up, left, calibrated):
        """Read peak drop and excursion with gravity `up` (carried frame, or None); `left`: axis, moving frame."""
        rotations, self._rotations = self._rotations, None
        known = not self.quality & NO_EXCURSION
        if up is None or not (known or rotations):
            return
        here = np.dot(up, self._attitude).tolist()
        if known:
            contact, highest, lowest = self._turns
            turns = (contact, lowest if self.side == SIDE_RIGHT else highest)
            at_contact, at_peak = heights_of(turns, left, here)
            peak_drop_deg = drop_deg(self.side, at_peak)
            self.excursion_deg = peak_drop_deg - drop_deg(self.side, at_contact)
            if not self.quality & NO_DROP:
                self.peak_drop_deg = peak_drop_deg
        if rotations and calibrated:
            sine = rotations.heights(rotations.angles(left, here), dot(left, here))
            self.obliquity_deg = _at_every_sample((np.asin(sine) * DEGREES).tolist(), self._origin[1])


def _at_every_sample(values, pool):
    """Return the values at whole samples from those of means over `pool` samples, whose middles lie between."""
    fine = []
    for i in range(1, len(values)):
        before, here = values[i - 1], values[i]
        for sample in range(1, pool + 1):
            share = (sample - 0.5 * (pool - 1)) / pool
            fine.append(before + share * (here - before))
    return fine


def drop_deg(side, sine):
    """Return the drop of the swing side in degrees for a stance `side` and the sine of the obliquity."""
    obliquity = DEGREES * (math.asin(sine) if -1.0 < sine < 1.0 else math.copysign(0.5 * math.pi, sine))
    return -obliquity if side == SIDE_RIGHT else obliquity
