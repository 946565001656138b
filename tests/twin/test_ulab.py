"""Known answers of the ulab calls the core makes: the same on real ulab, on the stand-in and on NumPy.

Run by a twin binary (`micropython tests/twin/test_ulab.py`): prints one line per failure and a count, exits with 1 on
failure. Answers are worked out by hand; where ulab differs from NumPy the test says so.
"""

import sys

from ulab import numpy as np
from ulab import scipy, utils

NAN = float("nan")


def listed(value):
    return value.tolist() if hasattr(value, "tolist") else value


def same(actual, expected):
    actual = listed(actual)
    assert actual == expected, "{} is not {}".format(actual, expected)


def close(actual, expected, tolerance=2e-6):
    actual = listed(actual)
    if not isinstance(expected, list):
        actual, expected = [actual], [expected]
    assert len(actual) == len(expected), "{} is not {}".format(actual, expected)
    for i in range(len(expected)):
        if isinstance(expected[i], list):
            close(actual[i], expected[i], tolerance)
        elif expected[i] != expected[i]:
            assert actual[i] != actual[i], "{} is not NaN".format(actual[i])
        elif abs(expected[i]) == float("inf"):
            assert actual[i] == expected[i], "{} is not {}".format(actual, expected)
        else:
            limit = tolerance * max(1.0, abs(expected[i]))
            assert abs(actual[i] - expected[i]) <= limit, "{} is not {}".format(actual, expected)


def raises(error, function):
    try:
        function()
    except error:
        return
    raise AssertionError("no {}".format(error.__name__))


def ramp():
    return np.array([1.0, 2.0, 3.0, 4.0])


def table():
    return np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def int16s(values):
    return np.array(values, dtype=np.int16)


def test_make():
    same(np.zeros(3), [0.0, 0.0, 0.0])
    same(np.zeros((2, 3)), [[0.0] * 3] * 2)
    same(np.ones((1, 2), dtype=np.uint8), [[1, 1]])
    same(np.array((1, 0, 2), dtype=np.bool), [True, False, True])
    same(np.array([ramp(), ramp()]), [[1.0, 2.0, 3.0, 4.0]] * 2)
    same(np.array(range(3)), [0.0, 1.0, 2.0])
    same(np.array([]).shape, (0,))
    assert np.array(int16s([1, 2])).dtype == np.float  # ulab: an integer array becomes float; NumPy keeps it
    raises(TypeError, lambda: np.array([1.5], dtype=np.int16))
    same(np.array(np.array([1.5, 2.5, -1.5]), dtype=np.int16), [2, 3, -2])


def test_arange():
    whole = np.arange(5)
    same(whole, [0, 1, 2, 3, 4])
    assert whole.dtype == np.int16  # ulab; NumPy gives int64
    same(np.arange(5, 0, -2), [5, 3, 1])
    same(np.arange(1, 2, 0.25), [1.0, 1.25, 1.5, 1.75])
    assert np.arange(3.0).dtype == np.float
    same(len(np.arange(0)), 0)


def test_single_precision():
    same(np.array([16777217.0])[0], 16777216.0)
    same(np.array([1.0])[0] == (np.array([1.0]) + 1e-8)[0], True)


def test_attributes():
    y = table()
    same((y.shape, y.size, y.ndim, len(y)), ((2, 3), 6, 2, 2))
    same((ramp().shape, ramp().ndim), ((4,), 1))


def test_index():
    x, y = ramp(), table()
    same((x[0], x[-1], y[1, 2], y[-1, -1]), (1.0, 4.0, 6.0, 6.0))
    same(x[1:3], [2.0, 3.0])
    same(x[::-1], [4.0, 3.0, 2.0, 1.0])
    same(x[::2], [1.0, 3.0])
    same(x[2:2].shape, (0,))
    same(y[1], [4.0, 5.0, 6.0])
    same(y[:, 1], [2.0, 5.0])
    same(y[0, 1:], [2.0, 3.0])
    same(y[:, 1:], [[2.0, 3.0], [5.0, 6.0]])
    same(y[0:1].shape, (1, 3))
    same([listed(row) for row in y], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    same(list(x), [1.0, 2.0, 3.0, 4.0])
    raises(IndexError, lambda: x[4])


def test_mask():
    x = ramp()
    mask = x > 2
    same(mask, [False, False, True, True])
    same(x[mask], [3.0, 4.0])
    same(x[x > 10].shape, (0,))
    same(mask & (x < 4), [False, False, True, False])
    same(mask | (x < 2), [True, False, True, True])
    same(~mask, [True, True, False, False])
    same(mask[mask], [1, 1])  # ulab forgets that they were Boolean
    raises(NotImplementedError, lambda: np.ones(2)[mask[mask]])
    raises(ValueError, lambda: x[np.array([True, False], dtype=np.bool)])
    raises(NotImplementedError, lambda: x[np.array([1, 0, 1, 0], dtype=np.uint8)])


def test_slices_share_memory():
    x, y = ramp(), table()
    x[1:3][0] = 9
    same(x, [1.0, 9.0, 3.0, 4.0])
    y[1][0] = 99
    y[:, 1:][0, 1] = 77
    y.T[1, 0] = 55
    y.reshape((6,))[0] = 11
    same(y, [[11.0, 55.0, 77.0], [99.0, 5.0, 6.0]])
    copied = y.copy()
    copied[0, 0] = 0
    same(y[0, 0], 11.0)


def test_assign():
    x, y = ramp(), table()
    x[1:3] = x[2:4]
    same(x, [1.0, 3.0, 4.0, 4.0])
    x[::2] = [8, 9]
    same(x, [8.0, 3.0, 9.0, 4.0])
    x[x > 8] = 0
    same(x, [8.0, 3.0, 0.0, 4.0])
    x[x > 3] = np.array([5.0, 6.0])
    same(x, [5.0, 3.0, 0.0, 6.0])
    tail = x[1:]
    tail[tail > 5] = 7
    same(x, [5.0, 3.0, 0.0, 7.0])
    x[2:2] = x[0:0]
    y[:, 0:2] = y[:, 1:3]
    same(y, [[2.0, 3.0, 3.0], [5.0, 6.0, 6.0]])
    y[0] = [7, 8, 9]
    y[:, 2] = 1
    same(y, [[7.0, 8.0, 1.0], [5.0, 6.0, 1.0]])
    y[:] = np.array([1.0, 2.0, 3.0])
    same(y, [[1.0, 2.0, 3.0]] * 2)
    whole = int16s([1, 2, 3])
    whole[0] = 2.5  # ulab rounds half away from zero; NumPy truncates
    whole[1] = -2.5
    same(whole, [3, -3, 3])
    raises(ValueError, lambda: assign_short(x))


def assign_short(x):
    x[0:3] = np.array([1.0, 2.0])


def test_reshape():
    x, y = ramp(), table()
    same(x.reshape((2, 2)), [[1.0, 2.0], [3.0, 4.0]])
    same(y.reshape((-1,)), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    same(y.T.reshape((6,)), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0])
    same(y.transpose(), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])
    same(x.T, [1.0, 2.0, 3.0, 4.0])
    raises(ValueError, lambda: x.reshape((3,)))


def test_arithmetic():
    x = ramp()
    same(x + x, [2.0, 4.0, 6.0, 8.0])
    same(x - 1, [0.0, 1.0, 2.0, 3.0])
    same(1.0 - x, [0.0, -1.0, -2.0, -3.0])
    same(2 * x, [2.0, 4.0, 6.0, 8.0])
    close(1 / x, [1.0, 0.5, 1 / 3, 0.25])
    same(-x, [-1.0, -2.0, -3.0, -4.0])
    same(abs(-x), [1.0, 2.0, 3.0, 4.0])
    infinite = float("inf")
    same(x / 0, [infinite] * 4)
    close(np.array([1.0, -1.0, 0.0, 6.0]) / np.array([0.0, 0.0, 0.0, 2.0]), [infinite, -infinite, NAN, 3.0])
    same(x * (x > 2), [0.0, 0.0, 3.0, 4.0])
    same((x > 2) + (x > 3), [0, 0, 1, 2])
    raises(ValueError, lambda: x + np.ones(3))


def test_broadcast():
    y = table()
    same(y + np.array([1.0, 2.0, 3.0]), [[2.0, 4.0, 6.0], [5.0, 7.0, 9.0]])
    same(np.array([1.0, 2.0, 3.0]) + y, [[2.0, 4.0, 6.0], [5.0, 7.0, 9.0]])
    same(y - np.mean(y, axis=1).reshape((2, 1)), [[-1.0, 0.0, 1.0]] * 2)
    same(np.array([[1.0], [2.0]]) * np.array([1.0, 2.0]), [[1.0, 2.0], [2.0, 4.0]])
    same(y * 2, [[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]])


def test_integer_types():
    whole = int16s([1, 2, 3])
    same(whole * 1000, [1000, 2000, 3000])
    same(int16s([30000]) + int16s([30000]), [-5536])
    same(np.array([200, 100], dtype=np.uint8) * 2, [144, 200])
    same(whole + 0.5, [1.5, 2.5, 3.5])
    same(whole / 2, [0.0, 1.0, 1.0])  # ulab divides integers as C does; NumPy gives 0.5, 1.0, 1.5
    same(whole / 2.0, [0.5, 1.0, 1.5])
    same(whole * ramp()[:3], [1.0, 4.0, 9.0])


def test_in_place():
    x = ramp()
    also = x
    also += 1
    same(x, [2.0, 3.0, 4.0, 5.0])
    also -= np.ones(4)
    x[1:3] *= 10
    same(x, [1.0, 20.0, 30.0, 4.0])
    y = table()
    y += np.array([1.0, 2.0, 3.0])
    same(y, [[2.0, 4.0, 6.0], [5.0, 7.0, 9.0]])
    raises(TypeError, add_half_to_integers)
    raises(ValueError, add_table_to_ramp)


def test_in_place_of_an_alias():
    # Only with MICROPY_PY_ALL_INPLACE_SPECIAL_METHODS does MicroPython call the stand-in's __imul__ and __itruediv__.
    x = ramp()
    also = x
    also *= 2
    also /= 4
    assert listed(x) == [0.5, 1.0, 1.5, 2.0], "*= made a new array: MICROPY_PY_ALL_INPLACE_SPECIAL_METHODS is off"


def add_half_to_integers():
    whole = int16s([1])
    whole += 0.5


def add_table_to_ramp():
    x = ramp()
    x += np.zeros((2, 4))


def test_compare():
    x = ramp()
    same(x >= 2, [False, True, True, True])
    same(x < np.array([2.0, 2.0, 4.0, 4.0]), [True, False, True, False])
    same(x <= 1, [True, False, False, False])
    same(x == 3, [False, False, True, False])
    same(x != 3, [True, True, False, True])
    same(table() > 4, [[False, False, False], [False, True, True]])
    same(np.array([NAN]) > 0, [False])


def test_concatenate():
    x, y = ramp(), table()
    same(np.concatenate((x[:2], x[3:])), [1.0, 2.0, 4.0])
    same(np.concatenate((y, y[:, :1]), axis=1), [[1.0, 2.0, 3.0, 1.0], [4.0, 5.0, 6.0, 4.0]])
    same(np.concatenate((y, y[:1])), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [1.0, 2.0, 3.0]])
    raises(TypeError, lambda: np.concatenate([x, x]))  # ulab takes a tuple only
    raises(ValueError, lambda: np.concatenate((x, int16s([1]))))  # and one type only


def test_reduce():
    x, y = ramp(), table()
    same((np.sum(x), np.mean(x), np.min(x), np.max(x)), (10.0, 2.5, 1.0, 4.0))
    same((np.argmin(x), np.argmax(x), np.argmax(np.array([1.0, 3.0, 3.0]))), (0, 3, 1))
    same((np.sum(y), np.mean(y), np.argmax(y)), (21.0, 3.5, 5))
    same(np.sum(y, axis=0), [5.0, 7.0, 9.0])
    same(np.mean(y, axis=1), [2.0, 5.0])
    same(np.mean(y, axis=-1), [2.0, 5.0])
    same(np.min(y, axis=0), [1.0, 2.0, 3.0])
    same(np.max(y, axis=1), [3.0, 6.0])
    same((np.sum(x, axis=0), np.max(x, axis=0)), (10.0, 4.0))
    same((np.sum(x > 2), np.mean(x > 2), np.sum(int16s([1, 2]))), (2, 0.5, 3))
    same((np.median(x), np.median(x[1:]), np.median(np.array([3.0, 1.0, 2.0]))), (2.5, 3.0, 2.0))
    close(np.std(x), 1.1180340)
    close(np.std(x, ddof=1), 1.2909944)
    same((np.all(x > 0), np.all(x > 1), np.any(x > 3), np.any(x > 4)), (True, False, True, False))
    same((np.sum([1, 2, 3]), np.mean((1, 2)), np.max([1, 3, 2])), (6.0, 1.5, 3))
    same(np.sum(y[:, 1]), 7.0)
    raises(ValueError, lambda: np.max(x[0:0]))


def test_mean_of_a_window():
    # ulab's running mean in single precision: a slow drift near 9.81 is off by 0.0002.
    close(np.mean(np.arange(768.0) * 0.00001 + 9.81), 9.813835, 3e-5)


def test_elementwise():
    close(np.sqrt(np.array([4.0, 2.0, -1.0])), [2.0, 1.41421356, NAN])
    close(np.sin(np.array([0.0, 0.5])), [0.0, 0.47942554])
    close(np.cos(np.array([0.0, 0.5])), [1.0, 0.87758256])
    close(np.asin(np.array([0.0, 0.5, 1.5])), [0.0, 0.52359878, NAN])
    close(np.acos(np.array([1.0, 0.5])), [0.0, 1.04719755])
    close(np.arctan2(np.array([1.0, -1.0]), np.array([1.0, -1.0])), [0.78539816, -2.35619449])
    close(np.arctan2(1.0, 2.0), 0.46364761)
    close((np.sqrt(2.0), np.sin(0.5), np.pi)[0], 1.41421356)
    close(np.pi, 3.14159265)
    close(np.sqrt(int16s([4, 9])), [2.0, 3.0])
    close(np.sqrt(table())[1], [2.0, 2.23606798, 2.44948974])
    same(np.isfinite(np.array([1.0, NAN, float("inf")])), [True, False, False])


def test_choose():
    x = ramp()
    same(np.where(x > 2, x, 0.0), [0.0, 0.0, 3.0, 4.0])
    same(np.where(x > 2, 1, 0), [0, 0, 1, 1])
    same(np.clip(x, 2, 3.5), [2.0, 2.0, 3.0, 3.5])
    same(np.clip(np.array([NAN]), 0.0, 1.0), [1.0])  # ulab: NaN becomes the upper bound; NumPy keeps NaN
    same(np.clip(2.5, 0.0, 1.0), 1.0)
    same(np.minimum(x, 2), [1.0, 2.0, 2.0, 2.0])
    same(np.maximum(x, np.array([4.0, 3.0, 2.0, 1.0])), [4.0, 3.0, 3.0, 4.0])
    same((np.minimum(2, 3), np.maximum(1, 2.5)), (2, 2.5))


def test_rearrange():
    x = ramp()
    same(np.flip(x), [4.0, 3.0, 2.0, 1.0])
    flipped = np.flip(x)
    flipped[0] = 9
    same(x[3], 4.0)
    (where,) = np.nonzero(x > 2)
    same(where, [2, 3])
    same([listed(axis) for axis in np.nonzero(table() > 4)], [[1, 1], [1, 2]])


def test_dot():
    x, y = ramp(), table()
    same(np.dot(x, x), 30.0)
    same(np.dot(y, x[:3]), [14.0, 32.0])
    same(np.dot(x[:2], y), [9.0, 12.0, 15.0])
    same(np.dot(y, y.T), [[14.0, 32.0], [32.0, 77.0]])
    same(np.dot(y.T, y), [[17.0, 22.0, 27.0], [22.0, 29.0, 36.0], [27.0, 36.0, 45.0]])
    raises(ValueError, lambda: np.dot(x, y))


def test_frombuffer():
    memory = bytearray([1, 0, 255, 255, 3, 0])
    numbers = np.frombuffer(memory, dtype=np.int16)
    same(numbers, [1, -1, 3])
    memory[0] = 7
    same(numbers[0], 7)
    numbers[2] = 258
    same(memory[4:], bytearray([2, 1]))
    same(np.frombuffer(memory, dtype=np.int16, count=1, offset=2), [-1])
    same(np.frombuffer(memory, dtype=np.uint16)[1:] * 1.0, [65535.0, 258.0])
    raises(ValueError, lambda: np.frombuffer(memory[:3], dtype=np.int16))


def test_from_int16_buffer():
    raw = bytes([1, 0, 255, 255, 3, 0])
    same(utils.from_int16_buffer(raw), [1.0, -1.0, 3.0])
    same(utils.from_int16_buffer(memoryview(raw)[2:]), [-1.0, 3.0])
    same(utils.from_int16_buffer(raw, count=2), [1.0, -1.0])
    out = np.zeros(4)
    assert utils.from_int16_buffer(raw, out=out) is out
    same(out, [1.0, -1.0, 3.0, 0.0])
    rows = np.ones((2, 3))
    utils.from_int16_buffer(raw, out=rows[1])
    same(rows, [[1.0, 1.0, 1.0], [1.0, -1.0, 3.0]])
    raises(ValueError, lambda: utils.from_int16_buffer(raw, out=np.zeros(1)))
    raises(ValueError, lambda: utils.from_int16_buffer(raw[:3]))
    raises(TypeError, lambda: utils.from_int16_buffer(raw, out=np.zeros(6)[::2]))


def test_from_int32_buffer():
    raw = bytes((1, 0, 0, 0, 255, 255, 255, 255, 0, 0, 128, 255, 255, 255, 127, 0))
    numbers = [1.0, -1.0, -8388608.0, 8388607.0]
    same(utils.from_int32_buffer(raw), numbers)
    same(utils.from_int32_buffer(raw, count=3), numbers[:3])
    out = np.zeros(8)
    utils.from_int32_buffer(raw, count=2, out=out[2:6])
    same(out, [0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0, 0.0])
    same(utils.from_int32_buffer(memoryview(raw)[4:12]), numbers[1:3])
    raises(ValueError, lambda: utils.from_int32_buffer(raw[:6]))
    raises(ValueError, lambda: utils.from_int32_buffer(raw, count=5))
    raises(ValueError, lambda: utils.from_int32_buffer(raw, out=np.zeros(3)))
    raises(TypeError, lambda: utils.from_int32_buffer(raw, out=np.zeros(8)[::2]))


def test_fft():
    """Of a step, of a tone in one bin, of a ramp, of a constant."""

    def parts(x):
        found = np.fft.fft(x)
        return np.real(found), np.imag(found)

    real, imaginary = parts(np.array([1.0, 0.0, 0.0, 0.0]))
    close(real, [1.0] * 4)
    close(imaginary, [0.0] * 4)
    real, imaginary = parts(np.array([0.0, 3.0, 0.0, -3.0]))
    close(real, [0.0] * 4, 1e-5)
    close(imaginary, [0.0, -6.0, 0.0, 6.0], 1e-5)
    found = np.fft.fft(ramp())
    close(np.real(found), [10.0, -2.0, -2.0, -2.0], 1e-5)
    close(np.imag(found), [0.0, 2.0, 0.0, -2.0], 1e-5)
    close(np.real(found[:2]), [10.0, -2.0], 1e-5)
    close(np.imag(found[:2]), [0.0, 2.0], 1e-5)
    x = np.array([2.0] * 16)
    close(parts(x[::2])[0], [16.0] + [0.0] * 7, 1e-5)
    same(x, [2.0] * 16)
    close(parts(int16s([1, -1]))[0], [0.0, 2.0])
    raises(ValueError, lambda: np.fft.fft(np.zeros(12)))
    raises(TypeError, lambda: np.fft.fft(table()))
    raises(NotImplementedError, lambda: np.fft.fft([1.0, 2.0]))


INTEGRATOR = [(0.5, 0.5, 0, 1, -1, 0)]
RESONATOR = [(0.5, 0.25, 0.125, 1, -0.5, 0.25)]


def test_sosfilt():
    sosfilt = scipy.signal.sosfilt
    x = ramp()
    same(sosfilt(INTEGRATOR, x), [0.5, 2.0, 4.5, 8.0])
    same(sosfilt(INTEGRATOR, [1, 2, 3, 4]), [0.5, 2.0, 4.5, 8.0])
    same(x, [1.0, 2.0, 3.0, 4.0])
    # y0 = 0.5; y1 = 1 + 0.25 + 0.25 = 1.5; y2 = 1.5 + 0.5 + 0.125 + 0.75 - 0.125 = 2.75
    same(sosfilt(RESONATOR, x)[:3], [0.5, 1.5, 2.75])
    same(sosfilt(INTEGRATOR + INTEGRATOR, x), [0.25, 1.5, 4.75, 11.0])
    same(sosfilt(np.array(INTEGRATOR), np.flip(x)), [2.0, 5.5, 8.0, 9.5])


def test_sosfilt_state():
    sosfilt = scipy.signal.sosfilt
    x = np.array([0.5, -1.0, 2.0, 4.0, 0.25, -3.0])
    sections = RESONATOR + INTEGRATOR
    start = np.zeros((2, 2))
    whole, last = sosfilt(sections, x, zi=start)
    first, middle = sosfilt(sections, x[:2], zi=start)
    second, end = sosfilt(sections, x[2:], zi=middle)
    same(np.concatenate((first, second)), listed(whole))
    same(end, listed(last))
    same(start, [[0.0, 0.0], [0.0, 0.0]])
    raises(ValueError, lambda: sosfilt(sections, x, zi=np.zeros((1, 2))))
    raises(TypeError, lambda: sosfilt(sections, x, zi=[[0, 0], [0, 0]]))
    raises(ValueError, lambda: sosfilt([(1, 0, 0, 2, 0, 0)], x))
    raises(ValueError, lambda: sosfilt([(1, 0, 0, 1, 0)], x))
    raises(ValueError, lambda: sosfilt(sections, table()))


def run():
    failed = 0
    tests = sorted([name for name in globals() if name.startswith("test_")])
    for name in tests:
        try:
            globals()[name]()
        except Exception as error:
            failed += 1
            print("FAILED {}: {} {}".format(name, type(error).__name__, error))
    print("ulab: {} tests, {} failed".format(len(tests), failed))
    return failed


if __name__ == "__main__" and run():
    sys.exit(1)
