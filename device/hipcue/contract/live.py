"""What a running clip says of itself when it is asked: packed by one table, as base64 in the answer's `live`.

The answer is one line of JSON, and short: a UART of 115200 baud takes 87 us a
byte, and an ESP32's holds 128, so what is longer than that keeps the loop from
its next drain. At its longest the line is LINE_BYTES, 6 ms of waiting; a USB
port takes it at once.
"""

import struct

from hipcue.contract.signals import SIDES

LINE_BYTES = 200

# Code, name: what the clip is doing.
STATES = (
    (0, "waiting"),  # for a first step
    (1, "running"),
    (2, "paused"),  # a session is open, no steps are coming
    (3, "drill"),
)
FRONT_ENDS = ("raw", "envelope")  # by code; what their amplitudes are counted in: contract.emg.FRONT_ENDS_UV
STATE_CODES = {row[1]: row[0] for row in STATES}

_SIDE = (
    ("drop_%s_cdeg", "h", "0.01 deg", "peak drop of the side's last step, as the cue rule knew it"),
    ("threshold_%s_cdeg", "h", "0.01 deg", "drop beyond which the side's steps count towards a cue"),
    ("quality_%s", "H", "", "quality codes of that step: contract.record.QUALITY"),
    ("glute_%s", "H", "", "activation of the side's glute over that step, or why it is not known: contract.emg"),
    ("glute_%s_pct", "B", "%", "the same of the run's own beginning; in a drill, at present, of the MVIC"),
    ("cues_%s", "H", "", "cues given in the session"),
)
# Field, struct code, unit, meaning. What is not known: contract.signals.UNKNOWN_...
FIELDS = (
    ("state", "B", "", "STATES"),
    ("front_end", "B", "", "FRONT_ENDS"),
    ("misplaced", "B", "", "1: the clip has slipped or is upside down"),
    ("age_ms", "H", "ms", "since the last step's initial contact"),
    ("cadence", "B", "steps/min", "over the last steps"),
    ("side", "B", "", "stance side of the last step: 1 left, 2 right, 0 unsure"),
    ("quality", "H", "", "its quality codes"),
    ("withheld", "H", "", "cues of the session that were due and left out, other than right after another"),
    ("reason", "B", "", "why the last of them was: contract.cues.OUTCOMES"),
    ("session", "B", "", "of the programme, from 1"),
    ("sessions", "B", "", "of the programme with feedback; 0: there is no programme"),
    ("share_pct", "B", "%", "running time with feedback that is planned for this session"),
    ("feeding", "B", "", "1: this part of the run has feedback"),
    ("repetitions", "B", "", "of the drill"),
) + tuple([(row[0] % side,) + row[1:] for _, side in SIDES for row in _SIDE])

NAMES = tuple([row[0] for row in FIELDS])
FORMAT = "<" + "".join([row[1] for row in FIELDS])
SIZE = struct.calcsize(FORMAT)
