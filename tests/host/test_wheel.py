"""The wheel works outside the checkout: built, installed into a fresh environment, and run from another folder."""

import ast
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from synthetic_log import sealed, step

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The `bin` folder of an environment that holds the wheel, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, cwd=folder)
    venv.create(folder / "venv", with_pip=False)
    (wheel,) = folder.glob("*.whl")
    programs = folder / "venv" / "bin"
    to_venv = [*pip, "--python", str(programs / "python"), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(to_venv, check=True, cwd=folder)
    return programs


def run(programs, *command, cwd):
    """Run an installed program; its dependencies come from this environment, whose editable install does not count."""
    # Python reads .pth files, such as the checkout's, in a site folder, but not in one that PYTHONPATH names.
    environment = {"PATH": os.defpath, "PYTHONPATH": sysconfig.get_path("purelib"), "HOME": str(cwd)}
    command = [str(programs / command[0]), *command[1:]]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=120)


def test_nothing_comes_from_the_checkout(installed, tmp_path):
    code = "import hipcue, host_tools; print(hipcue.__file__); print(host_tools.__file__)"
    done = run(installed, "python", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(Path(line).is_relative_to(installed.parent) for line in done.stdout.split())


def test_help(installed, tmp_path):
    done = run(installed, "hipcue", "--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "") and "export" in done.stdout


def test_version(installed, tmp_path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    done = run(installed, "hipcue", "--version", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "hipcue %s\n" % project["version"], "")


def test_report_and_every_export(installed, tmp_path):
    from host_tools.export import FORMATS

    (tmp_path / "7.hcl").write_bytes(b"".join(sealed(step(0), step(10))))
    done = run(installed, "hipcue", "report", "7.hcl", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "<style>" in (tmp_path / "7.html").read_text() and json.loads(done.stdout)["report"] == "7.html"
    for name in FORMATS.keys() - {"edf"}:  # this log holds nothing sampled
        done = run(installed, "hipcue", "export", "7.hcl", "--format", name, "--json", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), name
        assert all((tmp_path / path).exists() for path in json.loads(done.stdout)["sessions"][0]["written"])
    assert "sampled" in run(installed, "hipcue", "export", "7.hcl", "--format", "edf", cwd=tmp_path).stderr


@pytest.mark.parametrize("command", [("twin",), ("sim", "--scenario", "walking")])
def test_no_twin_in_the_wheel(installed, tmp_path, command):
    done = run(installed, "hipcue", *command, cwd=tmp_path)
    assert done.returncode == 10
    assert done.stderr.startswith("This installation of hipcue holds no twin; ") and done.stderr.count("\n") == 1


def imports():
    """Return the top-level modules that the host tools import, those of `make accuracy` left out."""
    found = set()
    for path in (ROOT / "host_tools").rglob("*.py"):
        if "accuracy" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(), str(path))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"host_tools", "hipcue"}


def test_every_import_is_a_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["export"]
    names = {re.match(r"[\w-]+", line).group().lower() for line in declared}
    owners = packages_distributions()
    needed = {name: {owner.lower() for owner in owners.get(name, ())} for name in imports()}
    assert {"numpy", "edfio", "shtab"} <= set(needed)
    missing = {name for name, packages in needed.items() if not packages & names}
    assert missing == set()
