"""What a fault of the firmware leads to: it is noted, and the clip starts anew, but not for ever."""

from hipcue.contract.record import FAULTS

QUICK_FAULT_MS = 60000
MOST_QUICK_FAULTS = 3


def code(error):
    """Return the code of the exception `error` in contract.record.FAULTS."""
    for number, kind, _ in FAULTS:
        if isinstance(error, kind):
            return number


def note(memory, error, up_ms):
    """Note in the ResetMemory `memory` that `error` ended a start `up_ms` old; return whether to start anew.

    Not after the third fault in a row that came within a minute: at its prompt the clip can be asked and mended.
    """
    memory.fault = code(error)
    memory.quick_faults = memory.quick_faults + 1 if up_ms < QUICK_FAULT_MS else 1
    memory.save()
    return memory.quick_faults < MOST_QUICK_FAULTS
