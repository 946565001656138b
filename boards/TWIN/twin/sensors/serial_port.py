"""A register chip behind four-wire SPI: the first byte after chip select is the command (DS12814, "SPI")."""

_READ = 0x80


class SPIPort:
    """The SPI side of `chip`, which has `.is_silent()`, `.read_into(register, buffer)`, `.write(register, data)`."""

    def __init__(self, chip):
        self._chip = chip
        self._command = None
        self._selected = False

    def select(self):
        """Chip select goes low."""
        self._selected = True
        self._command = None

    def deselect(self):
        """Chip select goes high."""
        self._selected = False

    def exchange(self, out, into, bus):
        """Clock `out` in and fill `into`, of the same length; either may be None. `bus`: the SPI, unchecked here.

        A chip that is silent or not selected leaves the line pulled up: all ones.
        """
        if into is not None:
            for k in range(len(into)):
                into[k] = 0xFF
        if not self._selected or self._chip.is_silent():
            return
        skip = 0
        if self._command is None:
            if not out:
                return
            self._command = out[0]
            skip = 1
        register = self._command & 0x7F
        if self._command & _READ:
            if into is not None and len(into) > skip:
                self._chip.read_into(register, memoryview(into)[skip:])
        elif out is not None and len(out) > skip:
            self._chip.write(register, memoryview(out)[skip:])
