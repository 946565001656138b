"""Tells the host, through a file that it named, how far the virtual clock has come and whether it halts."""

from twin import clock

_PERIOD_US = 1000000
_NEVER_US = 1 << 60

due_us = _NEVER_US  # when the next word is due
_file = None


def start(path):
    """From now on keep the file at `path` up to date: `<ms>` or `<ms> halted`."""
    global _file, due_us
    _file = open(path, "w")
    due_us = 0


def show(halted=False):
    """Write the time over what was there, in as many characters."""
    global due_us
    if _file is None:
        return
    now_us = clock.now_us()
    due_us = now_us + _PERIOD_US
    _file.seek(0)
    _file.write("%12d %-6s\n" % (now_us // 1000, "halted" if halted else ""))
