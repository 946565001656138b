"""Puts the console's modules and print() in the place of MicroPython's own."""

import builtins
import io

import usys

from twin import console_micropython, console_sys, line

_print = print


def attach():
    """From now on the serial line is the console."""
    line.attach()
    usys.modules["sys"] = console_sys
    usys.modules["micropython"] = console_micropython
    builtins.print = _console_print


def _console_print(*values, sep=" ", end="\n", file=None):
    if file is not None:
        _print(*values, sep=sep, end=end, file=file)
        return
    text = io.StringIO()
    _print(*values, sep=sep, end=end, file=text)
    console_sys.stdout.write(text.getvalue())
