"""The twin's stand-in for ulab, and ulab's names on NumPy, held to NumPy and SciPy and to one list of names."""

import importlib.util
import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools import ulab as on_numpy
from host_tools.ulab import allow_list

ROOT = Path(__file__).parents[2]
SINGLE = numpy.float32

examples = settings(max_examples=60, deadline=None, derandomize=True)
floats = st.floats(-1e4, 1e4, width=32, allow_subnormal=False)
lengths = st.integers(1, 9)


def load_standin():
    """The stand-in under a name of its own, since boards/TWIN also holds the twin's time and select."""
    folder = ROOT / "boards" / "TWIN" / "ulab"
    spec = importlib.util.spec_from_file_location(
        "ulab_standin", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules["ulab_standin"] = package
    spec.loader.exec_module(package)
    return package


ulab = load_standin()
np = ulab.numpy


def public(module):
    return sorted(name for name in dir(module) if not name.startswith("_"))


def rows(draw, count, columns):
    return [draw(st.lists(floats, min_size=columns, max_size=columns)) for _ in range(count)]


@st.composite
def operands(draw):
    """Two arrays whose shapes broadcast, as nested lists."""
    count, columns = draw(lengths), draw(lengths)
    shapes = [(count, columns), (1, columns), (count, 1)]
    left, right = [numpy.array(rows(draw, *draw(st.sampled_from(shapes))), SINGLE) for _ in range(2)]
    if draw(st.booleans()) and right.shape[0] == 1:
        right = right[0]
    return left, right


@st.composite
def tables(draw):
    return numpy.array(rows(draw, draw(lengths), draw(lengths)), SINGLE)


slices = st.builds(
    slice,
    st.none() | st.integers(-10, 10),
    st.none() | st.integers(-10, 10),
    st.none() | st.integers(-3, 3).filter(lambda step: step != 0),
)


def make(array):
    return np.array(array.tolist())


def equal(actual, expected):
    """Bit for bit: sums and products of singles computed in double and rounded once are what float32 gives."""
    numpy.testing.assert_array_equal(numpy.array(actual.tolist(), expected.dtype).reshape(actual.shape), expected)


def close(actual, expected, tolerance=1e-5):
    actual = actual.tolist() if hasattr(actual, "tolist") else actual
    scale = max(1.0, float(numpy.max(numpy.abs(expected), initial=0.0)))
    numpy.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * scale)


# One list of names


@pytest.mark.parametrize("package", [ulab, on_numpy], ids=["stand-in", "numpy"])
def test_names_are_the_allow_list(package):
    assert public(package.numpy) == sorted(allow_list.NUMPY)
    assert public(package.numpy.fft) == sorted(allow_list.NUMPY_FFT)
    assert public(package.scipy) == sorted(allow_list.SCIPY)
    assert public(package.scipy.signal) == sorted(allow_list.SCIPY_SIGNAL)
    assert public(package.utils) == sorted(allow_list.UTILS)
    assert public(package.numpy.zeros(3)) == sorted(allow_list.ARRAY) or package is on_numpy


def test_numpy_arrays_refuse_what_is_not_listed():
    array = on_numpy.numpy.ones(3)
    for name in public(numpy.ndarray):
        if name in allow_list.ARRAY:
            getattr(array, name)
        else:
            with pytest.raises(AttributeError, match="allow_list"):
                getattr(array, name)
    with pytest.raises(AttributeError, match="ulab.numpy.cumsum"):
        on_numpy.numpy.cumsum  # noqa: B018 - the access is the test
    with pytest.raises(TypeError, match="square"):
        array**2


def real_ulab_twin():
    binary = Path(os.environ.get("MICROPYTHON", ROOT / "build" / "twin-ulab" / "micropython"))
    if not binary.exists() or ask(binary, "import ulab; print(ulab.__version__)") == "stand-in":
        pytest.skip("no twin with real ulab has been built (make twin USER_C_MODULES=...)")
    return binary


def ask(binary, code):
    return subprocess.run([binary, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_real_ulab_has_every_listed_name():
    binary = real_ulab_twin()
    code = "from ulab import numpy, scipy, utils; print(' '.join(dir({})))"
    for module, names in (
        ("numpy", allow_list.NUMPY),
        ("numpy.fft", allow_list.NUMPY_FFT),
        ("scipy", allow_list.SCIPY),
        ("scipy.signal", allow_list.SCIPY_SIGNAL),
        ("utils", allow_list.UTILS),
    ):
        assert set(names) <= set(ask(binary, code.format(module)).split())
    check = "from ulab import numpy as np; x = np.ones(3); print([n for n in '{}'.split() if not hasattr(x, n)])"
    assert ask(binary, check.format(" ".join(allow_list.ARRAY))) == "[]"


@pytest.mark.parametrize("package", [ulab, on_numpy], ids=["stand-in", "numpy"])
def test_known_answers(package, monkeypatch):
    monkeypatch.setitem(sys.modules, "ulab", package)
    assert runpy.run_path(str(ROOT / "tests" / "twin" / "test_ulab.py"))["run"]() == 0


def test_install_leaves_another_ulab_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "ulab", ulab)
    on_numpy.install()
    assert sys.modules["ulab"] is ulab
    monkeypatch.delitem(sys.modules, "ulab")
    for name in ("ulab.numpy", "ulab.scipy", "ulab.scipy.signal", "ulab.utils"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    on_numpy.install()
    from ulab import numpy as installed

    assert installed is on_numpy.numpy


# Properties: the stand-in against NumPy and SciPy


@examples
@given(operands(), st.sampled_from(["add", "subtract", "multiply", "divide"]))
def test_arithmetic(pair, name):
    left, right = pair
    a, b = make(left), make(right)
    with numpy.errstate(all="ignore"):
        expected = getattr(numpy, name)(left, right)
    actual = {"add": lambda: a + b, "subtract": lambda: a - b, "multiply": lambda: a * b, "divide": lambda: a / b}[
        name
    ]()
    equal(actual, expected)


@examples
@given(tables(), floats)
def test_arithmetic_with_a_number(table, number):
    a = make(table)
    equal(a + number, table + number)
    equal(number - a, number - table)
    equal(a * number, table * number)
    equal(-a, -table)
    equal(abs(a), abs(table))


@examples
@given(operands())
def test_comparison_and_choice(pair):
    left, right = pair
    a, b = make(left), make(right)
    equal(a > b, left > right)
    equal(a <= b, left <= right)
    equal(a == b, left == right)
    equal(np.minimum(a, b), numpy.minimum(left, right))
    equal(np.maximum(a, b), numpy.maximum(left, right))
    equal(np.where(a > b, a, b), numpy.where(left > right, left, right))
    equal(np.clip(a, -5.0, 50.0), numpy.clip(left, -5.0, 50.0))


@examples
@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=9), st.integers(-128, 127))
def test_integers_wrap(numbers, number):
    array = numpy.array(numbers, numpy.int16)
    a = np.array(numbers, dtype=np.int16)
    equal(a + a, array + array)
    equal(a * number, array * numpy.int16(number))
    equal(np.array(numbers, dtype=np.uint8) - np.array([1], dtype=np.uint8), array.astype(numpy.uint8) - numpy.uint8(1))


@examples
@given(tables(), slices, slices, st.integers(-9, 8))
def test_indexing(table, first, second, position):
    a = make(table)
    equal(a[first], table[first])
    equal(a[first, second], table[first, second])
    equal(a.T[second, first], table.T[second, first])
    if -len(table) <= position < len(table):
        equal(a[position], table[position])
        equal(a[position, second], table[position, second])
        equal(a[second][:, ::-1], table[second][:, ::-1])
    equal(a[:, 0][a[:, 0] > 0], table[:, 0][table[:, 0] > 0])


@examples
@given(tables(), slices, slices, floats)
def test_assignment_through_views(table, first, second, number):
    a = make(table)
    target = table[first, second]
    if target.size:
        a[first, second] = number
        table[first, second] = number
        a[first][:, second] = a[first, second] + 1.0
        table[first][:, second] = table[first, second] + SINGLE(1)
        view = a.T[second]
        view += 2.0
        table.T[second] += SINGLE(2)
    a[0][a[0] > 5] = -1.0
    table[0][table[0] > 5] = -1.0
    equal(a, table)


@examples
@given(tables())
def test_shapes(table):
    a = make(table)
    equal(a.reshape((-1,)), table.reshape(-1))
    equal(a.T.reshape((table.size, 1)), table.T.reshape(-1, 1))
    equal(np.concatenate((a, a[:1])), numpy.concatenate((table, table[:1])))
    equal(np.concatenate((a, a[:, :1]), axis=1), numpy.concatenate((table, table[:, :1]), axis=1))
    equal(np.flip(a[0]), numpy.flip(table[0]))
    for actual, expected in zip(np.nonzero(a > 0), numpy.nonzero(table > 0), strict=True):
        equal(actual, expected)


@examples
@given(tables(), st.sampled_from([None, 0, 1]))
def test_reductions(table, axis):
    a = make(table)
    close(np.sum(a, axis=axis), numpy.sum(table, axis=axis, dtype=numpy.float64))
    close(np.mean(a, axis=axis), numpy.mean(table, axis=axis, dtype=numpy.float64))
    close(np.min(a, axis=axis), numpy.min(table, axis=axis), 0)
    close(np.max(a, axis=axis), numpy.max(table, axis=axis), 0)
    assert np.argmin(a) == numpy.argmin(table)
    assert np.argmax(a) == numpy.argmax(table)
    close(np.median(a), numpy.median(table))
    close(np.std(a), numpy.std(table.astype(numpy.float64)))


@examples
@given(st.data(), lengths, lengths, lengths)
def test_dot(data, count, inner, columns):
    left = numpy.array(rows(data.draw, count, inner), SINGLE)
    right = numpy.array(rows(data.draw, inner, columns), SINGLE)
    a, b = make(left), make(right)
    left, right = left.astype(numpy.float64), right.astype(numpy.float64)
    close(np.dot(a, b), left @ right)
    close(np.dot(a, b[:, 0]), left @ right[:, 0], 1e-4)
    close(np.dot(a[0], b), left[0] @ right, 1e-4)


@examples
@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=9))
def test_functions(numbers):
    array = numpy.array(numbers, SINGLE)
    a = make(array)
    close(np.sin(a), numpy.sin(array), 1e-6)
    close(np.cos(a), numpy.cos(array), 1e-6)
    close(np.asin(a), numpy.arcsin(array), 1e-6)
    close(np.acos(a), numpy.arccos(array), 1e-6)
    close(np.sqrt(abs(a)), numpy.sqrt(abs(array)), 1e-6)
    close(np.arctan2(a, np.flip(a)), numpy.arctan2(array, array[::-1]), 1e-6)


@st.composite
def sections(draw):
    """A stable second-order section: poles inside 0.95, or the integrator by trapezoids."""
    if draw(st.booleans()):
        half_step = draw(st.sampled_from([0.5, 0.0024]))
        return (half_step, half_step, 0.0, 1.0, -1.0, 0.0)
    radius, cosine = draw(st.floats(0, 0.95)), draw(st.floats(-1, 1))
    zeros = [draw(st.sampled_from([0.0, 1.0, -0.5, 2.0])) for _ in range(3)]
    return (*zeros, 1.0, -2 * radius * cosine, radius * radius)


@examples
@given(st.lists(sections(), min_size=1, max_size=3), st.data())
def test_sosfilt(sos, data):
    numbers = data.draw(st.lists(st.floats(-100, 100, width=32), min_size=2, max_size=40))
    state = rows(data.draw, len(sos), 2)
    y, zf = ulab.scipy.signal.sosfilt(sos, np.array(numbers), zi=np.array(state))
    expected, expected_zf = scipy.signal.sosfilt(numpy.array(sos), numbers, zi=numpy.array(state))
    close(y, expected, 1e-3)
    close(zf, expected_zf, 1e-3)
    cut = data.draw(st.integers(1, len(numbers) - 1))
    first, middle = ulab.scipy.signal.sosfilt(sos, np.array(numbers[:cut]), zi=np.array(state))
    second, last = ulab.scipy.signal.sosfilt(sos, np.array(numbers[cut:]), zi=middle)
    close(first.tolist() + second.tolist(), y.tolist())
    close(last, zf.tolist())


@examples
@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=20))
def test_int16_buffers(numbers):
    raw = bytearray(numpy.array(numbers, "<i2").tobytes())
    equal(ulab.utils.from_int16_buffer(raw), numpy.array(numbers, SINGLE))
    equal(np.frombuffer(raw, dtype=np.int16), numpy.array(numbers, numpy.int16))
    equal(np.frombuffer(raw, dtype=np.uint8, offset=1), numpy.frombuffer(raw, numpy.uint8, offset=1))


@examples
@given(st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1, max_size=20))
def test_int32_buffers(numbers):
    """24-bit samples are exact in single precision."""
    raw = bytearray(numpy.array(numbers, "<i4").tobytes())
    equal(ulab.utils.from_int32_buffer(raw), numpy.array(numbers, SINGLE))
    equal(on_numpy.utils.from_int32_buffer(raw), numpy.array(numbers, SINGLE))


@examples
@given(st.integers(0, 7), st.data())
def test_fft(exponent, data):
    numbers = data.draw(st.lists(floats, min_size=2**exponent, max_size=2**exponent))
    found, expected = np.fft.fft(np.array(numbers)), numpy.fft.fft(numbers)
    close(np.real(found), expected.real)
    close(np.imag(found), expected.imag)
