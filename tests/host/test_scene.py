"""The scene file, and the front end that makes an envelope of raw EMG."""

import json

import numpy as np
import pytest

from host_tools.recording.folder import Recording
from host_tools.twin.front_end import ads1292_uv, envelope_v
from host_tools.twin.scene import write_recording_scene, write_scene


def read(path):
    first_line, data = path.read_bytes().split(b"\n", 1)
    return json.loads(first_line), np.frombuffer(data, "<f4")


def test_layout(tmp_path):
    imu = np.arange(12).reshape(2, 6)
    write_scene(tmp_path / "scene", imu, 210.288, np.array([[1.5, 2.5]]), 250.0, halts_s=[0.0], end_s=0.5)
    header, numbers = read(tmp_path / "scene")
    assert header == {
        "imu_rate_hz": 210.288, "imu_samples": 2, "envelope_rate_hz": 250.0, "envelope_samples": 1,
        "halts_s": [0.0], "end_s": 0.5,
    }  # fmt: skip
    assert numbers.tolist() == [*range(12), 1.5, 2.5]


def test_a_recording_ends_its_scene(tmp_path):
    recording = Recording("made", 200.0, np.arange(100) / 200, np.zeros((100, 6)))
    write_recording_scene(tmp_path / "scene", recording)
    header, numbers = read(tmp_path / "scene")
    assert (header["end_s"], header["envelope_samples"], len(numbers)) == (0.5, 0, 600)


def test_raw_emg_goes_through_the_front_end(tmp_path):
    recording = Recording("made", 200.0, np.arange(400) / 200, np.zeros((400, 6)))
    recording.emg, recording.emg_rate_hz = np.zeros((2000, 2)), 1000.0
    write_recording_scene(tmp_path / "scene", recording)
    assert read(tmp_path / "scene")[0]["envelope_samples"] == 500


def test_raw_emg_goes_to_the_science_build_as_it_samples(tmp_path):
    recording = Recording("made", 200.0, np.arange(400) / 200, np.zeros((400, 6)))
    recording.emg, recording.emg_rate_hz = np.full((4000, 2), (100.0, -50.0)), 2000.0
    write_recording_scene(tmp_path / "scene", recording, board="s3")
    header, numbers = read(tmp_path / "scene")
    assert (header["board"], header["envelope_samples"], header["emg_samples"]) == ("s3", 0, 2006)
    assert header["emg_rate_hz"] == pytest.approx(1003.0, rel=1e-3)
    assert numbers[2400:].reshape(-1, 2) == pytest.approx(np.full((2006, 2), (100.0, -50.0)), abs=1e-3)


def test_science_build_without_emg(tmp_path):
    """An envelope cannot be made into what it came from."""
    recording = Recording("made", 200.0, np.arange(400) / 200, np.zeros((400, 6)))
    recording.envelope_v, recording.envelope_rate_hz = np.ones((200, 2)), 100.0
    write_recording_scene(tmp_path / "scene", recording, board="s3")
    header, numbers = read(tmp_path / "scene")
    assert (header["envelope_samples"], len(numbers)) == (0, 2400) and "emg_samples" not in header


@pytest.mark.parametrize("rate_hz", [1000.0, 1925.93, 4000.0])
@pytest.mark.parametrize("tone_hz, gain_db", [(20.0, -0.02), (100.0, -0.43), (262.0, -3.0), (400.0, -7.21)])
def test_band_of_the_ads1292(rate_hz, tone_hz, gain_db):
    """SBAS502C: 3 dB down at 262 Hz for 1000 samples/s, and at the time of the input; sinc^3 elsewhere."""
    t_s = np.arange(int(8 * rate_hz)) / rate_hz
    samples, output_rate_hz = ads1292_uv(np.column_stack([np.sin(2 * np.pi * tone_hz * t_s)] * 2), rate_hz)
    assert output_rate_hz == pytest.approx(1003.0, rel=1e-4) and len(samples) == pytest.approx(8024, abs=1)
    at_s = np.arange(len(samples)) / output_rate_hz
    inner = slice(1000, -1000)
    wave = np.column_stack([np.sin(2 * np.pi * tone_hz * at_s), np.cos(2 * np.pi * tone_hz * at_s)])[inner]
    in_phase, quadrature = np.linalg.lstsq(wave, samples[inner, 0], rcond=None)[0]
    assert 20 * np.log10(in_phase) == pytest.approx(gain_db, abs=0.1)
    assert abs(quadrature) < 0.01


def test_ads1292_leaves_out_what_it_cannot_sample():
    t_s = np.arange(16000) / 4000
    samples, _ = ads1292_uv(np.column_stack([np.sin(2 * np.pi * 700 * t_s)] * 2), 4000.0)
    assert np.abs(samples[1000:-1000]).max() < 0.01


def test_envelope_of_a_sine():
    """100 uV at 100 Hz: mean rectified 2/pi, 0.979 through the high-pass, 0.980 through the low-pass, times 2000."""
    t_s = np.arange(8000) / 4000
    sine_uv = 100 * np.sin(2 * np.pi * 100 * t_s)
    envelope, rate_hz = envelope_v(np.column_stack([sine_uv, 0 * sine_uv]), 4000.0)
    assert rate_hz == 250.0
    assert envelope.shape == (500, 2)
    expected_v = 100e-6 * 2 / np.pi * 0.979 * 0.980 * 2000
    assert envelope[250:, 0].mean() == pytest.approx(expected_v, rel=0.01)
    assert not envelope[:, 1].any()


def test_envelope_rises_with_the_detectors_time_constant():
    """A first-order low-pass of 3.6 Hz is at 63 % after 44 ms."""
    t_s = np.arange(2000) / 1000
    envelope, _ = envelope_v(np.column_stack([100 * np.sin(2 * np.pi * 150 * t_s)] * 2), 1000.0)
    assert envelope[11, 0] / envelope[-100:, 0].mean() == pytest.approx(0.63, abs=0.03)


def test_envelope_stays_within_the_supply():
    loud = np.full((1000, 2), 1e6) * np.where(np.arange(1000) % 10 < 5, 1, -1)[:, None]
    envelope, _ = envelope_v(loud, 1000.0)
    assert envelope.max() == 3.3 and envelope.min() >= 0
