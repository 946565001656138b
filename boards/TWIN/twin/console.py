"""Puts the console's modules and print() in the place of MicroPython's own."""

import builtins
import io

import usys

from twin import console_gc, console_micropython, console_sys, line, scene

_print = print


def attach():
    """From now on the serial line is the console."""
    line.attach()
    console_sys.name_machine(scene.current.board)
    usys.modules["sys"] = console_sys
    usys.modules["micropython"] = console_micropython
    usys.modules["gc"] = console_gc
    builtins.print = _console_print
    builtins.__repl_print__ = _show


def _console_print(*values, sep=" ", end="\n", file=None):
    if file is not None:
        _print(*values, sep=sep, end=end, file=file)
        return
    text = io.StringIO()
    _print(*values, sep=sep, end=end, file=text)
    console_sys.stdout.write(text.getvalue())


def _show(value):
    """Show the value of an expression at the prompt, and keep it as `_`."""
    if value is not None:
        print(repr(value))
        builtins._ = value
