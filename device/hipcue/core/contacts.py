"""Initial contacts of running steps from the specific force at the pelvis.

Three passes, each handing the next a better place:

1. Causal, as blocks arrive: upward crossing of 0.3 g by the 10 Hz low-passed
   vertical specific force after flight. Names a candidate, about 30 ms late.
2. Zero-phase, once the stance has been seen: the same crossing without the
   filter's delay. Robust, but its error follows the loading rate: on the force
   plate of Alcantara et al. 2022 (PeerJ 10:e12752; 2.5-3.33 m/s, -10 to +10 deg)
   the trials' biases run from -14 to +15 ms.
3. The onset of the impact in the unfiltered signal near that crossing: foot
   contact jerks the pelvis up and back, hard enough to see at any loading
   rate. The jerk is sqrt(max(0, da_z)^2 + min(0, da_x)^2) between samples; from
   its first large peak back to where it rises through 30 % of that peak.
   Biases on the same trials: -7 to +7 ms, 0 on their mean.
"""

import math

from ulab import numpy as np

from hipcue.core.filters import butterworth_low_pass, settled_state, sosfilt, zero_phase

CUTOFF_HZ = 10.0
CROSSING_G = 0.3
REFRACTORY_S = 0.2
ONSET_BEFORE_S = 0.05  # of the zero-phase crossing: where the impact's onset is looked for
ONSET_AFTER_S = 0.04
FIRST_PEAK = 0.6  # of the largest jerk: makes a peak the impact
ONSET_SHARE = 0.3  # of the impact's jerk: the onset


class ContactDetector:
    """Finds candidates in blocks; carries its filter state between blocks.

    `rate_hz` is the true output rate, `gravity_mps2` the reading at rest.
    """

    def __init__(self, rate_hz, gravity_mps2):
        self._section = butterworth_low_pass(CUTOFF_HZ, rate_hz)
        self._level = CROSSING_G * gravity_mps2
        self._before = int(ONSET_BEFORE_S * rate_hz)
        self._after = int(ONSET_AFTER_S * rate_hz)
        self._refractory = int(REFRACTORY_S * rate_hz)
        self.reset()

    def reset(self):
        """Forget the past, as after lost samples."""
        self._zi = None
        self._below = False
        self._last = -self._refractory

    def candidates(self, vertical, first_index):
        """Return the sample indices at which the filtered force rises through the level.

        `vertical`: 1-D array, m/s2, of samples `first_index` onwards. The
        causal filter makes a candidate about 30 ms late.
        """
        if self._zi is None:
            self._zi = settled_state(self._section, vertical[0])
        filtered, self._zi = sosfilt(self._section, vertical, zi=self._zi)
        if float(np.min(filtered)) >= self._level and not self._below:
            return ()
        found = []
        for offset, value in enumerate(filtered.tolist()):
            if value < self._level:
                self._below = True
            elif self._below:
                self._below = False
                index = first_index + offset
                if index - self._last >= self._refractory:
                    self._last = index
                    found.append(index)
        return found

    def place(self, vertical, forward, near):
        """Return (contact, lift_before, lift_after, peak): fractional offsets into `vertical`, or None, and the peak.

        `vertical`, `forward`: 1-D arrays, m/s2, from late stance before to
        mid-stance after the contact; `near` the candidate's offset. The last
        upward crossing at or before it is refined to the contact, since the
        causal filter is late. `lift_before` and `lift_after` are the downward crossings next to
        it: toe-offs, which from the pelvis are estimates.
        """
        filtered = zero_phase(self._section, vertical).tolist()
        near = min(near, len(filtered) - 1)
        crossing = self._crossing(filtered, range(near, 0, -1), rising=True)
        if crossing is None:
            return None, None, None, max(filtered)
        contact = self._onset(vertical, forward, crossing)
        at = int(crossing)
        lift_before = self._crossing(filtered, range(at, 0, -1), rising=False)
        lift_after = self._crossing(filtered, range(at + 1, len(filtered)), rising=False)
        return contact, lift_before, lift_after, max(filtered)

    def _onset(self, vertical, forward, crossing):
        """Return the fractional offset of the impact's onset next to `crossing`."""
        start = max(0, int(crossing) - self._before)
        stop = int(crossing) + self._after + 1
        rise = (vertical[start + 1 : stop] - vertical[start : stop - 1]).tolist()
        brake = (forward[start + 1 : stop] - forward[start : stop - 1]).tolist()
        square = [max(0.0, rise[i]) ** 2 + min(0.0, brake[i]) ** 2 for i in range(len(rise))]
        large = FIRST_PEAK * FIRST_PEAK * max(square)
        peak = 0
        while square[peak] < large or (peak + 1 < len(square) and square[peak + 1] > square[peak]):
            peak += 1
        level = ONSET_SHARE * math.sqrt(square[peak])
        at = peak
        while at > 0 and math.sqrt(square[at - 1]) > level:
            at -= 1
        if at == 0:
            return start + 0.5
        before, here = math.sqrt(square[at - 1]), math.sqrt(square[at])
        # A jerk lies between its two samples.
        return start + at - 0.5 + (level - before) / (here - before)

    def _crossing(self, filtered, offsets, rising):
        """Return the first crossing of the level in the order of `offsets`, or None."""
        level = self._level
        for offset in offsets:
            before, here = filtered[offset - 1], filtered[offset]
            if (before < level <= here) if rising else (here < level <= before):
                return offset - (here - level) / (here - before)
        return None
