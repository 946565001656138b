"""ulab.scipy on SciPy: the signal module alone."""

from . import signal as signal


def __getattr__(name):
    raise AttributeError(f"ulab.scipy.{name} is not a call HipCue's core may make (host_tools/ulab/allow_list.py)")
