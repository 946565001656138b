"""Faults that come again and again: the first ones are told one by one, the others counted and told together."""

from hipcue.contract.record import EVENT_CODES, OFTEN, REPEATED_SHIFT

REPEATED = EVENT_CODES["repeated"]
MOST_TOLD = 4  # of a kind, one by one, in a period
PERIOD_MS = 60000
# A period in which not all were told is followed by one twice as long, up to this: a sensor that fails all night must
# not fill the flash.
LONGEST_PERIOD_MS = 3600000


class _Kind:
    def __init__(self, now_ms):
        self.begun_ms = now_ms
        self.period_ms = PERIOD_MS
        self.told = 0  # one by one, in this period
        self.over = False  # some were not
        self.count = 0  # of those not told yet
        self.total = 0  # of their values


class Often:
    """Which events are told one by one, and what is known of the others. Other codes than OFTEN's all are."""

    def __init__(self):
        self.untold = 0  # counted, and not told yet
        self._kinds = {}  # code: _Kind
        self._due_ms = None  # when the next ones are told together; None: there are none

    def tells(self, code, value, now_ms):
        """Return whether the event is to be told by itself; if not, it is counted."""
        if code not in OFTEN:
            return True
        kind = self._kinds.get(code)
        if kind is None:
            kind = self._kinds[code] = _Kind(now_ms)
        age_ms = now_ms - kind.begun_ms
        if age_ms >= kind.period_ms:
            lasts = kind.over and age_ms < 2 * kind.period_ms
            kind.period_ms = min(2 * kind.period_ms, LONGEST_PERIOD_MS) if lasts else PERIOD_MS
            kind.begun_ms, kind.told, kind.over = now_ms, 0, False
        if kind.told < MOST_TOLD:
            kind.told += 1
            return True
        kind.over = True
        self.untold += 1
        kind.count += 1
        kind.total += value
        if self._due_ms is None:
            self._due_ms = now_ms + PERIOD_MS
        return False

    def due(self, now_ms):
        """Return whether it is time to tell what was counted."""
        return self._due_ms is not None and now_ms >= self._due_ms

    def counted(self):
        """Return the events [(code, value)] that tell of all that were counted."""
        events = []
        for code in sorted(self._kinds):
            kind = self._kinds[code]
            if kind.count:
                events.append((REPEATED, code << REPEATED_SHIFT | kind.count))
                if OFTEN[code]:
                    events.append((code, kind.total))
        return events

    def told(self):
        """Count anew: `counted` was told."""
        for kind in self._kinds.values():
            kind.count = kind.total = 0
        self.untold = 0
        self._due_ms = None
