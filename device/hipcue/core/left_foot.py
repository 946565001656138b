"""Left-foot check: what a left stance looks like in this runner, from a stand and five hops on the left foot.

The stand tells that the clip sits as it was calibrated, and how the pelvis
hangs on that leg. In each hop, as in a left running step, the left hip takes
the whole weight: mediolateral force and roll rate are read in the windows of
sides.py, at the times they have in a running step, the roll rate less its mean
over the hops. A witness that is clear (LEAST_SIZE of a full vote, the same sign in
LEAST_ALIKE of the hops) is trusted from then on as far as a check can be wrong,
with the sign that it has here. The yaw rate comes from the other leg's swing, which a
hop lacks: it keeps the population's trust, but none in a runner who differs
from the population in another witness.

The other foot, hopped on by mistake, looks like a runner who is contrary in
all: at least one witness must be clear and as in other runners. That a hop is
to a runner what a running step is has not been tried on a body; no recordings
of hops were at hand.
"""

import math

from ulab import numpy as np

from hipcue.core import sides
from hipcue.core.contacts import CUTOFF_HZ, ContactFinder
from hipcue.core.filters import butterworth_low_pass, settled_state, zero_phase_reversed
from hipcue.core.mount import Refused
from hipcue.core.rotation import dot

# On one leg the pelvis sways by several deg/s; a foot put down, a hop or a walk exceed these by far.
STAND_GYRO_RADS = 0.2
STAND_ACCEL_MPS2 = 1.0
MOST_TILT_DEG = 20.0  # of a stand on one leg against the one of the calibration
LEAST_HOPS = 4
HOP_PEAK_G = 1.4
HOP_TROUGH_G = 0.4  # low-passed: the flight
STEP_S = 0.36  # a running step, which the windows are shares of
LEAST_SIZE = 0.5  # of a full vote
LEAST_ALIKE = 0.8
CHECKED = math.log(99.0)  # log odds that the check itself is right


def stand(accel, gyro, mount, gyro_bias):
    """Return the obliquity (deg, left side up) of a stand on the left foot against the calibrating stand.

    `accel` m/s2 and `gyro` rad/s: arrays of shape (3, n), sensor frame; `mount`:
    rows forward, left, up. Raises Refused.
    """
    rate = [float(np.std(gyro[i])) for i in range(3)]
    force = [float(np.std(accel[i])) for i in range(3)]
    offset = [abs(float(np.mean(gyro[i])) - gyro_bias[i]) for i in range(3)]
    if max(rate) > STAND_GYRO_RADS or max(force) > STAND_ACCEL_MPS2 or max(offset) > STAND_GYRO_RADS:
        raise Refused("the clip moved: stand on the left foot without hopping or touching down, and try again")
    mean = [float(np.mean(accel[i])) for i in range(3)]
    length = math.sqrt(dot(mean, mean))
    if dot(mean, mount[2]) < math.cos(math.radians(MOST_TILT_DEG)) * length:
        raise Refused("the clip does not sit as it was calibrated: calibrate it anew, then check the left foot")
    return math.degrees(math.asin(dot(mean, mount[1]) / length))


def hops(accel, gyro, mount, gravity_mps2, interval_s):
    """Return (template, facts) of hops on the left foot: template as sides.POPULATION, for this runner.

    `accel` m/s2 and `gyro` rad/s: arrays of shape (3, n), sensor frame, about
    100 Hz; other arguments as from mount.stand and mount.bows. Facts: the
    count of hops, and force and roll in shares of a full vote. Raises Refused.
    """
    contacts = _contacts(accel, mount, gravity_mps2, interval_s)
    if len(contacts) < LEAST_HOPS:
        raise Refused(
            "only %d hops were seen: hop five times on the left foot, so high that it leaves the ground" % len(contacts)
        )
    force = _force_sizes(_along(accel, mount[1]), contacts, STEP_S / interval_s)
    roll = _roll_sizes(_along(gyro, mount[0]) * -1.0, contacts, STEP_S / interval_s)
    facts = {"hops": len(contacts), "force_share": _mean(force), "roll_share": _mean(roll)}
    return _template(_sign(force), _sign(roll)), facts


def _template(force, roll):
    """Return the template for the signs of two witnesses: 1 as in others, -1 contrary, 0 unclear. Raises Refused."""
    signs = (force, roll)
    if 1 not in signs:
        if -1 in signs:
            raise Refused("the hops look like hops on the right foot: hop on the left one, and try again")
        raise Refused("the hops were too soft, or too unlike each other, to tell a side: hop higher, and try again")
    return (
        CHECKED * force if force else sides.POPULATION[0],
        0.0 if -1 in signs else sides.POPULATION[1],
        CHECKED * roll if roll else sides.POPULATION[2],
    )


def _along(rows, axis):
    return np.dot(np.array(axis), rows)


def _contacts(accel, mount, gravity_mps2, interval_s):
    """Return the fractional moments of contact: each after a flight and before a push."""
    up = np.array(mount[2])
    section = butterworth_low_pass(CUTOFF_HZ, 1.0 / interval_s)
    settled = settled_state(section)
    filtered = zero_phase_reversed(section, settled, settled * gravity_mps2, np.dot(up, accel))[::-1].tolist()
    finder = ContactFinder(1.0 / interval_s, 1.0 / interval_s, gravity_mps2)
    finder.face(np.array(mount[0]))
    found, flown = [], None
    for at, value in enumerate(filtered):
        if value < HOP_TROUGH_G * gravity_mps2:
            flown = at
        elif flown is not None and value > HOP_PEAK_G * gravity_mps2:
            first, stop = finder.around(flown)
            found.append(first + finder.onset(accel[:, first:stop], up))
            flown = None
    return found


def _force_sizes(leftward, contacts, step):
    """Return the rise of 1-D `leftward` force from each hop's flight to its stance, in shares of a vote.

    `step`: in moments. A vote compares a left step with a right one, which is its mirror image: hence twice.
    """
    flight, loading = sides.WINDOWS[0][:2], sides.WINDOWS[0][2:]
    before, after = _means(leftward, contacts, flight, step), _means(leftward, contacts, loading, step)
    return [2.0 * (after[i] - before[i]) / sides.FULL_ACCEL_MPS2 for i in range(len(after))]


def _roll_sizes(rates, contacts, step):
    """Return each hop's mean of 1-D `rates` in its window, less that over all hops, in shares of a vote."""
    over_all = float(np.mean(rates[int(contacts[0]) : int(contacts[-1])]))
    return [2.0 * (mean - over_all) / sides.FULL_ROLL_RADS for mean in _means(rates, contacts, sides.WINDOWS[2], step)]


def _means(values, contacts, shares, step):
    """Return the mean of 1-D `values` in a window of each hop that is whole; `shares` of a `step` (moments)."""
    windows = []
    for contact in contacts:
        if contact + sides.WINDOWS[0][0] * step >= 0.0 and contact + sides.WINDOWS[2][1] * step + 2 <= len(values):
            windows.append((int(contact + shares[0] * step), int(contact + shares[1] * step) + 2))
    return [float(np.mean(values[first:stop])) for first, stop in windows]


def _mean(sizes):
    return sum(sizes) / len(sizes)


def _sign(sizes):
    """Return 1 or -1 where the hops clearly agree, else 0."""
    mean = _mean(sizes)
    alike = sum([1 for size in sizes if size * mean > 0.0])
    if abs(mean) < LEAST_SIZE or alike < LEAST_ALIKE * len(sizes):
        return 0
    return 1 if mean > 0.0 else -1
