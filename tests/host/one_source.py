"""A script that runs unchanged on CPython and on the twin's MicroPython: what it prints on either."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORE = sorted((ROOT / "device/hipcue/core").glob("*.py"))
CPYTHON = [sys.executable]


def printed(command, script, job, timeout_s=60):
    """Return the JSON lines that `script` prints of the file `job` on the interpreter that `command` begins."""
    environment = os.environ | {"PYTHONPATH": "%s:%s" % (ROOT, ROOT / "device"), "MICROPYPATH": ".frozen"}
    done = subprocess.run([*command, script, job], env=environment, capture_output=True, text=True, timeout=timeout_s)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
