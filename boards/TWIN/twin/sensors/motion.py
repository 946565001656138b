"""What a six-axis sensor makes of the scene's motion: samples at its own rate, in LSB."""

from array import array

_CHUNK = 64
# Columns of the scene (ax ay az gx gy gz) in the order of a frame (gx gy gz ax ay az).
_COLUMNS = (3, 4, 5, 0, 1, 2)


class Motion:
    """The scene's motion on the sensor's rates, which are 208 Hz times powers of two.

    The scene's own rate counts as the nearer of 104 and 208 Hz nominal; where the sensor runs slower it
    takes every second sample, where it runs faster it holds. Times are exact integers, so that a long
    run does not drift.
    """

    def __init__(self, scene):
        self._scene = scene
        self._rate_uhz = int(scene.imu_rate_hz * 1e6 + 0.5)
        self._scene_code = 4 if scene.imu_rate_hz < 147 else 5  # between the two, geometrically
        self.nominal_hz = 104 if self._scene_code == 4 else 208
        self._values = array("f", bytes(4 * 6 * (_CHUNK + 1)))

    def sample_at(self, time_us, rate_code):
        """Return the number of the newest sample at `time_us`, counted from 0 at power-on."""
        return time_us * self._scaled(self._rate_uhz, rate_code) // 10**12

    def time_us(self, sample, rate_code):
        """Return when `sample` is taken."""
        return sample * 10**12 // self._scaled(self._rate_uhz, rate_code)

    def quantise_into(self, raw, first, count, rate_code, gains, offsets):
        """Fill `raw`, an array('h'), with `count` frames gx gy gz ax ay az from sample `first` on.

        `gains`: LSB per rad/s and per m/s2; `offsets`: six numbers of LSB, added before rounding.
        Rounds to the nearest, saturates at the ends.
        """
        done = 0
        while done < count:
            run, step = self._fetch(first + done, count - done, rate_code)
            for k in range(6):
                gain = gains[0] if k < 3 else gains[1]
                self._round(raw, 6 * done + k, run, _COLUMNS[k], step, gain, offsets[k])
            done += run

    def _scaled(self, rate_uhz, rate_code):
        up = rate_code - self._scene_code
        return rate_uhz << up if up >= 0 else rate_uhz >> -up

    def _fetch(self, first, count, rate_code):
        """Read scene samples; return how many of the sensor's they give and the floats from one to the next."""
        up = rate_code - self._scene_code
        if up > 0:
            self._scene.imu_block(first >> up, 1, self._values)
            return 1, 0
        count = min(count, _CHUNK >> -up)
        self._scene.imu_block(first << -up, ((count - 1) << -up) + 1, self._values)
        return count, 6 << -up

    def _round(self, raw, to, count, source, step, gain, offset):
        values = self._values
        offset += 32768.5  # so that truncating is rounding
        for _ in range(count):
            level = int(values[source] * gain + offset)
            raw[to] = (0 if level < 0 else 65535 if level > 65535 else level) - 32768
            source += step
            to += 6
