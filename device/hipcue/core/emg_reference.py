"""What an activation is a percentage of: the strongest voluntary contraction, or the run's own beginning.

Each reference has a name that goes with every percentage made from it. Neither
compares people: surface EMG depends on skin, electrodes and placement.
"""

import math

from hipcue.contract.emg import EMG_INVALID, EMG_QUALITY_BITS

PART_S = 0.25  # of a hold, read at once
BEST_PARTS = 2  # in a row: the best 0.5 s of a hold
HOLD_S = 5.0
TRIES = 3  # SENIAM and Konrad, The ABC of EMG: at least three maximal contractions, the best counts
LEAST_RISE = 4.0  # of a maximal contraction over rest
MOST_MARRED = 0.2  # of a hold's parts
LEAST_STEPS = 50  # that make a baseline

CLIPPED = EMG_QUALITY_BITS["at_rail"]
NOISY = EMG_QUALITY_BITS["mains"] | EMG_QUALITY_BITS["motion"]
OFF = EMG_QUALITY_BITS["lead_off"]


class Refused(ValueError):
    """A hold that cannot be used; the text says why and what to do."""


def percent(value_uv, reference):
    """Return `value_uv` in percent of a reference, or None when either is not known."""
    if value_uv is None or reference.value_uv is None:
        return None
    return 100.0 * value_uv / reference.value_uv


class Mvic:
    """Maximum voluntary isometric contraction of one channel: the best 0.5 s of three holds of 5 s.

    For each try `begin`, `add` every PART_S what Emg.read_span gives for the
    channel, `end`. `value_uv` is None until three tries have passed.
    """

    name = "mvic"

    def __init__(self):
        self.value_uv = None
        self.tries_uv = []
        self._rest_uv = None
        self._parts = []

    def begin(self, rest_uv):
        """Begin a try; `rest_uv`: RMS of the relaxed muscle just before."""
        self._rest_uv = rest_uv
        self._parts = []

    def add(self, rms_uv, quality):
        """Add a part of the hold: its RMS in uV, or None, and quality bits."""
        self._parts.append((rms_uv, quality))

    def end(self):
        """Return the best 0.5 s of the hold, uV RMS; raises Refused, and then the try does not count."""
        parts, self._parts = self._parts, []
        if len(parts) < int(HOLD_S / PART_S):
            raise Refused("the hold lasted %.1f s: hold for %d s" % (len(parts) * PART_S, HOLD_S))
        for bits, why in (
            (OFF, "an electrode came off: press it on and try again"),
            (CLIPPED, "the signal was clipped: press the electrodes on, keep the cables still and try again"),
            (NOISY, "the signal was noisy: keep the cables still, move away from mains and try again"),
            (EMG_INVALID, "the signal was not usable: check the electrodes and try again"),
        ):
            if sum([1 for _, quality in parts if quality & bits]) > MOST_MARRED * len(parts):
                raise Refused(why)
        best = _best(parts)
        if best is None or best < LEAST_RISE * self._rest_uv:
            raise Refused("the muscle hardly rose over rest: push as hard as you can, and check the placement")
        self.tries_uv.append(best)
        if len(self.tries_uv) >= TRIES:
            self.value_uv = max(self.tries_uv)
        return best


class Baseline:
    """Mean activation of one channel in its own stance over the first minutes of a run.

    `duration_s`: of the run's beginning. `value_uv` is None until that has
    passed with LEAST_STEPS good steps.
    """

    name = "baseline"

    def __init__(self, duration_s):
        self.value_uv = None
        self._duration_s = duration_s
        self._total = 0.0
        self._count = 0

    def add(self, activation_uv, quality, run_s):
        """Add an own stance's activation, uV or None, and quality bits, `run_s` into the run."""
        if self.value_uv is not None:
            return
        if not quality and activation_uv is not None:
            self._total += activation_uv
            self._count += 1
        if run_s >= self._duration_s and self._count >= LEAST_STEPS:
            self.value_uv = self._total / self._count


def _best(parts):
    """Return the largest RMS of BEST_PARTS usable parts in a row, or None."""
    best = None
    for i in range(len(parts) - BEST_PARTS + 1):
        values = [value for value, _ in parts[i : i + BEST_PARTS] if value is not None]
        if len(values) == BEST_PARTS:
            rms = math.sqrt(sum([value * value for value in values]) / BEST_PARTS)
            best = rms if best is None or rms > best else best
    return best
