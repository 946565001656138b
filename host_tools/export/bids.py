"""A session as a BIDS data set (1.9 or newer): sampled tables as motion, all others as events.

The folder may hold other sessions, of other clips too: a session is a run, a
runner a subject, or a clip where a log bears no pseudonym. Values are those of the CSV, `n/a` where they are not known;
rows of the motion file are equally far apart, so that lost samples are rows
of `n/a`. Without motion, the events stand under `beh`. Raw EMG is left out:
BIDS 1.9 has no place for it, and all but two seconds of a minute would be `n/a`.
"""

import csv
import json
import math
from pathlib import Path

from host_tools.errors import HipCueError
from host_tools.export.csv_files import number
from host_tools.export.provenance import provenance
from host_tools.export.sampled import sampled
from host_tools.export.tables import SAMPLED, TABLES, codes, present
from host_tools.files import replacing, write_text
from host_tools.output import plain

TASK = "running"
MOTION = ("obliquity",)  # of the sampled tables
BIDS_VERSION = "1.9.0"
TRACKED_POINT = "pelvis"
# unit: (channel type of the specification, component); obliquity turns about the body's x.
TYPES = {"deg": ("ORNT", "x"), "mV": ("MISC", "n/a"), "uV": ("MISC", "n/a")}
CHANNEL_COLUMNS = (
    "name", "component", "type", "tracked_point", "units", "placement", "reference_frame", "sampling_frequency",
    "description",
)  # fmt: skip
CHANNEL_COUNTS = {"LATENCY": "LATENCYChannelCount", "ORNT": "ORNTChannelCount", "MISC": "MiscChannelCount"}
FRAME = {
    "reference_frame": {
        "Description": "How the columns are measured",
        "Levels": {
            "body": {
                "SpatialAxes": "ALS",
                "RotationRule": "right-hand",
                "RotationOrder": "n/a",
                "Description": "x forward, y left, z up; obliquity is positive when the left side is up",
            }
        },
    }
}


def write(session, folder, output):
    """Write `session` into the data set in `folder`; return the paths written."""
    folder = Path(folder)
    tables = [samples for samples in sampled(session) if samples.name in MOTION]
    subject, run = _subject(session), _run(session)
    place = folder / ("sub-" + subject) / ("motion" if tables else "beh")
    place.mkdir(parents=True, exist_ok=True)
    paths = _about(folder, subject)
    if not tables:
        output.say("The log holds no sampled signal, so there are events (steps, cues) but no motion; set trace=1.")
        return paths + _events(session, place / ("sub-%s_task-%s_%s_events" % (subject, TASK, run)), None, output)
    for samples in tables:
        stem = "sub-%s_task-%s_tracksys-%s_%s_" % (subject, TASK, samples.name, run)
        paths += _motion(session, samples, place / stem, output)
        paths += _events(session, place / (stem + "events"), samples.start_s, output)
    return paths


def _subject(session):
    """Return the label of who was recorded: a label has no hyphen, and no pseudonym a small letter."""
    return (session.runner or session.clip or "unknown").replace("-", "x")


def _run(session):
    """Return what tells a subject's sessions apart: a runner's clips each count their own."""
    return ("acq-%s_" % session.clip if session.runner else "") + "run-%d" % session.number


def _about(folder, subject):
    """Write what describes the data set, where it is not there yet, and the subject's row."""
    description = {
        "Name": "HipCue",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "hipcue export"}],
    }
    readme = "# HipCue\n\nPelvic drop per running step, from a clip on the waistband. Not a diagnosis.\n"
    made = []
    for name, text in (("dataset_description.json", _json(description)), ("README.md", readme)):
        if not (folder / name).exists():
            write_text(folder / name, text)
            made.append(folder / name)
    people = folder / "participants.tsv"
    rows = _lines(people) if people.exists() else ["participant_id"]
    if not any(row.split("\t")[0] == "sub-" + subject for row in rows):
        others = ["n/a"] * (len(rows[0].split("\t")) - 1)
        write_text(people, "\n".join([*rows, "\t".join(["sub-" + subject, *others])]) + "\n")
        made.append(people)
    return made


def _lines(path):
    """Return the lines of a table that others have written, too."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise HipCueError("%s is not a text file in UTF-8; save it as one, or name another --out." % path) from None


def _motion(session, samples, stem, output):
    channels = _channels(samples)
    paths = [Path("%s%s" % (stem, end)) for end in ("motion.tsv", "motion.json", "channels.tsv", "channels.json")]
    _tsv(paths[0], None, _motion_rows(samples), samples.rows, output)
    write_text(paths[1], _json(_sidecar(session, samples, channels)))
    _tsv(paths[2], CHANNEL_COLUMNS, channels, len(channels), output)
    write_text(paths[3], _json(FRAME))
    return paths


def _channels(samples):
    """Return the rows of channels.tsv in the order of the motion file's columns: time, then value and mask of each."""
    made = [("t_s", "n/a", "LATENCY", "s", "time since the first sample")]
    for column in samples.columns:
        kind, component = TYPES.get(column.unit, ("MISC", "n/a"))
        made.append((column.name, component, kind, column.unit or "n/a", column.meaning))
        made.append(("valid_" + column.name, "n/a", "MISC", "n/a", "1 where %s is known, else 0" % column.name))
    rate_hz = 1 / samples.period_s
    return [
        (name, component, kind, TRACKED_POINT, unit, "sacrum", "body" if kind == "ORNT" else "n/a", rate_hz, meaning)
        for name, component, kind, unit, meaning in made
    ]


def _sidecar(session, samples, channels):
    rate_hz = 1 / samples.period_s
    kinds = [channel[CHANNEL_COLUMNS.index("type")] for channel in channels]
    return {
        "TaskName": TASK,
        "TaskDescription": "running outdoors or on a treadmill with a clip on the waistband",
        "SamplingFrequency": rate_hz,
        "SamplingFrequencyEffective": rate_hz,
        "TrackingSystemName": samples.name,
        "Manufacturer": "HipCue",
        "DeviceSerialNumber": session.clip,
        "SoftwareVersions": str(session.firmware.get("hipcue", "n/a")),
        "MissingValues": "n/a",
        "TrackedPointsCount": 1,
        "MotionChannelCount": len(channels),
        **{field: kinds.count(kind) for kind, field in CHANNEL_COUNTS.items()},
        "HipCue": provenance(session),
    }


def _motion_rows(samples):
    time = TABLES[samples.name][0]
    cells = [_cells(samples.values[time.name] - samples.start_s, time.decimals)]
    for column in samples.columns:
        grid = samples.values[column.name]
        cells += [_cells(grid, column.decimals), ("0" if math.isnan(value) else "1" for value in grid.tolist())]
    return zip(*cells, strict=True)


def _events(session, stem, start_s, output):
    """Write a row for each row of the tables that are not sampled; onset from `start_s`, by default the first row."""
    tables = {name: values for name, values in present(session).items() if name not in SAMPLED}
    columns = [(name, column) for name in tables for column in TABLES[name] if column.name != "t_s"]
    rows = sorted((row for name in tables for row in _event_rows(name, tables[name], columns)), key=lambda row: row[0])
    if start_s is None:
        start_s = rows[0][0] if rows else 0.0
    lines = [[number(t_s - start_s, 6), "n/a", name, number(t_s, 3), *cells] for t_s, name, cells in rows]
    header = ["onset", "duration", "trial_type", "t_s", *(_named(name, column) for name, column in columns)]
    paths = [Path("%s.tsv" % stem), Path("%s.json" % stem)]
    _tsv(paths[0], header, lines, len(lines), output)
    write_text(paths[1], _json(_event_dictionary(columns)))
    return paths


def _event_rows(name, values, columns):
    """Yield (t_s, table, cells of all `columns`: `n/a` in those of other tables)."""
    own = [
        _cells(values[column.name], column.decimals) if table == name else ["n/a"] * len(values["t_s"])
        for table, column in columns
    ]
    for t_s, *cells in zip(values["t_s"].tolist(), *own, strict=True):
        yield t_s, name, cells


def _event_dictionary(columns):
    made = {
        "trial_type": {"Description": "the table that the row is of", "Levels": {}},
        "t_s": {"Description": "onset on the clip's clock", "Units": "s"},
    }
    for name, column in columns:
        made["trial_type"]["Levels"][name] = "a row of " + name
        made[_named(name, column)] = {"Description": "of %s: %s" % (name, column.meaning)}
        if column.unit:
            made[_named(name, column)]["Units"] = column.unit
    made["trial_type"]["HipCueCodes"] = codes()
    return made


def _named(table, column):
    return "%s_%s" % (table, column.name)


def _cells(values, decimals):
    if decimals is None:
        return [text or "n/a" for text in values]
    return (number(value, decimals) or "n/a" for value in values.tolist())


def _tsv(path, header, rows, count, output):
    with (
        replacing(path) as new,
        new.open("w", newline="", encoding="utf-8") as file,
        output.progress(count, "rows", path.name) as bar,
    ):
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        if header:
            writer.writerow(header)
        for row in rows:
            writer.writerow(row)
            bar.update()


def _json(value):
    return json.dumps(plain(value), indent=1) + "\n"
