"""Ending a command in order, whatever ends it: a clip is left running, a file whole."""

import contextlib
import signal

ENDED_BY = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # a closed window


@contextlib.contextmanager
def ended_as_by_ctrl_c():
    """Let what ends this program raise KeyboardInterrupt, once; a signal that is ignored stays so, as under nohup."""
    heeded = [number for number in ENDED_BY if signal.getsignal(number) == signal.SIG_DFL]

    def heed(how):
        for number in heeded:
            signal.signal(number, how)

    def end(*_):
        heed(signal.SIG_IGN)  # a window that closes may say so twice: the clip is started again meanwhile
        raise KeyboardInterrupt

    heed(end)
    try:
        yield
    finally:
        heed(signal.SIG_DFL)
