"""The one list of ulab names HipCue's core may use.

Held to it by tests: the stand-in (boards/TWIN/ulab), the NumPy version beside this file, the core itself, and real ulab
where a twin with it has been built. A call is added here first, then to both, with a test.
"""

NUMPY = (
    "acos all any arange arctan2 argmax argmin array asin bool clip concatenate cos dot fft flip float frombuffer "
    "imag int16 isfinite max maximum mean median min minimum nonzero ones pi real sin sqrt std sum uint16 uint8 where "
    "zeros"
).split()

NUMPY_FFT = ["fft"]
SCIPY = ["signal"]
SCIPY_SIGNAL = ["sosfilt"]
UTILS = ["from_int16_buffer", "from_int32_buffer"]

# Attributes and methods of an array. Beside them: len, iteration, indexing with integers, slices and one-dimensional
# masks, + - * / (in place too), unary minus, abs(), comparisons, and & | ~ between masks.
ARRAY = ["T", "copy", "dtype", "ndim", "reshape", "shape", "size", "tolist", "transpose"]
