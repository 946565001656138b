"""Hardware timers: their callbacks come at their time in any wait, between two instructions of the program."""

from twin import clock

NEVER_US = 1 << 60

_due_us = {}  # by number of the timer
_calls = {}  # number: (callback, timer, period in us or None)


def start(number, timer, period_us, callback, repeats):
    """Let `callback(timer)` be called after `period_us`, once or for ever."""
    _due_us[number] = clock.now_us() + period_us
    _calls[number] = callback, timer, period_us if repeats else None


def stop(number):
    """Let timer `number` call no more."""
    _due_us.pop(number, None)
    _calls.pop(number, None)


def stop_all():
    """Let none call any more, as after a reset."""
    _due_us.clear()
    _calls.clear()


def next_us():
    """Return when the next call is due."""
    return min(_due_us.values()) if _due_us else NEVER_US


def fire():
    """Make the calls that are due."""
    for number in [number for number, due_us in _due_us.items() if due_us <= clock.now_us()]:
        callback, timer, period_us = _calls[number]
        if period_us is None:
            stop(number)
        else:
            _due_us[number] += period_us
        callback(timer)
