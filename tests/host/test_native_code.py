"""Viper code is compiled for a processor: it must be for every one that runs it."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CROSS = ROOT / "build" / "mpy-cross" / "mpy-cross"


@pytest.mark.skipif(not CROSS.exists(), reason="mpy-cross is not built")
@pytest.mark.parametrize("processor", ["xtensawin", "armv7emsp", "x64"])  # ESP32 and ESP32-S3; bench; twin
@pytest.mark.parametrize("name", ["drivers/ads1292.py", "snippet.py"])
def test_viper_code_compiles(name, processor, tmp_path):
    made = tmp_path / "made.mpy"
    code = ROOT / "device" / "hipcue" / name
    done = subprocess.run([CROSS, "-march=" + processor, "-o", made, code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    # Byte 2 of an .mpy names the native architecture above its two low bits; 0 is none (docs/reference/mpyfiles.rst).
    assert made.read_bytes()[2] >> 2 != 0
