"""A session's sampled signals as EDF+C (Kemp & Olivan 2003): 16 bit, a mask beside them, cues and gaps annotated.

A digital step is that of the log (raw EMG), or the last decimal of the CSV, so that a value is the CSV's as
long as 16 bit hold it; a signal that goes beyond gets steps of 10, 100, ...
of that, and its values are off by up to half a step. Where no sample is or
its value is not known, the digital value is the least one, and 0 in the signal `ok ...`.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import edfio
import numpy as np

from host_tools.errors import HipCueError
from host_tools.export.provenance import provenance, unix_ms_at
from host_tools.export.sampled import holds_raw_emg, sampled
from host_tools.export.tables import SAMPLED, TABLES, present
from host_tools.files import replacing

LEAST, MOST = -32768, 32767
BYTES = 2
RECORD_S = (1, 30)  # a data record's least and greatest length
MOST_BYTES = 60000  # of the samples in a record, which may hold 61440
# Its length is a whole number of these: exact in binary and in the header's 8 characters, and so are the onsets of all
# records. EDFlib refuses a file whose record begins a rounding error away from where the one before has ended.
LENGTHS_A_SECOND = 32


def write(session, folder, output):
    """Write one EDF+ file for each sampled table of `session` into `folder`; return the paths.

    HipCueError when the log holds no sampled signal.
    """
    tables = sampled(session)
    if not tables:
        raise HipCueError(
            "This log holds steps and events but no sampled signal for EDF+; set trace=1 on the clip for the next run, "
            "or export as csv."
        )
    if not holds_raw_emg(tables):
        output.say("The log holds no raw EMG; EDF+ gets what was sampled: %s." % ", ".join(t.name for t in tables))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for samples in output.each(tables, "files", "EDF+"):
        paths.append(folder / (samples.name + ".edf"))
        with replacing(paths[-1]) as new:
            _edf(session, samples).write(new)
    return paths


def _edf(session, samples):
    size, duration_s = _record(samples)
    padding = -samples.rows % size
    rate_hz = size / duration_s
    signals = [_signal(session, samples, column, rate_hz, padding) for column in samples.columns]
    start = _start(session, samples)
    return edfio.Edf(
        [signal for pair in signals for signal in pair],
        patient=edfio.Patient(code=session.runner or session.clip or "X"),
        recording=edfio.Recording(startdate=start and start.date(), equipment_code=_equipment(session)),
        starttime=start and start.time(),
        data_record_duration=duration_s,
        annotations=_annotations(session, samples),
    )


def _record(samples):
    """Return (samples, seconds) of a data record whose length fits the rate best: to 15 parts in a million.

    edfio divides the whole length by a record's in floating point and takes
    no remainder, so not every size will do.
    """
    least, most = (round(seconds / samples.period_s) for seconds in RECORD_S)
    sizes = range(least, min(most, MOST_BYTES // (BYTES * 2 * len(samples.columns))))
    rounded = {size: round(size * samples.period_s * LENGTHS_A_SECOND) / LENGTHS_A_SECOND for size in sizes}
    for size in sorted(sizes, key=lambda size: abs(samples.period_s - rounded[size] / size)):
        if _divides(-(-samples.rows // size), size, rounded[size]):
            return size, rounded[size]
    raise HipCueError("%s is too long for one EDF+ file; export as csv." % samples.name)


def _divides(records, size, duration_s):
    whole_s = round(records * size / (size / duration_s), 12)
    return Decimal(str(whole_s)) == records * Decimal(str(duration_s))


def _signal(session, samples, column, rate_hz, padding):
    """Return (signal, mask) of a column."""
    grid = np.pad(samples.values[column.name], (0, padding), constant_values=np.nan)
    valid = np.isfinite(grid)
    per_unit = 1 / column.step(session) if column.step else 10.0**column.decimals
    while valid.any() and np.rint(np.abs(grid[valid]).max() * per_unit) > MOST:
        per_unit /= 10
    digital = np.where(valid, np.rint(np.where(valid, grid, 0.0) * per_unit), LEAST).astype(np.int16)
    common = {"sampling_frequency": rate_hz, "transducer_type": "HipCue clip"}
    return (
        edfio.EdfSignal.from_digital(
            digital,
            label=_label(column.name),
            physical_dimension=column.unit,
            physical_range=(LEAST / per_unit, MOST / per_unit),
            **common,
        ),
        edfio.EdfSignal.from_digital(
            valid.astype(np.int16),
            label=_label("ok " + column.name),
            physical_range=(0, 1),
            digital_range=(0, 1),
            **common,
        ),
    )


def _label(name):
    return name[:16]  # of the header


def _start(session, samples):
    """Return when the first sample was taken, UTC; None where the clip's clock was not set."""
    unix_ms = unix_ms_at(session, samples.start_s)
    return None if unix_ms is None else datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=round(unix_ms))


def _equipment(session):
    about = provenance(session)
    return "HipCue_%s_calibration_%s" % (about["firmware"].get("hipcue", "X"), about["calibration_sha256"][:8])


def _annotations(session, samples):
    """Return every row of the tables that are not sampled, and the gaps; onset from the first sample."""
    start_s = samples.start_s
    made = [
        edfio.EdfAnnotation(_onset(from_ms / 1000 - start_s), _onset(duration_ms / 1000), "gap")
        for from_ms, duration_ms in samples.grid.gaps()
    ]
    for name, values in present(session).items():
        if name in SAMPLED:
            continue
        texts = zip(*([_word(column, value) for value in values[column.name]] for column in TABLES[name]), strict=True)
        for t_s, (_, *words) in zip(values["t_s"].tolist(), texts, strict=True):
            text = " ".join([name, *filter(None, words)])
            made.append(edfio.EdfAnnotation(_onset(t_s - start_s), None, text))
    return made


def _onset(seconds):
    return round(float(seconds), 6)


def _word(column, value):
    """Return `name=value` as the CSV has it; nothing for what is not known."""
    if column.decimals is None:
        return "%s=%s" % (column.name, value) if value else ""
    return "" if np.isnan(value) else "%s=%.*f" % (column.name, column.decimals, value)
