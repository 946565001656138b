"""Storage: a flat list of Python numbers seen through an offset and one step per axis, so that slices share memory."""

from . import _dtypes, _operands, _shapes
from ._dtypes import BOOL, UINT8


class View:
    """The elements of an array: which they are, reading and writing them. The operators are in ndarray.

    `buffer` is kept, not copied: a list of numbers already in `dtype`, or with `steps` a SharedBuffer.
    """

    def __init__(self, buffer, shape, dtype, steps=None, offset=0):
        self._buffer = buffer
        self.shape = shape
        self._dtype = dtype
        self._offset = offset
        # None while the array is its whole buffer in order: then no loop needs to copy the elements out first.
        self._steps = steps

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
        row_step, step = self._steps or (columns, 1)
        return type(self)(self._buffer, (columns, rows), self._dtype, (step, row_step), self._offset)

    def transpose(self):
        return self.T

    def copy(self):
        return type(self)(list(self._values()), self.shape, self._dtype)

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
        if self._steps is None:
            return type(self)(self._buffer, shape, self._dtype)
        if self._is_dense():
            return type(self)(self._buffer, shape, self._dtype, _shapes.dense_steps(shape), self._offset)
        return type(self)(self._values(), shape, self._dtype)

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

    def _is_dense(self):
        return self._steps is None or self._steps == _shapes.dense_steps(self.shape)

    def _values(self):
        """All elements, row after row, as a list that may be the buffer itself: read it, never change it."""
        if self._steps is None:
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
            return self._buffer[start : start + count * step : step]
        buffer = self._buffer
        return [buffer[start + step * position] for position in range(count)]

    def _store(self, values):
        """Writes a flat list of all elements, already in this array's type."""
        if self._steps is None:
            self._buffer[:] = values
            return
        rows, columns = self.shape if len(self.shape) == 2 else (1, self.shape[0])
        row_step, step = self._steps if len(self._steps) == 2 else (0, self._steps[0])
        buffer = self._buffer
        for row in range(rows):
            start = self._offset + row * row_step
            if step == 1:
                buffer[start : start + columns] = values[row * columns : (row + 1) * columns]
            else:
                for column in range(columns):
                    buffer[start + column * step] = values[row * columns + column]

    def __getitem__(self, index):
        if isinstance(index, View):
            return self._masked(index)
        steps = self._steps or _shapes.dense_steps(self.shape)
        shape, steps, offset = _shapes.view(self.shape, steps, self._offset, index)
        if shape:
            return type(self)(self._buffer, shape, self._dtype, steps, offset)
        return self._buffer[offset]

    def __setitem__(self, index, value):
        values, shape, dtype = operand(value, 0)
        values = _dtypes.convert(values, dtype, self._dtype)
        if isinstance(index, View):
            self._set_masked(index, values)
            return
        steps = self._steps or _shapes.dense_steps(self.shape)
        target_shape, steps, offset = _shapes.view(self.shape, steps, self._offset, index)
        if not target_shape:
            if len(values) != 1:
                raise ValueError("operands could not be broadcast together")
            self._buffer[offset] = values[0]
            return
        _shapes.check_fills(shape, target_shape)
        target = View(self._buffer, target_shape, self._dtype, steps, offset)
        target._store(_shapes.spread(values, shape, target_shape))

    def _mask(self, mask):
        if mask._dtype != BOOL or len(mask.shape) > 1:
            raise NotImplementedError("operation is implemented for 1D Boolean arrays only")
        if len(self.shape) > 1 or mask.shape != self.shape:
            raise ValueError("array and index length must be equal")
        return mask._values()

    def _masked(self, mask):
        mask = self._mask(mask)
        values = self._values()
        chosen = [values[i] for i in range(len(values)) if mask[i]]
        return type(self)(*_dtypes.forget_bool(chosen, (len(chosen),), self._dtype))

    def _set_masked(self, mask, values):
        mask = self._mask(mask)
        positions = [i for i in range(len(mask)) if mask[i]]
        if len(values) not in (1, len(positions)):
            raise ValueError("operands could not be broadcast together")
        if len(values) == 1:
            values = values * len(positions)
        step = 1 if self._steps is None else self._steps[0]
        for i in range(len(positions)):
            self._buffer[self._offset + positions[i] * step] = values[i]


def operand(value, other):
    """A number, sequence or array as (flat values, shape, type), beside an array of type `other` (0: none)."""
    if isinstance(value, View):
        return value._values(), value.shape, value._dtype
    if _operands.is_number(value):
        return _operands.of_number(value, other)
    return _operands.of_sequence(value, _dtypes.FLOAT)
