"""Quality of a glute's EMG, per channel and step: one table for clip and host."""

# Bit, name, meaning. 0 is ok; all fit in one byte of a record.
EMG_QUALITY = (
    (0x01, "lead_off", "an electrode had no contact"),
    (0x02, "at_rail", "over 1 % of the samples at the end of the converter's range"),
    (0x04, "mains", "over 25 % of the power at the mains frequency"),
    (0x08, "motion", "over 50 % of the power below 20 Hz"),
    (0x10, "flat", "no more than the amplifier's own noise over a stride"),
    (0x20, "low_contrast", "active part of the stride under twice the quiet part"),
    (0x40, "gap", "over 4 samples in a row were lost, or are no longer held"),
    (0x80, "blanked", "a motor ran"),
)
EMG_QUALITY_BITS = {row[1]: row[0] for row in EMG_QUALITY}

# With any of these an amplitude is not known. A low contrast may be the finding itself (a glute that
# does not fire), so its amplitude stands; the onset is not given.
EMG_INVALID = 0xFF & ~EMG_QUALITY_BITS["low_contrast"]

# How a step's record holds them. Front ends: what an amplitude is counted in, uV per unit of the record.
FRONT_ENDS_UV = {
    "raw": 0.1,  # RMS of the band-passed signal at the electrodes
    "envelope": 1000.0,  # mean of the sensor's envelope at the ADC pin
}
# Raw EMG in the log: a frame's value is so many bits of the ADS1292's LSB (0.0481 uV) coarser, that is 0.385 uV, a
# quarter of the noise of the chip alone; 16 bits of it reach 12.6 mV to either side, where muscle makes 5.
RAW_SHIFT = 3
LSB_UV = 2.42e6 / (6 * 8388607)  # gain 6, 2.42 V, 24 bits (datasheet SBAS502); for a log that does not say it
# In the amplitude's field, unsigned 16 bits: from here on not an amplitude but why there is none, quality in the low
# byte; without a bit set nothing was measured.
NO_AMPLITUDE = 0xFF00
LOW_CONTRAST_FLAG = 0x8000  # the one code with which an amplitude stands
MOST_AMPLITUDE = 0x7EFF
# In the onset's field, signed 8 bits, of the stance side: 2 ms against initial contact.
ONSET_UNIT_MS = 2
NO_ONSET = -128
MOST_ONSET = 127

# Of the stance side's glute in a cue: code, name, meaning.
GLUTE_STATES = (
    (0, "unknown", "not measured, or not to be trusted: the cue rests on the drop alone"),
    (1, "active", "about as active as at the run's beginning"),
    (2, "quiet", "less active than at the run's beginning by more than running so long explains"),
)
GLUTE_CODES = {row[1]: row[0] for row in GLUTE_STATES}


def packed_amplitude(value_uv, quality, unit_uv):
    """Return an amplitude in uV, or None, and its quality bits as the record's field."""
    if value_uv is None:
        return NO_AMPLITUDE | quality & 0xFF
    flag = LOW_CONTRAST_FLAG if quality & EMG_QUALITY_BITS["low_contrast"] else 0
    return flag | min(MOST_AMPLITUDE, int(value_uv / unit_uv + 0.5))


def packed_onset(onset_ms):
    """Return an onset in ms against initial contact, or None, as the record's field."""
    if onset_ms is None:
        return NO_ONSET
    return max(-MOST_ONSET, min(MOST_ONSET, round(onset_ms / ONSET_UNIT_MS)))
