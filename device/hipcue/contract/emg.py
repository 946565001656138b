"""Quality of a glute's EMG, per channel and step: one table for clip and host."""

# Bit, name, meaning. 0 is ok; all fit in one byte of a record.
EMG_QUALITY = (
    (0x01, "lead_off", "an electrode had no contact"),
    (0x02, "at_rail", "over 1 % of the samples at the end of the converter's range"),
    (0x04, "mains", "over 25 % of the power at the mains frequency"),
    (0x08, "motion", "over 50 % of the power below 20 Hz"),
    (0x10, "flat", "no more than the amplifier's own noise over a stride"),
    (0x20, "low_contrast", "active part of the stride under twice the quiet part"),
    (0x40, "gap", "samples were lost, or are no longer held"),
    (0x80, "blanked", "a motor ran"),
)
EMG_QUALITY_BITS = {row[1]: row[0] for row in EMG_QUALITY}

# With any of these an amplitude is not known. A low contrast may be the finding itself (a glute that
# does not fire), so its amplitude stands; the onset is not given.
EMG_INVALID = 0xFF & ~EMG_QUALITY_BITS["low_contrast"]
