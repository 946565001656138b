"""Runs every tests/twin/test_*.py on the twin's MicroPython, as plain scripts without a console.

Such a script asserts; what it raises is its failure. A first line of output
`SKIP reason` means that it could not run here. It runs in an empty folder, may
import the frozen modules and what lies beside it, and may not use the clock of
the wall: `time` is the virtual one. By hand:

    build/twin/micropython tests/twin/test_flash.py
"""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).resolve().parent.parent / "twin").glob("test_*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_on_twin(script, binary, tmp_path):
    result = subprocess.run(
        [str(binary), "-X", "heapsize=8M", str(script)],
        cwd=tmp_path,
        env={**os.environ, "MICROPYPATH": ".frozen"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    if result.stdout.startswith("SKIP"):
        pytest.skip(result.stdout.splitlines()[0][5:])
    assert result.returncode == 0, result.stdout + result.stderr
