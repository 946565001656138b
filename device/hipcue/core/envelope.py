"""Glute envelopes by time: a ring of slots that a step's stance is averaged from."""

from array import array

from hipcue.contract.signals import UNKNOWN_U16

SLOT_MS = 10
SLOTS = 256  # 2.56 s: more than the longest step and the wait for its decision


class EnvelopeRing:
    """Left and right envelope per 10 ms slot, 0.1 mV; a slot that was not sampled is unknown, not old."""

    def __init__(self):
        self.values = array("H", [UNKNOWN_U16] * (2 * SLOTS))
        self._newest = -1

    def slot(self, time_ms):
        """Return the ring index for a sample at `time_ms` and mark all slots skipped since the last one unknown.

        Write the sample to `values[2 * index]` and `[2 * index + 1]`.
        """
        number = time_ms // SLOT_MS
        skipped = self._newest + 1
        if number - skipped > SLOTS:
            skipped = number - SLOTS
        while skipped <= number:
            index = 2 * (skipped % SLOTS)
            self.values[index] = UNKNOWN_U16
            self.values[index + 1] = UNKNOWN_U16
            skipped += 1
        self._newest = max(self._newest, number)
        return number % SLOTS

    def mean_between(self, start_ms, stop_ms):
        """Return (left, right) means in 0.1 mV over [start_ms, stop_ms), each None where nothing was sampled.

        A front end that is there never reads 0 throughout: its noise alone is
        some millivolts. 0 is therefore not known either.
        """
        first = max(start_ms // SLOT_MS, self._newest - SLOTS + 1)
        means = []
        for channel in (0, 1):
            total = count = 0
            for number in range(first, min(-(-stop_ms // SLOT_MS), self._newest + 1)):
                value = self.values[2 * (number % SLOTS) + channel]
                if value != UNKNOWN_U16:
                    total += value
                    count += 1
            means.append(total / count if total else None)
        return means[0], means[1]
