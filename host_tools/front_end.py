"""What a MyoWare 2.0 makes of raw EMG: the envelope at its ENV pin."""

import numpy as np
from scipy import signal

# Band of the sensor's amplifier and corner of its envelope detector (first order), from the
# maker's advanced guide. Gain is set by a trimmer: this one puts 1 mV mean rectified at 2 V.
BAND_HZ = (20.8, 498.4)
ENVELOPE_HZ = 3.6
GAIN = 2000.0
SUPPLY_V = 3.3
OUTPUT_RATE_HZ = 250.0  # far above the envelope's corner


def envelope_v(emg_uv, rate_hz):
    """Return (envelope (M, 2) in V at the ADC pin, its rate in Hz) of raw EMG (N, 2) in uV at `rate_hz`."""
    nyquist_hz = rate_hz / 2
    high_pass = signal.butter(1, BAND_HZ[0], "highpass", fs=rate_hz, output="sos")
    band_passed = signal.sosfilt(high_pass, emg_uv, axis=0)
    if BAND_HZ[1] < nyquist_hz:
        low_pass = signal.butter(1, BAND_HZ[1], "lowpass", fs=rate_hz, output="sos")
        band_passed = signal.sosfilt(low_pass, band_passed, axis=0)
    detector = signal.butter(1, ENVELOPE_HZ, "lowpass", fs=rate_hz, output="sos")
    envelope = signal.sosfilt(detector, np.abs(band_passed), axis=0) * GAIN * 1e-6
    every = max(1, round(rate_hz / OUTPUT_RATE_HZ))
    return np.clip(envelope[::every], 0.0, SUPPLY_V), rate_hz / every
