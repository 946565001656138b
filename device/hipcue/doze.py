"""A clip that lies still, unworn as a rule, does little: nothing is sampled until it is moved."""

AFTER_MS = 300000  # so long it must not have been moved


class Doze:
    """Lets `sensing` and `muscles` doze. `on`: whether they do."""

    def __init__(self, sensing, muscles):
        self._sensing = sensing
        self._muscles = muscles
        self.on = False

    def look(self, now_us, busy):
        """Begin or end it; `busy`: something is going on that must not wait for the clip to be moved."""
        sensing = self._sensing
        if not self.on:
            if not busy and sensing.still_ms(now_us) >= AFTER_MS:
                self._muscles.doze(now_us)
                sensing.doze(now_us)
                self.on = True
        elif busy or not sensing.dozing:
            self.on = False
            if sensing.dozing:
                sensing.wake(now_us)
            self._muscles.wake(now_us // 1000)
