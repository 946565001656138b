"""The serial line: file descriptors 0 and 1, the far end of a pseudo-terminal.

Bytes are taken when the clip waits or prints, as a UART's interrupt would take
them at any time; so an interrupt character ends these, but no other busy loop.
A plain script has no line: it stays detached.
"""

import uselect
import usys

from twin.power import Unplugged

NO_INTERRUPT = -1

attached = False
interrupt_char = NO_INTERRUPT

_poller = uselect.poll()
_ipoll = _poller.ipoll
_read = usys.stdin.buffer.read
_write = usys.stdout.buffer.write
_received = bytearray()
_interrupted = False


def attach():
    """Take descriptor 0 as the line."""
    global attached
    attached = True
    _poller.register(0, uselect.POLLIN)


def receive(timeout_ms):
    """Take what has arrived, waiting `timeout_ms` (-1: for ever) of wall time for it; return whether any has."""
    global _interrupted
    arrived = False
    for _ in _ipoll(timeout_ms):
        arrived = True
    if not arrived:
        return False
    while arrived:
        byte = _read_byte()
        if byte == interrupt_char:
            _interrupted = True
        else:
            _received.append(byte)
        arrived = False
        for _ in _ipoll(0):
            arrived = True
    return True


def _read_byte():
    try:
        byte = _read(1)
    except OSError:  # EIO: nobody holds the near end any more
        byte = b""
    if not byte:
        raise Unplugged
    return byte[0]


def raise_interrupt():
    """Raise KeyboardInterrupt if the interrupt character has come since the last call."""
    global _interrupted
    if _interrupted:
        _interrupted = False
        raise KeyboardInterrupt


def waiting():
    """Return the number of bytes that can be taken."""
    return len(_received)


def take(count):
    """Return the next `count` bytes, or fewer if fewer are waiting."""
    global _received
    taken = bytes(_received[:count])
    _received = _received[count:]
    return taken


def write(data):
    """Send `data` (bytes)."""
    _write(data)
