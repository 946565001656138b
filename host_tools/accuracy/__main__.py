"""python -m host_tools.accuracy: run everything, print the table, write it with its figures and picture."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from host_tools.accuracy import sacral
from host_tools.accuracy.figure import draw
from host_tools.accuracy.filters import FILTERS
from host_tools.accuracy.measures import clip_errors, filter_errors
from host_tools.accuracy.table import markdown
from host_tools.archive.logs import read_log
from host_tools.errors import INTEGRITY, HipCueError
from host_tools.output import Output, plain
from host_tools.recording.folder import load
from host_tools.runners import demo
from host_tools.sim.command import replay

SHARED = Path("../shared/data")
SACRAL = SHARED / "contact" / "alcantara_8_trials.csv"
CLIP = "HipCue"


def main(argv=None):
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="make accuracy", description="Accuracy of the clip beside published filters.")
    parser.add_argument("recordings", nargs="*", help="recording folders, or folders of them, beside the shared ones")
    parser.add_argument("--out", default="out/accuracy", help="folder for table.md, results.json and the picture")
    args = parser.parse_args(argv)
    output = Output()
    try:
        results = {}
        for make in [*[_loader(folder) for folder in _folders(args.recordings)], demo]:
            recording = make()
            output.warn("%s: %.0f s ..." % (recording.name, recording.end_s))
            results[recording.name] = measure(recording, output)
        sacral_rows = sacral.run(SACRAL) if SACRAL.is_file() else None
        _write(results, sacral_rows, Path(args.out), output)
        return 0
    except HipCueError as error:
        output.warn(error.message)
        return error.exit_code


def _loader(folder):
    return lambda: load(folder)


def _folders(named):
    """Return the recording folders with a truth: the shared ones and the `named`, each itself or its subfolders."""
    folders = []
    for place in [SHARED / "recordings", *map(Path, named)]:
        inside = (
            [place] if (place / "meta.json").is_file() else sorted(path.parent for path in place.glob("*/meta.json"))
        )
        if not inside and str(place) in named:
            raise HipCueError("%s is no recording folder and holds none." % place)
        folders += [folder for folder in inside if (folder / "truth_steps.csv").is_file()]
    return folders


def measure(recording, output):
    """Return method -> errors for one recording: the clip on the twin, then the filters with the clip's calibration."""
    with tempfile.TemporaryDirectory(prefix="hipcue-") as work:
        log, _ = replay(recording, Path(work), output, trace=True)
        session = read_log(log)
    calibration = session.calibration or {}
    if "mount" not in calibration:
        raise HipCueError(
            "%s: the clip has no mount calibration to share with the filters." % recording.name, INTEGRITY
        )
    mount = np.array(calibration["mount"])
    gyro = np.ascontiguousarray((recording.imu[:, 3:] - calibration["gyro_bias_rads"]) @ mount.T)
    accel = np.ascontiguousarray((recording.imu[:, :3] - calibration["accel_bias_mps2"]) @ mount.T)
    errors = {CLIP: clip_errors(session, recording)}
    for name, run in FILTERS.items():
        errors[name] = filter_errors(run(gyro, accel, recording.imu_rate_hz), recording, session)
    return errors


def _write(results, sacral_rows, out, output):
    lines = markdown(results, sacral_rows)
    for line in lines:
        output.say(line)
    out.mkdir(parents=True, exist_ok=True)
    (out / "table.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    figures = {"recordings": results, "sacral": sacral_rows}
    (out / "results.json").write_text(json.dumps(plain(figures), indent=1) + "\n", encoding="utf-8")
    draw(results, out / "errors.png")
    output.say("\nWritten: %s, results.json, errors.png" % (out / "table.md"))


if __name__ == "__main__":
    sys.exit(main())
