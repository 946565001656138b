"""What a false cue is: one definition for `make cues` and `hipcue sim --programme`, on MicroPython and on the host."""

UNDER_DEG = 2.0


def would_be_false(true_deg, threshold_deg):
    """Return whether a cue at this step would be a false one.

    `true_deg`: what the drop is without the scatter of single steps and of the sensor; `threshold_deg`: None, not
    known. Nearer to the threshold a cue may come too early or too late; so far under it there is no cause for one.
    """
    return threshold_deg is not None and true_deg <= threshold_deg - UNDER_DEG
