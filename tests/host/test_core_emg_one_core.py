"""The EMG core on three interpreters: CPython with NumPy, the twin with the stand-in for ulab, the twin with real ulab.

What differs is rounding. The electrodes' offset here is 5e6 LSB, which single precision holds to 0.25 LSB; the
band-pass makes 0.15 uV RMS of it, 0.6 uV at the most (measured against double precision; the ADS1292 itself makes
1.6 uV). By the triangle inequality a window's RMS moves by no more than the RMS of what is added in it: 0.5 uV over
24 ms and more of two such noises. Onsets are on a grid of 12 ms; a step's may fall on the next of it where two lie
equally deep.
"""

import json
from pathlib import Path

import emg_run
import numpy
import pytest
from emg_run import own
from one_source import CPYTHON, printed

from host_tools.runners import emg

REPLAY = Path(__file__).with_name("emg_replay.py")
NEAR_UV = 0.5
QUALITY, ONSET = 0, 4
DURATION_S = 220.0  # enough segments for a median frequency at its end


@pytest.fixture(scope="module")
def steps():
    return emg.make_steps(numpy.random.default_rng(31), DURATION_S)


@pytest.fixture(scope="module")
def job(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("emg_one_core")
    random = numpy.random.default_rng(32)
    count = int(DURATION_S * emg.RATE_HZ)
    signal = emg.emg_uv(random, emg.activation(steps, count)) + (240e3, -100e3)
    signal[60_000:70_000, emg.LEFT] += emg.mains_uv(10_000, 80.0)
    signal[80_000:90_000, emg.RIGHT] += emg.movement_uv(random, 10_000, 200.0)
    signal[95_000:96_000, emg.LEFT] = 1e6
    motor = [100_010, 100_250]
    signal[slice(*motor)] += emg.motor_uv(240, numpy.ones(240, bool))[:, None]
    emg_run.to_lsb(signal).tofile(folder / "frames")
    path = folder / "job.json"
    path.write_text(
        json.dumps(
            {
                "frames": str(folder / "frames"),
                "block": 80,
                "steps": numpy.stack((steps.contact, steps.stance_end), axis=1).ravel().tolist(),
                "motor": motor,
                "lead_off": [110_000, 111_000],
                "lost": [120_000, 120_720],
            }
        )
    )
    return path


def replay(command, job):
    *readings, medians = printed(command, REPLAY, job, timeout_s=300)
    return readings, medians


@pytest.fixture(scope="module")
def on_numpy(job):
    return replay(CPYTHON, job)


def test_the_run_is_worth_comparing(on_numpy, steps):
    readings, medians = on_numpy
    quality = numpy.array([reading[QUALITY] for reading in readings]).reshape(-1, 2)
    assert len(quality) == len(steps.contact)
    assert numpy.bitwise_or.reduce(quality.ravel()) & 0b11001111 == 0b11001111
    onsets = [reading[ONSET] for reading in readings]
    assert sum(onset is not None for onset in onsets) > 0.8 * len(own(steps)) and None not in medians


def test_the_same_readings_on_micropython(micropython, job, on_numpy):
    readings, medians = replay(micropython, job)
    assert len(readings) == len(on_numpy[0])
    differing = 0
    for reading, other in zip(readings, on_numpy[0], strict=True):
        differing += reading[QUALITY] != other[QUALITY] or reading[ONSET] != other[ONSET]
        if reading[QUALITY] == other[QUALITY]:
            for value, expected in zip(reading[1:ONSET], other[1:ONSET], strict=True):
                assert value == (expected if expected is None else pytest.approx(expected, abs=NEAR_UV))
    assert differing <= 0.005 * len(readings)
    assert medians == pytest.approx(on_numpy[1], abs=0.05)
