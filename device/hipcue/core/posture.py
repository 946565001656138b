"""How the clip sits while its wearer runs: slipped on the body, upside down, or as it was calibrated.

The direction of gravity in the sensor's frame, averaged over a stride, hardly
changes from stride to stride, whatever the speed of the steps; a clip that
slips changes it within a step or two and for good. Once a stride it is held
against two references:
- the standing calibration, which running posture stays within
  MOST_POSTURE_DEG of; beyond, the clip is worn otherwise than it was
  calibrated, and beyond UPSIDE_DOWN_DEG it is upside down;
- its own mean over the last strides (FOLLOWED_STRIDES), which a hill or
  fatigue moves slowly and a slip by SLIP_DEG at once.
A slip once noticed stays until a quiet stand has told the new "up".
"""

import math

import micropython

from hipcue.core.rotation import cross, dot, unit
from hipcue.core.step import SLIPPED, UPSIDE_DOWN

MOST_POSTURE_DEG = 35.0
UPSIDE_DOWN_DEG = 120.0
SLIP_DEG = 6.0
SOUND_DEG = 3.0  # a stride within which a slip begins may be less than SLIP_DEG off
SLIP_STRIDES = 2  # in succession
FOLLOWED_STRIDES = 20.0
LEARNT_STRIDES = 4  # before which the reference is too young to hold anything against

_MOST_POSTURE = math.cos(math.radians(MOST_POSTURE_DEG))
_UPSIDE_DOWN = math.cos(math.radians(UPSIDE_DOWN_DEG))
_SLIP = math.cos(math.radians(SLIP_DEG))  # 0.9945: single precision resolves it to 0.001 deg
_SOUND = math.cos(math.radians(SOUND_DEG))


class Posture:
    """State of the watch. `up`: gravity in the sensor's frame at the calibrating stand, or None (not calibrated).

    code: SLIPPED, UPSIDE_DOWN or 0 (neither). sound: first sample of the last
    stride that was within SOUND_DEG of what is usual; a slip may have begun
    within it.
    """

    def __init__(self, up):
        self._up = up
        self._before = None  # "up", parity and first sample of the step before
        self._reference = None
        self._strides = 0
        self._off = 0  # strides in succession
        self.code = 0
        self.sound = 0
        self.turned_deg = 0.0  # of a slip

    @micropython.native
    def step(self, up, parity, first):
        """Take "up" (unit vector, sensor frame) at the same phase of a new step; return whether `code` is news.

        `first`: the step's first sample. Steps of parity 0 wait for their other half.
        """
        before, self._before = self._before, (up, parity, first)
        if not parity or before is None or before[1] or self.code:
            return False
        other = before[0]
        now = unit((other[0] + up[0], other[1] + up[1], other[2] + up[2]))
        standing = 1.0 if self._up is None else dot(now, self._up)
        usual = 1.0 if self._strides < LEARNT_STRIDES else dot(now, self._reference)
        if standing >= _MOST_POSTURE and usual >= _SLIP:
            self._follow(now)
            self._off = 0
            if usual >= _SOUND:
                self.sound = before[2]
            return False
        self._off += 1
        if self._off < SLIP_STRIDES:
            return False
        self.code = UPSIDE_DOWN if standing < _UPSIDE_DOWN else SLIPPED
        self.turned_deg = _angle_deg(now, self._reference or self._up)
        return True

    def restart(self):
        """A pause: the steps' parity may begin anew, what was learnt stays."""
        self._before = None
        self._off = 0

    def stand(self, up):
        """Take "up" of a quiet stand as the new standing one; forget the slip."""
        self.__init__(up)

    @micropython.native
    def _follow(self, now):
        self._strides += 1
        if self._reference is None:
            self._reference = now
        x, y, z = self._reference
        gain = 1.0 / min(self._strides, FOLLOWED_STRIDES)
        self._reference = unit((x + gain * (now[0] - x), y + gain * (now[1] - y), z + gain * (now[2] - z)))


def remounted(mount, up):
    """Return (mount, turned_deg): `mount` (rows forward, left, up of the body in the sensor's frame) after a slip.

    A stand tells the new "up" (unit vector, sensor frame) and nothing about
    the turn around it: the least rotation that brings the old one there is
    taken. No mount (None) where that is more than a clip that still sits on its
    waistband can turn (MOST_POSTURE_DEG).
    """
    old = mount[2]
    turned_deg = _angle_deg(up, old)
    if turned_deg > MOST_POSTURE_DEG:
        return None, turned_deg
    forward, left, _ = mount
    axis = cross(old, up)
    # Rotation by the angle between two unit vectors: v cos + axis x v + axis (axis . v) / (1 + cos).
    cosine = dot(old, up)
    rows = []
    for row in (forward, left):
        crossed = cross(axis, row)
        along = dot(axis, row) / (1.0 + cosine)
        rows.append(tuple([cosine * row[i] + crossed[i] + axis[i] * along for i in range(3)]))
    return (rows[0], rows[1], up), turned_deg


def _angle_deg(a, b):
    """Return the angle between two unit vectors; by the sine, which single precision resolves near 0."""
    axis = cross(a, b)
    return math.degrees(math.atan2(math.sqrt(dot(axis, axis)), dot(a, b)))
