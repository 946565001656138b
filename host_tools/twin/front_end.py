"""What the muscle front ends make of raw EMG: the envelope at a MyoWare 2.0's ENV pin, an ADS1292's samples."""

import numpy as np
from scipy import signal

# Band of the sensor's amplifier and corner of its envelope detector (first order), from the
# maker's advanced guide. Gain is set by a trimmer: this one puts 1 mV mean rectified at 2 V.
BAND_HZ = (20.8, 498.4)
ENVELOPE_HZ = 3.6
GAIN = 2000.0
SUPPLY_V = 3.3
OUTPUT_RATE_HZ = 250.0  # far above the envelope's corner

# Output rate of an ADS1292 set to 1000 samples/s, its oscillator being 0.3 % fast (SBAS502C 6.5 allows 0.5 %
# at room temperature): the firmware must not take the rate for granted.
ADS1292_RATE_HZ = 1003.0
_PADDING_S = 0.5  # the transform takes the end for what comes before the start


def ads1292_uv(emg_uv, rate_hz):
    """Return ((M, 2) uV as an ADS1292 samples raw EMG (N, 2) in uV at `rate_hz`, its output rate in Hz).

    Its third-order sinc filter has its first zero at the output rate (SBAS502C 8.3.5.1): 3 dB down at 262 Hz
    for 1000 samples/s. What a recording holds above half of the output rate is left out, not aliased.
    """
    padding = int(_PADDING_S * rate_hz)
    padded = np.pad(np.asarray(emg_uv, dtype=float), ((padding, padding), (0, 0)), mode="reflect")
    count = round(len(padded) * ADS1292_RATE_HZ / rate_hz)
    output_rate_hz = count * rate_hz / len(padded)
    frequency_hz = np.fft.rfftfreq(len(padded), 1 / rate_hz)
    response = np.sinc(frequency_hz / output_rate_hz) ** 3 * (frequency_hz < output_rate_hz / 2)
    response = response * np.exp(2j * np.pi * frequency_hz * padding / rate_hz)  # so that the padding ends up behind
    spectrum = np.fft.rfft(padded, axis=0) * response[:, None]
    sampled = np.fft.irfft(spectrum, count, axis=0) * count / len(padded)
    return sampled[: int(len(emg_uv) / rate_hz * output_rate_hz)], output_rate_hz


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
