"""What a made-up wearer does when told: parts of the scene, each played from the moment at which its words come.

The header's `acts`: rows of `told` (part of the code that a host sends), `from_s` and `to_s` (of the scene) and
`lasts_s`: until `lasts_s` have passed the act goes on, its last sample held from `to_s` on. Before the first act the
scene's first sample is held. While an act goes on, time passes as fast as it can; else it keeps to the wall clock,
for a wearer who stands about is not worth a processor's heat.
"""


class Acts:
    """`rows` of the header; `micro(value)` returns seconds in us. Times in us."""

    def __init__(self, rows, micro):
        self._rows = [
            (row["told"].encode(), micro(row["from_s"]), micro(row["to_s"]), micro(row["lasts_s"])) for row in rows
        ]
        self._begun_us = self._from_us = self._to_us = self._over_us = 0

    def hear(self, code, now_us):
        """Begin the act that a host's `code` (bytes) tells of, if one is."""
        for told, from_us, to_us, lasts_us in self._rows:
            if told in code:
                self._begun_us, self._from_us, self._to_us = now_us, from_us, to_us
                self._over_us = now_us + lasts_us

    def going_on(self, now_us):
        """Return whether an act is."""
        return now_us < self._over_us

    def scene_us(self, now_us):
        """Return the scene's time at the clip's."""
        return min(self._to_us, max(self._from_us, now_us - self._begun_us + self._from_us))

    def samples(self, rate_uhz):
        """Return (shift, first, last): sample k of the clip is k + shift of the scene, held before and past these."""
        first = self._from_us * rate_uhz // 1000000000000
        return first - self._begun_us * rate_uhz // 1000000000000, first, self._to_us * rate_uhz // 1000000000000
