"""The button, held."""

HOLD_MS = 2000


class LongPress:
    """Of a `button`, a Pin that is low while it is pressed."""

    def __init__(self, button):
        self._button = button
        self._since_ms = None  # when it was pressed; None: it is not
        self._heard = False

    def heard(self, now_ms):
        """Return whether it has been held for HOLD_MS by now: once, until it is let go."""
        if self._button.value():
            self._since_ms = None
            self._heard = False
        elif self._since_ms is None:
            self._since_ms = now_ms
        elif not self._heard and now_ms - self._since_ms >= HOLD_MS:
            self._heard = True
            return True
        return False
