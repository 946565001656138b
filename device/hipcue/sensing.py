"""From the motion sensor to decided and settled steps, through faults of the sensor."""

from array import array

from hipcue.clock import SampleClock
from hipcue.contract.record import EVENT_CODES
from hipcue.contract.signals import FRAME_BYTES, GRAVITY_MPS2
from hipcue.core.pelvis import Pelvis
from hipcue.core.pelvis_state import Params
from hipcue.core.sides import POPULATION
from hipcue.faults import other_chip

BLOCK_FRAMES = 16  # per drain: 77 ms at 208 Hz
MOST_FRAMES = 256  # the whole FIFO: 512 words
RETRY_MS = 1000
STALE_MS = 500  # without a new sample, where one comes every 5 or 10 ms
# So many samples alike are none: by its noise at rest (DS12814, Rn and An: 0.6 and 2.3 LSB) the chip repeats all six
# values once in some thousand samples.
LEAST_ALIKE = 8
ACCEL_BYTES = 6  # of a frame, behind the angular rate
MOVED_MPS2 = 0.6  # what is less is no movement: 20 times the noise, a turn by 3.5 degrees
WATCH_MS = 500  # a dozing sensor is asked so often whether the clip was moved
MOST_SAME = 40  # answers in a row that may be the same: of noise of 2 LSB on three axes not even a tenth as many are
NOTHING = ((), ())


def _alike(frames, count):
    """Return whether `count` frames are all the same; as a rule the first bytes tell. Allocates nothing."""
    if count < LEAST_ALIKE:
        return False
    for k in range(FRAME_BYTES, count * FRAME_BYTES):
        if frames[k] != frames[k - FRAME_BYTES]:
            return False
    return True


def _int16(buffer, at):
    level = buffer[at] | buffer[at + 1] << 8
    return level - 65536 if level > 32767 else level


class Sensing:
    """Drains, times and pushes; restarts a sensor that went silent; counts what was lost.

    `recorder` hears of losses. `calibration`: the stored one or None.
    """

    def __init__(self, board, config, calibration, recorder):
        self._imu = board.imu
        self._config = config
        self._calibration = calibration
        self._recorder = recorder
        self._frames = bytearray(MOST_FRAMES * FRAME_BYTES)
        self._block = memoryview(self._frames)
        self._count = 0  # samples since the core was made, lost ones included
        self._due_us = 0
        self._fresh_us = None  # when new samples last came; None: the sensor has just been started
        self._withheld = 0  # samples since then that were no new ones
        self._lost_before = 0  # by the driver's count, when new samples last came
        self._silent_since_ms = None
        self._started_again = False  # a silent sensor has been started and is yet to give a sample
        self._held = array("h", (0, 0, 0))  # acceleration that the clip has had since `_still_since_us`, LSB
        self._still_since_us = 0
        self._seen = bytearray(ACCEL_BYTES)  # acceleration as a dozing sensor gave it last
        self._seen_before = bytearray(ACCEL_BYTES)
        self._moved_raw = int(MOVED_MPS2 / board.imu.accel_scale_mps2)
        self._same = 0  # answers in a row that were the same, while dozing
        self._woken = False  # the sensor was started after a doze and is yet to give a sample
        self.dozing = False  # nothing is sampled until the clip is moved
        self._wrong = False  # another chip than ours answers: no reset will mend that
        self._freed_told = False
        self.sensor = None  # its name, once it was identified
        self.drains = 0  # that were due, whatever came of them
        self._core = None
        self._times = None
        self._drain_into = self._imu.drain_into

    def start(self, now_us):
        """Identify and start the sensor and make the core for it; a sensor that fails is retried by `drain`."""
        try:
            self.sensor = self._imu.identify()
            self._imu.start(self._config["imu_rate_hz"])
        except OSError as error:
            self._fail(error, now_us // 1000)
            return
        self._make_core()
        self._times.restart()
        self._due_us = now_us + self._period_us()

    def settle(self):
        """Return the steps still to be settled: their session ends here, whether or not the run does."""
        return self._core.finish() if self._core else []

    def stop(self):
        """Let the sensor sleep."""
        try:
            self._imu.stop()
        except OSError:
            pass  # it is already silent, which has been logged

    def running(self):
        """Return whether steps are being seen."""
        return bool(self._core and self._core.state.steps) and not self.silent()

    def silent(self):
        """Return whether the sensor does not answer, or is the wrong one."""
        return self._silent_since_ms is not None

    def measures(self):
        """Return whether our own sensor gives samples."""
        return self._count > 0 and not self.silent()

    def stuck_ms(self, now_ms):
        """Return for how long our own sensor has not answered."""
        return 0 if self._silent_since_ms is None or self._wrong else now_ms - self._silent_since_ms

    def ms(self, sample, early=0.0):
        """Return when `sample`, less the fraction `early`, was taken, in the clip's ms."""
        return self._times.us(sample, early) // 1000

    def drain(self, now_us):
        """Return (decided, settled) steps from what the sensor holds, if a block is due."""
        if now_us < self._due_us:
            return NOTHING
        self.drains += 1
        now_ms = now_us // 1000
        if self.dozing:
            self._watch(now_us)
            return NOTHING
        if self._silent_since_ms is not None and not self._started_again:
            self._retry(now_us)
            return NOTHING
        self._due_us = now_us + self._period_us()
        if self._fresh_us is None:
            self._fresh_us = now_us  # starting took a while, and a whole block is yet to come
            return NOTHING
        try:
            count = self._drain_into(self._frames)
        except OSError as error:
            self._fail(error, now_ms)
            return NOTHING
        if count == 0 or _alike(self._frames, count):
            self._withheld += count
            if now_us - self._fresh_us > 1000 * STALE_MS:
                self._lack("sensor_stale", (now_us - self._fresh_us) // 1000, now_ms)
            return NOTHING
        settled = self._catch_up(count, now_us)
        self._look_whether_moved(self._frames, count * FRAME_BYTES - ACCEL_BYTES, now_us)
        self._count += count
        self._times.observe(self._count, now_us)
        decided, more = self._core.push(self._block, count)
        for step in decided:
            self._stamp(step)
        settled.extend(more)
        return decided, settled

    def notices(self, now_ms):
        """Return the names of what the core has noticed since the last call (events), and log it."""
        noticed = self._core.state.notices if self._core else ()
        if not noticed:
            return ()
        for name, value in noticed:
            self._recorder.event(EVENT_CODES[name], value, now_ms)
        names = [name for name, _ in noticed]
        del noticed[:]
        return names

    def wait_ms(self, now_us):
        """Return the ms until `drain` has something to do."""
        return max(0, (self._due_us - now_us + 999) // 1000)

    def still_ms(self, now_us):
        """Return for how long a sensor that gives samples has not been moved."""
        return (now_us - self._still_since_us) // 1000 if self.measures() else 0

    def doze(self, now_us):
        """Sample no more, for the clip lies still; look now and then whether it is moved, and wake then."""
        try:
            self._imu.doze()
        except OSError as error:
            self._fail(error, now_us // 1000)
            return
        if self._withheld:  # what is missing from here on is no loss, and these are not of it
            self._lose(self._withheld, now_us // 1000)
            self._withheld = 0
        self.dozing = True
        self._same = 0
        self._due_us = now_us + 1000 * WATCH_MS

    def wake(self, now_us):
        """Sample again. What was not sampled is no loss."""
        self._end_doze(now_us)
        try:
            self._imu.start(self._config["imu_rate_hz"])
        except OSError as error:
            self._fail(error, now_us // 1000)
            return
        self._woken = True
        self._fresh_us = None
        self._due_us = now_us + self._period_us()

    def _watch(self, now_us):
        """Look whether the clip was moved while its sensor dozes."""
        self._due_us = now_us + 1000 * WATCH_MS
        self._seen_before[:] = self._seen
        try:
            self._imu.acceleration_into(self._seen)
        except OSError as error:
            self._end_doze(now_us)
            self._fail(error, now_us // 1000)
            return
        self._same = self._same + 1 if self._seen == self._seen_before else 0
        if self._same > MOST_SAME:
            self._end_doze(now_us)
            self._lack("sensor_stale", self._same * WATCH_MS, now_us // 1000)
        elif self._look_whether_moved(self._seen, 0, now_us):
            self.wake(now_us)

    def _end_doze(self, now_us):
        self.dozing = False
        self._still_since_us = now_us
        self._pass_over(self._missing(now_us, 0))

    def _look_whether_moved(self, accel, at, now_us):
        """Return whether the acceleration, bytes from `at` on, is not what it has been; allocates nothing."""
        held = self._held
        for axis in range(3):
            if abs(_int16(accel, at + 2 * axis) - held[axis]) > self._moved_raw:
                break
        else:
            return False
        for axis in range(3):
            held[axis] = _int16(accel, at + 2 * axis)
        self._still_since_us = now_us
        return True

    def _stamp(self, step):
        """Fix the times of a decided step while the sample clock is near it."""
        step.contact_at_us = self._times.us(step.first, step.early)
        step.contact_at_ms = step.contact_at_us // 1000
        step.stance_end_at_us = self._times.us(step.stance_end)
        step.trace_at_us = self._times.us(step.trace_start)
        step.interval_us = self._times.interval_us()
        step.outcome = 0  # until the cue rule has judged it

    def _make_core(self):
        imu, calibration = self._imu, self._calibration or {}
        params = Params(
            imu.rate_hz,
            imu.accel_scale_mps2,
            imu.gyro_scale_rads,
            calibration.get("mount"),
            calibration.get("gyro_bias_rads", (0.0, 0.0, 0.0)),
            calibration.get("accel_bias_mps2", (0.0, 0.0, 0.0)),
            calibration.get("gravity_mps2", GRAVITY_MPS2),
            self._config["turn_limit_dps"],
            bool(self._config["trace"]),
            calibration.get("side_template", POPULATION),
        )
        self._core = Pelvis(params)
        self._times = SampleClock(imu.rate_hz)

    def _period_us(self):
        return BLOCK_FRAMES * self._times.interval_us()

    def _missing(self, now_us, count):
        """Return how many samples the clock says were made but not drained, `count` of this drain apart.

        0 before the first sample: there is none to count from.
        """
        if not self._times.known():
            return 0
        elapsed_us = now_us - self._times.us(self._count - 1)
        return elapsed_us // self._times.interval_us() - count

    def _catch_up(self, count, now_us):
        """Account for what is missing before `count` new samples; return the steps that this settles."""
        now_ms = now_us // 1000
        lost = self._withheld
        if self._silent_since_ms is not None:
            self._recorder.event(EVENT_CODES["sensor_back"], now_ms - self._silent_since_ms, now_ms)
            lost = max(1, self._missing(now_us, count)) if self._count else 0
            self._times.restart()
        elif self._woken:
            self._pass_over(max(1, self._missing(now_us, count)))
            self._times.restart()
        elif self._imu.overrun:
            lost += self._overrun(now_us, lost + count, self._imu.lost - self._lost_before)
        if self._imu.overrun:
            self._imu.clear_overrun()
        self._lost_before = self._imu.lost
        self._fresh_us = now_us
        self._withheld = 0
        self._silent_since_ms = None
        self._started_again = self._woken = False
        return self._lose(lost, now_ms) if lost else []

    def _overrun(self, now_us, count, lost):
        """Return the samples lost in an overrun: the clock says about how many, the time slots how many modulo 4."""
        estimate = self._missing(now_us, count)
        return max(1, estimate + (lost - estimate + 2) % 4 - 2)

    def _pass_over(self, count):
        """Tell the core of `count` samples that nobody wanted; steps, which this would settle, there are none."""
        if count > 0:
            self._count += count
            self._core.lost(count)

    def _lose(self, count, now_ms):
        """Tell core and log of `count` lost samples; return the steps this settles."""
        self._recorder.samples_lost(count, now_ms)
        self._count += count
        return self._core.lost(count)

    def _fail(self, error, now_ms):
        """The sensor does not answer, or is the wrong one."""
        other = other_chip(error)
        self._wrong = other is not None
        self._lack("sensor_wrong" if self._wrong else "sensor_silent", other if self._wrong else error.errno, now_ms)

    def _lack(self, name, value, now_ms):
        """Do without the sensor: log it once and try again later."""
        self._started_again = False
        if self._silent_since_ms is None:
            self._silent_since_ms = now_ms
            self._freed_told = False
            self._recorder.event(EVENT_CODES[name], value, now_ms)
        self._due_us = (now_ms + RETRY_MS) * 1000

    def _free_bus(self, now_ms):
        """Have the sensor let go of the bus, if it holds it; a reset in the middle of a transfer may leave it so."""
        clocks = self._imu.free_bus()
        if clocks and not self._freed_told:
            self._freed_told = True
            if clocks > 0:
                self._recorder.event(EVENT_CODES["bus_freed"], clocks, now_ms)
            else:
                self._recorder.event(EVENT_CODES["bus_held"], 0, now_ms)

    def _retry(self, now_us):
        """Start the sensor again; it is back when it gives samples."""
        self._free_bus(now_us // 1000)
        try:
            if self.sensor is None:
                self.sensor = self._imu.identify()
            self._imu.start(self._config["imu_rate_hz"])
        except OSError as error:
            self._fail(error, now_us // 1000)
            return
        if self._core is None:
            self._make_core()
        self._started_again = True
        self._fresh_us = None
        self._withheld = 0
        self._due_us = now_us + self._period_us()
