"""What the ADC pins see: muscle envelopes and the battery behind its divider, in microvolts."""

FULL_SCALE_UV = 3100000  # an ESP32's ADC at 11 dB reads no more


def envelope_uv(scene, channel, now_us):
    """Return a function giving the envelope of `channel` (0 left, 1 right) at the pin."""

    def read():
        microvolts = int(scene.envelope_volts(now_us())[channel] * 1e6 + 0.5)
        return max(0, min(FULL_SCALE_UV, microvolts))

    return read


def battery_uv(battery_mv, divider):
    """Return a function giving the battery's voltage at the pin."""
    microvolts = min(FULL_SCALE_UV, int(battery_mv * 1000 / divider + 0.5))
    return lambda: microvolts
