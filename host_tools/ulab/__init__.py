"""ulab's names on NumPy and SciPy, so that hipcue.core runs on CPython: call install() before importing it.

Only what allow_list.py names is here. Results follow ulab where NumPy differs: floats are single precision throughout
(as on the clip, so that a replay differs from it by rounding alone), integer types mix as in ulab, np.arange of
integers and np.array of anything have ulab's types, and numbers taken out of arrays are plain Python numbers, in which
CPython then computes in double precision. Where ulab would touch memory outside an array, ValueError is raised.
Code outside the core that wants all of NumPy on a result takes numpy.asarray of it first.
"""

import importlib.util
import sys

import numpy as _numpy_package

from . import micropython, numpy, scipy, utils

__version__ = "NumPy " + _numpy_package.__version__


def install():
    """Makes `import ulab` give this package, and `micropython` what the core takes of it, unless there is a ulab."""
    if importlib.util.find_spec("ulab") is not None:
        return
    sys.modules["ulab"] = sys.modules[__name__]
    sys.modules["ulab.numpy"] = numpy
    sys.modules["ulab.scipy"] = scipy
    sys.modules["ulab.scipy.signal"] = scipy.signal
    sys.modules["ulab.utils"] = utils
    sys.modules["micropython"] = micropython
