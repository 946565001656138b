"""ulab.scipy: the signal module alone."""

from . import signal
