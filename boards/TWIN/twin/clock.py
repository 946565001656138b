"""The virtual clock: whole microseconds since power-on, moved by the clip alone."""

_now_us = 0


def now_us():
    """Return the virtual time in us."""
    return _now_us


def advance(us):
    """Let `us` microseconds pass."""
    global _now_us
    _now_us += us


def advance_to(us):
    """Let time pass until `us`; a time gone by changes nothing."""
    global _now_us
    if us > _now_us:
        _now_us = us
