"""The scene file: what the twin's sensors see, and when it stands still for its host.

One line of JSON, then little-endian float32: N x 6 (ax ay az m/s2 specific
force, gx gy gz rad/s, in the sensor's frame; sample k at k / imu_rate_hz of
virtual time), then M x 2 (left, right envelope in V at the ADC pins), then
E x 2 (left, right EMG in uV as an ADS1292's filter leaves it, sample k at
k / emg_rate_hz).
"""

import json
from pathlib import Path

import numpy as np

from host_tools.twin.front_end import ads1292_uv, envelope_v

REST_RATE_HZ = 208.0  # of a sensor that lies still


def write_scene(path, imu, imu_rate_hz, envelope=None, envelope_rate_hz=0.0, emg=None, emg_rate_hz=None, **header):
    """Write a scene to `path`; return it.

    imu: (N, 6), imu_rate_hz the true output rate; envelope: (M, 2) in V or
    None; emg: (E, 2) in uV or None, emg_rate_hz the muscle front end's true
    output rate; header: the optional entries `board` (`esp32` or `s3`),
    `halts_s`, `holds`, `end_s`, `chip`, `who_am_i`, `emg_identity`, `faults`,
    `battery_mv`, `button`, `clip_id`, `motor_log`, `progress`, `flash_erase_ms`.
    """
    envelope, emg = (np.zeros((0, 2)) if pairs is None else np.asarray(pairs) for pairs in (envelope, emg))
    first_line = {
        "imu_rate_hz": imu_rate_hz,
        "imu_samples": len(imu),
        "envelope_rate_hz": envelope_rate_hz,
        "envelope_samples": len(envelope),
        **header,
    }
    if emg_rate_hz is not None:
        first_line |= {"emg_rate_hz": emg_rate_hz, "emg_samples": len(emg)}
    with Path(path).open("wb") as scene:
        scene.write(json.dumps(first_line).encode() + b"\n")
        for values in (imu, envelope, emg):
            scene.write(np.ascontiguousarray(values, dtype="<f4").tobytes())
    return path


def write_rest_scene(path, **more):
    """Write a scene in which the clip lies level and still; return `path`. `more`: as write_scene() takes it."""
    return write_scene(path, np.zeros((0, 6)), REST_RATE_HZ, **more)


def write_recording_scene(path, recording, **header):
    """Write `recording` as a scene that ends with it; raw EMG goes through the front end of the header's `board`.

    Returns `path`.
    """
    header.setdefault("end_s", recording.end_s)
    header.setdefault("faults", recording.meta.get("faults", []))
    return write_scene(path, recording.imu, recording.imu_rate_hz, **_glutes(recording, header.get("board")), **header)


def _glutes(recording, board):
    """Return what `board` sees of the recording's muscles, as arguments of write_scene()."""
    if board == "s3":
        if recording.emg is None:
            return {}
        return dict(zip(("emg", "emg_rate_hz"), ads1292_uv(recording.emg, recording.emg_rate_hz), strict=True))
    if recording.emg is not None and recording.envelope_v is None:
        return dict(
            zip(("envelope", "envelope_rate_hz"), envelope_v(recording.emg, recording.emg_rate_hz), strict=True)
        )
    return {"envelope": recording.envelope_v, "envelope_rate_hz": recording.envelope_rate_hz or 0.0}
