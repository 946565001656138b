"""Gaussian noise that is the same in every run."""

import math
from array import array

_SEED = 12345


def gaussian(count, sd):
    """Return `count` values as array('f'): mean 0 and standard deviation `sd` (Box and Muller 1958)."""
    state = _SEED
    uniform = []
    for _ in range(count + count % 2):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF  # the C standard's own example of rand()
        uniform.append((state + 1) / 0x80000000)
    values = array("f")
    for k in range(0, len(uniform), 2):
        radius = sd * math.sqrt(-2 * math.log(uniform[k]))
        angle = 2 * math.pi * uniform[k + 1]
        values.append(radius * math.cos(angle))
        values.append(radius * math.sin(angle))
    return values[:count]
