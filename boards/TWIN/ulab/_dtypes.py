"""Element types: ulab's codes, its rules for mixing them, and how values are brought into a type."""

from array import array

FLOAT = 102  # ord("f"), as all codes are the array type codes
INT16 = 104
UINT16 = 72
INT8 = 98  # never made by name here; ulab gives it to small negative integers
UINT8 = 66
BOOL = 63

NAMES = {FLOAT: "float32", INT16: "int16", UINT16: "uint16", INT8: "int8", UINT8: "uint8", BOOL: "bool"}

_INTERPRETER_IS_SINGLE = 1.0 + 2.0**-30 == 1.0


def single(values):
    """Float values rounded to single precision: on the twin they already are, CPython's need it."""
    if _INTERPRETER_IS_SINGLE:
        return values
    return array("f", values).tolist()


def of_number(number, other):
    """The type ulab gives a Python number that meets an array of type `other` (0: no array)."""
    if isinstance(number, bool):
        return UINT8
    if isinstance(number, float) or not -32768 <= number <= 65535:
        return FLOAT
    if number < 0:
        return INT8 if number >= -128 else INT16
    if other == INT8 or other == INT16:
        return INT8 if number < 128 else INT16
    return UINT8 if number < 256 else UINT16


def upcast(left, right):
    """The type of left + right (ulab: mixed 16-bit signs give float, other mixes the wider or signed type)."""
    if left == FLOAT or right == FLOAT:
        return FLOAT
    left = UINT8 if left == BOOL else left
    right = UINT8 if right == BOOL else right
    if left == right:
        return left
    pair = (left, right)
    if INT16 in pair and UINT16 in pair:
        return FLOAT
    if UINT16 in pair and UINT8 in pair:
        return UINT16
    return INT16


def wrap(values, dtype):
    """Integers wrapped into the range of `dtype` as C does; floats pass through in single precision."""
    if dtype == FLOAT:
        return single(values)
    if dtype == INT16:
        return [((value + 32768) & 65535) - 32768 for value in values]
    if dtype == UINT16:
        return [value & 65535 for value in values]
    if dtype == INT8:
        return [((value + 128) & 255) - 128 for value in values]
    return [value & 255 for value in values]


def convert(values, source, dtype):
    """Values of type `source` as `dtype`: floats round half away from zero into integers, then wrap."""
    if dtype == source:
        return values
    if dtype == FLOAT:
        return [value * 1.0 for value in values]
    if dtype == BOOL:
        return [value != 0 for value in values]
    if source == FLOAT:
        values = [int(value + 0.5) if value >= 0 else int(value - 0.5) for value in values]
    elif source == BOOL:
        values = [1 if value else 0 for value in values]
    return wrap(values, dtype)


def forget_bool(values, shape, dtype):
    """The three as they are, but Booleans as uint8: where ulab copies their bytes it forgets what they were."""
    if dtype == BOOL:
        return [1 if value else 0 for value in values], shape, UINT8
    return values, shape, dtype
