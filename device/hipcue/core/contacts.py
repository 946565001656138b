"""Initial contacts of running steps from the specific force at the pelvis.

Looked for once a step, in the samples from the stance before to the stance
expected (pelvis.py), in two passes:

1. Zero-phase: upward crossing of 0.3 g by the 10 Hz low-passed vertical force
   before the stance's peak. Robust, but its error follows the loading rate: on
   the force plate of Alcantara et al. 2022 (PeerJ 10:e12752; 2.5-3.33 m/s,
   -10 to +10 deg) the trials' biases run from -14 to +15 ms.
2. The onset of the impact in the unfiltered signal near that crossing: foot
   contact jerks the pelvis up and back, hard enough to see at any loading
   rate. The jerk is sqrt(max(0, da_z)^2 + min(0, da_x)^2) between samples; from
   its first large peak back to where it rises through 30 % of that peak.
   Biases on the same trials: -7 to +7 ms, 0 on their mean.
"""

import math

from ulab import numpy as np

from hipcue.core.filters import butterworth_low_pass, zero_phase_reversed

CUTOFF_HZ = 10.0
CROSSING_G = 0.7
ONSET_BEFORE_S = 0.05  # of the zero-phase crossing: where the impact's onset is looked for
ONSET_AFTER_S = 0.04
FIRST_PEAK = 0.7  # of the largest jerk: makes a peak the impact
BRAKE_WEIGHT = 2.5
ONSET_SHARE = 0.5  # of the impact's jerk: the onset


class ContactFinder:
    """`rate_hz` is the true output rate, `gravity_mps2` the reading at rest."""

    def __init__(self, rate_hz, gravity_mps2):
        self._section = butterworth_low_pass(CUTOFF_HZ, rate_hz)
        self._level = CROSSING_G * gravity_mps2
        self._before = int(ONSET_BEFORE_S * rate_hz)
        self._after = int(ONSET_AFTER_S * rate_hz)

    def find(self, vertical):
        """Return (crossing, lift_before, lift_after, peak) of the stance with the largest peak, or None.

        `vertical`: 1-D array, m/s2. All but the peak (m/s2) are fractional
        offsets into it: the zero-phase crossing before that stance, and the
        downward crossings before and after it (None: outside), which are
        toe-offs; from the pelvis they are estimates. None without a crossing.
        """
        filtered = zero_phase_reversed(self._section, vertical)
        level = self._level
        last = len(vertical) - 1
        top = np.argmax(filtered)
        below = filtered < level
        at = _first(below, top, True)
        if at is None:
            return None
        crossing = last - _crossing(filtered, at, level)
        lift = _first(below, at, False)
        lift_before = None if lift is None else last - _crossing(filtered, lift, level)
        lift_after = None
        if below[0]:
            ended = top - 1
            while not below[ended]:
                ended -= 1
            lift_after = last - _crossing(filtered, ended + 1, level)
        return crossing, lift_before, lift_after, filtered[top]

    def onset(self, vertical, forward, crossing):
        """Return the fractional offset of the impact's onset next to `crossing`.

        `vertical`, `forward`: 1-D arrays of the samples around it, as `around` names them, m/s2.
        """
        rise = np.maximum(vertical[1:] - vertical[:-1], 0.0)
        brake = np.minimum(forward[1:] - forward[:-1], 0.0)
        rise *= rise
        brake *= BRAKE_WEIGHT * BRAKE_WEIGHT * brake
        rise += brake
        square = rise.tolist()
        large = FIRST_PEAK * FIRST_PEAK * max(square)
        peak = 0
        while square[peak] < large or (peak + 1 < len(square) and square[peak + 1] > square[peak]):
            peak += 1
        level = ONSET_SHARE * math.sqrt(square[peak])
        at = peak
        while at > 0 and square[at - 1] > level * level:
            at -= 1
        first = self.around(crossing)[0]
        if at == 0:
            return first + 0.5
        before, here = math.sqrt(square[at - 1]), math.sqrt(square[at])
        # A jerk lies between its two samples.
        return first + at - 0.5 + (level - before) / (here - before)

    def around(self, crossing):
        """Return (first, stop): the samples in which the onset of the impact near `crossing` is looked for."""
        return max(0, int(crossing) - self._before), int(crossing) + self._after + 1


def _first(flags, start, wanted):
    """Return the first index from `start` on where the Boolean array has the value `wanted`, or None."""
    part = flags[start:]
    at = np.argmax(part) if wanted else np.argmin(part)
    return start + at if part[at] == wanted else None


def _crossing(values, at, level):
    """Return the fractional index before `at` at which `values` pass `level`."""
    before, here = values[at - 1], values[at]
    return at - (here - level) / (here - before)
