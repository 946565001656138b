"""What a host calls over the serial console while the application is stopped; each call prints one line of JSON."""

import json
import os
import time
from binascii import b2a_base64, crc32

import board
import machine
from ulab import numpy as np
from ulab import utils

from hipcue import firmware, settings
from hipcue.clock import UNIX_EPOCH_S, Clock
from hipcue.contract.record import CONTRACT_VERSION
from hipcue.contract.signals import CHANNEL_COUNT, FRAME_BYTES
from hipcue.core import mount
from hipcue.store.files import exists
from hipcue.store.session import FOLDER

CHUNK_BYTES = 1536
DRAIN_MS = 50
# Bows are slower than 1 Hz: means over 8 samples (26 Hz) hold all of them in little memory.
FRAMES_PER_MEAN = 8

_clock = Clock()
_measured = {}  # of this calibration, until it is kept


def hello():
    """Say what this clip is."""
    _print(
        dict(
            firmware.facts(),
            contract=CONTRACT_VERSION,
            clip=board.clip_id.hex(),
            calibrated=settings.load_calibration() is not None,
            sessions=len(_session_names()),
            now_ms=_clock.now_ms(),
            battery_mv=board.battery.voltage_mv(),
        )
    )


def stand(seconds):
    """Measure a quiet stand of `seconds`: gravity and gyroscope bias."""
    _measured.clear()
    try:
        accel, gyro = _collect(seconds)
        up, gravity, bias = mount.stand(accel, gyro)
    except (mount.Refused, OSError) as error:
        _refuse(error)
        return
    _measured["stand"] = (up, gravity, bias)
    _print({"ok": True, "gravity_mps2": gravity, "gyro_bias_rads": bias})


def bows(seconds):
    """Measure forward bows for `seconds`, after a good stand: how the clip sits on the body."""
    if "stand" not in _measured:
        _print({"ok": False, "reason": "there is no stand yet: stand still first"})
        return
    up, gravity, bias = _measured["stand"]
    try:
        _, gyro = _collect(seconds)
        matrix, facts = mount.bows(gyro, up, bias, FRAMES_PER_MEAN / board.imu.rate_hz)
    except (mount.Refused, OSError) as error:
        _refuse(error)
        return
    _measured["calibration"] = {
        "mount": matrix,
        "gravity_mps2": gravity,
        "gyro_bias_rads": bias,
        "bows": facts["bows"],
        "roll_pitch_yaw_deg": mount.angles_deg(matrix),
    }
    _print(dict(facts, ok=True, mount=matrix, roll_pitch_yaw_deg=mount.angles_deg(matrix)))


def keep():
    """Store what stand and bows have measured in place of the calibration so far."""
    if "calibration" not in _measured:
        _print({"ok": False, "reason": "nothing was measured: stand and bow first"})
        return
    settings.store_calibration(_measured["calibration"])
    _measured.clear()
    _print({"ok": True, "path": settings.CALIBRATION})


def configure(changes):
    """Change settings by name; all or none."""
    try:
        values = settings.change_config(changes)
    except ValueError as error:
        _refuse(error)
        return
    _print({"ok": True, "config": values})


def clock(unix_ms):
    """Set the wall clock from the host's, UTC in ms since 1970."""
    seconds, ms = divmod(unix_ms, 1000)
    year, month, day, hour, minute, second, weekday, _ = time.gmtime(seconds - UNIX_EPOCH_S)
    machine.RTC().datetime((year, month, day, weekday, hour, minute, second, 1000 * ms))
    _print({"ok": True, "unix_ms": _clock.unix_ms(), "now_ms": _clock.now_ms()})


def sessions():
    """List the recorded sessions with their size and CRC-32."""
    listed = []
    for name in _session_names():
        path = FOLDER + "/" + name
        listed.append({"name": name, "bytes": os.stat(path)[6], "crc32": _file_crc32(path)})
    _print({"sessions": listed})


def send(name, offset):
    """Send a session from byte `offset`: lines of offset, length, CRC-32 and base64, then the end and the whole CRC."""
    path = FOLDER + "/" + name
    whole = _file_crc32(path)
    chunk = bytearray(CHUNK_BYTES)
    with open(path, "rb") as file:
        file.seek(offset)
        while True:
            count = file.readinto(chunk)
            if not count:
                break
            data = memoryview(chunk)[:count]
            print(offset, count, "%08x" % crc32(data), b2a_base64(data).decode().strip())
            offset += count
    print("end", offset, "%08x" % whole)


def _print(value):
    print(json.dumps(value))


def _refuse(error):
    if not isinstance(error, OSError):
        reason = str(error)
    elif len(error.args) == 2:  # the driver's own: another chip has answered
        reason = "the motion sensor is not one that HipCue knows (identity 0x%02X, not 0x6C)" % error.args[1]
    else:
        reason = "the motion sensor does not answer: check its wiring"
    _print({"ok": False, "reason": reason})


def _session_names():
    return sorted([name for name in os.listdir(FOLDER) if name.endswith(".hcl")]) if exists(FOLDER) else []


def _file_crc32(path):
    crc = 0
    chunk = bytearray(CHUNK_BYTES)
    with open(path, "rb") as file:
        while True:
            count = file.readinto(chunk)
            if not count:
                return crc
            crc = crc32(memoryview(chunk)[:count], crc)


def _collect(seconds):
    """Return (accel, gyro), SI, arrays of shape (3, n), sensor frame: means over 8 samples for `seconds`."""
    imu = board.imu
    until_ms = _clock.now_ms() + int(1000 * seconds)
    imu.identify()
    imu.start(settings.load_config()[0]["imu_rate_hz"])
    frames = bytearray(32 * FRAME_BYTES)
    held = memoryview(bytearray(FRAMES_PER_MEAN * FRAME_BYTES))
    means = [[] for _ in range(CHANNEL_COUNT)]
    filled = 0
    while _clock.now_ms() < until_ms:
        _clock.wait_ms(DRAIN_MS)
        for index in range(imu.drain_into(frames)):
            at = filled * FRAME_BYTES
            held[at : at + FRAME_BYTES] = frames[index * FRAME_BYTES : (index + 1) * FRAME_BYTES]
            filled += 1
            if filled == FRAMES_PER_MEAN:
                filled = 0
                block = utils.from_int16_buffer(held).reshape((FRAMES_PER_MEAN, CHANNEL_COUNT))
                for channel, value in enumerate(np.mean(block, axis=0).tolist()):
                    means[channel].append(value)
    imu.stop()
    if not means[0]:
        raise OSError(5)
    gyro = np.array(means[:3]) * imu.gyro_scale_rads
    accel = np.array(means[3:]) * imu.accel_scale_mps2
    return accel, gyro
