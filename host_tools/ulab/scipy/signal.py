"""ulab.scipy.signal on SciPy, in single precision."""

import numpy as _np
from scipy import signal as _signal

from host_tools.ulab.single_array import SingleArray as _SingleArray
from host_tools.ulab.single_array import of as _of
from host_tools.ulab.single_array import plain as _plain


def __getattr__(name):
    raise AttributeError(
        f"ulab.scipy.signal.{name} is not a call HipCue's core may make (host_tools/ulab/allow_list.py)"
    )


def sosfilt(sos, x, *, zi=None):
    """As scipy.signal.sosfilt of a one-dimensional x in float32; (y, zf) only where zi of (sections, 2) is given."""
    if not isinstance(x, (_SingleArray, list, tuple, range)):
        raise TypeError("sosfilt requires iterable arguments")
    values = _np.array(_plain(x), _np.float32)
    if values.ndim > 1:
        raise ValueError("input must be one-dimensional")
    sections = _np.array([_plain(section) for section in sos], _np.float32)
    if zi is None:
        return _of(_signal.sosfilt(sections, values))
    _check_state(zi, len(sections))
    y, zf = _signal.sosfilt(sections, values, zi=_plain(zi))
    return _of(y), _of(zf)


def _check_state(zi, sections):
    if not isinstance(zi, _SingleArray):
        raise TypeError("zi must be an ndarray")
    if zi.shape != (sections, 2):
        raise ValueError("zi must be of shape (n_section, 2)")
    if zi.dtype != _np.float32:
        raise ValueError("zi must be of float type")
    if not _plain(zi).flags.c_contiguous:
        raise ValueError("ulab reads zi as if it were dense")
