"""What a six-axis sensor makes of the scene's motion: samples at its own rate, in LSB."""

from array import array

from twin.sensors.noise import gaussian

_CHUNK = 64
_NOISE_SAMPLES = 1009  # a prime, as is what one axis lies behind another
_AXIS_SHIFT = 167
# DS12814, mechanical characteristics, within half of 208 Hz: Rn 3.8 mdps/sqrt(Hz), An 110 ug/sqrt(Hz) at 16 g.
_GYRO_NOISE_RADS = 3.8e-3 * 0.017453293 * 104**0.5
_ACCEL_NOISE_MPS2 = 110e-6 * 9.80665 * 104**0.5
# Columns of the scene (ax ay az gx gy gz) in the order of a frame (gx gy gz ax ay az).
_COLUMNS = (3, 4, 5, 0, 1, 2)


class Motion:
    """The scene's motion on the sensor's rates, which are 208 Hz times powers of two.

    The scene's own rate counts as the nearer of 104 and 208 Hz nominal; where the sensor runs slower it
    takes every second sample, where it runs faster it holds. Times are exact integers, so that a long
    run does not drift.

    A recording has its own sensor's noise. Where the scene stands still, to the last digit, `noise` times a
    LSM6DSOX's is added: no chip gives the same six values for long.
    """

    def __init__(self, scene, noise=1.0):
        self._scene = scene
        self._noise = gaussian(_NOISE_SAMPLES, noise)
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
            self._add_noise(raw, 6 * done, run, step, first + done, gains)
            done += run

    def _scaled(self, rate_uhz, rate_code):
        up = rate_code - self._scene_code
        return rate_uhz << up if up >= 0 else rate_uhz >> -up

    def _fetch(self, first, count, rate_code):
        """Read scene samples from the one before `first` on; return how many of the sensor's they give, and the floats
        from one of these to the next.
        """
        up = rate_code - self._scene_code
        if up > 0:
            self._scene.imu_block((first >> up) - 1, 2, self._values)
            return 1, 0
        count = min(count, _CHUNK >> -up)
        self._scene.imu_block((first << -up) - 1, ((count - 1) << -up) + 2, self._values)
        return count, 6 << -up

    def _add_noise(self, raw, to, run, step, first, gains):
        """Add noise to the frames of `raw` at which the scene is as it was the sample before."""
        values = self._values
        at = 6
        for number in range(first, first + run):
            for k in range(at, at + 6):
                if values[k] != values[k - 6]:
                    break
            else:
                self._add_noise_to_frame(raw, to, number, gains)
            to += 6
            at += step

    def _add_noise_to_frame(self, raw, to, number, gains):
        noise = self._noise
        for k in range(6):
            sd = gains[0] * _GYRO_NOISE_RADS if k < 3 else gains[1] * _ACCEL_NOISE_MPS2
            level = raw[to + k]
            if -32768 < level < 32767:
                level += int(noise[(number + k * _AXIS_SHIFT) % _NOISE_SAMPLES] * sd + 32768.5) - 32768
                raw[to + k] = max(-32768, min(32767, level))

    def _round(self, raw, to, count, source, step, gain, offset):
        values = self._values
        source += 6  # behind the sample before
        offset += 32768.5  # so that truncating is rounding
        for _ in range(count):
            level = int(values[source] * gain + offset)
            raw[to] = (0 if level < 0 else 65535 if level > 65535 else level) - 32768
            source += step
            to += 6
