"""In a shell: completion, quiet pipes, instant help, names that are not text."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from synthetic_log import sealed, step

from host_tools import cli

HIPCUE = [str(Path(sys.executable).with_name("hipcue"))]


def hipcue(*arguments, **options):
    return subprocess.run([*HIPCUE, *arguments], capture_output=True, timeout=60, **options)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "7.hcl"
    path.write_bytes(b"".join(sealed(step(0), step(10))))
    return path


def completed(line, cwd):
    """Return what bash offers after `line`."""
    words = line.split(" ")
    script = hipcue("completion", "bash").stdout.decode()
    ask = 'COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE="%s"; COMP_POINT=${#COMP_LINE}; _shtab_hipcue; ' % (
        " ".join(word or "''" for word in words),
        len(words) - 1,
        line,
    )
    ask += 'printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", script + "\n" + ask], capture_output=True, text=True, cwd=cwd, timeout=20)
    return done.stdout.split()


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not here")
def test_bash_completes_commands_choices_and_files(log):
    assert completed("hipcue ex", log.parent) == ["export"]
    assert set(completed("hipcue ", log.parent)) >= {row[0] for row in cli.COMMANDS}
    assert completed("hipcue export --format p", log.parent) == ["parquet"]
    assert completed("hipcue report --pd", log.parent) == ["--pdf"]
    assert completed("hipcue report 7", log.parent) == ["7.hcl"]


def test_zsh_completion_names_every_command():
    script = hipcue("completion", "zsh").stdout.decode()
    assert script.startswith("#compdef hipcue")
    assert all("    %s:'" % row[0] in script for row in cli.COMMANDS)


def test_completion_as_json():
    made = json.loads(hipcue("completion", "bash", "--json").stdout)
    assert made["shell"] == "bash" and made["script"].endswith(" -F _shtab_hipcue hipcue")


def test_help_of_the_whole_program_imports_nothing_heavy():
    """Counted, not timed: only our own modules that name the commands, and Python's."""
    code = "import sys; from host_tools import cli\ntry: cli.main(%r)\nexcept SystemExit: pass\nprint(*sys.modules)"
    for arguments in (["--help"], ["export", "--help"], ["sim", "--help"]):
        out = subprocess.run([sys.executable, "-c", code % arguments], capture_output=True, text=True, check=True)
        ours = {name for name in out.stdout.splitlines()[-1].split() if name.startswith(("host_tools", "hipcue"))}
        assert ours <= {"host_tools", "host_tools.cli", "host_tools.errors", "host_tools.export"}
        others = {name.split(".")[0] for name in out.stdout.splitlines()[-1].split()}
        third = others & {"numpy", "scipy", "matplotlib", "serial", "mpremote", "tqdm", "shtab", "pyarrow", "edfio"}
        assert third == set()


@pytest.mark.parametrize("arguments", [["export", "7.hcl"], ["completion", "bash"], ["--help"], ["export", "--help"]])
def test_a_closed_pipe_is_quiet(log, arguments):
    """As in `hipcue ... | true`: no traceback, no sentence."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [*HIPCUE, *arguments]
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, cwd=log.parent, timeout=60)
    finally:
        os.close(writing)
    # argparse itself passes over what it cannot print, where Python does not buffer it.
    assert done.returncode in ((0, 141) if "--help" in arguments else (141,))
    assert done.stderr == b""


def test_bars_on_a_terminal_only(log):
    """The same command: silent into a pipe, bars on a terminal, none with --json."""
    assert hipcue("export", str(log)).stderr == b""
    assert b"steps.csv" in on_terminal("export", str(log))
    assert on_terminal("export", str(log), "--json") == b""


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams(log, closed):
    """As a service may start it: what is closed is the null device."""
    done = subprocess.run("%s export 7.hcl %s" % (HIPCUE[0], closed), shell=True, capture_output=True, cwd=log.parent)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (log.parent / "7" / "steps.csv").exists()


def test_a_closed_stdin_answers_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    assert cli.main(["completion", "bash"]) == 0
    assert not sys.stdin.isatty() and sys.stdin.read() == ""


@pytest.mark.parametrize("closed", ["2>&-", "<&-"])
def test_closed_streams_of_a_wrong_use(log, closed):
    done = subprocess.run("%s export none.hcl %s" % (HIPCUE[0], closed), shell=True, capture_output=True)
    assert done.returncode == 2 and b"Traceback" not in done.stderr + done.stdout


def test_a_sentence_stands_on_a_line_of_its_own(log):
    """Bars go before it comes: what was on the line is wiped first."""
    shown = on_terminal("export", str(log), "--format", "bids", whole=True).decode()
    for sentence in ("The log holds no sampled signal", "Session 7 of clip", "Written: "):
        before = shown[: shown.index(sentence)]
        assert before.endswith("\n") or re.search(r"\r *\r$", before), repr(before[-80:])


def on_terminal(*arguments, whole=False):
    """Return what the command writes to stderr when that is a terminal; `whole`: to stdout, too."""
    far, near = pty.openpty()
    termios.tcsetwinsize(near, (24, 80))  # tqdm draws nothing on a terminal without columns
    try:
        stdout = near if whole else subprocess.DEVNULL
        subprocess.run([*HIPCUE, *arguments], stdout=stdout, stderr=near, timeout=60)
        os.set_blocking(far, False)
        try:
            return os.read(far, 65536)
        except BlockingIOError:
            return b""
    finally:
        os.close(near)
        os.close(far)


def test_a_name_that_is_no_text(tmp_path, log):
    name = os.fsencode(tmp_path) + b"/\xff.hcl"
    os.rename(log, name)
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}  # as where the locale is UTF-8
    done = subprocess.run([HIPCUE[0].encode(), b"export", name], capture_output=True, timeout=60, env=strict)
    assert done.returncode == 0 and b"Traceback" not in done.stderr and b"Written" in done.stdout
