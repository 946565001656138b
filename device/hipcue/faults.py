"""What an error means: another chip, not a silent one; a fault is noted, and the clip starts anew, but not for ever."""

from hipcue.contract.record import FAULTS

QUICK_FAULT_MS = 60000
MOST_QUICK_FAULTS = 3
NO_CHIP = (0x00, 0xFF)  # what an SPI bus reads on which nothing answers


def code(error):
    """Return the code of the exception `error` in contract.record.FAULTS."""
    for number, kind, _ in FAULTS:
        if isinstance(error, kind):
            return number


def identity(error):
    """Return what another chip has answered with, as a driver's OSError(ENODEV, identity) says, or None.

    On an ESP32 a bus may raise OSError with two arguments too; the second one is text then.
    """
    args = error.args
    return args[1] if len(args) == 2 and isinstance(args[1], int) else None


def other_chip(error):
    """Return as `identity`, but None too where no chip at all has answered."""
    read = identity(error)
    return None if read in NO_CHIP else read


def note(memory, error, up_ms):
    """Note in the ResetMemory `memory` that `error` ended a start `up_ms` old; return whether to start anew.

    Not after the third fault in a row that came within a minute: at its prompt the clip can be asked and mended.
    """
    memory.fault = code(error)
    memory.quick_faults = memory.quick_faults + 1 if up_ms < QUICK_FAULT_MS else 1
    memory.save()
    return memory.quick_faults < MOST_QUICK_FAULTS
