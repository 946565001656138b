"""The array: a flat list of Python numbers seen through an offset and one step per axis, so slices share memory."""

from . import _dtypes, _loops, _shapes
from ._dtypes import BOOL, FLOAT, UINT8


class ndarray:
    """One- or two-dimensional array; make it with np.array, np.zeros and the like.

    `buffer` is kept, not copied: a list of numbers already in `dtype`, or with `steps` a SharedBuffer.
    """

    def __init__(self, buffer, shape, dtype, steps=None, offset=0):
        self._buffer = buffer
        self.shape = shape
        self._dtype = dtype
        self._offset = offset
        self._steps = _shapes.dense_steps(shape) if steps is None else steps
        # True while the array is its whole buffer in order: then no loop needs to copy it out first.
        self._is_whole = steps is None

    @property
    def dtype(self):
        return UINT8 if self._dtype == BOOL else self._dtype

    @property
    def size(self):
        return _shapes.size_of(self.shape)

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def T(self):
        if len(self.shape) == 1:
            return self
        rows, columns = self.shape
        return self._view((columns, rows), (self._steps[1], self._steps[0]), self._offset)

    def transpose(self):
        return self.T

    def copy(self):
        return ndarray(list(self._values()), self.shape, self._dtype)

    def reshape(self, shape):
        """The same elements under another shape (one length may be -1): a view where the array is dense."""
        if not isinstance(shape, (int, tuple)):
            raise TypeError("shape must be integer or tuple of integers")
        shape = _shapes.checked(shape)
        if -1 in shape:
            known = -_shapes.size_of(shape)
            shape = tuple([self.size // known if length == -1 else length for length in shape])
        if _shapes.size_of(shape) != self.size:
            raise ValueError("cannot reshape array")
        if self._steps == _shapes.dense_steps(self.shape):
            return self._view(shape, _shapes.dense_steps(shape), self._offset)
        return ndarray(list(self._values()), shape, self._dtype)

    def tolist(self):
        values = list(self._values())
        if len(self.shape) == 1:
            return values
        rows, columns = self.shape
        return [values[row * columns : (row + 1) * columns] for row in range(rows)]

    def __len__(self):
        return self.shape[0]

    def __iter__(self):
        if len(self.shape) == 1:
            return iter(self._values())
        return iter([self[row] for row in range(self.shape[0])])

    def __repr__(self):
        return "array({}, dtype={})".format(self.tolist(), _dtypes.NAMES[self._dtype])

    # Reading and writing elements

    def _view(self, shape, steps, offset):
        view = ndarray(self._buffer, shape, self._dtype, steps, offset)
        view._is_whole = self._is_whole and _shapes.size_of(shape) == len(self._buffer) and steps[-1] == 1
        view._is_whole = view._is_whole and steps == _shapes.dense_steps(shape)
        return view

    def _values(self):
        """All elements, row after row, as a list that may be the buffer itself: read it, never change it."""
        if self._is_whole:
            return self._buffer
        if len(self.shape) == 1:
            return self._run(self._offset, self._steps[0], self.shape[0])
        rows, columns = self.shape
        row_step, step = self._steps
        if row_step == columns and step == 1:
            return self._run(self._offset, 1, rows * columns)
        values = []
        for row in range(rows):
            values += self._run(self._offset + row * row_step, step, columns)
        return values

    def _run(self, start, step, count):
        if step == 1:
            return self._buffer[start : start + count]
        if step > 1:
            return self._buffer[start : start + (count - 1) * step + 1 : step]
        buffer = self._buffer
        return [buffer[start + step * position] for position in range(count)]

    def _store(self, values):
        """Writes a flat list of all elements, already in this array's type."""
        if self._is_whole:
            self._buffer[:] = values
            return
        shape = self.shape if len(self.shape) == 2 else (1, self.shape[0])
        row_step, step = self._steps if len(self._steps) == 2 else (0, self._steps[0])
        rows, columns = shape
        buffer = self._buffer
        for row in range(rows):
            start = self._offset + row * row_step
            if step == 1:
                buffer[start : start + columns] = values[row * columns : (row + 1) * columns]
            else:
                for column in range(columns):
                    buffer[start + column * step] = values[row * columns + column]

    def _check_mask(self, mask):
        if mask._dtype != BOOL or len(mask.shape) > 1:
            raise NotImplementedError("operation is implemented for 1D Boolean arrays only")
        if len(self.shape) > 1 or mask.shape != self.shape:
            raise ValueError("array and index length must be equal")
        return mask._values()

    def __getitem__(self, index):
        if isinstance(index, ndarray):
            values = self._values()
            mask = self._check_mask(index)
            chosen = [values[i] for i in range(len(values)) if mask[i]]
            return _without_bool(chosen, (len(chosen),), self._dtype)
        shape, steps, offset = _shapes.view(self.shape, self._steps, self._offset, index)
        if shape:
            return self._view(shape, steps, offset)
        return self._buffer[offset]

    def __setitem__(self, index, value):
        source = value if isinstance(value, ndarray) else _of_anything(value, 0)
        if isinstance(index, ndarray):
            self._set_masked(self._check_mask(index), source)
            return
        shape, steps, offset = _shapes.view(self.shape, self._steps, self._offset, index)
        if not shape:
            if source.size != 1:
                raise ValueError("operands could not be broadcast together")
            self._buffer[offset] = _dtypes.convert(source._values(), source._dtype, self._dtype)[0]
            return
        view = self._view(shape, steps, offset)
        if source.size == 0 and view.size == 0:
            return
        if view.size == 0 or source.size == 0:
            raise ValueError("one side of the assignment is empty")
        if _shapes.broadcast(shape, source.shape)[-len(shape) :] != shape or source.size > view.size:
            raise ValueError("operands could not be broadcast together")
        values = list(_dtypes.convert(source._values(), source._dtype, self._dtype))
        view._store(_shapes.spread(values, source.shape, shape))

    def _set_masked(self, mask, source):
        positions = [i for i in range(len(mask)) if mask[i]]
        if source.size not in (1, len(positions)):
            raise ValueError("operands could not be broadcast together")
        values = _dtypes.convert(source._values(), source._dtype, self._dtype)
        if source.size == 1:
            values = values * len(positions)
        for position, value in zip(positions, values):
            self._buffer[self._offset + position * self._steps[0]] = value

    # Operators

    def __add__(self, other):
        return _arithmetic(_loops.ADD, self, other)

    def __radd__(self, other):
        return _arithmetic(_loops.ADD, self, other)

    def __iadd__(self, other):
        return self._in_place(_loops.ADD, other)

    def __sub__(self, other):
        return _arithmetic(_loops.SUBTRACT, self, other)

    def __rsub__(self, other):
        return _arithmetic(_loops.SUBTRACT, _of_anything(other, self._dtype), self)

    def __isub__(self, other):
        return self._in_place(_loops.SUBTRACT, other)

    def __mul__(self, other):
        return _arithmetic(_loops.MULTIPLY, self, other)

    def __rmul__(self, other):
        return _arithmetic(_loops.MULTIPLY, self, other)

    def __imul__(self, other):
        return self._in_place(_loops.MULTIPLY, other)

    def __truediv__(self, other):
        return _divide(self, other)

    def __rtruediv__(self, other):
        return _divide(_of_anything(other, self._dtype), self)

    def __itruediv__(self, other):
        if self._dtype != FLOAT:
            raise TypeError("results cannot be cast to specified type")
        return self._in_place(_loops.DIVIDE, other)

    def __gt__(self, other):
        return _compare(_loops.GREATER, self, other)

    def __ge__(self, other):
        return _compare(_loops.GREATER_EQUAL, self, other)

    def __lt__(self, other):
        return _compare(_loops.LESS, self, other)

    def __le__(self, other):
        return _compare(_loops.LESS_EQUAL, self, other)

    def __eq__(self, other):
        return _compare(_loops.EQUAL, self, other)

    def __ne__(self, other):
        return _compare(_loops.NOT_EQUAL, self, other)

    __hash__ = None

    def __neg__(self):
        return _result([-value for value in self._values()], self.shape, self._dtype)

    def __abs__(self):
        return _result([abs(value) for value in self._values()], self.shape, self._dtype)

    def __invert__(self):
        _check_masks(self, self)
        return ndarray([not value for value in self._values()], self.shape, BOOL)

    def __and__(self, other):
        _check_masks(self, other)
        pairs = zip(self._values(), other._values())
        return ndarray([a and b for a, b in pairs], self.shape, BOOL)

    def __or__(self, other):
        _check_masks(self, other)
        pairs = zip(self._values(), other._values())
        return ndarray([a or b for a, b in pairs], self.shape, BOOL)

    def _in_place(self, operation, other):
        result = _arithmetic(operation, self, other)
        if result._dtype == FLOAT and self._dtype != FLOAT:
            raise TypeError("cannot cast output with casting rule")
        if result.shape != self.shape:
            raise ValueError("operands could not be broadcast together")
        self._store(_dtypes.convert(result._values(), result._dtype, self._dtype))
        return self


def is_number(value):
    return isinstance(value, (float, int, bool))


def from_nested(items, dtype):
    """An array of a sequence of numbers, or of a sequence of equally long sequences (arrays included)."""
    items = list(items)
    if not items or is_number(items[0]):
        return ndarray(_elements(items, dtype), (len(items),), dtype)
    rows = [list(row) for row in items]
    columns = len(rows[0])
    values = []
    for row in rows:
        if len(row) != columns:
            raise ValueError("rows differ in length")
        values += row
    if columns and not is_number(values[0]):
        raise ValueError("too many dimensions")
    return ndarray(_elements(values, dtype), (len(rows), columns), dtype)


def _elements(values, dtype):
    if dtype == FLOAT:
        return _dtypes.single([float(value) for value in values])
    if dtype == BOOL:
        return [bool(value) for value in values]
    for value in values:
        if isinstance(value, float):
            raise TypeError("can't convert float to int")
    return _dtypes.wrap([int(value) for value in values], dtype)


def _of_anything(value, other):
    """A number or sequence as an array that can meet one of type `other`."""
    if isinstance(value, ndarray):
        return value
    if is_number(value):
        dtype = _dtypes.of_number(value, other)
        return ndarray(_elements([value], dtype), (1,), dtype)
    return from_nested(value, FLOAT)


def _result(values, shape, dtype):
    return ndarray(_dtypes.wrap(values, dtype), shape, dtype)


def _without_bool(values, shape, dtype):
    """Where ulab copies a Boolean array's bytes it forgets that they were Boolean."""
    if dtype == BOOL:
        return ndarray([1 if value else 0 for value in values], shape, UINT8)
    return ndarray(values, shape, dtype)


def _check_masks(left, right):
    if not isinstance(right, ndarray) or left._dtype != BOOL or right._dtype != BOOL or left.shape != right.shape:
        raise TypeError("the stand-in combines Boolean arrays of one shape only")


def elementwise(operation, left, right, dtype):
    """(flat list, shape) of an operation on an array and a number or array; ints become floats if `dtype` is float."""
    between_arrays, with_number = operation
    left_values = left._values()
    if dtype == FLOAT and left._dtype != FLOAT:
        left_values = _dtypes.convert(left_values, left._dtype, FLOAT)
    if is_number(right):
        if dtype == FLOAT:
            right = _dtypes.single([right * 1.0])[0]
        return with_number(left_values, right), left.shape
    right_values = right._values()
    if dtype == FLOAT and right._dtype != FLOAT:
        right_values = _dtypes.convert(right_values, right._dtype, FLOAT)
    if left.shape == right.shape:
        return between_arrays(left_values, right_values), left.shape
    if 0 in left.shape or 0 in right.shape:
        return [], (0,)
    shape = _shapes.broadcast(left.shape, right.shape)
    if len(right_values) == 1 and shape == left.shape:
        return with_number(left_values, right_values[0]), shape
    left_values = _shapes.spread(left_values, left.shape, shape)
    return between_arrays(left_values, _shapes.spread(right_values, right.shape, shape)), shape


def common_dtype(left, right):
    """The type two operands are brought to; `left` is an array."""
    other = right._dtype if isinstance(right, ndarray) else _dtypes.of_number(right, left._dtype)
    return _dtypes.upcast(left._dtype, other)


def _arithmetic(operation, left, right):
    if not is_number(right):
        right = _of_anything(right, left._dtype)
    dtype = common_dtype(left, right)
    values, shape = elementwise(operation, left, right, dtype)
    return _result(values, shape, dtype)


def _divide(left, right):
    if not is_number(right):
        right = _of_anything(right, left._dtype)
    if common_dtype(left, right) == FLOAT:
        return _arithmetic(_loops.DIVIDE, left, right)
    values, shape = elementwise(_loops.DIVIDE_INTEGERS, left, right, UINT8)
    return _result(values, shape, FLOAT)


def _compare(operation, left, right):
    if not is_number(right):
        right = _of_anything(right, left._dtype)
    values, shape = elementwise(operation, left, right, common_dtype(left, right))
    return ndarray(values, shape, BOOL)
