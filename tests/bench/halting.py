"""Whether the twin's clock stands at a moment of its scene, by the `progress` file that the scene names."""

import time

import numpy as np

MOST_S = 600.0  # of real time that the clock may not go on
# Where a clip at rest waits for `hipcue calibrate`: to be asked whether it records, and to be stopped.
AT_CALIBRATE_S = [0.0, 0.2]


def stands_at(progress, at_s):
    """Return whether the clock waits for its host at `at_s`.

    2 ms before it count, and what the scene's times are off in the twin's single precision: 16 ms after two days.
    """
    words = _words(progress)
    off_s = float(np.spacing(np.float32(at_s)))
    return words[1:] == ["halted"] and int(words[0]) >= round(1000 * (at_s - off_s)) - 2


def wait_for_halt(progress, at_s, meanwhile=lambda: None):
    """Wait until the clock stands at `at_s`, calling `meanwhile` now and then."""
    seen_s, before = time.monotonic(), None
    while not stands_at(progress, at_s):
        words = _words(progress)
        if words != before:
            seen_s, before = time.monotonic(), words
        assert time.monotonic() - seen_s < MOST_S, "the twin's clock stands at %s, not at %g s" % (words, at_s)
        meanwhile()
        time.sleep(0.01)


def _words(progress):
    return progress.read_text().split() if progress.exists() else []
