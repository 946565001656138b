"""The pelvis and the clip in space, as functions of time that can be asked anywhere.

World frame: x the direction of the start, y left, z up. Body frame: design of the
contract (x forward, y left, z up), level and unturned in quiet standing.
"""

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from hipcue.contract.signals import GRAVITY_MPS2
from host_tools.runners.gaits import GAITS, harmonics
from host_tools.runners.scenario import (
    RUNNING_GAITS,
    climb_mps,
    gait_weight,
    heading_rad,
    running_weight,
    speed_mps,
    stretch_weight,
)
from host_tools.runners.smooth import hold, plateau, ramp
from host_tools.runners.steps import make_steps

_PATH_GRID_S = 0.05
_LEAN_SHARE = 0.7  # of the lean that would balance a bend, at the pelvis
_HIP_TO_CLIP_M = (-0.10, 0.0, 0.08)
_SIT_DOWN_M = 0.45
_SIT_TILT_DEG = -25.0  # the pelvis rolls backwards on a chair
_WOBBLE_HZ = (0.5, 6.0)
_WOBBLES = 24  # sines of random frequency
_RIPPLE_HZ = 25.0
_RIPPLE_RISE_S = 0.010
_RIPPLE_DECAY_S = 0.022
_RIPPLE_PEAK = 0.36  # of the same wave undamped and risen at once
_RIPPLE_FORWARD_SHARE = -0.4

# A step's own drop is taken up from 60 % of the step before to 27 % of its own,
# where the mean stride peaks, and held until 60 %: the peak is changed by just so much.
_DROP_FROM_SHARE = 0.60
_DROP_UNTIL_SHARE = 0.27


class Motion:
    """A scenario acted by a runner: orientation, position and steps."""

    def __init__(self, scenario, runner):
        self.scenario = scenario
        self.runner = runner
        self.steps = make_steps(scenario, runner)
        self._phase = self.steps.phase()
        contact_s = self.steps.contact_s
        step_s = np.diff(contact_s)
        self._drop_leave_s = contact_s[:-2] + _DROP_FROM_SHARE * step_s[:-1]
        self._drop_arrive_s = contact_s[1:-1] + _DROP_UNTIL_SHARE * step_s[1:]
        self._path = self._make_path()

    def _make_path(self):
        grid_s = np.arange(-1.0, self.scenario.duration_s + 1.0, _PATH_GRID_S)
        speed, heading = speed_mps(self.scenario, grid_s), heading_rad(self.scenario, grid_s)
        velocity = np.column_stack((speed * np.cos(heading), speed * np.sin(heading), climb_mps(self.scenario, grid_s)))
        return CubicSpline(grid_s, velocity).antiderivative()

    def angles_deg(self, t_s):
        """Return (N, 3) at times `t_s` (N,): rotation, obliquity, tilt; rotation includes the heading."""
        phase = self._phase(t_s)
        angles = np.zeros((len(t_s), 3))
        for name, gait in GAITS.items():
            weight = gait_weight(self.scenario, name, t_s)
            rotation = self.runner.rotation_share if name in RUNNING_GAITS else 1.0
            angles[:, 0] += weight * rotation * harmonics(gait.rotation_deg, phase)
            angles[:, 1] += weight * harmonics(gait.obliquity_deg, phase)
            angles[:, 2] += weight * (gait.tilt_offset_deg + harmonics(gait.tilt_deg, phase))
        angles[:, 0] += np.degrees(heading_rad(self.scenario, t_s))
        angles[:, 1] += self._step_obliquity_deg(t_s) + self._lean_deg(t_s)
        angles[:, 2] += self._bow_deg(t_s) + _SIT_TILT_DEG * self._sitting(t_s)
        return angles + self._sway_deg(t_s)

    def _step_obliquity_deg(self, t_s):
        signed = np.where(self.steps.left, 1.0, -1.0) * self.steps.drop_change_deg
        change = hold(t_s, self._drop_leave_s, self._drop_arrive_s, signed[1:-1])
        # No two jumps are alike either, nor hops.
        weight = running_weight(self.scenario, t_s)
        for gait in ("jump", "hop left"):
            weight = weight + gait_weight(self.scenario, gait, t_s)
        return weight * (self.runner.drop_offset_deg + change)

    def _lean_deg(self, t_s):
        total = np.zeros_like(t_s)
        for lean in self.scenario.leans:
            total += lean.obliquity_deg * plateau(t_s, lean.start_s, lean.end_s, lean.over_s)
        step_s = 0.02
        turning = heading_rad(self.scenario, t_s + step_s) - heading_rad(self.scenario, t_s - step_s)
        sideways_mps2 = speed_mps(self.scenario, t_s) * turning / (2 * step_s)
        return total - _LEAN_SHARE * np.degrees(np.arctan(sideways_mps2 / GRAVITY_MPS2))

    def _bow_deg(self, t_s):
        bows = self.scenario.bows
        part = np.clip((t_s - bows.start_s) / (bows.end_s - bows.start_s), 0.0, 1.0) * bows.count
        return bows.depth_deg * np.sin(np.pi * part) ** 4

    def _sitting(self, t_s):
        """Return how far the runner has sat down: 0 to 1."""
        return sum((plateau(t_s, sit.start_s, sit.end_s, sit.over_s) for sit in self.scenario.sits), np.zeros_like(t_s))

    def _sway_deg(self, t_s):
        waves = np.column_stack([np.sin(2 * np.pi * t_s * hz + hz * 40) for hz in (0.23, 0.31, 0.19)])
        return self.runner.sway_deg * waves

    def position_m(self, t_s):
        """Return (N, 3): the clip in the world at times `t_s` (N,)."""
        forward, left, up = self._clip_offset_m(t_s)
        heading = heading_rad(self.scenario, t_s)
        path = self._path(t_s)
        return np.column_stack(
            (
                path[:, 0] + forward * np.cos(heading) - left * np.sin(heading),
                path[:, 1] + forward * np.sin(heading) + left * np.cos(heading),
                path[:, 2] + up,
            )
        )

    def _clip_offset_m(self, t_s):
        """Return forward, left, up of the clip against the point that follows the path."""
        phase = self._phase(t_s)
        forward, left, up = self._bow_offset_m(t_s)
        bounce = hold(t_s, self._drop_leave_s, self._drop_arrive_s, self.steps.bounce[1:-1])
        for name, gait in GAITS.items():
            scale = 1e-3 * self._amplitude(name, gait, t_s)
            forward = forward + scale * harmonics(gait.forward_mm, phase)
            left = left + scale * harmonics(gait.left_mm, phase)
            left = left + scale * self.runner.push_mps2 * harmonics(gait.push_mm, phase)
            up = up + scale * bounce * harmonics(gait.up_mm, phase)
            ripple = self._ripple_m(t_s) * gait.impact_mps2 * gait_weight(self.scenario, name, t_s)
            forward, up = forward + _RIPPLE_FORWARD_SHARE * ripple, up + ripple
        return forward, left, up + self._jolts_m(t_s) - _SIT_DOWN_M * self._sitting(t_s)

    def _amplitude(self, name, gait, t_s):
        """Return the share of the table's motion: the accelerations stay, so it goes with the stride time squared."""
        total = np.zeros_like(t_s)
        for stretch in self.scenario.stretches:
            if stretch.gait == name:
                stride_s = 120.0 / stretch.steps_per_min
                total += stretch_weight(stretch, t_s) * (stride_s / gait.stride_s) ** 2
        return total

    def _bow_offset_m(self, t_s):
        """A bow turns about the hips: the clip, behind and above them, swings forward and up."""
        turn = Rotation.from_euler("y", self._bow_deg(t_s)[:, None], degrees=True)
        return (turn.apply(_HIP_TO_CLIP_M) - _HIP_TO_CLIP_M).T

    def _ripple_m(self, t_s):
        """Return a damped shake after each contact, 1 m/s2 at its peak."""
        contact_s = self.steps.contact_s
        return _shake_m(t_s - contact_s[np.clip(np.searchsorted(contact_s, t_s, side="right") - 1, 0, None)])

    def _jolts_m(self, t_s):
        total = np.zeros_like(t_s)
        for impact in self.scenario.impacts:
            total += impact.peak_mps2 * _shake_m(np.maximum(t_s - impact.at_s, 0.0))
        for sit in self.scenario.sits:
            total += sit.thump_mps2 * _shake_m(np.maximum(t_s - sit.start_s - sit.over_s, 0.0))
        return total

    def orientation(self, t_s):
        """Return the body's Rotation (body to world) at times `t_s` (N,)."""
        return Rotation.from_euler("ZXY", self.angles_deg(t_s), degrees=True)

    def obliquity_deg(self, t_s):
        """Return asin(up . y_body) at times `t_s` (N,)."""
        return self.angles_deg(t_s)[:, 1]


def _shake_m(since_s):
    """Return a damped shake, 1 m/s2 at its peak: the clip sags, is pushed up, comes to rest; 0 at `since_s` 0."""
    rise = (1.0 - np.exp(-since_s / _RIPPLE_RISE_S)) ** 3
    wave = np.exp(-since_s / _RIPPLE_DECAY_S) * np.sin(2 * np.pi * _RIPPLE_HZ * since_s)
    return -rise * wave / _RIPPLE_PEAK / (2 * np.pi * _RIPPLE_HZ) ** 2


def clip_orientation(motion, clip, t_s):
    """Return the clip's Rotation (sensor to world) at times `t_s` (N,), its slips included."""
    roll, pitch, yaw = clip.mount_deg
    orientation = motion.orientation(t_s) * Rotation.from_euler("ZYX", (yaw, pitch, roll), degrees=True)
    for slip in clip.slips:
        turn = np.outer(ramp(t_s, slip.start_s, slip.over_s), np.radians(slip.turn_deg))
        orientation = orientation * Rotation.from_rotvec(turn)
    if clip.loose_deg:
        orientation = orientation * Rotation.from_rotvec(np.radians(_wobble_deg(motion, clip, t_s)))
    return orientation


def _wobble_deg(motion, clip, t_s):
    """Return (N, 3): the turning of a loose clip about its own axes while running, each of rms `loose_deg`."""
    random = np.random.default_rng((motion.runner.seed, 8))
    total = np.zeros((len(t_s), 3))
    for axis in range(3):
        for hz in random.uniform(*_WOBBLE_HZ, _WOBBLES):
            total[:, axis] += np.sin(2 * np.pi * hz * t_s + random.uniform(0, 2 * np.pi))
    rms = clip.loose_deg * (2 / _WOBBLES) ** 0.5
    return rms * running_weight(motion.scenario, t_s)[:, None] * total
