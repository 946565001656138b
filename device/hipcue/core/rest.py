"""What a rest between runs tells: the gyroscope's bias after some seconds, and later where "up" is.

The bias takes a clip that is all but still; where "up" is, a wearer who stands as for the calibration, which after a
run is not as still as that.
"""

from ulab import numpy as np

from hipcue.core.mount import STILL_ACCEL_MPS2, STILL_GYRO_RADS
from hipcue.core.rotation import scaled, unit

REST_GYRO_RADS = 0.02  # spread at rest: ten times the sensor's noise
REST_ACCEL_MPS2 = 0.15
# Shorter rests may be the turning point of a slow movement, whose rate would pass for a bias.
BIAS_S = 2.0
STAND_S = 5.0


class Rest:
    """How long the clip has been at rest, and its wearer been standing, and what it read meanwhile."""

    def __init__(self):
        self._rest = _Spell(REST_GYRO_RADS, REST_ACCEL_MPS2)
        self._stand = _Spell(STILL_GYRO_RADS, STILL_ACCEL_MPS2)

    def look(self, channels, new_s):
        """Take a window; one with more movement ends the rest or the stand, and what was learnt before is forgotten.

        `channels`: shape (6, n), gyroscope rad/s, then specific force m/s2,
        sensor frame; `new_s`: seconds of it that no window before has held.
        """
        spread = [float(np.std(channels[i])) for i in range(6)]
        means = np.mean(channels, axis=1).tolist()
        for spell in (self._rest, self._stand):
            spell.look(max(spread[:3]), max(spread[3:]), means, new_s)

    def bias(self):
        """Return the mean angular rate of the rest (rad/s, vector) once it has lasted BIAS_S, else None."""
        rest = self._rest
        return scaled(rest.sums[:3], 1.0 / rest.windows) if rest.seconds >= BIAS_S else None

    def stand(self, accel_bias):
        """Return "up" of the stand (unit vector, sensor frame) once it has lasted STAND_S, else None.

        `accel_bias`: vector, m/s2, sensor frame.
        """
        spell = self._stand
        if spell.seconds < STAND_S:
            return None
        return unit(tuple([spell.sums[3 + i] / spell.windows - accel_bias[i] for i in range(3)]))


class _Spell:
    """Windows in succession whose spread is within two limits."""

    def __init__(self, gyro_rads, accel_mps2):
        self._limits = gyro_rads, accel_mps2
        self._begin()

    def _begin(self):
        self.seconds = 0.0
        self.sums = (0.0,) * 6
        self.windows = 0

    def look(self, gyro_rads, accel_mps2, means, new_s):
        if gyro_rads > self._limits[0] or accel_mps2 > self._limits[1]:
            self._begin()
            return
        self.seconds += new_s
        self.windows += 1
        self.sums = tuple([self.sums[i] + means[i] for i in range(6)])
