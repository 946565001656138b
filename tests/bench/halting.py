"""Whether the twin's clock stands at a moment of its scene, by the `progress` file that the scene names."""

import time

MOST_S = 600.0
# Where a clip at rest waits for `hipcue calibrate`: to be asked whether it records, and to be stopped.
AT_CALIBRATE_S = [0.0, 0.2]


def stands_at(progress, at_s):
    """Return whether the clock waits for its host at `at_s`; a rounding of 2 ms before it counts."""
    words = progress.read_text().split() if progress.exists() else []
    return words[1:] == ["halted"] and int(words[0]) >= round(1000 * at_s) - 2


def wait_for_halt(progress, at_s):
    """Wait until the clock stands at `at_s`."""
    until_s = time.monotonic() + MOST_S
    while not stands_at(progress, at_s):
        assert time.monotonic() < until_s, "the twin does not come to %g s of its scene" % at_s
        time.sleep(0.01)
