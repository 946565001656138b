"""Initial contacts of running steps from the specific force at the pelvis.

Looked for once a step, in the samples from the stance before to the stance
expected (pelvis.py), in two passes:

1. Zero-phase: upward crossing of 0.7 g by the 10 Hz low-passed vertical force
   before the stance's peak. Robust, but its error follows the loading rate: on
   39 virtual recordings (13 runners of Fukuchi et al. 2017, PeerJ 5:e3298, 2.5
   to 4.5 m/s, force-plate truth) a recording's bias runs from -22 to +35 ms;
   lower levels meet the pelvis swinging up before the contact at speed.
2. The onset of the impact in the unfiltered signal near that crossing: foot
   contact jerks the pelvis up and back, hard enough to see at any loading
   rate. The jerk is sqrt(max(0, da_z)^2 + (2.5 min(0, da_x))^2) between samples,
   braking weighing more, since what swings up before a contact does not brake;
   from its first large peak back to where it rises through 55 % of that peak.
   On a force plate and a real sacral accelerometer (Alcantara et al. 2022,
   PeerJ 10:e12752; 2.5-3.33 m/s, -10 to +10 deg) the trials' biases run from
   -2 to +11 ms, +2 on their mean; on 78 virtual recordings (26 runners of the
   same set) from -1.5 to -0.4 ms, and within 20 ms where their impacts are
   taken out altogether.
"""

import math

import micropython
from ulab import numpy as np

from hipcue.core.filters import butterworth_low_pass, settled_state, zero_phase_reversed

CUTOFF_HZ = 10.0
CROSSING_G = 0.7
ONSET_BEFORE_S = 0.05  # of the zero-phase crossing: where the impact's onset is looked for
ONSET_AFTER_S = 0.05
FIRST_PEAK = 0.65  # of the largest jerk: makes a peak the impact
BRAKE_WEIGHT = 5.0
ONSET_SHARE = 0.55  # of the impact's jerk: the onset


class ContactFinder:
    """Rates are true output rates: of the moments (averages over samples) for `find`, of the samples for `onset`."""

    def __init__(self, moment_hz, sample_hz, gravity_mps2):
        self._section = butterworth_low_pass(CUTOFF_HZ, moment_hz)
        self._settled = settled_state(self._section)
        self._first = self._settled * gravity_mps2  # a chunk begins in stance, near 1 g; the filter forgets in 50 ms
        self._level = CROSSING_G * gravity_mps2
        self._before = int(ONSET_BEFORE_S * sample_hz)
        self._after = int(ONSET_AFTER_S * sample_hz)
        self._axes = np.zeros((2, 3))  # rows up and, weighted, back

    def face(self, forward):
        """Tell where `forward` is: shape (3,), in the frame of the forces that `onset` is given."""
        self._axes[1] = forward * -BRAKE_WEIGHT

    @micropython.native
    def find(self, vertical):
        """Return (crossing, lift_before, lift_after, lowest, peak) of the stance with the largest peak, or None.

        `vertical`: 1-D array, m/s2, of moments. `lowest` (before the stance)
        and `peak` are low-passed values in m/s2, the others offsets into it,
        halfway between two moments: the zero-phase crossing before that
        stance, and the downward crossings before and after it (None: outside),
        which are toe-offs; from the pelvis they are estimates. None without a
        crossing, or with a peak below it.
        """
        filtered = zero_phase_reversed(self._section, self._settled, self._first, vertical)
        last = len(vertical) - 0.5
        top = np.argmax(filtered)
        below = filtered < self._level
        at = top + np.argmax(below[top:])
        if below[top] or not below[at]:
            return None
        lift = at + np.argmin(below[at:])
        lift_before = None if below[lift] else last - lift
        lift_after = None
        if below[0]:
            lift_after = last - top + np.argmax(below[:top][::-1])
        return last - at, lift_before, lift_after, np.min(filtered[at:]), filtered[top]

    @micropython.native
    def around(self, crossing):
        """Return (first, stop): the samples in which the onset of the impact is looked for, `crossing` in samples."""
        return max(0, int(crossing) - self._before), int(crossing) + self._after + 1

    @micropython.native
    def onset(self, force, up):
        """Return the fractional offset of the impact's onset.

        `force`: rows of the specific force of the samples that `around` names,
        shape (3, n), any unit; `up`: shape (3,), in the same frame.
        """
        axes = self._axes
        axes[0] = up
        push = np.dot(axes, force)
        square = np.maximum(push[:, 1:] - push[:, :-1], 0.0)
        square *= square
        square = np.sum(square, axis=0)
        # From the first jerk that is large on to its peak, and back to its onset.
        peak = np.argmax(square >= FIRST_PEAK * FIRST_PEAK * np.max(square))
        jerk = square.tolist()
        while peak + 1 < len(jerk) and jerk[peak + 1] > jerk[peak]:
            peak += 1
        level = ONSET_SHARE * ONSET_SHARE * jerk[peak]
        at = peak
        while at > 0 and jerk[at - 1] > level:
            at -= 1
        if at == 0:
            return 0.5
        before, here, level = math.sqrt(jerk[at - 1]), math.sqrt(jerk[at]), math.sqrt(level)
        # A jerk lies between its two samples.
        return at - 0.5 + (level - before) / (here - before)
