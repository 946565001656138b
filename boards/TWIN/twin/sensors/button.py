"""A push button to ground with a pull-up: 0 while it is pressed."""


def level(presses_s, now_us):
    """Return a function giving the pin's level; `presses_s`: pairs of from and to, seconds."""
    presses_us = [(int(start * 1e6), int(end * 1e6)) for start, end in presses_s]

    def read():
        time_us = now_us()
        return 0 if any(start <= time_us < end for start, end in presses_us) else 1

    return read
