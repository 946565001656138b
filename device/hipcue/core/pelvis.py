"""Pelvic drop per running step from blocks of inertial samples: the fixed-window core.

1. Blocks of raw frames collect in a buffer; the vertical specific force of
   each block is searched for initial contacts (contacts.py).
2. When 60 % of a step has been seen (stance; toe-off is weak in a pelvis
   signal), all samples since the last such moment become one chunk. The
   chunk's rotation since its start is integrated (rotation.py) and carried on
   from chunk to chunk: the carried frame.
3. Specific forces turned into the carried frame are summed per whole step;
   triangle-weighted sums over steps give gravity there, and its slow drift
   gives the gyroscope's bias (gravity.py).
4. obliquity = asin(up . left axis), both in the carried frame. The step's
   largest drop within stance and the drop at contact are kept as positions of
   the left axis, so that both can be read again with a better "up".
5. Each step is thus read twice: at the end of its stance with gravity from
   the steps before ("causal": decides the cue), and 11 steps later with
   gravity from the steps around it ("settled": is logged).
6. The stance side is decided by evidence over many steps (sides.py).
7. Steps on which a number cannot be known carry a quality code instead.

Params are what is given, State is what is carried; a Pelvis made from the
same Params and a State goes on exactly where another stopped.
"""

import math

from ulab import numpy as np
from ulab import utils

from hipcue.contract.record import QUALITY_BITS
from hipcue.contract.signals import CHANNEL_COUNT, FRAME_BYTES, GRAVITY_MPS2, SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN
from hipcue.core import gravity, sides
from hipcue.core.contacts import ContactDetector
from hipcue.core.rotation import (
    IDENTITY,
    after,
    coefficients,
    dot,
    rotation_vectors,
    rows_in,
    turned,
    turned_back,
    turned_left_axis,
    turned_rows,
    unit,
)

STANCE_SHARE = 0.6  # of the step: bound on stance
FIRST_PERIOD_S = 0.36  # step time assumed until one was measured: 167 steps/min
STRIDE_S = (0.5, 1.0)  # of running
GAIT_LOST_S = 0.8  # without a contact: no longer running
KEPT_S = 0.4  # of samples kept while waiting for a first contact
RUNNING_PEAK_G = 1.4  # low-passed vertical peak; walking stays below
LOAD_TOLERANCE = 0.05  # of the stride's mean specific force, in g
LOAD_GAIN = 0.05  # of a new stride in its running mean
FULL_SCALE = 32767
CAUSAL_DELAY_S = 0.03  # of the causal contact candidate
FIFO_S = 1.3  # the longest block: a full FIFO at 208 Hz
PERIOD_GAIN = 0.3  # of a new step time in the running mean
MOST_STEPS_BRIDGED = 4  # over which left and right can still be counted on by time
REST_S = 0.8
REST_GYRO_RADS = 0.02  # spread at rest: ten times the sensor's noise, a fifth of postural sway
REST_ACCEL_MPS2 = 0.15

SETTLING = QUALITY_BITS["settling"]
TURNING = QUALITY_BITS["turning"]
CLIPPED = QUALITY_BITS["clipped"]
GAP = QUALITY_BITS["gap"]
NOT_RUNNING = QUALITY_BITS["not_running"]
ACCELERATING = QUALITY_BITS["accelerating"]
SIDE_UNSURE = QUALITY_BITS["side_unsure"]
UNCALIBRATED = QUALITY_BITS["uncalibrated"]

# Codes that take a step out of the gravity windows.
UNSTEADY = TURNING | CLIPPED | GAP | NOT_RUNNING | ACCELERATING
# Codes with which the absolute drop is not given; the excursion is, except with NO_EXCURSION.
NO_DROP = SETTLING | TURNING | CLIPPED | GAP | NOT_RUNNING | SIDE_UNSURE | UNCALIBRATED
NO_EXCURSION = SETTLING | CLIPPED | GAP | NOT_RUNNING | SIDE_UNSURE


class Params:
    """What the core is told once.

    rate_hz: true output rate. accel_scale_mps2, gyro_scale_rads: per LSB.
    mount: matrix, body = mount . sensor, or None (not calibrated).
    gyro_bias_rads: vector, sensor frame. gravity_mps2: |specific force| at
    rest as this sensor reads it. turn_limit_dps: mean yaw rate of a stride
    above which gravity cannot be told from the curve. trace: keep the
    obliquity of every sample.
    """

    def __init__(
        self, rate_hz, accel_scale_mps2, gyro_scale_rads,
        mount=None, gyro_bias_rads=(0.0, 0.0, 0.0), gravity_mps2=GRAVITY_MPS2, turn_limit_dps=8.0, trace=False,
    ):  # fmt: skip
        self.rate_hz = rate_hz
        self.accel_scale_mps2 = accel_scale_mps2
        self.gyro_scale_rads = gyro_scale_rads
        self.calibrated = mount is not None
        self.mount = mount or IDENTITY
        self.gyro_bias_rads = gyro_bias_rads
        self.gravity_mps2 = gravity_mps2
        self.turn_limit_rads = math.radians(turn_limit_dps)
        self.trace = trace


class Step:
    """One step, contact to contact. Indices are whole samples since the State was new.

    first: first sample after the contact; early: how far before it the
    contact lies, in samples (two fields, since one float would lose its
    fraction within an hour). peak: sample of the peak drop. period: samples to
    the next contact, contact_samples: to toe-off (None until known). parity: 0 or 1, alternating.
    peak_drop_causal_deg, peak_drop_deg, excursion_deg: degrees
    or None (not known). quality: bits of contract.record.QUALITY.
    obliquity_deg: settled, samples from `trace_start` on (trace only).
    """

    def __init__(self, first, early, parity, quality):
        self.first = first
        self.early = early
        self.parity = parity
        self.quality = quality
        self.side = SIDE_UNKNOWN
        self.stance_end = first
        self.period = None
        self.contact_samples = None
        self.peak = first
        self.peak_drop_causal_deg = None
        self.peak_drop_deg = None
        self.excursion_deg = None
        self.force_sum = (0.0, 0.0, 0.0)
        self.samples = 0
        self.steady = False
        self.yaw_rate = 0.0
        self.witness = None
        self.axis_at_contact = None  # left axis in the carried frame
        self.axis_highest = None  # where left stands highest, and where it hangs lowest
        self.axis_lowest = None
        self.highest = first
        self.lowest = first
        self.trace_start = 0
        self.trace_axis = None
        self.obliquity_deg = None
        # The caller's, fixed while its clock is near: times and the glutes' envelope.
        self.contact_at_ms = 0
        self.trace_at_us = 0
        self.interval_us = 0
        self.glutes_dmv = (None, None)

    def lift_off(self, base, offset):
        """Set `contact_samples` from a toe-off at `offset` samples after sample `base`."""
        self.contact_samples = (base - self.first) + offset + self.early

    def since(self, other):
        """Return the samples from the contact of `other` to this one's."""
        return (self.first - other.first) - (self.early - other.early)


class State:
    """What the core carries from block to block."""

    def __init__(self, params):
        capacity = int((FIFO_S + GAIT_LOST_S + 2 * KEPT_S) * params.rate_hz)
        self.frames = bytearray(capacity * FRAME_BYTES)
        self.held = 0  # frames in the buffer
        self.first = 0  # sample index of the buffer's first frame
        self.detector = ContactDetector(params.rate_hz, params.gravity_mps2)
        self.candidate = None  # sample index of a contact waiting for the end of its stance
        self.attitude = IDENTITY  # body to carried frame, at the buffer's first frame
        self.bias = turned(params.mount, params.gyro_bias_rads)  # body frame
        self.period = FIRST_PERIOD_S * params.rate_hz
        self.steps = []  # of this stretch, oldest first; the last one may be incomplete
        self.unsettled = 0  # position in `steps` of the first step not yet settled
        self.load = 1.0  # running mean of the load factor
        self.log_odds = 0.0  # that parity 0 is left
        self.last = None  # the step before, also across stretches
        self.last_rows = None  # rows of the chunk before: left accel, roll rate, yaw rate
        self.gap = False  # samples were lost before the buffer's first frame


class Pelvis:
    """The core: push blocks, get decided and settled steps."""

    def __init__(self, params, state=None):
        self.params = params
        self.state = state or State(params)
        accel, gyro, mount = params.accel_scale_mps2, params.gyro_scale_rads, params.mount
        zero = [0.0, 0.0, 0.0]
        # Frames are gyroscope first: one product scales both and turns them into the body frame.
        self._to_body = np.array(
            [[gyro * value for value in row] + zero for row in mount]
            + [zero + [accel * value for value in row] for row in mount]
        )
        self._vertical = np.array([zero + [accel * value for value in mount[2]]])
        self._interval_s = 1.0 / params.rate_hz

    def push(self, frames, count):
        """Take `count` frames (int16 gx gy gz ax ay az, LSB) and return (decided, settled).

        Both are lists of Step, in order: steps whose stance has just ended
        (side, causal drop) and steps that will not change any more.
        """
        state = self.state
        decided, settled = [], []
        room = len(state.frames) // FRAME_BYTES - state.held
        if count > room:
            raise ValueError("a block of %d frames is more than the core holds (%d)" % (count, room))
        start = state.held * FRAME_BYTES
        state.frames[start : start + count * FRAME_BYTES] = frames[: count * FRAME_BYTES]
        first_new = state.first + state.held
        state.held += count

        block = utils.from_int16_buffer(frames, count=count * CHANNEL_COUNT).reshape((count, CHANNEL_COUNT))
        vertical = np.dot(self._vertical, block.transpose())[0]
        for candidate in state.detector.candidates(vertical, first_new):
            if state.candidate is not None:
                self._decide(min(self._stance_end(), candidate - 1), decided)
            state.candidate = candidate
        end = state.first + state.held - 1
        if state.candidate is not None and end >= self._stance_end():
            self._decide(self._stance_end(), decided)
        lost_after = GAIT_LOST_S * self.params.rate_hz
        if state.candidate is None and state.steps and end - state.steps[-1].first > lost_after:
            self._end_stretch(settled)
        if state.candidate is None and not state.steps and state.held > REST_S * self.params.rate_hz:
            self._learn_bias_at_rest()
            self._drop_frames(state.held - int(KEPT_S * self.params.rate_hz))
        self._settle(settled)
        return decided, settled

    def lost(self, count):
        """Tell that `count` samples were lost after the last block; return the steps this settles."""
        state = self.state
        settled = []
        # The step in progress loses its end: it is reported, but not weighed.
        for step in state.steps[-1:]:
            step.quality |= GAP
        self._end_stretch(settled)
        state.first += state.held + count
        state.held = 0
        state.candidate = None
        state.gap = True
        state.detector.reset()
        return settled

    def finish(self):
        """Return the steps not yet settled: the recording ends here."""
        settled = []
        self._end_stretch(settled)
        return settled

    # One step

    def _stance_end(self):
        """Return the sample at which the stance of the waiting candidate has been seen."""
        delay = CAUSAL_DELAY_S * self.params.rate_hz
        return int(self.state.candidate - delay + STANCE_SHARE * self.state.period)

    def _decide(self, end, decided):
        """Close the chunk at sample `end` and read the step whose stance it completes."""
        state, params = self.state, self.params
        candidate, state.candidate = state.candidate, None
        count = end - state.first + 1
        if count < 4:
            return
        samples = utils.from_int16_buffer(state.frames, count=count * CHANNEL_COUNT)
        clipped = float(np.max(samples)) >= FULL_SCALE or float(np.min(samples)) <= -FULL_SCALE
        body = np.dot(self._to_body, samples.reshape((count, CHANNEL_COUNT)).transpose())
        force = (body[3], body[4], body[5])
        near = min(candidate - state.first, count - 1)
        contact, lift_before, lift_after, peak_force = state.detector.place(force[2], force[0], near)
        if contact is None or contact < 1.0:
            # The crossing lies in samples already used: take the causal one less its known delay.
            contact = max(1.0, near - CAUSAL_DELAY_S * params.rate_hz)
        at = int(math.ceil(contact))

        rate = [body[i] - state.bias[i] for i in range(3)]
        theta = rotation_vectors(rate, self._interval_s)
        s, c = coefficients(theta)
        turned_force = rows_in(state.attitude, turned_rows(theta, s, c, force))
        axis = rows_in(state.attitude, turned_left_axis(theta, s, c))

        if state.steps and lift_before is not None:
            state.steps[-1].lift_off(state.first, lift_before)
        step = self._new_step(state.first + at, at - contact, clipped, peak_force)
        self._complete_previous(step, turned_force, at, (force[1], rate[0], rate[2]))
        step.force_sum = tuple([float(np.sum(row[at:])) for row in turned_force])
        step.samples = count - at
        step.stance_end = end
        if lift_after is not None:
            step.lift_off(state.first, lift_after)
        whole = state.steps[-gravity.CAUSAL_STEPS :]
        known = gravity.direction(whole) if len(whole) >= gravity.LEAST_STEPS else None
        # Too early in a stretch, one step's mean is near enough to find where the peak is.
        up = known or unit(tuple([float(np.sum(row)) for row in turned_force]))
        mean_rate = tuple([float(np.mean(row)) for row in rate])
        step.yaw_rate = dot(mean_rate, turned_back(state.attitude, up))
        self._find_peak(step, axis, up, at)
        if params.trace:
            step.trace_start = state.first + 1
            step.trace_axis = [row[1:] * 1.0 for row in axis]
        self._read_causal(step, known)
        state.steps.append(step)
        decided.append(step)

        state.attitude = after(state.attitude, tuple([float(row[count - 1]) for row in theta]))
        self._drop_frames(count - 1)

    def _new_step(self, first, early, clipped, peak_force):
        """Return a Step with what is known at its contact; sets the step time of the one before."""
        state, params = self.state, self.params
        quality = 0 if params.calibrated else UNCALIBRATED
        if clipped:
            quality |= CLIPPED
        if state.gap:
            quality |= GAP
            state.gap = False
        if peak_force < RUNNING_PEAK_G * params.gravity_mps2:
            quality |= NOT_RUNNING
        step = Step(first, early, 0, quality)
        if state.steps:
            before = state.steps[-1]
            before.period = step.since(before)
            least, most = STRIDE_S
            if least / 2 <= before.period / params.rate_hz <= most / 2:
                state.period += PERIOD_GAIN * (before.period - state.period)
            else:
                before.quality |= NOT_RUNNING
        step.parity = self._parity(step)
        state.last = step
        return step

    def _parity(self, step):
        """Return 0 or 1 for a new step: alternation goes on in time, also over missed contacts."""
        state = self.state
        if state.last is not None:
            if len(state.steps) in (1, 2):  # the step time is not yet known
                return 1 - state.last.parity
            elapsed = int(step.since(state.last) / state.period + 0.5)
            if elapsed <= MOST_STEPS_BRIDGED:
                return (state.last.parity + max(1, elapsed)) % 2
        state.log_odds = 0.0
        return 0

    def _complete_previous(self, step, turned_force, at, rows):
        """Give the step before its last samples, judge it, and hear its witnesses for the side."""
        state, params = self.state, self.params
        if state.steps:
            before = state.steps[-1]
            before.force_sum = tuple([before.force_sum[i] + float(np.sum(turned_force[i][1:at])) for i in range(3)])
            before.samples += at - 1
            self._judge(before)
            if state.last_rows is not None:
                joined = [np.concatenate((state.last_rows[i][:-1], rows[i])) for i in range(3)]
                offset = before.first - before.early - (state.first - len(state.last_rows[0]) + 1)
                before.witness = sides.witnesses(joined[0], joined[1], joined[2], offset, before.period)
                self._hear(before)
            drift = gravity.drift_rads(state.steps, params.rate_hz)
            if drift is not None:
                state.bias = gravity.corrected_bias(state.bias, drift, state.attitude)
        state.last_rows = [row * 1.0 for row in rows]

    def _judge(self, step):
        """Set the quality codes that need the whole step and its stride."""
        params = self.params
        steps = self.state.steps
        stride = steps[-2:]
        if abs(sum([each.yaw_rate for each in stride]) / len(stride)) > params.turn_limit_rads:
            step.quality |= TURNING
        if len(stride) == 2:
            load = gravity.load_factor(stride, params.gravity_mps2)
            if abs(load - self.state.load) > LOAD_TOLERANCE:
                step.quality |= ACCELERATING
            # The sensor's scale under impacts is not that at rest: follow it, within the tolerance.
            followed = self.state.load + LOAD_GAIN * (load - self.state.load)
            self.state.load = max(1.0 - LOAD_TOLERANCE, min(1.0 + LOAD_TOLERANCE, followed))
        step.steady = not step.quality & UNSTEADY

    def _hear(self, step):
        """Add the evidence of `step` against the one before to the log odds of the sides."""
        state = self.state
        if len(state.steps) < 2 or state.steps[-2].witness is None:
            return
        before = state.steps[-2]
        state.log_odds = sides.carried_on(state.log_odds)
        if step.parity != before.parity and step.steady and before.steady:
            evidence = sides.vote(step.witness, before.witness)
            state.log_odds += evidence if step.parity == 0 else -evidence

    def _side(self, step):
        """Return the stance side of `step` as the evidence stands, or SIDE_UNKNOWN."""
        log_odds = self.state.log_odds
        if abs(log_odds) < sides.SURE:
            return SIDE_UNKNOWN
        return SIDE_LEFT if (log_odds > 0) == (step.parity == 0) else SIDE_RIGHT

    def _find_peak(self, step, axis, up, at):
        """Keep the left axis at contact and where it stands highest and lowest within stance."""
        height = axis[0] * up[0] + axis[1] * up[1] + axis[2] * up[2]
        stance = height[at:]
        first = self.state.first
        highest, lowest = at + int(np.argmax(stance)), at + int(np.argmin(stance))
        step.highest, step.lowest = first + highest, first + lowest
        step.axis_highest = tuple([float(row[highest]) for row in axis])
        step.axis_lowest = tuple([float(row[lowest]) for row in axis])
        early = step.early
        step.axis_at_contact = tuple([float(row[at - 1]) * early + float(row[at]) * (1.0 - early) for row in axis])

    def _read_causal(self, step, up):
        """Set side, peak and causal drop as known at the end of stance."""
        state, params = self.state, self.params
        step.side = self._side(step)
        self._face(step)
        quality = step.quality | (0 if up else SETTLING) | (0 if step.side else SIDE_UNSURE)
        before = state.steps[-1:]
        yaw_rate = (step.yaw_rate + sum([each.yaw_rate for each in before])) / (1 + len(before))
        if abs(yaw_rate) > params.turn_limit_rads:
            quality |= TURNING
        if before and before[0].quality & (NOT_RUNNING | ACCELERATING):
            quality |= before[0].quality & (NOT_RUNNING | ACCELERATING)
        if not quality & NO_DROP and not quality & ACCELERATING:
            step.peak_drop_causal_deg = _drop_deg(step.side, up, self._peak_axis(step))

    def _face(self, step):
        step.peak = step.lowest if step.side == SIDE_RIGHT else step.highest

    def _peak_axis(self, step):
        return step.axis_lowest if step.side == SIDE_RIGHT else step.axis_highest

    # Settling

    def _settle(self, settled, all_of_them=False):
        """Move steps that have their window, or all, to `settled`."""
        state = self.state
        half = gravity.SETTLED_STEPS // 2
        steps = state.steps if not state.steps or state.steps[-1].period is not None else state.steps[:-1]
        last = len(state.steps) if all_of_them else len(steps) - half
        while state.unsettled < last:
            start = max(0, min(state.unsettled - half, len(steps) - gravity.SETTLED_STEPS))
            around = steps[start : start + gravity.SETTLED_STEPS]
            up = gravity.direction(around) if len(around) >= gravity.LEAST_STEPS else None
            self._read_settled(state.steps[state.unsettled], up)
            settled.append(state.steps[state.unsettled])
            state.unsettled += 1
        spare = state.unsettled - gravity.BIAS_STEPS
        if spare > 0:
            del state.steps[:spare]
            state.unsettled -= spare

    def _read_settled(self, step, up):
        """Give `step` its final side, quality and values."""
        step.side = self._side(step) or step.side
        self._face(step)
        if not step.side:
            step.quality |= SIDE_UNSURE
        if up is None:
            step.quality |= SETTLING
            return
        if not step.quality & NO_DROP:
            step.peak_drop_deg = _drop_deg(step.side, up, self._peak_axis(step))
        if not step.quality & NO_EXCURSION:
            at_contact = _drop_deg(step.side, up, step.axis_at_contact)
            step.excursion_deg = _drop_deg(step.side, up, self._peak_axis(step)) - at_contact
        if step.trace_axis is not None and self.params.calibrated:
            x, y, z = step.trace_axis
            step.obliquity_deg = np.asin(x * up[0] + y * up[1] + z * up[2]) * (180.0 / math.pi)
            step.trace_axis = None

    def _end_stretch(self, settled):
        """Settle everything and start a new carried frame with the next step."""
        state = self.state
        self._settle(settled, all_of_them=True)
        state.steps = []
        state.unsettled = 0
        state.attitude = IDENTITY
        state.last_rows = None

    # The buffer

    def _drop_frames(self, count):
        """Forget the first `count` frames of the buffer."""
        state = self.state
        rest = state.held - count
        state.frames[: rest * FRAME_BYTES] = state.frames[count * FRAME_BYTES : state.held * FRAME_BYTES]
        state.first += count
        state.held = rest

    def _learn_bias_at_rest(self):
        """Take the mean gyroscope reading of the buffer as its bias if the clip lay or stood still."""
        state = self.state
        samples = utils.from_int16_buffer(state.frames, count=state.held * CHANNEL_COUNT)
        body = np.dot(self._to_body, samples.reshape((state.held, CHANNEL_COUNT)).transpose())
        spread = [float(np.std(body[i])) for i in range(CHANNEL_COUNT)]
        if max(spread[:3]) < REST_GYRO_RADS and max(spread[3:]) < REST_ACCEL_MPS2:
            state.bias = tuple([float(np.mean(body[i])) for i in range(3)])


def _drop_deg(side, up, axis):
    """Return the drop of the swing side in degrees for a stance `side`, left axis and "up" in one frame."""
    sine = dot(up, axis)
    obliquity = math.degrees(math.asin(max(-1.0, min(1.0, sine))))
    return -obliquity if side == SIDE_RIGHT else obliquity
