"""Two MyoWare 2.0 muscle sensors by their envelope outputs (ENV), one ADC pin each.

The envelope is amplitude only, about 3.6 Hz wide: no spectrum, and no contact check. On the ESP32 the
ADC is linear up to 2.45 V at 11 dB; a louder muscle reads low (Espressif, ADC calibration notes).
"""


class MyoWare:
    """`left`, `right`: objects with `.read_uv()`, such as machine.ADC on ADC1. `kind`: "envelope", not raw samples."""

    kind = "envelope"

    def __init__(self, left, right):
        self._left_uv = left.read_uv
        self._right_uv = right.read_uv

    def read_into(self, envelope, index):
        """Store one left and right reading, 0.1 mV, at 2*index and 2*index+1 of `envelope`, an array('H').

        Allocates nothing. IndexError when there is no such place.
        """
        envelope[2 * index] = self._left_uv() // 100
        envelope[2 * index + 1] = self._right_uv() // 100
