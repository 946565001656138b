"""Operands as (flat values, shape, type): made from numbers and sequences, and combined element by element."""

from . import _dtypes, _loops, _shapes
from ._dtypes import BOOL, FLOAT


def is_number(value):
    return isinstance(value, (float, int, bool))


def of_number(number, other):
    """A Python number as the operand it becomes beside an array of type `other` (0: none)."""
    dtype = _dtypes.of_number(number, other)
    return elements([number], dtype), (1,), dtype


def of_sequence(items, dtype):
    """A sequence of numbers, or a sequence of equally long sequences (arrays included), as an operand."""
    items = list(items)
    if not items or is_number(items[0]):
        return elements(items, dtype), (len(items),), dtype
    rows = [list(row) for row in items]
    columns = len(rows[0])
    values = []
    for row in rows:
        if len(row) != columns:
            raise ValueError("rows differ in length")
        values += row
    if columns and not is_number(values[0]):
        raise ValueError("too many dimensions")
    return elements(values, dtype), (len(rows), columns), dtype


def elements(values, dtype):
    """Python numbers brought into `dtype`; ulab takes no float for an integer type here."""
    if dtype == FLOAT:
        return _dtypes.single([float(value) for value in values])
    if dtype == BOOL:
        return [bool(value) for value in values]
    for value in values:
        if isinstance(value, float):
            raise TypeError("can't convert float to int")
    return _dtypes.wrap([int(value) for value in values], dtype)


def arithmetic(operation, left, right):
    """left (operation) right in the type the two mix to."""
    dtype = _dtypes.upcast(left[2], right[2])
    values, shape = _combine(operation, left, right, dtype)
    return _dtypes.wrap(values, dtype), shape, dtype


def divide(left, right):
    """left / right as floats; between integers C's integer quotient, as in ulab."""
    if _dtypes.upcast(left[2], right[2]) == FLOAT:
        return arithmetic(_loops.DIVIDE, left, right)
    values, shape = _combine(_loops.DIVIDE_INTEGERS, left, right, 0)
    return _dtypes.single(values), shape, FLOAT


def compare(operation, left, right):
    values, shape = _combine(operation, left, right, 0)
    return values, shape, BOOL


def _combine(operation, left, right, dtype):
    """(flat values, shape) of an operation; integers become floats first where `dtype` is float."""
    between_arrays, with_number = operation
    left_values, left_shape, left_dtype = left
    right_values, right_shape, right_dtype = right
    if dtype == FLOAT:
        left_values = _dtypes.convert(left_values, left_dtype, FLOAT)
        right_values = _dtypes.convert(right_values, right_dtype, FLOAT)
    if left_shape == right_shape:
        return between_arrays(left_values, right_values), left_shape
    if right_shape == (1,) and 0 not in left_shape:
        return with_number(left_values, right_values[0]), left_shape
    if 0 in left_shape or 0 in right_shape:
        return [], (0,)
    shape = _shapes.broadcast(left_shape, right_shape)
    left_values = _shapes.spread(left_values, left_shape, shape)
    return between_arrays(left_values, _shapes.spread(right_values, right_shape, shape)), shape
