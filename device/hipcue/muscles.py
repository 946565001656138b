"""The two kinds of muscle front end, alike to the application: raw EMG and envelopes.

Each is drained in the loop and read once a step; a step's Readings, by side,
are in uV, what of, contract.emg.FRONT_ENDS_UV says. `kind`: its name there.
"""

from array import array

from hipcue.clock import CountedClock
from hipcue.contract.emg import EMG_QUALITY_BITS
from hipcue.contract.record import EVENT_CODES
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT
from hipcue.core.emg import Emg, Reading
from hipcue.core.emg_slots import SLOT
from hipcue.core.emg_state import Params
from hipcue.core.envelope import SLOT_MS, EnvelopeRing
from hipcue.faults import other_chip
from hipcue.snippet import Snippet

DRAIN_MS = 50
MOST_SAMPLES = 256  # as the driver holds
RETRY_MS = 5000
STALE_MS = 500  # without a new sample, where one comes every ms
# So many samples alike are none, as the chip's noise is 34 LSB (SBAS502C 7.1); but at the end of its range it has none.
LEAST_ALIKE = 8
BLANK_MS = 3  # around a motor's time, for what its edges and the sample's time are off
LEVEL_MS = 250  # over which the activation of a drill is told
ENVELOPE_RAIL_MV = 2450  # the ESP32's ADC is linear up to there (drivers/myoware.py)

AT_RAIL = EMG_QUALITY_BITS["at_rail"]
GAP = EMG_QUALITY_BITS["gap"]
LEFT_ELECTRODES, RIGHT_ELECTRODES = 1 | 2, 4 | 8  # of the driver's `lead_off`: IN1P, IN1N and IN2P, IN2N


def make(board, config, recorder):
    """Return the muscles of a `board`, not yet started. `recorder` hears of faults."""
    if board.emg.kind == "raw":
        snippet = Snippet() if config["trace"] else None
        return RawMuscles(board.emg, board.haptics, config["mains_hz"], recorder, snippet)
    return Envelopes(board.emg, board.haptics)


class RawMuscles:
    """Raw EMG, sample by sample: activation, onset and spectrum. `snippet`: where raw samples are kept, or None."""

    kind = "raw"

    def __init__(self, front_end, haptics, mains_hz, recorder, snippet=None):
        self._front_end = front_end
        self._drain_into = front_end.drain_into
        self._haptics = haptics
        self._recorder = recorder
        self._samples = array("i", bytes(8 * MOST_SAMPLES))
        self._leads = bytearray(MOST_SAMPLES)
        self._core = Emg(Params(front_end.rate_hz, front_end.lsb_uv, mains_hz, front_end.range_raw))
        self._clock = CountedClock(front_end.rate_hz)
        self._due_ms = 0
        self._previous_contact = None
        self._silent_since_ms = None
        self._started_again = False  # a silent chip has been started and is yet to give a sample
        self._fresh_ms = 0  # when a new sample last came, or the chip was started
        self._retry_ms = 0
        self._told_lost = 0
        self.lost = 0  # samples since power-on, those of a silence included
        self.snippet = snippet
        self.lsb_uv = front_end.lsb_uv
        self.chip = None  # its name, once it was identified

    def start(self, now_ms):
        """Identify, configure and start the chip (0.2 s); one that fails is tried again by `retry`."""
        try:
            self.chip = self._front_end.identify()
            self._front_end.start()
        except OSError as error:
            self._fail(error, now_ms)
            return
        self._started_again = self._silent_since_ms is not None
        self._fresh_ms = now_ms

    def retry(self, now_ms):
        """Start a silent chip again if it is time; for moments at which 0.2 s disturb no decision."""
        if self._silent_since_ms is not None and not self._started_again and now_ms >= self._retry_ms:
            self.start(now_ms)

    def doze(self, now_us):
        """Let the chip stand by: the clip lies still."""
        self.stop(now_us)

    def wake(self, now_ms):
        """Start the chip after a doze; what it did not convert is no loss. A silent one is tried again anyhow."""
        if self._clock.known():
            missing = self._clock.number(1000 * now_ms) - self._core.index
            if missing > 0:
                self._core.push(self._samples, 0, lost=missing)
        if self._silent_since_ms is None:
            self.start(now_ms)
        if self._silent_since_ms is None:
            self._clock = CountedClock(self._front_end.rate_hz)

    def stop(self, now_us):
        """Take what is left and let the chip stand by."""
        if self._silent_since_ms is None or self._started_again:
            try:
                self._front_end.stop()
                self._take(now_us)
            except OSError:
                pass  # it was about to be found silent

    def wait_ms(self, now_ms):
        """Return the ms until `drain` has something to do."""
        return max(0, self._due_ms - now_ms)

    def drain(self, now_us):
        """Take the samples that wait, if they are due."""
        if now_us >= 1000 * self._due_ms:
            self._take(now_us)

    def read(self, step, now_us):
        """Return the Reading of each side over a step that was just decided."""
        self._take(now_us)
        if not self._clock.known():
            return _by_side((Reading(0), Reading(0)))
        number = self._clock.number
        contact = number(step.contact_at_us)
        if contact < 0:
            return _by_side((Reading(GAP), Reading(GAP)))
        previous, self._previous_contact = self._previous_contact, contact
        return _by_side(self._core.read_step(contact, number(step.stance_end_at_us), previous))

    def levels(self, now_us):
        """Return (uV or None, quality) of each side over the last LEVEL_MS."""
        self._take(now_us)
        stop = self._core.index // SLOT * SLOT  # the last whole one
        start = stop - LEVEL_MS * int(self._front_end.rate_hz) // 1000
        if start < 0:
            return _by_side(((None, GAP), (None, GAP)))
        return _by_side(self._core.read_span(start, stop))

    def want_snippet(self):
        """Let the snippet, if there is one, begin as soon as it can."""
        if self.snippet:
            self.snippet.want()

    def newly_lost(self):
        """Return the samples lost since the last call."""
        told, self._told_lost = self._told_lost, self.lost
        return self._told_lost - told

    def median_frequencies_hz(self):
        """Return (left, right), each None while not known."""
        return self._core.median_frequencies_hz()

    def _take(self, now_us):
        """Drain chip into core."""
        now_ms = now_us // 1000
        self._due_ms = now_ms + DRAIN_MS
        ran = self._haptics.ran(now_ms)
        index = self._core.index
        if self._silent_since_ms is None or self._started_again:
            try:
                self._drain(ran, now_us)
            except OSError as error:
                self._fail(error, now_ms)
            else:
                if now_ms - self._fresh_ms > STALE_MS:
                    self._lack("emg_stale", now_ms - self._fresh_ms, now_ms)
        if self._silent_since_ms is not None:
            self._miss(now_us, 0)
        elif self._core.index > index:
            self._clock.observe(self._core.index, now_us)

    def _drain(self, ran, now_us):
        front_end = self._front_end
        while True:
            count = self._drain_into(self._samples, self._leads)
            gap = front_end.gap
            if not count and not gap:
                return
            if self._is_repeated(count):
                gap += count
                count = 0
            if count:
                self._fresh_ms = now_us // 1000
                if self._silent_since_ms is not None:
                    self._be_back(count, now_us)
                    gap = 0
            if self._silent_since_ms is None:
                self._lose(gap)
                if count:
                    blanked = self._blanked(ran, count)
                    if self.snippet:
                        self._keep(count, blanked)
                    self._core.push(self._samples, count, blanked, self._lead_off(front_end.lead_off))

    def _is_repeated(self, count):
        """Return whether `count` samples are the same one again and again; as a rule the first two tell."""
        if count < LEAST_ALIKE:
            return False
        samples = self._samples
        for k in range(2, 2 * count):
            if samples[k] != samples[k - 2]:
                return False
        most = self._front_end.range_raw
        return abs(samples[0]) < most or abs(samples[1]) < most

    def _be_back(self, count, now_us):
        """The chip gives samples again, `count` of them now: what is missing before them is known by the clock."""
        now_ms = now_us // 1000
        self._recorder.event(EVENT_CODES["emg_back"], now_ms - self._silent_since_ms, now_ms)
        self._miss(now_us, count)
        self._silent_since_ms = None
        self._started_again = False
        self._clock = CountedClock(self._front_end.rate_hz)

    def _miss(self, now_us, count):
        """Count as lost what the clock says was not made, or not handed out, up to `count` samples ago."""
        if self._clock.known():
            self._lose(self._clock.number(now_us) - self._core.index - count)

    def _lose(self, count):
        """Count and pass over samples that were lost."""
        if count > 0:
            self.lost += count
            self._core.push(self._samples, 0, lost=count)
            if self.snippet and self.snippet.taking:
                self.snippet.lose(count)

    def _keep(self, count, blanked):
        """Let the snippet take what was drained, if it is under way or can begin: with a frame that no motor marred."""
        snippet, clock = self.snippet, self._clock
        if snippet.wanted and not blanked and clock.known():
            snippet.begin(self._samples, clock.us(self._core.index), clock.interval_ns())
        if snippet.taking:
            snippet.take(self._samples, self._leads, count, blanked)

    def _blanked(self, ran, count):
        """Return the offsets (start, stop) of the next `count` samples during which a motor `ran`, ms, or None."""
        if ran is None or not self._clock.known():
            return None
        first = self._core.index
        start = max(0, self._clock.number(1000 * (ran[0] - BLANK_MS)) - first)
        stop = min(count, self._clock.number(1000 * (ran[1] + BLANK_MS)) - first)
        return (start, stop) if start < stop else None

    def _lead_off(self, electrodes):
        left, right = electrodes & LEFT_ELECTRODES, electrodes & RIGHT_ELECTRODES
        return (SIDE_LEFT if left else 0) | (SIDE_RIGHT if right else 0)

    def _fail(self, error, now_ms):
        """The chip does not answer, or is another one."""
        other = other_chip(error)
        name, value = ("emg_silent", error.errno) if other is None else ("emg_wrong", other)
        self._lack(name, value, now_ms)

    def _lack(self, name, value, now_ms):
        """Do without the chip: log it once and try again later."""
        self._retry_ms = now_ms + RETRY_MS
        self._started_again = False
        if self._silent_since_ms is None:
            self._silent_since_ms = now_ms
            self._recorder.event(EVENT_CODES[name], value, now_ms)


class Envelopes:
    """Envelopes made by the sensors themselves: amplitude, but no onset below 50 ms, spectrum or contact check."""

    kind = "envelope"
    chip = "MyoWare 2.0"
    snippet = None
    lsb_uv = None  # no raw EMG

    def __init__(self, front_end, haptics):
        self._read_into = front_end.read_into
        self._haptics = haptics
        self._ring = EnvelopeRing()

    def start(self, now_ms):
        """There is nothing to start."""

    def retry(self, now_ms):
        """There is nothing that could be silent: an open input reads as some voltage."""

    def doze(self, now_us):
        """There is nothing to save."""

    def wake(self, now_ms):
        """There is nothing to start."""

    def stop(self, now_us):
        """There is nothing to stop."""

    def wait_ms(self, now_ms):
        """Return the ms until the next slot begins."""
        return SLOT_MS - now_ms % SLOT_MS

    def drain(self, now_us):
        """Read both envelopes into the slot of this time; not while a motor runs, whose noise they would carry."""
        if not self._haptics.running:
            now_ms = now_us // 1000
            self._read_into(self._ring.values, self._ring.slot(now_ms))

    def read(self, step, now_us):
        """Return the Reading of each side over a step that was just decided."""
        return self._readings(step.contact_at_us // 1000, step.stance_end_at_us // 1000)

    def levels(self, now_us):
        """Return (uV or None, quality) of each side over the last LEVEL_MS."""
        now_ms = now_us // 1000
        readings = self._readings(now_ms - LEVEL_MS, now_ms)
        return {side: (each.activation_uv, each.quality) for side, each in readings.items()}

    def want_snippet(self):
        """There is no raw EMG to keep."""

    def newly_lost(self):
        """Return 0: nothing is counted."""
        return 0

    def median_frequencies_hz(self):
        """Return (None, None)."""
        return None, None

    def _readings(self, start_ms, stop_ms):
        readings = []
        for tenths_mv in self._ring.mean_between(start_ms, stop_ms):
            if tenths_mv is None:
                readings.append(Reading(GAP))
            elif tenths_mv >= 10 * ENVELOPE_RAIL_MV:
                readings.append(Reading(AT_RAIL))
            else:
                readings.append(Reading(0, 100.0 * tenths_mv))
        return _by_side(readings)


def _by_side(channels):
    """Return what a core says of channels 0 and 1, {side: ...}."""
    left, right = channels
    return {SIDE_LEFT: left, SIDE_RIGHT: right}
