"""The scene file: what the twin's sensors see, and when it stands still for its host.

One line of JSON, then little-endian float32: N x 6 (ax ay az m/s2 specific
force, gx gy gz rad/s, in the sensor's frame; sample k at k / imu_rate_hz of
virtual time), then M x 2 (left, right envelope in V at the ADC pins).
"""

import json
from pathlib import Path

import numpy as np

from host_tools.front_end import envelope_v


def write_scene(path, imu, imu_rate_hz, envelope=None, envelope_rate_hz=0.0, **header):
    """Write a scene to `path`.

    imu: (N, 6), imu_rate_hz the true output rate; envelope: (M, 2) in V or
    None; header: the optional entries `halts_s`, `end_s`, `chip`, `who_am_i`,
    `faults`, `battery_mv`, `button`, `clip_id`, `motor_log`, `progress`.
    """
    envelope = np.zeros((0, 2)) if envelope is None else np.asarray(envelope)
    first_line = {
        "imu_rate_hz": imu_rate_hz,
        "imu_samples": len(imu),
        "envelope_rate_hz": envelope_rate_hz,
        "envelope_samples": len(envelope),
        **header,
    }
    with Path(path).open("wb") as scene:
        scene.write(json.dumps(first_line).encode() + b"\n")
        scene.write(np.ascontiguousarray(imu, dtype="<f4").tobytes())
        scene.write(np.ascontiguousarray(envelope, dtype="<f4").tobytes())


def write_recording_scene(path, recording, **header):
    """Write `recording` as a scene that ends with it; raw EMG goes through the modelled front end."""
    envelope, envelope_rate_hz = recording.envelope_v, recording.envelope_rate_hz or 0.0
    if recording.emg is not None:
        envelope, envelope_rate_hz = envelope_v(recording.emg, recording.emg_rate_hz)
    header.setdefault("end_s", recording.end_s)
    header.setdefault("faults", recording.meta.get("faults", []))
    write_scene(path, recording.imu, recording.imu_rate_hz, envelope, envelope_rate_hz, **header)
