"""Battery voltage through a resistor divider on an ADC pin."""

from micropython import const

_READINGS = const(8)  # averaged: the ESP32's ADC scatters by some 10 mV


class Battery:
    """`adc`: object with `.read_uv()`; `divider`: battery voltage over pin voltage."""

    def __init__(self, adc, divider):
        self._read_uv = adc.read_uv
        self._divider = divider

    def voltage_mv(self):
        """Return the battery voltage in mV, a mean of eight readings."""
        total_uv = 0
        for _ in range(_READINGS):
            total_uv += self._read_uv()
        return round(total_uv * self._divider / (_READINGS * 1000))
