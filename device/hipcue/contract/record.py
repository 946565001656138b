"""Log records and block framing: one table a record type, one frame for all.

A session is a file of 512-byte blocks. Each block stands by itself:

    offset  size  field
    0       4     magic "HIPQ"
    4       1     contract version
    5       1     kind: schema, data, seal
    6       6     clip identity
    12      4     session number
    16      4     sequence number in the session, from 0
    20      8     monotonic time of the clip when the block was opened, ms
    28      2     battery, mV (0: unknown)
    30      1     flags
    31      2     bytes of payload used
    33      475   payload, the rest zero
    508     4     CRC-32 (IEEE 802.3) of all before it

All numbers are little-endian. A data block's payload is a run of records; a
record is its type byte and that type's fields. `offset_ms` in a record is
relative to the time of its block.
"""

import struct
from binascii import crc32

CONTRACT_VERSION = 2

BLOCK_BYTES = 512
MAGIC = b"HIPQ"
HEADER_FORMAT = "<4sBB6sIIQHBH"
HEADER_BYTES = 33
PAYLOAD_BYTES = 475
CRC_OFFSET = 508

KIND_SCHEMA = 0
KIND_DATA = 1
KIND_SEAL = 2

# Block flags.
FLAG_CLOCK_UNKNOWN = 1  # no host has set the wall clock since the last power loss

# Record types.
STEP = 1
CUE = 2
EVENT = 3
CLOCK = 4
TRACE = 5
MUSCLE = 6
REPETITION = 7
PROGRAMME = 8
EMG = 9
SUMMARY = 16

TRACE_SAMPLES = 32
EMG_FRAMES = 32

# type: (name, ((field, struct code, unit, meaning), ...)); every record starts with its type byte.
RECORDS = {
    STEP: (
        "step",
        (
            ("offset_ms", "h", "ms", "initial contact"),
            ("quality_side", "H", "", "quality codes, 0 is ok; above them outcome (contract.cues) and stance side"),
            ("peak_drop_cdeg", "h", "0.01 deg", "settled peak drop below level"),
            ("peak_drop_causal_cdeg", "h", "0.01 deg", "peak drop as the cue knew it"),
            ("excursion_cdeg", "h", "0.01 deg", "settled peak drop less the drop at contact"),
            ("contact_2ms", "B", "2 ms", "contact time, an estimate"),
            ("glute_left", "H", "", "activation of the left glute over stance, or why it is not known: contract.emg"),
            ("glute_right", "H", "", "the same of the right one"),
            ("onset_2ms", "b", "2 ms", "onset of the stance side's glute against initial contact: contract.emg"),
        ),
    ),
    CUE: (
        "cue",
        (
            ("offset_ms", "h", "ms", "motor on"),
            ("side", "B", "", "side of the drop (stance): 1 left, 2 right"),
            ("buzz_side", "B", "", "side of the motor: 1 left, 2 right"),
            ("reason", "B", "", "reason code"),
            ("value_cdeg", "h", "0.01 deg", "causal peak drop of the step that gave the cue"),
            ("threshold_cdeg", "h", "0.01 deg", "threshold it was held against"),
            ("latency_ms", "H", "ms", "peak of the drop to motor on"),
            ("duration_ms", "H", "ms", "time that the motor was on"),
            ("glute", "B", "", "state of the stance side's glute: contract.emg.GLUTE_STATES"),
            ("glute_pct", "B", "%", "its activation, of this run's own beginning"),
        ),
    ),
    EVENT: (
        "event",
        (
            ("offset_ms", "h", "ms", "when"),
            ("code", "B", "", "event code"),
            ("value", "i", "", "as the code says"),
        ),
    ),
    CLOCK: (
        "clock",
        (
            ("offset_ms", "h", "ms", "when"),
            ("unix_ms", "q", "ms", "wall clock of the host, UTC"),
        ),
    ),
    TRACE: (
        "trace",
        (
            ("offset_us", "i", "us", "first sample"),
            ("period_us", "H", "us", "between samples"),
            ("obliquity_cdeg", "%dh" % TRACE_SAMPLES, "0.01 deg", "settled obliquity, left side up"),
        ),
    ),
    MUSCLE: (
        "muscle",
        (
            ("offset_ms", "h", "ms", "end of the minute"),
            ("peak_left", "H", "", "mean over own stances of the largest activation within; as activation in a step"),
            ("peak_right", "H", "", "the same of the right one"),
            ("pre_left", "H", "", "mean over own stances of the activation in the 100 ms before contact"),
            ("pre_right", "H", "", "the same of the right one"),
            ("median_left_dhz", "H", "0.1 Hz", "median frequency of the left glute, over the last minutes"),
            ("median_right_dhz", "H", "0.1 Hz", "the same of the right one"),
            ("lost", "I", "samples", "EMG samples lost since the record before, those filled in included"),
        ),
    ),
    REPETITION: (
        "repetition",
        (
            ("offset_ms", "h", "ms", "its end"),
            ("exercise", "B", "", "code of contract.drills.DRILLS"),
            ("side", "B", "", "glute: 1 left, 2 right"),
            ("peak_pct", "H", "%", "largest activation, of the MVIC"),
            ("target_pct", "B", "%", "target, of the MVIC"),
            ("hold_ms", "H", "ms", "time at the target or above"),
            ("duration_ms", "H", "ms", "from its beginning to its end"),
        ),
    ),
    PROGRAMME: (
        "programme",
        (
            ("offset_ms", "h", "ms", "when"),
            ("session", "B", "", "of the programme, from 1"),
            ("share_pct", "B", "%", "running time with feedback that is planned for it"),
            ("running_s", "H", "s", "running so far in it in which a cue could have come"),
            ("fed_s", "H", "s", "of it with feedback"),
            ("cues", "H", "", "given in it"),
            ("tightened_cdeg", "h", "0.01 deg", "what the threshold has come down by"),
        ),
    ),
    # Of raw EMG, the first two seconds of each minute of running where a trace is kept.
    EMG: (
        "emg",
        (
            ("offset_us", "i", "us", "first frame"),
            ("period_ns", "I", "ns", "between frames"),
            ("blanked", "H", "", "frames during which a motor ran: the first, and times 256 the one behind the last"),
            ("lead_off", "B", "", "an electrode had no contact in these frames: 1 left, 2 right, 3 both"),
            ("origin_left_lsb", "i", "LSB", "voltage at the electrodes that the left frames are counted from"),
            ("origin_right_lsb", "i", "LSB", "the same of the right ones"),
            ("frames_8lsb", "%dh" % (2 * EMG_FRAMES), "8 LSB", "left and right in turn; -32768: lost, +-32767: beyond"),
        ),
    ),
    # In place of the step records of a minute, once the flash is nearly full.
    SUMMARY: (
        "summary",
        (
            ("offset_ms", "i", "ms", "the first step's initial contact"),
            ("length_ms", "H", "ms", "from there to the last step's initial contact"),
            ("steps_left", "B", "", "steps of left stance"),
            ("steps_right", "B", "", "steps of right stance"),
            ("steps_unsure", "B", "", "steps whose stance side is not known"),
            ("valid_left", "B", "", "left steps of quality 0: those of the means"),
            ("valid_right", "B", "", "right steps of quality 0: those of the means"),
            ("cues", "B", "", "cues given"),
            ("peak_drop_left_cdeg", "h", "0.01 deg", "mean settled peak drop, left"),
            ("peak_drop_right_cdeg", "h", "0.01 deg", "mean settled peak drop, right"),
            ("excursion_left_cdeg", "h", "0.01 deg", "mean settled excursion, left"),
            ("excursion_right_cdeg", "h", "0.01 deg", "mean settled excursion, right"),
        ),
    ),
}

FORMATS = {kind: "<B" + "".join(field[1] for field in RECORDS[kind][1]) for kind in RECORDS}
STEP_FORMAT = FORMATS[STEP]
CUE_FORMAT = FORMATS[CUE]
EVENT_FORMAT = FORMATS[EVENT]
CLOCK_FORMAT = FORMATS[CLOCK]
TRACE_FORMAT = FORMATS[TRACE]
SUMMARY_FORMAT = FORMATS[SUMMARY]
MUSCLE_FORMAT = FORMATS[MUSCLE]
REPETITION_FORMAT = FORMATS[REPETITION]
PROGRAMME_FORMAT = FORMATS[PROGRAMME]
EMG_FORMAT = FORMATS[EMG]
SIZES = {kind: struct.calcsize(FORMATS[kind]) for kind in FORMATS}

# Quality codes of a step: bit, name, meaning. 0 is ok.
QUALITY = (
    (0x0001, "settling", "gravity not known yet: too few strides, or a reset came; the causal drop alone is given"),
    (0x0002, "turning", "mean yaw rate over the limit: absolute drop not given"),
    (0x0004, "clipped", "accelerometer or gyroscope at its range"),
    (0x0008, "gap", "samples were lost within the step or its window"),
    (0x0010, "not_running", "stride time or flight not those of running"),
    (0x0020, "accelerating", "stride-mean specific force off 1 g by over 5 %"),
    (0x0040, "side_unsure", "stance side not known well enough"),
    (0x0080, "slipped", "the clip moved on the body since the calibration"),
    (0x0100, "uncalibrated", "no mount calibration: absolute drop not given"),
    (0x0200, "upside_down", "the clip is worn upside down"),
)
QUALITY_BITS = {row[1]: row[0] for row in QUALITY}
# Where they lie in `quality_side`; side: 1 left, 2 right, 0 unsure.
QUALITY_MASK = 0x03FF
OUTCOME_SHIFT, OUTCOME_MASK = 10, 0x0F
SIDE_SHIFT = 14

# Reasons of a cue: code, name, meaning.
CUE_REASONS = (
    (1, "drop_over_baseline", "drop over the personal baseline plus margin"),
    (2, "drop_over_absolute", "drop over the fixed threshold"),
    (3, "glute_quiet", "glute less active than at the run's beginning"),
)

# Events: code, name, meaning of the value.
EVENTS = (
    (1, "boot", "reset cause as machine.reset_cause() gives it; in the first session since"),
    (2, "run_started", "steps seen before"),
    (3, "run_stopped", "steps seen so far"),
    (4, "samples_lost", "samples lost in this gap"),
    (5, "sensor_silent", "error number"),
    (6, "sensor_back", "ms without the sensor"),
    (7, "sensor_wrong", "identity read; the sensor is not used"),
    (8, "battery_low", "mV"),
    (9, "flash_full", "free bytes; records stop"),
    (10, "flash_stall", "ms that a write took, longer than a decision may wait"),
    (11, "records_dropped", "records that could not be written"),
    (12, "error", "code in FAULTS"),
    (13, "baseline_set", "0.01 deg, left side"),
    (14, "baseline_set_right", "0.01 deg, right side"),
    (15, "uncalibrated", "0"),
    (16, "slipped", "0.1 deg that the clip has turned"),
    (17, "upside_down", "0.1 deg that the clip has turned"),
    (18, "sides_sure", "steps that it took"),
    (19, "sides_corrected", "steps whose side had been given wrongly"),
    (20, "flash_low", "free bytes, less than an hour of running takes"),
    (21, "late_cue", "ms from the peak to where the motor would have gone on; it did not"),
    (22, "stood", "0.1 deg that up has turned since the stand before; drops are measured again"),
    (23, "emg_silent", "error number; the muscle front end does not answer"),
    (24, "emg_back", "ms without the muscle front end"),
    (25, "emg_wrong", "identity read; the muscle front end is not used"),
    (26, "glute_baseline", "activation in own stances at the run's beginning, left side; unit as in a step"),
    (27, "glute_baseline_right", "the same, right side"),
    (28, "electrodes_swapped", "steps that it took: each glute's electrodes are in the other one's plug"),
    (29, "electrodes_right", "steps that it took: the electrodes are in their own plugs again"),
    (30, "drill_started", "code of contract.drills.DRILLS"),
    (31, "drill_ended", "repetitions"),
    (32, "mvic_missing", "side: 1 left, 2 right, 3 both; no drill without it"),
    (33, "threshold", "0.01 deg, left side, from here on"),
    (34, "threshold_right", "0.01 deg, right side, from here on"),
    (35, "success", "side that was cued and is under its threshold again: 1 left, 2 right"),
    (36, "feedback_begins", "session of the programme"),
    (37, "feedback_ends", "session of the programme"),
    (38, "settings", "version of those by which a cue comes or not: contract.config.version()"),
    (40, "recovered", "records saved that its file did not hold yet; the session was interrupted before this"),
    (41, "trace_stopped", "free bytes; no more samples of the trace, nor of raw EMG, are kept"),
    (42, "session_removed", "number of a session that a host had pulled and verified, to make room"),
    (43, "summaries_begun", "free bytes; from here on one record a minute in place of the steps"),
    (44, "flash_writes", "times that the file of this session was written to flash"),
    (45, "reset_by_fault", "code in FAULTS; the start before this one ended so, and the clip started anew"),
    (46, "reset_for_sensor", "ms without the sensor; the clip starts anew"),
    (47, "sensor_stale", "ms without a new sample; the sensor is started again"),
    (48, "bus_freed", "clocks that it took until the sensor let go of the bus"),
    (49, "bus_held", "0; the sensor holds the bus, clocks do not free it"),
    (50, "repeated", "16777216 x the code of a fault that comes again and again + how many were not told one by one"),
    (51, "flash_fault", "error number; the flash did not give or take something, apart from a session's records"),
    (52, "emg_stale", "ms without a new sample; the muscle front end is started again"),
)
EVENT_CODES = {row[1]: row[0] for row in EVENTS}
# The faults that `repeated` may stand for: code, and whether their values add up. Of those that do, the next event of
# that code holds the sum.
OFTEN = {
    EVENT_CODES[name]: adds_up
    for name, adds_up in (
        ("samples_lost", True), ("sensor_silent", False), ("sensor_stale", False), ("sensor_back", True),
        ("bus_freed", False), ("bus_held", False), ("emg_silent", False), ("emg_back", True), ("flash_stall", False),
        ("flash_fault", False), ("emg_stale", False),
    )
}  # fmt: skip
REPEATED_SHIFT, REPEATED_MASK = 24, 0xFFFFFF

# Faults that end the application: code, kind (the first that fits), what is behind it as a rule.
FAULTS = (
    (1, MemoryError, "no memory left"),
    (2, OSError, "a bus or the flash"),
    (3, ArithmeticError, "the computing"),
    (4, LookupError, "the program"),
    (5, ValueError, "the program"),
    (6, Exception, "the program"),
)

# Why a session was closed: code, name.
SEAL_REASONS = (
    (1, "stopped by the host"),
    (2, "stopped by the button"),
    (3, "battery empty"),
    (4, "flash full"),
    (5, "idle"),
    (6, "recovered after an interruption"),
    (7, "device error"),
    (8, "a run began"),
)

# Payload of the seal: reason, blocks before it, steps, cues, events, samples
# lost, CRC-32 over the stored CRC-32s of all blocks before it.
SEAL_FORMAT = "<BIIIIII"
SEAL_FIELDS = ("reason", "blocks", "steps", "cues", "events", "samples_lost", "chain_crc32")


def pack_block_into(block, kind, clip_id, session, sequence, time_ms, battery_mv, flags, used):
    """Frame the 512-byte `block` (bytearray, payload already in place) and return its CRC-32.

    `used` is the count of payload bytes; the rest must be zero.
    """
    struct.pack_into(
        HEADER_FORMAT, block, 0,
        MAGIC, CONTRACT_VERSION, kind, clip_id, session, sequence, time_ms, battery_mv, flags, used,
    )  # fmt: skip
    crc = crc32(memoryview(block)[:CRC_OFFSET])
    struct.pack_into("<I", block, CRC_OFFSET, crc)
    return crc


def chain_crc32(chain, crc):
    """Return the running CRC-32 `chain` continued with the CRC-32 of the next block."""
    return crc32(struct.pack("<I", crc), chain)


def schema():
    """Return [[type, name, format, names of the fields, a space between]]: what makes a log decodable by itself.

    Units are not in it: they stand in the names.
    """
    tables = []
    for kind in sorted(RECORDS):
        name, fields = RECORDS[kind]
        tables.append([kind, name, FORMATS[kind], " ".join([field[0] for field in fields])])
    return tables
