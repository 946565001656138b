"""ulab.numpy: the names HipCue's core may use. What is missing here is missing on purpose."""

# ruff: noqa: F401 - the imports are what this module offers

from . import _fft as fft
from ._create import arange, array, concatenate, frombuffer, ones, zeros
from ._dtypes import BOOL as bool
from ._dtypes import FLOAT as float
from ._dtypes import INT16 as int16
from ._dtypes import UINT8 as uint8
from ._dtypes import UINT16 as uint16
from ._elementwise import acos, arctan2, asin, clip, cos, isfinite, maximum, minimum, sin, sqrt, where
from ._fft import _imag as imag
from ._fft import _real as real
from ._rearrange import dot, flip, nonzero
from ._reduce import all_ as all
from ._reduce import any_ as any
from ._reduce import argmax, argmin, mean, median, std
from ._reduce import max_ as max
from ._reduce import min_ as min
from ._reduce import sum_ as sum

pi = 3.141592653589793
