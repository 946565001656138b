"""A decoded session: what one recording of one clip holds. NaN marks what is not known."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from hipcue.contract.emg import LSB_UV
from host_tools.log.ledger import ledger
from host_tools.log.sampled import Sampled, on_grid

WHOLE = "whole"
RECORDING_INTERRUPTED = "recording interrupted"
DOWNLOAD_INTERRUPTED = "download interrupted"
DAMAGED = "damaged"

# Of a sample of raw EMG: bit, name, meaning.
EMG_MARKS = (
    (1, "motor", "a motor ran"),
    (2, "left_off", "an electrode of the left side had no contact"),
    (4, "right_off", "an electrode of the right side had no contact"),
)


@dataclass
class Session:
    """Times are the clip's monotonic ms. Drops in degrees, positive: the swing side hangs."""

    contract: int = 0  # contract version of the newest block
    clip: str = ""  # hexadecimal identity
    number: int = 0
    runner: str | None = None  # pseudonym that it was recorded under (contract.runner)
    schema: list = field(default_factory=list)
    config: dict = field(default_factory=dict)
    calibration: dict = field(default_factory=dict)
    firmware: dict = field(default_factory=dict)
    front_end: str = ""  # kind of the muscle front end: contract.emg.FRONT_ENDS_UV
    lsb_uv: float = LSB_UV  # of raw EMG, at the electrodes
    mvic_uv: dict = field(default_factory=dict)  # left, right: [[unix_ms or None, uV], ...], newest last
    verdict: str = DAMAGED
    problems: list = field(default_factory=list)  # sentences
    changed: bool = False  # the file is not what came from the clip any more
    # Blocks that are not here, and when what they held may have happened: dicts of first_block, last_block,
    # from_ms (None: since the start), to_ms (None: to the end). Nothing is known of these times.
    gaps: list = field(default_factory=list)
    # time_ms, side (0 unsure, 1 left, 2 right), quality (bits), outcome (contract.cues.OUTCOMES), peak_drop_deg,
    # peak_drop_causal_deg, excursion_deg, contact_ms, and for left and right emg_<side>_uv, emg_<side>_quality (bits,
    # -1: not measured), emg_<side>_onset_ms
    steps: dict = field(default_factory=dict)
    # time_ms, side, buzz_side, reason (name), value_deg, threshold_deg, latency_ms, duration_ms,
    # glute (name), glute_pct
    cues: dict = field(default_factory=dict)
    # Minutes that the log holds in place of their steps, the flash being nearly full: time_ms, length_ms, steps_left,
    # steps_right, steps_unsure, valid_left, valid_right, cues, peak_drop_left_deg, peak_drop_right_deg,
    # excursion_left_deg, excursion_right_deg (means over the valid steps)
    summaries: dict = field(default_factory=dict)
    events: list = field(default_factory=list)  # dicts: time_ms, name, value
    # by minute: time_ms, and for left and right peak_<side>_uv, pre_<side>_uv, median_<side>_hz; lost (samples)
    muscles: dict = field(default_factory=dict)
    # time_ms, session (from 1), share (planned), running_s, fed_s, cues (of it so far), tightened_deg
    programme: dict = field(default_factory=dict)
    # of drills: time_ms, exercise (name), side, peak_pct, target_pct (of the MVIC), hold_ms, duration_ms
    repetitions: dict = field(default_factory=dict)
    trace: Sampled = field(default_factory=lambda: on_grid(np.zeros(0), np.zeros(0)))  # obliquity_deg
    # raw EMG, a sample each: time_ms, left_uv, right_uv (against the voltage when its two seconds began), marks (bits
    # of EMG_MARKS)
    emg: dict = field(default_factory=dict)
    clocks: list = field(default_factory=list)  # pairs: time_ms, unix_ms
    clock: dict = field(default_factory=dict)  # scale, set_unix_ms or None, rtc_ms, time_ms: see wall_time
    contacts: list = field(default_factory=list)  # of its clip, wall_time.Contact
    seal: dict | None = None
    battery_time_ms: np.ndarray = field(default_factory=lambda: np.zeros(0))
    battery_mv: np.ndarray = field(default_factory=lambda: np.zeros(0))
    blocks_expected: int = 0
    blocks_read: int = 0
    blocks_bad: int = 0
    log_bytes: int = 0

    def emg_grid(self):
        """Return the left raw EMG as a Sampled, whose grid is that of the right and of the marks too."""
        return on_grid(self.emg.get("time_ms", np.zeros(0)), self.emg.get("left_uv", np.zeros(0)))

    @cached_property
    def ledger(self):
        """Every step over its threshold, cued or withheld: see host_tools.log.ledger."""
        return ledger(self)
