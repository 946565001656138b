"""What the pelvis core is told once, and what it carries from block to block."""

import math

from hipcue.contract.signals import FRAME_BYTES, GRAVITY_MPS2
from hipcue.core import gravity, posture, sides
from hipcue.core.rest import Rest
from hipcue.core.rotation import level

FIRST_PERIOD_S = 0.36  # step time assumed until one was measured: 167 steps/min
GAIT_LOST_S = 0.8  # without a contact: no longer running
PAUSED_LOOK_S = 0.4  # between looks for a first contact, each at twice as much
FIFO_S = 1.3  # the longest block: a full FIFO at 208 Hz
POOLED_HZ = 104.0  # a pelvis turns below 20 Hz


class Params:
    """What the core is told once.

    rate_hz: true output rate. accel_scale_mps2, gyro_scale_rads: per LSB.
    mount: matrix, body = mount . sensor, or None (not calibrated).
    gyro_bias_rads, accel_bias_mps2: vectors, sensor frame. gravity_mps2:
    |specific force| at rest as this sensor reads it, less its bias.
    turn_limit_dps: mean yaw rate of a stride above which gravity cannot be
    told from the curve. trace: keep the obliquity of every sample.
    side_template: as sides.POPULATION.
    """

    def __init__(
        self, rate_hz, accel_scale_mps2, gyro_scale_rads,
        mount=None, gyro_bias_rads=(0.0, 0.0, 0.0), accel_bias_mps2=(0.0, 0.0, 0.0), gravity_mps2=GRAVITY_MPS2,
        turn_limit_dps=8.0, trace=False, side_template=sides.POPULATION,
    ):  # fmt: skip
        self.rate_hz = rate_hz
        self.accel_scale_mps2 = accel_scale_mps2
        self.gyro_scale_rads = gyro_scale_rads
        self.mount = mount
        self.gyro_bias_rads = gyro_bias_rads
        self.accel_bias_mps2 = accel_bias_mps2
        self.gravity_mps2 = gravity_mps2
        self.turn_limit_rads = math.radians(turn_limit_dps)
        self.trace = trace
        self.side_template = side_template
        self.pool = max(1, int(rate_hz / POOLED_HZ + 0.5))  # samples averaged


class State:
    """What the core carries from block to block."""

    def __init__(self, params):
        capacity = int((FIFO_S + GAIT_LOST_S + 2 * PAUSED_LOOK_S) * params.rate_hz)
        self.frames = bytearray(capacity * FRAME_BYTES)
        self.held = 0  # frames in the buffer
        self.first = 0  # sample index of the buffer's first frame
        self.due = int(2 * PAUSED_LOOK_S * params.rate_hz)  # sample with which the next chunk is looked at
        self.mount = params.mount  # rows forward, left, up in the sensor's frame, or None
        self.bias = gravity.Bias(params.gyro_bias_rads, params.accel_bias_mps2)
        self.attitude = level()  # to the carried frame, at the buffer's first frame
        self.period = FIRST_PERIOD_S * params.rate_hz
        self.sums = gravity.StepSums()
        self.steps = []  # of this stretch, not yet settled, and the last one
        self.settled = 0  # steps of this stretch that were settled
        self.chunk = None  # force sum in the carried frame and moments of the last one
        self.known = None  # gravity by the steps before, carried frame, shape (3,)
        self.up = None  # gravity at the start of the last one, moving frame, shape (3,)
        self.yaw_rates = []  # rad/s, of the last chunks
        self.load = 1.0  # running mean of the load factor
        self.sides = sides.Sides(params.side_template)
        self.witness = None  # of the step before
        self.last = None  # the step before, also across stretches
        self.gap = False  # samples were lost before the buffer's first frame
        self.posture = posture.Posture(params.mount[2] if params.mount else None)
        self.rest = Rest()
        self.notices = []  # (event name, value) since the last look of whoever tells of them
