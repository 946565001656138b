"""What a start does about the sessions that a reset, or the loss of power, has interrupted."""

from hipcue.store import recovery


def close(clip_id, low_mv, power_lost, journal, memory, faults):
    """Close them with what the Journal and the ResetMemory have kept, and say so.

    Where flash fails, which the FlashFaults hear, what is kept waits for the next start. `low_mv`: below which a
    battery is empty.
    """
    closed, errno = recovery.close_interrupted(clip_id, journal.tails() + memory.tails, power_lost, low_mv)
    for number, _, saved in closed:
        print("hipcue: session %d was interrupted and is closed, %d records saved that its file had not"
              % (number, saved))
    if errno is None:
        memory.forget()
        return
    faults.note(errno)
    journal.hold()
    memory.hold([key for _, key, _ in closed])
