"""What a host calls over the serial console while the application is stopped; each call prints one line of JSON.

A measurement also prints what it sees, ten times a second before that: {"seen": [ax, ay, az, gx, gy, gz]}, m/s2 and
rad/s in the sensor's frame, one of the means that it is made of.
"""

import json
import time
from struct import pack_into, unpack_from

import board
import machine
from ulab import numpy as np
from ulab import utils

from hipcue import firmware, settings
from hipcue.clock import UNIX_EPOCH_S, Clock
from hipcue.contract.record import CONTRACT_VERSION
from hipcue.contract.signals import CHANNEL_COUNT, FRAME_BYTES
from hipcue.core import left_foot, mount
from hipcue.faults import other_chip
from hipcue.store.folder import numbers
from hipcue.store.reset_memory import ResetMemory

DRAIN_MS = 50
TELL_MS = 100
# Bows are slower than 1 Hz: means over 8 samples (26 Hz) hold all of them in little memory.
FRAMES_PER_MEAN = 8
FLOAT_BYTES = 4
HOP_MEAN_HZ = 104  # of hops: pairs at 208 Hz
RATE_MARGIN = 1.05  # the sensor's own rate is a few percent off its nominal one at the most

_clock = Clock()
_measured = {}  # of this calibration, until it is kept


def hello():
    """Say what this clip is."""
    _print(
        dict(
            firmware.facts(),
            contract=CONTRACT_VERSION,
            clip=board.clip_id.hex(),
            runner=settings.load_runner(),
            calibrated=settings.load_calibration() is not None,
            sessions=len(numbers()),
            now_ms=_clock.now_ms(),
            battery_mv=board.battery.voltage_mv(),
        )
    )


def stand(seconds):
    """Measure a quiet stand of `seconds`: gravity and gyroscope bias."""
    _measured.clear()
    try:
        stood = mount.stand(*_collect(seconds))
    except (mount.Refused, OSError) as error:
        _refuse(error)
        return
    _measured["stand"] = stood
    _print({"ok": True, "gravity_mps2": stood[1], "gyro_bias_rads": stood[2]})


def bows(seconds):
    """Measure forward bows for `seconds`, after a good stand: how the clip sits on the body."""
    if "stand" not in _measured:
        _print({"ok": False, "reason": "there is no stand yet: stand still first"})
        return
    try:
        accel, gyro = _collect(seconds)
        calibration, facts = mount.bows(accel, gyro, _measured["stand"], FRAMES_PER_MEAN / board.imu.rate_hz)
    except (mount.Refused, OSError) as error:
        _refuse(error)
        return
    calibration["roll_pitch_yaw_deg"] = mount.angles_deg(calibration["mount"])
    calibration["bows"] = facts["bows"]
    _measured["calibration"] = calibration
    _print(dict(calibration, ok=True, **facts))


def left_stand(seconds):
    """Measure a stand on the left foot for `seconds`, with the calibration as it is stored."""
    _measured.clear()
    calibration = settings.load_calibration()
    if calibration is None:
        _print({"ok": False, "reason": "the clip is not calibrated: stand and bow first"})
        return
    try:
        accel, gyro = _collect(seconds)
        obliquity = left_foot.stand(accel, gyro, calibration["mount"], calibration["gyro_bias_rads"])
    except (mount.Refused, OSError) as error:
        _refuse(error)
        return
    _measured["left_foot"] = {"obliquity_deg": obliquity}
    _print({"ok": True, "obliquity_deg": obliquity})


def hops(seconds):
    """Measure hops on the left foot for `seconds`, after a good stand on it: what a left step is in this runner."""
    if "left_foot" not in _measured:
        _print({"ok": False, "reason": "there is no stand on the left foot yet: stand on it first"})
        return
    calibration = settings.load_calibration()
    try:
        frames_per_mean = settings.load_config()[0]["imu_rate_hz"] // HOP_MEAN_HZ
        accel, gyro = _collect(seconds, frames_per_mean)
        template, facts = left_foot.hops(
            accel, gyro, calibration["mount"], calibration["gravity_mps2"], frames_per_mean / board.imu.rate_hz
        )
    except (mount.Refused, OSError) as error:
        _refuse(error)
        return
    facts.update(_measured["left_foot"])
    calibration["side_template"] = template
    calibration["left_foot"] = facts
    _measured["calibration"] = calibration
    _print(dict(facts, ok=True, side_template=template))


def keep():
    """Store what stand and bows, or stand and hops on the left foot, have measured; the calibration before it goes."""
    if "calibration" not in _measured:
        _print({"ok": False, "reason": "nothing was measured yet"})
        return
    _measured["calibration"]["unix_ms"] = _clock.unix_ms()
    settings.store_calibration(_measured["calibration"])
    _measured.clear()
    _print({"ok": True, "path": settings.of_runner(settings.CALIBRATION)})


def configure(changes):
    """Change settings by name; all or none."""
    try:
        values = settings.change_config(changes)
    except ValueError as error:
        _refuse(error)
        return
    _print({"ok": True, "config": values})


def configuration():
    """Say all settings as they are stored, and what is wrong with the file, if something is."""
    values, problem = settings.load_config()
    _print({"config": values, "problem": problem})


def wear(pseudonym):
    """Note who wears the clip from now on (see contract.runner), None: nobody who was named."""
    settings.store_runner(pseudonym)
    _measured.clear()
    _print({"ok": True, "runner": pseudonym, "calibrated": settings.load_calibration() is not None})


def clock(unix_ms):
    """Set the wall clock from the host's, UTC in ms since 1970; say what it said before, and on which scale."""
    memory = ResetMemory(machine.RTC().memory)
    if not memory.survived:  # the application has not run since the power came
        memory.begin_clock(settings.count_boot() or 0)
    before = {"scale": memory.clock_scale(), "rtc_ms": _clock.rtc_ms()}
    seconds, ms = divmod(unix_ms, 1000)
    year, month, day, hour, minute, second, weekday, _ = time.gmtime(seconds - UNIX_EPOCH_S)
    machine.RTC().datetime((year, month, day, weekday, hour, minute, second, 1000 * ms))
    memory.clock_sets += 1
    memory.clock_set_unix_ms = unix_ms
    memory.save()
    _print({
        "ok": True,
        "unix_ms": _clock.unix_ms(),
        "now_ms": _clock.now_ms(),
        "scale": memory.clock_scale(),
        "set_unix_ms": unix_ms,
        "before": before,
    })  # fmt: skip


def _print(value):
    print(json.dumps(value))


def _refuse(error):
    if not isinstance(error, OSError):
        reason = str(error)
    elif other_chip(error) is not None:
        reason = "the motion sensor is not one that HipCue knows (identity 0x%02X, not 0x6C)" % other_chip(error)
    else:
        reason = "the motion sensor does not answer: check its wiring"
    _print({"ok": False, "reason": reason})


def _tell(means, room, index):
    """Print what is seen: mean `index` of `means`, floats of (CHANNEL_COUNT, room)."""
    raw = [unpack_from("f", means, FLOAT_BYTES * (channel * room + index))[0] for channel in range(CHANNEL_COUNT)]
    gyro = tuple([value * board.imu.gyro_scale_rads for value in raw[:3]])
    accel = tuple([value * board.imu.accel_scale_mps2 for value in raw[3:]])
    print('{"seen": [%.3f, %.3f, %.3f, %.4f, %.4f, %.4f]}' % (accel + gyro))


def _collect(seconds, frames_per_mean=FRAMES_PER_MEAN):
    """Return (accel, gyro), SI, arrays of shape (3, n), sensor frame: means over some samples for `seconds`."""
    imu = board.imu
    until_ms = _clock.now_ms() + int(1000 * seconds)
    imu.identify()
    rate_hz = settings.load_config()[0]["imu_rate_hz"]
    imu.start(rate_hz)
    frames = bytearray(32 * FRAME_BYTES)
    held = memoryview(bytearray(frames_per_mean * FRAME_BYTES))
    # Made whole at once: a hundred means a second as single floats would lie all over the heap.
    room = int((seconds + 1.0) * rate_hz * RATE_MARGIN / frames_per_mean)
    means = bytearray(FLOAT_BYTES * CHANNEL_COUNT * room)
    filled = count = 0
    tell_ms = 0
    while _clock.now_ms() < until_ms:
        _clock.wait_ms(DRAIN_MS)
        for index in range(imu.drain_into(frames)):
            at = filled * FRAME_BYTES
            held[at : at + FRAME_BYTES] = frames[index * FRAME_BYTES : (index + 1) * FRAME_BYTES]
            filled += 1
            if filled < frames_per_mean:
                continue
            filled = 0
            if count < room:
                block = utils.from_int16_buffer(held).reshape((frames_per_mean, CHANNEL_COUNT))
                for channel, value in enumerate(np.mean(block, axis=0).tolist()):
                    pack_into("f", means, FLOAT_BYTES * (channel * room + count), value)
                count += 1
        if count and _clock.now_ms() >= tell_ms:
            tell_ms = _clock.now_ms() + TELL_MS
            _tell(means, room, count - 1)
    imu.stop()
    if not count:
        raise OSError(5)
    rows = np.frombuffer(means, dtype=np.float).reshape((CHANNEL_COUNT, room))
    if np.max(np.max(rows[:, :count], axis=1) - np.min(rows[:, :count], axis=1)) == 0.0:
        raise mount.Refused("the motion sensor repeats itself: switch the clip off and on")
    return rows[3:, :count] * imu.accel_scale_mps2, rows[:3, :count] * imu.gyro_scale_rads
