"""ulab.scipy: the signal module alone."""

from . import signal  # noqa: F401 - it is what this package offers
