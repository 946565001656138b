"""Checks on a recording's time base, rate and units; each raises HipCueError with one sentence."""

import numpy as np

from hipcue.contract.signals import GRAVITY_MPS2, IMU_RATES_HZ
from host_tools.errors import HipCueError

# FREQ_FINE is a signed byte of 0.15 % steps (LSM6DSOX datasheet, INTERNAL_FREQ_FINE 63h).
TRIM_STEP = 0.0015
TRIM_LEAST, TRIM_MOST = -128 * TRIM_STEP, 127 * TRIM_STEP

STILL_TOLERANCE_MPS2 = 1.0  # 0.1 g: more than the sensor's offset and scale error together
STILL_GYRO_MOST_RADS = 0.35  # 20 deg/s: no quiet stand turns so fast, no gyroscope is so far off zero
GYRO_MOST_RADS = 20.0  # 1146 deg/s: the pelvis of a runner stays below 700 deg/s


def nominal_rate_hz(imu_rate_hz):
    """Return the nominal sensor rate (104 or 208 Hz) whose trim reaches `imu_rate_hz`."""
    for nominal in IMU_RATES_HZ:
        if nominal * (1 + TRIM_LEAST) <= imu_rate_hz <= nominal * (1 + TRIM_MOST):
            return nominal
    ranges = " or ".join(
        "%.1f to %.1f Hz (nominal %d)" % (nominal * (1 + TRIM_LEAST), nominal * (1 + TRIM_MOST), nominal)
        for nominal in IMU_RATES_HZ
    )
    raise HipCueError(
        "The sensor cannot run at %g Hz (imu_rate_hz in meta.json); it can at %s." % (imu_rate_hz, ranges)
    )


def check_time(path, t_s, rate_hz):
    """Refuse times that do not start at 0, run backwards or are not uniform at `rate_hz`."""
    backwards = np.flatnonzero(np.diff(t_s) <= 0)
    if len(backwards):
        row = backwards[0] + 1
        raise HipCueError(
            "%s, line %d: time does not increase (%g s after %g s)." % (path, row + 2, t_s[row], t_s[row - 1])
        )
    if abs(t_s[0]) > 1 / rate_hz:
        raise HipCueError("%s starts at %g s; a recording's clock starts at 0." % (path, t_s[0]))
    away = np.abs(t_s - t_s[0] - np.arange(len(t_s)) / rate_hz) * rate_hz
    uneven = np.flatnonzero(away > 0.5)
    if len(uneven):
        found = (len(t_s) - 1) / (t_s[-1] - t_s[0])
        raise HipCueError(
            "%s, line %d: time is not uniform at the stated %g Hz (%g s; the file's mean rate is %.2f Hz)."
            % (path, uneven[0] + 2, rate_hz, t_s[uneven[0]], found)
        )


def check_acceleration(path, at_rest_mps2):
    """Refuse accelerations whose mean length at rest, given here, is far from 9.81 m/s2."""
    if abs(at_rest_mps2 - GRAVITY_MPS2) <= STILL_TOLERANCE_MPS2:
        return
    raise HipCueError(
        "%s: the acceleration of the still segment is %.4g m/s2, not 9.81%s."
        % (path, at_rest_mps2, _acceleration_hint(at_rest_mps2))
    )


def _acceleration_hint(at_rest):
    if 0.9 <= at_rest <= 1.1:
        return "; it looks like g"
    if 900 <= at_rest <= 1100:
        return "; it looks like mg"
    if at_rest < STILL_TOLERANCE_MPS2:
        return "; it looks as if gravity had been removed"
    return ""


def check_sides(path, sides):
    """Refuse stance sides (N,) other than L and R."""
    other = np.flatnonzero(~np.isin(sides, ("L", "R")))
    if len(other):
        raise HipCueError("%s, line %d: stance_side is %r, not L or R." % (path, other[0] + 2, str(sides[other[0]])))


def check_gyroscope(path, rate_rads, still):
    """Refuse angular rates (N, 3) that must be in deg/s; `still` is a boolean mask (N,) or None."""
    length = np.linalg.norm(rate_rads, axis=1)
    fastest = np.percentile(length, 99.9)
    at_rest = np.linalg.norm(rate_rads[still].mean(axis=0)) if still is not None else 0.0
    if fastest > GYRO_MOST_RADS:
        raise HipCueError("%s: angular rates reach %.4g rad/s; they look like deg/s: convert." % (path, fastest))
    if at_rest > STILL_GYRO_MOST_RADS:
        raise HipCueError(
            "%s: the clip turns at %.3g rad/s in the still segment; it looks like deg/s: convert." % (path, at_rest)
        )
