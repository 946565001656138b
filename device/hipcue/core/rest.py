"""What a rest between runs tells: the gyroscope's bias after some seconds, and later where "up" is."""

from ulab import numpy as np

from hipcue.core.rotation import scaled, unit

REST_GYRO_RADS = 0.02  # spread at rest: ten times the sensor's noise, a fifth of postural sway
REST_ACCEL_MPS2 = 0.15
# Shorter rests may be the turning point of a slow movement, whose rate would pass for a bias.
BIAS_S = 2.0
STAND_S = 5.0


class Rest:
    """How long the clip has been at rest, and what it read meanwhile."""

    def __init__(self):
        self._seconds = 0.0
        self._sums = (0.0,) * 6
        self._windows = 0

    def look(self, channels, new_s):
        """Take a window; a clip that moved in it is not at rest, and what was learnt before is forgotten.

        `channels`: shape (6, n), gyroscope rad/s, then specific force m/s2,
        sensor frame; `new_s`: seconds of it that no window before has held.
        """
        spread = [float(np.std(channels[i])) for i in range(6)]
        if max(spread[:3]) > REST_GYRO_RADS or max(spread[3:]) > REST_ACCEL_MPS2:
            self.__init__()
            return
        means = np.mean(channels, axis=1).tolist()
        self._seconds += new_s
        self._windows += 1
        self._sums = tuple([self._sums[i] + means[i] for i in range(6)])

    def bias(self):
        """Return the mean angular rate of the rest (rad/s, vector) once it has lasted BIAS_S, else None."""
        if self._seconds < BIAS_S:
            return None
        return scaled(self._sums[:3], 1.0 / self._windows)

    def stand(self):
        """Return "up" of the rest (unit vector, sensor frame) once it has lasted STAND_S, else None."""
        return unit(self._sums[3:]) if self._seconds >= STAND_S else None
