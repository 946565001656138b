"""ulab.scipy.signal: second-order sections."""

from .._dtypes import FLOAT as _FLOAT
from .._dtypes import single as _single
from .._ndarray import ndarray as _ndarray


def sosfilt(sos, x, *, zi=None):
    """Filters a one-dimensional array through second-order sections (direct form II transposed).

    sos: sequence of (b0, b1, b2, 1, a1, a2). x: array, list, tuple or range of n numbers. zi: None, or the state as a
    dense float array of shape (sections, 2), which is not changed. Returns y, a float array of n; with zi, (y, zf).
    """
    y = _input(x)
    state = _state(zi, len(sos))
    for section, coefficients in enumerate(sos):
        coefficients = list(coefficients)
        if len(coefficients) != 6:
            raise ValueError("sos array must be of shape (n_section, 6)")
        if coefficients[3] != 1:
            raise ValueError("sos[:, 3] should be all ones")
        b0, b1, b2, _, a1, a2 = _single([value * 1.0 for value in coefficients])
        y, state[2 * section], state[2 * section + 1] = _filter(
            y, b0, b1, b2, a1, a2, state[2 * section], state[2 * section + 1]
        )
    y = _ndarray(_single(y), (len(y),), _FLOAT)
    return y if zi is None else (y, _ndarray(_single(state), (len(sos), 2), _FLOAT))


def _input(x):
    if isinstance(x, _ndarray):
        if len(x.shape) > 1:
            raise ValueError("input must be one-dimensional")
        values = x._values()
        return list(values) if x.dtype == _FLOAT else [value * 1.0 for value in values]
    if isinstance(x, (list, tuple, range)):
        return _single([value * 1.0 for value in x])
    raise TypeError("sosfilt requires iterable arguments")


def _state(zi, sections):
    if zi is None:
        return [0.0] * (2 * sections)
    if not isinstance(zi, _ndarray):
        raise TypeError("zi must be an ndarray")
    if zi.shape != (sections, 2):
        raise ValueError("zi must be of shape (n_section, 2)")
    if zi.dtype != _FLOAT:
        raise ValueError("zi must be of float type")
    if not zi._is_dense():
        raise ValueError("ulab reads zi as if it were dense")
    return list(zi._values())


def _filter(x, b0, b1, b2, a1, a2, z0, z1):
    """One section over a list: (filtered list, new z0, new z1). The same roundings in each branch."""
    y = []
    keep = y.append
    if b2 == 0 and a2 == 0 and z1 == 0:
        if b0 == b1 and a1 == -1:  # the integrator by trapezoids
            for value in x:
                half = b0 * value
                filtered = half + z0
                z0 = half + filtered
                keep(filtered)
            return y, z0, z1
        for value in x:
            filtered = b0 * value + z0
            z0 = b1 * value - a1 * filtered
            keep(filtered)
        return y, z0, z1
    for value in x:
        filtered = b0 * value + z0
        z0 = z1 + b1 * value - a1 * filtered
        z1 = b2 * value - a2 * filtered
        keep(filtered)
    return y, z0, z1
