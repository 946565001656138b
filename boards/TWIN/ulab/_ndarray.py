"""The array with its operators."""

from . import _dtypes, _loops
from ._dtypes import BOOL, FLOAT
from ._operands import arithmetic, compare, divide
from ._view import View, operand


class ndarray(View):
    """One- or two-dimensional array; make it with np.array, np.zeros and the like."""

    def _self(self):
        return self._values(), self.shape, self._dtype

    def _other(self, value):
        return operand(value, self._dtype)

    def __add__(self, other):
        return ndarray(*arithmetic(_loops.ADD, self._self(), self._other(other)))

    def __radd__(self, other):
        return ndarray(*arithmetic(_loops.ADD, self._self(), self._other(other)))

    def __iadd__(self, other):
        return self._in_place(arithmetic(_loops.ADD, self._self(), self._other(other)))

    def __sub__(self, other):
        return ndarray(*arithmetic(_loops.SUBTRACT, self._self(), self._other(other)))

    def __rsub__(self, other):
        return ndarray(*arithmetic(_loops.SUBTRACT, self._other(other), self._self()))

    def __isub__(self, other):
        return self._in_place(arithmetic(_loops.SUBTRACT, self._self(), self._other(other)))

    def __mul__(self, other):
        return ndarray(*arithmetic(_loops.MULTIPLY, self._self(), self._other(other)))

    def __rmul__(self, other):
        return ndarray(*arithmetic(_loops.MULTIPLY, self._self(), self._other(other)))

    def __imul__(self, other):
        return self._in_place(arithmetic(_loops.MULTIPLY, self._self(), self._other(other)))

    def __truediv__(self, other):
        return ndarray(*divide(self._self(), self._other(other)))

    def __rtruediv__(self, other):
        return ndarray(*divide(self._other(other), self._self()))

    def __itruediv__(self, other):
        if self._dtype != FLOAT:
            raise TypeError("results cannot be cast to specified type")
        return self._in_place(divide(self._self(), self._other(other)))

    def __gt__(self, other):
        return ndarray(*compare(_loops.GREATER, self._self(), self._other(other)))

    def __ge__(self, other):
        return ndarray(*compare(_loops.GREATER_EQUAL, self._self(), self._other(other)))

    def __lt__(self, other):
        return ndarray(*compare(_loops.LESS, self._self(), self._other(other)))

    def __le__(self, other):
        return ndarray(*compare(_loops.LESS_EQUAL, self._self(), self._other(other)))

    def __eq__(self, other):
        return ndarray(*compare(_loops.EQUAL, self._self(), self._other(other)))

    def __ne__(self, other):
        return ndarray(*compare(_loops.NOT_EQUAL, self._self(), self._other(other)))

    __hash__ = None

    def __neg__(self):
        return ndarray(_dtypes.wrap([-value for value in self._values()], self._dtype), self.shape, self._dtype)

    def __abs__(self):
        return ndarray(_dtypes.wrap([abs(value) for value in self._values()], self._dtype), self.shape, self._dtype)

    def __invert__(self):
        self._check_masks(self)
        return ndarray([not value for value in self._values()], self.shape, BOOL)

    def __and__(self, other):
        self._check_masks(other)
        left, right = self._values(), other._values()
        return ndarray([left[i] and right[i] for i in range(len(left))], self.shape, BOOL)

    def __or__(self, other):
        self._check_masks(other)
        left, right = self._values(), other._values()
        return ndarray([left[i] or right[i] for i in range(len(left))], self.shape, BOOL)

    def _check_masks(self, other):
        if not isinstance(other, View) or self._dtype != BOOL or other._dtype != BOOL or other.shape != self.shape:
            raise TypeError("the stand-in combines Boolean arrays of one shape only")

    def _in_place(self, result):
        """Stores a result in this array. Both sides were read before; ulab reads element by element as it writes."""
        values, shape, dtype = result
        if dtype == FLOAT and self._dtype != FLOAT:
            raise TypeError("cannot cast output with casting rule")
        if shape != self.shape:
            raise ValueError("operands could not be broadcast together")
        self._store(_dtypes.convert(values, dtype, self._dtype))
        return self


def as_array(value):
    """A number, sequence or array as an array."""
    return value if isinstance(value, ndarray) else ndarray(*operand(value, 0))
