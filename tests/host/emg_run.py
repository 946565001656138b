"""A made-up EMG through the EMG core, as the clip pushes and reads it, and what came of it against the truth."""

from dataclasses import dataclass, field

import numpy
from ulab import numpy as np  # noqa: F401 - the core's ulab must be there

from hipcue.contract.emg import LSB_UV
from hipcue.core.emg import CHANNELS, Emg
from hipcue.core.emg_state import FULL_SCALE, Params
from host_tools.runners import emg

BLOCK = 77  # what comes in while the inertial FIFO fills to its watermark
FRAME_BYTES = 8
MINUTE = 60_000


@dataclass
class Spoilt:
    """What happens to the stream beside its samples: bool or int per sample, None where nothing does."""

    motor: numpy.ndarray | None = None  # bool
    lead_off: numpy.ndarray | None = None  # bits
    lost: numpy.ndarray | None = None  # bool


@dataclass
class Run:
    """`readings`: [(left, right)] of each step, None for a step not read; `medians_hz`: [(left, right)] a minute."""

    readings: list = field(default_factory=list)
    medians_hz: list = field(default_factory=list)

    def values(self, name, channel):
        """Return one value of every reading of a channel, shape (K,), NaN where not known; by step if (K,) channels."""
        channel = numpy.broadcast_to(channel, len(self.readings))
        found = [getattr(pair[c], name) for pair, c in zip(self.readings, channel, strict=True)]
        return numpy.array([numpy.nan if value is None else value for value in found], dtype=float)

    def quality(self, channel):
        """Return the quality bits of every reading of a channel."""
        return self.values("quality", channel).astype(int)


def own(steps):
    """Return the channel of each step's stance side, shape (K,)."""
    return numpy.where(steps.left, emg.LEFT, emg.RIGHT)


def to_lsb(signal_uv):
    return emg.to_lsb(signal_uv, LSB_UV, FULL_SCALE)


def run(signal_uv, steps, spoilt=None, block=BLOCK, core=None, params=None):
    """Return the Run of `signal_uv` (N, 2) with a reading as soon as each stance has ended."""
    lsb, spoilt = to_lsb(signal_uv), spoilt or Spoilt()
    core = core or Emg(params or Params())
    found = Run()
    for start in range(0, len(lsb), block):
        push(core, lsb, slice(start, min(start + block, len(lsb))), spoilt)
        while len(found.readings) < len(steps.contact) and steps.stance_end[len(found.readings)] <= core.index:
            order = len(found.readings)
            before = int(steps.contact[order - 1]) if order else None
            found.readings.append(core.read_step(int(steps.contact[order]), int(steps.stance_end[order]), before))
        if start // MINUTE != (start + block) // MINUTE:
            found.medians_hz.append(core.median_frequencies_hz())
    return found


def push(core, lsb, part, spoilt):
    """Push a part of the stream; lost samples come as a count before the ones after them."""
    kept = numpy.arange(part.start, part.stop)
    if spoilt.lost is not None:
        kept = kept[~spoilt.lost[part]]
    lost = (int(kept[0]) if len(kept) else part.stop) - core.index
    for run_of in numpy.split(kept, numpy.flatnonzero(numpy.diff(kept) > 1) + 1):
        if len(run_of):
            lost = int(run_of[0]) - core.index
            core.push(lsb[run_of].tobytes(), len(run_of), _blanked(spoilt, run_of), _lead_off(spoilt, run_of), lost)


def _blanked(spoilt, run_of):
    """Return the hull of the samples during which the motor ran, as offsets, or None."""
    if spoilt.motor is None or not spoilt.motor[run_of].any():
        return None
    on = numpy.flatnonzero(spoilt.motor[run_of])
    return int(on[0]), int(on[-1]) + 1


def _lead_off(spoilt, run_of):
    return 0 if spoilt.lead_off is None else int(numpy.bitwise_or.reduce(spoilt.lead_off[run_of]))


def realised_uv(signal_uv, steps, channel):
    """Return the RMS of each step's stance as it is in the signal itself, shape (K,)."""
    channel = numpy.broadcast_to(channel, len(steps.contact))
    parts = zip(steps.contact, steps.stance_end, channel, strict=True)
    return numpy.array([numpy.sqrt(numpy.mean(signal_uv[a:b, c] ** 2)) for a, b, c in parts])


def overlapping(steps, marked):
    """Return which steps' stances contain a sample of `marked` (bool, per sample)."""
    return numpy.array([marked[a:b].any() for a, b in zip(steps.contact, steps.stance_end, strict=True)])


__all__ = ["CHANNELS", "Run", "Spoilt", "overlapping", "own", "push", "realised_uv", "run", "to_lsb"]
