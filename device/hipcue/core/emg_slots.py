"""The recent past of both channels in slots of 12 samples, and what marred it."""

import micropython
from ulab import numpy as np

SLOT = 12  # samples: two are the 25 ms of an onset at 1000 Hz, within 1 ms
CAPACITY = 192  # slots: 2.3 s
KEPT = 80  # when full: more than two stances of running and what lies between
MOST_SPANS = 8
MOST_RAILED = 256


class Slots:
    """Energy of the band-passed signal per slot: `energy`, shape (2, CAPACITY), uV^2 summed over SLOT samples.

    Column i is slot number `first + i`; a slot's first sample is SLOT times its number.
    """

    def __init__(self):
        self.energy = np.zeros((2, CAPACITY))
        self.first = 0
        self.count = 0

    @micropython.native
    def make_room(self, count):
        """Return the column from which `count` more slots can be written; counts them as held."""
        if self.count + count > CAPACITY:
            drop = self.count - KEPT
            self.energy[:, :KEPT] = self.energy[:, drop : self.count]
            self.first += drop
            self.count = KEPT
        column = self.count
        self.count += count
        return column

    def skip(self, count):
        """Pass over `count` slots that were not sampled; their energy reads 0 and must be marked elsewhere."""
        if count >= CAPACITY - KEPT:
            self.first += self.count + count
            self.count = 0
        elif count:
            column = self.make_room(count)
            self.energy[:, column : self.count] = 0.0

    @micropython.native
    def hold(self, start, stop):
        """Return whether all slots [start, stop) are held."""
        return self.first <= start < stop <= self.first + self.count

    @micropython.native
    def between(self, start, stop):
        """Return the slots [start, stop) as a view of shape (2, stop - start)."""
        return self.energy[:, start - self.first : stop - self.first]


class Spans:
    """Spans of samples with something in common; the oldest are forgotten."""

    def __init__(self):
        self.spans = []

    def add(self, start, stop):
        """Add samples [start, stop); spans come in order and those that touch become one."""
        if self.spans and start <= self.spans[-1][1]:
            self.spans[-1][1] = max(stop, self.spans[-1][1])
            return
        self.spans.append([start, stop])
        if len(self.spans) > MOST_SPANS:
            self.spans.pop(0)

    @micropython.native
    def touch(self, start, stop):
        """Return whether any sample of [start, stop) is in a span."""
        for span in self.spans:
            if span[0] < stop and start < span[1]:
                return True
        return False


class Railed:
    """How many samples of recent slots stood at the end of the converter's range."""

    def __init__(self):
        self.counts = []  # [slot, samples], only of slots with any

    def add(self, slot):
        """Count a sample in a slot; slots come in order."""
        if self.counts and self.counts[-1][0] == slot:
            self.counts[-1][1] += 1
            return
        self.counts.append([slot, 1])
        if len(self.counts) > MOST_RAILED:
            self.counts.pop(0)

    @micropython.native
    def between(self, start, stop):
        """Return the samples counted in the slots [start, stop)."""
        if not self.counts or self.counts[-1][0] < start:
            return 0
        return sum([samples for slot, samples in self.counts if start <= slot < stop])
