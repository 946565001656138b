"""Shapes and steps of views: indexing, broadcasting, dense layouts. Steps count elements, not bytes."""


def dense_steps(shape):
    """Steps of a dense array of this shape."""
    return (1,) if len(shape) == 1 else (shape[1], 1)


def size_of(shape):
    return shape[0] if len(shape) == 1 else shape[0] * shape[1]


def checked(shape):
    """A shape argument as a tuple of one or two lengths."""
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    if not 1 <= len(shape) <= 2:
        raise ValueError("maximum number of dimensions is 2")
    return shape


def index_axis(index, length):
    """(start, step, number of elements) of one axis under a slice, or (position, None, None) under an integer."""
    if isinstance(index, slice):
        start, stop, step = index.indices(length)
        count = (stop - start + (step - 1 if step > 0 else step + 1)) // step
        return start, step, max(count, 0)
    if not isinstance(index, int) or isinstance(index, bool):
        raise IndexError("indices must be integers, slices, or Boolean lists")
    position = index + length if index < 0 else index
    if not 0 <= position < length:
        raise IndexError("index is out of bounds")
    return position, None, None


def view(shape, steps, offset, index):
    """(shape, steps, offset) after indexing with integers and slices; shape () names a single element."""
    if not isinstance(index, tuple):
        start, step, count = index_axis(index, shape[0])
        offset += start * steps[0]
        if step is None:
            return shape[1:], steps[1:], offset
        return (count,) + shape[1:], (step * steps[0],) + steps[1:], offset
    if len(index) > len(shape):
        raise IndexError("too many indices")
    new_shape = []
    new_steps = []
    for axis, length in enumerate(shape):
        if axis >= len(index):
            new_shape.append(length)
            new_steps.append(steps[axis])
            continue
        start, step, count = index_axis(index[axis], length)
        offset += start * steps[axis]
        if step is not None:
            new_shape.append(count)
            new_steps.append(step * steps[axis])
    return tuple(new_shape), tuple(new_steps), offset


def broadcast(left, right):
    """The common shape of two shapes under the usual rules."""
    if len(left) < len(right):
        left = (1,) * (len(right) - len(left)) + left
    elif len(right) < len(left):
        right = (1,) * (len(left) - len(right)) + right
    for axis in range(len(left)):
        if left[axis] != right[axis] and left[axis] != 1 and right[axis] != 1:
            raise ValueError("operands could not be broadcast together")
    return tuple([right[axis] if left[axis] == 1 else left[axis] for axis in range(len(left))])


def spread(values, shape, target):
    """Flat values of an array of `shape` repeated to fill `target`, to which it broadcasts."""
    if shape == target:
        return values
    if len(values) == 1:
        return values * size_of(target)
    if shape[-1] == target[-1]:
        return values * target[0]
    columns = target[1]
    filled = []
    for value in values:
        filled += [value] * columns
    return filled


def check_fills(shape, target):
    """ValueError unless an array of `shape` can be assigned to a slice of shape `target`.

    Stricter than ulab, which drops the surplus in x[0:1] = y and writes past an empty slice.
    """
    size = size_of(shape)
    if size == 0 and size_of(target) == 0:
        return
    if (
        size == 0
        or size_of(target) == 0
        or broadcast(shape, target)[-len(target) :] != target
        or size > size_of(target)
    ):
        raise ValueError("operands could not be broadcast together")
