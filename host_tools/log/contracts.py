"""The field tables of contracts that have gone: for a log that has lost its own."""

from hipcue.contract import record

# What differs from the table of today, by contract version: type, name, format, [field, unit]s.
_GONE = {
    1: [
        [record.STEP, "step", "<BhBHhhhBHH", [
            ["offset_ms", "ms"], ["side", ""], ["quality", "bits"], ["peak_drop_cdeg", "0.01 deg"],
            ["peak_drop_causal_cdeg", "0.01 deg"], ["excursion_cdeg", "0.01 deg"], ["contact_2ms", "2 ms"],
            ["glute_left_dmv", "0.1 mV"], ["glute_right_dmv", "0.1 mV"],
        ]],
        [record.CUE, "cue", "<BhBBBhhHH", [
            ["offset_ms", "ms"], ["side", ""], ["buzz_side", ""], ["reason", ""], ["value_cdeg", "0.01 deg"],
            ["threshold_cdeg", "0.01 deg"], ["latency_ms", "ms"], ["duration_ms", "ms"],
        ]],
    ],
}  # fmt: skip


def schema(version):
    """Return the field tables of a contract `version`, as contract.record.schema() gives those of today."""
    gone = _GONE.get(version, [])
    replaced = {row[0] for row in gone}
    return sorted(gone + [row for row in record.schema() if row[0] not in replaced])
