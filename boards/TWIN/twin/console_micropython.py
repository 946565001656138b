"""`micropython` while the twin has a console: the interrupt character is the line's."""

from micropython import *  # noqa: F403 - everything else is as in `micropython`

from twin import line


def kbd_intr(char):
    """Set the character that raises KeyboardInterrupt; -1: none."""
    line.interrupt_char = char
