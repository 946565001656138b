"""Pin interrupts as an ESP32 serves them: soft, through a queue of eight that drops silently.

What a handler is called for is a falling edge of the one part that listens. Edges while the program
waits, or a bus or the collector is busy, are queued one by one (mp_sched_schedule, MICROPY_SCHEDULER_DEPTH
of the ESP32 port); while flash is erased or programmed no interrupt is taken, and the pin's latch keeps one
edge of all of them (ESP32 technical reference, GPIO_STATUS). A handler is called once the program goes on,
never within another, and with the heap locked: what it allocates is an error here, as its other exceptions
are, which a board would print and forget.
"""

from micropython import heap_lock, heap_unlock

from twin import clock

QUEUE_DEPTH = 8
NEVER_US = 1 << 60


class _Nothing:
    """The part that nobody listens to."""

    next_edge_us = NEVER_US
    edges = 0


dropped = 0  # edges for which the queue had no room
merged = 0  # edges that were one with another in the pin's latch

_part = _NOTHING = _Nothing()
_handler = None
_pin = None
_seen = 0  # edges of the part that have been dealt with
_queued = 0
_serving = False


def listen(part, handler, pin):
    """Call `handler(pin)` at each falling edge of `part` from now on; `handler` None: no more.

    `part` has `.next_edge_us`, `.edges` (their number so far) and `.convert()`, which brings both up to now.
    """
    global _part, _handler, _pin, _seen, _queued
    if handler is None:
        if part is _part:
            silence()
        return
    if _part not in (part, _NOTHING):
        raise NotImplementedError("interrupts of a second pin")
    part.convert()
    _part, _handler, _pin, _seen, _queued = part, handler, pin, part.edges, 0


def silence():
    """Forget handler and queue, as a reset does."""
    global _part, _handler, _pin, _queued
    _part, _handler, _pin, _queued = _NOTHING, None, None, 0


def busy_us(us):
    """Let `us` pass in which the program waits for hardware, interrupts are taken, and none is served."""
    clock.advance(us)
    if clock.now_us() >= _part.next_edge_us:
        _queue(False)
    if _queued:
        _serve()


def stall_us(us):
    """Let `us` pass in which no interrupt is taken."""
    clock.advance(us)
    if clock.now_us() >= _part.next_edge_us:
        _queue(True)
    if _queued:
        _serve()


def run_until(target_us):
    """Wait until `target_us`, or longer if a handler takes longer."""
    while _part.next_edge_us <= target_us:
        clock.advance_to(_part.next_edge_us)
        _queue(False)
        _serve()
    clock.advance_to(target_us)


def next_edge_us():
    """Return when the next edge comes."""
    return _part.next_edge_us


def _queue(masked):
    global _seen, _queued, dropped, merged
    _part.convert()
    new = _part.edges - _seen
    _seen = _part.edges
    if masked and new > 1:
        merged += new - 1
        new = 1
    if new > QUEUE_DEPTH - _queued:
        dropped += new - (QUEUE_DEPTH - _queued)
        new = QUEUE_DEPTH - _queued
    _queued += new


def _serve():
    global _queued, _serving
    if _serving:
        return
    _serving = True
    try:
        while _queued:
            _queued -= 1
            heap_lock()
            try:
                _handler(_pin)
            finally:
                heap_unlock()
    finally:
        _serving = False
