"""Published orientation filters, each run over a whole recording in double precision on this computer.

Each takes `gyro` (N, 3) rad/s and `accel` (N, 3) m/s2, contiguous, in the body
frame (x forward, y left, z up), and `rate_hz`, and returns the obliquity (N,)
in degrees. Settings are the authors' defaults unless said.
"""

import numpy as np

from hipcue.contract.signals import GRAVITY_MPS2

MADGWICK_GAIN = 0.033  # beta of an IMU without magnetometer: Madgwick 2010, report, section 4
COMPLEMENTARY_S = 2.0  # time constant


def vqf(gyro, accel, rate_hz):
    """VQF (Laidig & Seel 2023, Information Fusion 91:187): causal."""
    import vqf as package

    return _left_rise_deg(package.VQF(1.0 / rate_hz).updateBatch(gyro, accel)["quat6D"])


def vqf_offline(gyro, accel, rate_hz):
    """VQF run forwards and backwards: sees the future."""
    import vqf as package

    return _left_rise_deg(package.offlineVQF(gyro, accel, None, 1.0 / rate_hz)["quat6D"])


def fusion(gyro, accel, rate_hz):
    """Fusion, x-io Technologies' successor of Madgwick's filter, set as its own examples set it: causal."""
    import imufusion

    settings = imufusion.AhrsSettings()
    settings.sample_rate = rate_hz
    settings.gain = 0.5
    settings.gyroscope_range = 2000.0  # deg/s
    settings.acceleration_rejection = 10.0  # deg; without it every flight pulls the attitude, by 1 deg rms
    settings.rejection_timeout = 5.0  # s
    ahrs = imufusion.Ahrs()
    ahrs.set_settings(settings)
    rows = zip(np.degrees(gyro), accel / GRAVITY_MPS2, strict=True)
    quaternions = np.empty((len(gyro), 4))
    for index, (rate_dps, force_g) in enumerate(rows):
        ahrs.update_no_magnetometer(rate_dps, force_g)
        quaternions[index] = ahrs.get_quaternion()
    return _left_rise_deg(quaternions)


def madgwick(gyro, accel, rate_hz):
    """Madgwick's gradient-descent filter (2010): causal."""
    from ahrs.filters import Madgwick

    return _left_rise_deg(Madgwick(gyr=gyro, acc=accel, frequency=rate_hz, gain_imu=MADGWICK_GAIN).Q)


def complementary(gyro, accel, rate_hz):
    """A complementary filter of roll and pitch, drawn towards the accelerometer's with one time constant: causal."""
    from ahrs.filters import Complementary

    gain = 1.0 - 1.0 / (COMPLEMENTARY_S * rate_hz)
    roll, pitch, _ = Complementary(gyr=gyro, acc=accel, frequency=rate_hz, gain=gain).W.T
    return np.degrees(np.arcsin(np.sin(roll) * np.cos(pitch)))


FILTERS = {
    "VQF": vqf,
    "VQF offline": vqf_offline,
    "Fusion": fusion,
    "Madgwick": madgwick,
    "complementary": complementary,
}


def _left_rise_deg(quaternions):
    """Return how far the body's y axis points up, for body-to-earth quaternions (N, 4), w first, earth z up."""
    w, x, y, z = np.asarray(quaternions).T
    return np.degrees(np.arcsin(np.clip(2.0 * (y * z + w * x), -1.0, 1.0)))
