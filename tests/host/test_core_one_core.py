"""One core on three interpreters: CPython with NumPy, the twin with the stand-in for ulab, the twin with real ulab.

What differs is rounding. Numbers of single precision round by at most 6e-8 of themselves; a step's chunk sums some 37
forces, so gravity's direction, from sums of 17 to 23 such steps, is off by 37 * 6e-8 rad at worst, 0.00013 deg. A
rotation summed over as many moments adds as much, and what the bias learns of both as much again. Bound: 0.0005 deg, a
twentieth of a record's unit. Contacts are read at a slope between two jerks, each of three products: 0.001 samples (5
us).
"""

import ast
import json
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from core_run import calibrated, raw_frames
from one_source import CORE, CPYTHON, printed

from host_tools.runners.record import record
from host_tools.runners.scenario import BOWS, Scenario, Stretch, Turn, easy_run
from host_tools.ulab import allow_list

REPLAY = Path(__file__).with_name("core_replay.py")
DEG, SAMPLES = 0.0005, 0.001
TOLERANCES = {
    "early": SAMPLES,
    "period": 2 * SAMPLES,
    "contact_samples": 2 * SAMPLES,
    "peak_drop_causal_deg": DEG,
    "peak_drop_deg": DEG,
    "excursion_deg": 2 * DEG,  # the drop at contact moves by its slope, 50 deg/s, times 5 us, as well
}
# Stand, bows, walk, run, and a bend; LSB of the sensor.
SHORT = Scenario(
    name="short",
    duration_s=48.0,
    stretches=(Stretch("walk", 19.0, 22.0, 112.0, 1.4), easy_run(22.0, 46.0, 172.0)),
    turns=(Turn(38.0, 3.0, 60.0),),
)


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one_core")
    recording = record(replace(SHORT))
    frames = raw_frames(recording)
    params = calibrated(recording, frames)
    frames[int(BOWS.end_s * 208) :].tofile(folder / "frames")
    names = "rate_hz accel_scale_mps2 gyro_scale_rads mount gyro_bias_rads accel_bias_mps2 gravity_mps2".split()
    given = {name: getattr(params, name) for name in names}
    return {"frames": str(folder / "frames"), "block": 16, "lost_before": 0, "params": given}


def replay(command, job):
    path = Path(job["frames"]).with_name("job.json")
    path.write_text(json.dumps(job))
    return printed(command, REPLAY, path)


@pytest.fixture(scope="module")
def on_numpy(job):
    return replay(CPYTHON, job)


def fields():
    """The names of a replayed step's values."""
    for node in ast.walk(ast.parse(REPLAY.read_text())):
        if isinstance(node, ast.Assign) and node.targets[0].id == "FIELDS":
            return node.value.func.value.value.split()
    raise AssertionError("core_replay.py has no FIELDS")


def test_the_run_is_worth_comparing(on_numpy):
    column = dict(zip(fields(), zip(*on_numpy, strict=True), strict=True))
    assert len(on_numpy) > 60 and set(column["side"]) == {0, 1, 2}
    assert sum(value is not None for value in column["peak_drop_deg"]) > 40
    assert len(set(column["quality"])) >= 3  # ok, side unsure, turning


def test_the_same_steps_on_micropython(micropython, job, on_numpy):
    steps = replay(micropython, job)
    assert len(steps) == len(on_numpy)
    for step, other in zip(steps, on_numpy, strict=True):
        for name, value, expected in zip(fields(), step, other, strict=True):
            if name in TOLERANCES and expected is not None:
                assert value == pytest.approx(expected, abs=TOLERANCES[name]), (name, other)
            else:
                assert value == expected, (name, other)


def test_the_time_of_day_changes_no_step(micropython, job):
    """After 20 h: single precision resolves no part of a sample any more, so no sample number may pass through a float.

    What was lost before is told by the first step's quality alone.
    """
    number = int(20 * 3600 * 208) + 1
    late = replay(micropython, job | {"lost_before": number})
    names = fields()
    for early, step in zip(replay(micropython, job), late, strict=True):
        for name, value, other in zip(names, early, step, strict=True):
            if name in ("first", "peak", "stance_end"):
                assert other == value + number, (name, early)
            elif name != "quality" or step is not late[0]:
                assert other == value, (name, early)


MODULES = {
    "ulab": ["numpy", "scipy", "utils"],
    "np": allow_list.NUMPY,
    "np.fft": allow_list.NUMPY_FFT,
    "scipy": allow_list.SCIPY,
    "scipy.signal": allow_list.SCIPY_SIGNAL,
    "utils": allow_list.UTILS,
}


def dotted(node):
    """`a.b` of an attribute on names alone, or None."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return before and before + "." + node.attr
    return None


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_the_core_uses_only_names_of_the_allow_list(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.Import, ast.ImportFrom)) and (
            (getattr(node, "module", None) or node.names[0].name).split(".")[0] == "ulab"
        ):
            assert isinstance(node, ast.ImportFrom) and node.module == "ulab"
            for alias in node.names:
                assert alias.name in MODULES["ulab"]
                assert (alias.asname or alias.name) == ("np" if alias.name == "numpy" else alias.name)
        if isinstance(node, ast.Attribute) and dotted(node.value) in MODULES:
            assert node.attr in MODULES[dotted(node.value)], "%s.%s" % (dotted(node.value), node.attr)


def test_array_methods_of_the_core_are_in_the_allow_list():
    """Methods that NumPy's arrays have and the list does not: none is called, but on a module."""
    foreign = {name for name in dir(numpy.ndarray) if not name.startswith("_")} - set(allow_list.ARRAY)
    for path in CORE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                on_module = dotted(node.func.value) in MODULES
                assert on_module or node.func.attr not in foreign, (path.name, node.func.attr)
