"""Pelvic drop per running step from blocks of inertial samples: the fixed-window core.

1. Blocks of raw frames collect in a buffer. Once a step, when 60 % of it is
   expected to have passed (stance; toe-off is weak in a pelvis signal), the
   samples since the last such moment are looked at as one chunk, which begins
   in one stance and ends in the next. Its initial contact is found
   (contacts.py); where the stance is later than expected, the chunk waits.
2. Samples are averaged in pairs (104 Hz); the chunk's rotation since its start
   is integrated (rotation.py) and carried on from chunk to chunk: the carried
   frame.
3. Specific forces turned into the carried frame are summed per chunk, a whole
   step from mid-stance to mid-stance; triangle-weighted sums over steps give
   gravity there, and its slow drift gives the gyroscope's bias (gravity.py).
4. obliquity = asin(up . left axis). The left axis at every moment of the chunk
   is kept, so that the largest drop within stance and the drop at contact can
   be read again with a better "up" (step.py).
5. Each step is thus read twice: at the end of its stance with gravity from
   the steps before ("causal": decides the cue), and 12 or 13 steps later with
   gravity from the steps around it ("settled": is logged).
6. The stance side is decided by evidence over many steps (sides.py).
7. A clip that slips on the body or sits upside down is noticed by where
   gravity lies in its own frame (posture.py).
8. Steps on which a number cannot be known carry a quality code instead.

All vectors are in the sensor's frame; the mount says where the body's axes
lie in it. Params are what is given, State is what is carried (pelvis_state.py);
a Pelvis made from the same Params and a State goes on exactly where another
stopped. What a step reads does not depend on the size of the blocks.
"""

import math

import micropython
from ulab import numpy as np

from hipcue.contract.signals import CHANNEL_COUNT, FRAME_BYTES, SIDE_UNKNOWN
from hipcue.core import gravity, posture, sides
from hipcue.core.contacts import ContactFinder
from hipcue.core.filters import integrator
from hipcue.core.pelvis_state import GAIT_LOST_S, PAUSED_LOOK_S, State
from hipcue.core.rotation import Axis, Rotations, after, level, normalised, rotation_vectors, straightened
from hipcue.core.step import (
    ACCELERATING,
    CLIPPED,
    GAP,
    NO_DROP,
    NOT_RUNNING,
    SETTLING,
    SIDE_UNSURE,
    TURNING,
    UNCALIBRATED,
    UNSTEADY,
    UPSIDE_DOWN,
    Step,
    drop_deg,
)

IDENTITY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
NOTHING = ((), ())
STANCE_SHARE = 0.6  # of the step: bound on stance
STRIDE_S = (0.5, 1.0)  # of running
LATER = 1.05  # steps to the next look: hardly any is longer, and a look in vain costs a third of one that is not
LOOK_AGAIN = 0.15  # of a step: the wait for a contact that is late
RUNNING_PEAK_G = 1.4  # low-passed vertical peak; an ordinary walk stays below
# Lowest low-passed vertical force before a contact: the flight. Up to 0.2 g on a real sacral accelerometer
# (contacts.py), up to 0.27 g uphill by 10 deg, in steps of 0.3 s; below 0.1 g on the virtual recordings. Walking and
# stairs come down to 0.2 g too, but in longer steps; as a stance hardly lasts over 0.3 s, a longer step flies deeper.
FLIGHT_G = 0.4
FLIGHT_DEEPER_G = 2.5  # per second of a step over SHORT_STEP_S
SHORT_STEP_S = 0.36
DOUBTED_STEPS = 3  # whose side is taken back when the strides support it no more: with the one at hand two strides
LEAST_STEPS = 3  # in a stretch: a stride; a jolt or two are no running
TURNING_STEPS = 4  # over which the yaw rate is averaged: a runner's heading sways by some degrees from stride to stride
LOAD_TOLERANCE = 0.05  # of the stride's mean specific force, in g
LOAD_GAIN = 0.05  # of a new stride in its running mean
FULL_SCALE = 32767
PERIOD_GAIN = 0.3  # of a new step time in the running mean
MOST_STEPS_BRIDGED = 4  # over which left and right can still be counted on by time


def _upright(channels):
    """Return the direction of the mean specific force of `channels`, shape (3,): rough, but whatever the mount."""
    mean = np.mean(channels, axis=1)[3:]
    return normalised(mean) if np.dot(mean, mean) else np.array((0.0, 0.0, 1.0))


class Pelvis:
    """The core: push blocks, get decided and settled steps."""

    def __init__(self, params, state=None):
        self.params = params
        self.state = state or State(params)
        accel, gyro, pool = params.accel_scale_mps2, params.gyro_scale_rads, params.pool
        self._finder = ContactFinder(params.rate_hz / pool, params.rate_hz, params.gravity_mps2)
        self._to_si = np.array([[gyro]] * 3 + [[accel]] * 3)
        self._scale = np.array([gyro / pool] * 3 + [accel / pool] * 3)
        self._pooled_s = pool / params.rate_hz
        self._integrators = integrator(self._pooled_s, pool), integrator(0.5 * self._pooled_s, pool)
        self._running_peak = RUNNING_PEAK_G * params.gravity_mps2
        self._flight = FLIGHT_G * params.gravity_mps2
        self._sure_flight = (FLIGHT_G - FLIGHT_DEEPER_G * (0.5 * STRIDE_S[1] - SHORT_STEP_S)) * params.gravity_mps2
        self._flight_deeper = FLIGHT_DEEPER_G * params.gravity_mps2 / params.rate_hz
        self._short_step = SHORT_STEP_S * params.rate_hz
        self._step_range = (0.5 * STRIDE_S[0] * params.rate_hz, 0.5 * STRIDE_S[1] * params.rate_hz)
        self._buffer = memoryview(self.state.frames)
        self._mounted()

    def _mounted(self):
        """Take the body's axes from the mount; without one the sensor's own."""
        forward, left, _ = self.state.mount or IDENTITY
        self._forward = np.array(forward)
        self._finder.face(self._forward)
        self._left = Axis(left)

    @micropython.native
    def push(self, frames, count):
        """Take `count` frames (int16 gx gy gz ax ay az, LSB) and return (decided, settled).

        `frames`: memoryview or bytes, at least that long. Both are lists of
        Step, in order: steps whose stance has just ended (side, causal drop)
        and steps that will not change any more.
        """
        state, buffer = self.state, self._buffer
        start = state.held * FRAME_BYTES
        size = count * FRAME_BYTES
        if start + size > len(buffer):
            room = len(buffer) // FRAME_BYTES - state.held
            raise ValueError("a block of %d frames is more than the core holds (%d)" % (count, room))
        # Into all of a slice: MicroPython moves what lies behind the end of any other.
        buffer[start : start + size][:] = frames[:size]
        held = state.held + count
        state.held = held
        if state.first + held <= state.due:
            return NOTHING
        decided, settled = [], []
        while state.first + state.held > state.due:
            if self._look(decided):
                self._settle(settled)
            elif not state.steps:
                self._pause()
            elif state.due - state.steps[-1].first > GAIT_LOST_S * self.params.rate_hz:
                if state.sums.count < LEAST_STEPS:
                    for step in state.steps:
                        step.quality |= NOT_RUNNING
                self._end_stretch(settled)
                self._await_first()
            else:
                state.due += int(LOOK_AGAIN * state.period)
        return decided, settled

    def lost(self, count):
        """Tell that `count` samples were lost after the last block; return the steps this settles."""
        state = self.state
        settled = []
        # The step in progress loses its end: it is reported, but not weighed.
        if state.steps:
            state.steps[-1].quality |= GAP
        self._end_stretch(settled)
        state.first += state.held + count
        state.held = 0
        state.due = state.first + int(2 * PAUSED_LOOK_S * self.params.rate_hz)
        state.gap = True
        return settled

    def finish(self):
        """Return the steps not yet settled: the recording ends here."""
        settled = []
        self._end_stretch(settled)
        return settled

    # One chunk

    @micropython.native
    def _frames(self, count):
        """Return the first `count` frames of the buffer, shape (count, 6), int16; shares its memory."""
        samples = np.frombuffer(self.state.frames, dtype=np.int16, count=count * CHANNEL_COUNT)
        return samples.reshape((count, CHANNEL_COUNT))

    @micropython.native
    def _look(self, decided):
        """Look for a contact up to the sample that is due; return whether its step was taken, or must be waited for."""
        state, pool = self.state, self.params.pool
        moments = (state.due - state.first + 1) // pool
        frames = self._frames(moments * pool)
        channels, may_clip = self._pooled(frames, moments)
        upright = state.up if state.up is not None else _upright(channels)
        found = self._finder.find(np.dot(upright, channels[3:]))
        if found is None:
            return False
        crossing, lift_before, lift_after, lowest, peak = found
        middle = 0.5 * (pool - 1)
        first, stop = self._finder.around(pool * crossing + middle)
        near = frames[first:stop].transpose()[3:]
        contact = first + self._finder.onset(near, upright)
        end = state.first + int(contact + STANCE_SHARE * state.period)
        if end > state.due:
            state.due = end
            return True
        step = self._new_step(contact, end, lowest, peak)
        if state.steps and lift_before is not None:
            state.steps[-1].lift_off(state.first, pool * lift_before + middle)
        if lift_after is not None:
            step.lift_off(state.first, pool * lift_after + middle)
        moments = (end - state.first + 1) // pool
        if may_clip and (np.max(frames) >= FULL_SCALE or np.min(frames) <= -FULL_SCALE):
            step.quality |= CLIPPED
        self._take(step, channels, moments)
        decided.append(step)
        state.due = end + int(LATER * state.period)
        return True

    @micropython.native
    def _pooled(self, frames, moments):
        """Return (channels, may_clip).

        Channels averaged per moment, less their biases, shape (6, moments): rad/s, m/s2, sensor frame; whether a
        moment is so large that one of its samples may have been at its range. Not even a clipped impact is surrounded
        by the opposite, so a third of the range is never reached without one but by a hard runner. Cheaper than to
        look at every sample.
        """
        pool = self.params.pool
        wide = frames.reshape((moments, pool * CHANNEL_COUNT))
        pooled = wide[:, :CHANNEL_COUNT] * 1.0
        for i in range(1, pool):
            pooled += wide[:, i * CHANNEL_COUNT : (i + 1) * CHANNEL_COUNT]
        may_clip = max(np.max(pooled), -np.min(pooled)) > pool * FULL_SCALE / 3.0
        pooled *= self._scale
        pooled -= self.state.bias.channels
        return pooled.transpose(), may_clip

    @micropython.native
    def _new_step(self, contact, end, lowest, peak):
        """Return the Step at a `contact` (offset into the buffer) with what is known there; sees to the one before.

        `lowest`, `peak`: low-passed force in the flight before and in its stance, m/s2.
        """
        state = self.state
        at = int(math.ceil(contact))
        quality = state.posture.code | (0 if state.mount else UNCALIBRATED)
        if state.gap:
            quality |= GAP
            state.gap = False
        step = Step(state.first + at, at - contact, end, quality)
        before, state.last = state.last, step
        period = step.since(before) if before else None
        step.parity = self._parity(before, period)
        if state.steps:
            before.period = period
            least, most = self._step_range
            if least <= period <= most:
                state.period += PERIOD_GAIN * (period - state.period)
            else:
                before.quality |= NOT_RUNNING
                step.quality |= NOT_RUNNING
        if peak < self._running_peak or not self._flies(lowest, period if state.steps else state.period):
            step.quality |= NOT_RUNNING
        return step

    @micropython.native
    def _flies(self, lowest, period):
        """Return whether `lowest`, m/s2, before a contact is the force of a flight; `period`: of the step, samples."""
        # Longest steps have the lowest level: most flights are below it.
        if lowest < self._sure_flight:
            return True
        return lowest < self._flight - self._flight_deeper * max(0.0, period - self._short_step)

    @micropython.native
    def _parity(self, before, period):
        """Return 0 or 1 for a step `period` samples after `before`: alternation goes on also over missed contacts."""
        state = self.state
        if before:
            if state.sums.count in (1, 2):  # the step time is not yet known
                return 1 - before.parity
            elapsed = int(period / state.period + 0.5)
            if elapsed <= MOST_STEPS_BRIDGED:
                return (before.parity + max(1, elapsed)) % 2
        state.sides.forget()
        return 0

    @micropython.native
    def _take(self, step, channels, moments):
        """Read the step that ends the chunk, and carry everything on to the next chunk.

        `channels`: as of `_pooled`, the first `moments` of which belong to it. The very first is for the integrator
        alone; the chunk begins with the second.
        """
        state, params, pool = self.state, self.params, self.params.pool
        rotations = Rotations(rotation_vectors(channels[:3, :moments] * 1.0, *self._integrators)[:, 1:])
        force = channels[3:, 1:moments]
        total = rotations.turned_sum(force)
        total -= force[:, 0]  # this moment is the last of the chunk before
        sums = state.sums
        if sums.count % 2 == 0 or state.known is None:
            # Gravity hardly moves in the carried frame: once a stride is enough.
            first = max(0, sums.count - gravity.CAUSAL_STEPS)
            state.known = sums.direction(first, sums.count, gravity.CAUSAL_SHARE)
        known = state.known
        # Too early in a stretch, one step's mean is near enough to find where the peak is.
        state.up = normalised(total) if known is None else np.dot(known, state.attitude)
        moments -= 1
        first = state.first + pool
        # Whole samples first: a count of hours leaves single precision no fraction.
        contact = ((step.first - first) - step.early - 0.5 * (pool - 1)) / pool
        left = rotations.turned(self._left)
        step.keep(state.attitude, left, contact, (first, pool))
        if state.load > 1.0:
            # What impacts leave over (gravity.py).
            total += self._forward * (gravity.BACK_SHARE * (state.load - 1.0) * params.gravity_mps2 * (moments - 1))
        yaw = np.dot(state.up, rotations.theta)
        steady = self._judge(step, np.dot(state.attitude, total), moments - 1, yaw[moments - 1])
        sines = np.dot(state.up, left)
        self._hear(step, self._witness(sines, yaw, force, contact) if steady else None)
        step.side = state.sides.side(step.parity)
        if known is not None and steady:
            self._watch(step, state.up.tolist())
        self._read_causal(step, known is not None, sines)
        state.steps.append(step)
        state.attitude = after(state.attitude, rotations.theta[:, moments - 1].tolist())
        if sums.count % gravity.BIAS_EVERY == 0:
            state.attitude = straightened(state.attitude)
            drift = sums.drift_rads(state.period / params.rate_hz)
            state.bias.steps(gravity.BIAS_EVERY, None if drift is None else np.dot(drift, state.attitude))
        self._drop_frames((moments - 1) * pool)

    @micropython.native
    def _judge(self, step, total, moments, turned_rad):
        """Set the codes that need the whole chunk and the one before; weigh the chunk; return whether it is steady."""
        state, params = self.state, self.params
        before, state.chunk = state.chunk, (total, moments)
        yaw_rates = state.yaw_rates
        yaw_rates.append(turned_rad / (moments * self._pooled_s))
        if len(yaw_rates) > TURNING_STEPS:
            del yaw_rates[0]
        if before is None:
            # It began anywhere in a step.
            state.sums.add(total, False)
            return False
        # Twice the limit within a stride is a bend already.
        turning = max(abs(sum(yaw_rates)) / len(yaw_rates), abs(sum(yaw_rates[-2:])) / 4.0)
        if turning > params.turn_limit_rads:
            step.quality |= TURNING
            # A mean over steps sees a bend late: those just before were in it.
            for earlier in state.steps[-2:]:
                earlier.quality |= TURNING
        stride = total + before[0]
        load = math.sqrt(np.dot(stride, stride)) / ((moments + before[1]) * params.gravity_mps2)
        if abs(load - state.load) > LOAD_TOLERANCE:
            step.quality |= ACCELERATING
        # The sensor's scale under impacts is not that at rest: follow it, within the tolerance.
        followed = state.load + LOAD_GAIN * (load - state.load)
        state.load = max(1.0 - LOAD_TOLERANCE, min(1.0 + LOAD_TOLERANCE, followed))
        steady = not step.quality & UNSTEADY
        state.sums.add(total, steady)
        return steady

    @micropython.native
    def _witness(self, sines, yaw, force, contact):
        """Return what the step says of its side: the witnesses of sides.Sides.

        `sines` of the obliquity and `yaw` (rad) by moment, since the chunk's first.
        """
        step = self.state.period / self.params.pool
        last = len(yaw) - 1
        accel, turn, roll = sides.WINDOWS
        # Means over moments; a window's last moment belongs to it.
        first = int(contact + accel[0] * step)
        if first < 0:
            return None
        leftward = np.dot(self._left.vector, force[:, first : int(contact + accel[3] * step) + 2])
        flight = int(contact + accel[1] * step) + 1 - first
        loading = int(contact + accel[2] * step) - first
        rise = np.mean(leftward[loading:]) - np.mean(leftward[:flight])
        first, stop = max(0, int(contact + turn[0] * step)), int(contact + turn[1] * step) + 1
        yaw_rate = (yaw[stop] - yaw[first]) / ((stop - first) * self._pooled_s)
        first, stop = int(contact + roll[0] * step), min(last, int(contact + roll[1] * step) + 1)
        roll_rate = (sines[stop] - sines[first]) / ((stop - first) * self._pooled_s)
        return rise, yaw_rate, -roll_rate

    @micropython.native
    def _hear(self, step, witness):
        """Hold the two steps of a stride against each other; `witness`: None if the step says nothing of its side."""
        state = self.state
        before, state.witness = state.witness, witness
        if before and witness and step.parity and state.steps and not state.steps[-1].parity:
            sign = state.sides.sign
            notice = state.sides.hear(before, witness)
            if notice:
                state.notices.append(notice)
            elif sign and not state.sides.sign:
                # A mean over strides doubts late: the side of those just before is not known either.
                for earlier in state.steps[-DOUBTED_STEPS:]:
                    earlier.side = SIDE_UNKNOWN

    @micropython.native
    def _watch(self, step, up):
        """Hold the posture of the clip against what it was; `up`: sensor frame, at the chunk's start."""
        state, watch = self.state, self.state.posture
        if watch.step(up, step.parity, step.first):
            step.quality |= watch.code
            for before in state.steps:
                if before.first >= watch.sound:
                    before.quality |= watch.code
            name = "upside_down" if watch.code == UPSIDE_DOWN else "slipped"
            state.notices.append((name, round(10.0 * watch.turned_deg)))

    @micropython.native
    def _read_causal(self, step, known, sines):
        """Set where the peak is, and the causal drop as known at the end of stance, if it is."""
        step.peak, sine, _ = step.peak_of(sines)
        before = self.state.steps[-1].quality & (NOT_RUNNING | ACCELERATING) if self.state.steps else 0
        if known and step.side and not (step.quality | before) & (NO_DROP | ACCELERATING):
            step.peak_drop_causal_deg = drop_deg(step.side, sine)

    # Settling

    @micropython.native
    def _settle(self, settled, all_of_them=False):
        """Move steps that have their window, or all, to `settled`."""
        state, sums = self.state, self.state.sums
        half, whole = gravity.SETTLED_STEPS // 2, gravity.SETTLED_STEPS
        count = sums.count
        trace = self.params.trace and state.mount is not None
        while state.settled < (count if all_of_them else count - half - 1):
            # Two steps at a time, with the window around the first.
            first = max(0, min(state.settled - half, count - whole))
            up = sums.direction(first, min(first + whole, count), gravity.SETTLED_SHARE)
            begin = len(state.steps) - (count - state.settled)
            for step in state.steps[begin : begin + 2]:
                step.side = state.sides.side(step.parity) or step.side
                if not step.side:
                    step.quality |= SIDE_UNSURE
                if up is None:
                    step.quality |= SETTLING
                step.settle(up, trace)
                settled.append(step)
                state.settled += 1
        spare = len(state.steps) - max(1, count - state.settled)
        if spare > 0:
            del state.steps[:spare]

    def _end_stretch(self, settled):
        """Settle everything and start a new carried frame with the next step."""
        state = self.state
        if state.steps:
            self._settle(settled, all_of_them=True)
        state.steps = []
        state.settled = 0
        state.sums.clear()
        state.chunk = None
        state.known = None
        state.up = None
        state.yaw_rates = []
        state.witness = None
        state.attitude = level()
        state.posture.restart()

    # Between stretches

    def _await_first(self):
        """Keep what a next first look needs."""
        look = int(PAUSED_LOOK_S * self.params.rate_hz)
        seen = self.state.due - self.state.first + 1
        self._drop_frames(max(0, seen - look))
        self.state.due += look

    def _pause(self):
        """No step, now or before: learn the bias if the clip is at rest, and its mount if it had slipped."""
        state = self.state
        channels = self._frames(state.due - state.first + 1).transpose() * self._to_si
        state.rest.look(channels, PAUSED_LOOK_S)
        bias = state.rest.bias()
        if bias is not None:
            state.bias.rest(bias)
        up = state.rest.stand(self.params.accel_bias_mps2)
        if up is not None and state.posture.code:
            self._restand(up)
        self._await_first()

    def _restand(self, up):
        """After a slip the wearer stands still; `up`: sensor frame. The clip may still sit too far off for it."""
        state = self.state
        mount, turned_deg = None, 0.0
        if state.mount:
            mount, turned_deg = posture.remounted(state.mount, up)
            if mount is None:
                return
        state.mount = mount
        self._mounted()
        state.posture.stand(mount[2] if mount else None)
        state.notices.append(("stood", round(10.0 * turned_deg)))

    @micropython.native
    def _drop_frames(self, count):
        """Forget the first `count` frames of the buffer."""
        state = self.state
        rest = (state.held - count) * FRAME_BYTES
        self._buffer[:rest][:] = self._buffer[count * FRAME_BYTES : count * FRAME_BYTES + rest]
        state.first += count
        state.held -= count
