"""What the EMG core is told and what it carries."""

from ulab import numpy as np

from hipcue.contract.emg import EMG_QUALITY_BITS, LSB_UV
from hipcue.core.emg_slots import Railed, Slots, Spans
from hipcue.core.emg_spectrum import MedianFrequency

# Held at most: a step at 150 steps/min and a block, with what their reading is late by. A multiple of SLOT, so that
# the slot that a gap leaves can always be filled up.
FRAMES = 504
FULL_SCALE = 8388607  # 24 bits


class Params:
    """What the core is told once.

    rate_hz: true sample rate. scale_uv: per LSB at the electrodes. mains_hz:
    50 or 60. full_scale: largest LSB of the converter.
    """

    def __init__(self, rate_hz=1000.0, scale_uv=LSB_UV, mains_hz=50, full_scale=FULL_SCALE):
        self.rate_hz = rate_hz
        self.scale_uv = scale_uv
        self.mains_hz = mains_hz
        self.full_scale = full_scale


class Channel:
    """What is carried for one electrode pair."""

    def __init__(self):
        self.band = None  # filter state
        self.newest = 0.0  # LSB, of the last sample filtered
        self.lead_off = Spans()
        self.railed = Railed()
        self.band_energy = 0.0  # sums since the last reading: uV^2 times samples
        self.slow_energy = 0.0
        self.tone_energy = 0.0
        self.stance_energy = 0.0  # mean per slot, in the stance before
        self.quiet_energy = 0.0  # the same in its quieter half
        self.quiet_slot = 0  # where that begins
        self.stance_quality = EMG_QUALITY_BITS["gap"]
        self.spectrum = MedianFrequency()


class State:
    """What the core carries from block to block."""

    def __init__(self):
        self.frames = np.zeros(2 * FRAMES)  # left and right in turn, LSB
        self.held = 0  # frames in it
        self.first = 0  # sample index of its first, a multiple of SLOT
        self.rests = False  # the filters have met the signal's offset
        self.slots = Slots()
        self.channels = (Channel(), Channel())
        self.gaps = Spans()
        self.blanks = Spans()
        self.marked_until = 0  # sample index: no mark lies after it
        self.edge = 0  # frames at the buffer's start that the end of a gap covers, not yet given a value
        self.judged = 0  # samples in the channels' sums
        self.contact = None  # of the stance before
        self.stance_end = 0  # sample index
        self.louder = 0  # channel in it
