"""README and program hold together: its settings are contract.config.TABLE, its commands lead from twin to report."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hipcue.contract import config
from host_tools.archive import logs

README = Path(__file__).resolve().parents[2] / "README.md"
HEAD = ["setting", "default", "range", "unit", "meaning"]


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def between(marker):
    """Return what README holds between `<!-- marker -->` and its end."""
    text = README.read_text(encoding="utf-8")
    assert text.count("<!-- %s -->" % marker) == text.count("<!-- /%s -->" % marker) == 1
    return text.split("<!-- %s -->" % marker)[1].split("<!-- /%s -->" % marker)[0]


def test_settings():
    """Every row, in the table's order: name, default, least to most, unit, meaning."""
    rows = [cells(line) for line in between("config").splitlines() if line.startswith("|")]
    assert rows[0] == HEAD and set("".join(rows[1])) == {"-"}
    assert rows[2:] == [
        ["`%s`" % name, str(default), "%s to %s" % (least, most), unit, meaning]
        for name, default, least, most, unit, meaning in config.TABLE
    ]


LEFT = ["twin-port", "twin.flash", "twin.flash.nvs", "logs/R017/a.hcl", "flash.bin", "recovered/", "backups/"]


@pytest.mark.parametrize("name", LEFT)
def test_what_the_commands_leave_is_never_committed(name):
    """Logs above all: they are of a person."""
    if not (README.parent / ".git").exists():
        pytest.skip("no git checkout")
    assert subprocess.run(["git", "check-ignore", "-q", name], cwd=README.parent).returncode == 0


def watch_the_run(command, folder):
    """Run `live` until it has told of a recording and then of none, and press Ctrl-C; return its exit code."""
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        recorded = False
        for line in process.stdout:
            recorded = recorded or line.startswith("recording")
            if recorded and line.startswith("not recording"):
                process.send_signal(signal.SIGINT)
        return process.wait(30)


@pytest.mark.usefixtures("binary")
def test_from_twin_to_report(tmp_path):
    """The commands as they stand there, in a folder with a .venv and nothing else."""
    lines = [line for line in between("try").splitlines() if line.startswith(".venv/bin/hipcue ")]
    commands = [shlex.split(line, comments=True) for line in lines]
    names = [command[1] for command in commands]
    assert len(commands) <= 6 and names[0] == "twin" and names[-1] == "report" and "flash" not in names
    (tmp_path / ".venv").symlink_to(sys.prefix)
    link = tmp_path / commands[0][commands[0].index("--link") + 1]
    with subprocess.Popen(commands[0], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as twin:
        try:
            assert any(line.strip() == link.name for line in twin.stdout)  # it shows the port
            for command in commands[1:]:
                if command[1] == "live":
                    assert watch_the_run(command, tmp_path) == 0
                    continue
                done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
                assert done.returncode == 0, done.stdout + done.stderr
        finally:
            twin.send_signal(signal.SIGTERM)  # as its Ctrl-C: nothing is left behind
    assert not os.path.lexists(link)
    folder = tmp_path / commands[-1][2]
    (log,) = folder.glob("*.hcl")
    session = logs.read_log(log)
    assert session.runner == folder.name == commands[names.index("calibrate")][-1]
    assert session.verdict == "whole" and len(session.steps["time_ms"]) > 1800 and len(session.cues["time_ms"]) > 50
    assert session.calibration["bows"] == 5
    assert "<html" in (folder / "report.html").read_text(encoding="utf-8")[:200]
