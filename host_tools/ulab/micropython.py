"""What the core takes of MicroPython's module of that name: the decorators that only a compiler for the clip heeds."""


def native(function):
    """Return `function` as it is; on the clip it is compiled to machine code."""
    return function
