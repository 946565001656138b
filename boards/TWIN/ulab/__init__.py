"""A stand-in for ulab in plain Python: the calls HipCue's core makes, and no others.

It serves the twin where MicroPython was built without ulab. Arrays have one or two dimensions, floats are single
precision, and results follow ulab 6.12 (not NumPy) where the two differ. Where ulab would read or write outside an
array (an empty slice, a ragged list, a mask of the wrong length) the stand-in raises ValueError instead.
"""

from . import numpy, scipy, utils  # noqa: F401 - they are what this package offers

__version__ = "stand-in"
