"""Imports point one way: contract -> nothing of ours, core -> contract and ulab, and so on (see the README)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEVICE = ROOT / "device" / "hipcue"

# Every module of ours, or of MicroPython and ulab, that a part may import; others' plain modules in PLAIN.
CONTRACT = "hipcue.contract"
PLAIN = {
    "contract": {"json", "struct", "binascii"},
    "core": {"math", "array", "micropython"},
    "cue": set(),
    "programme": set(),
    "drill": set(),
    "drivers": {"micropython", "time", "errno", "struct", "array"},
    "store": {"os", "json", "struct", "binascii", "errno", "micropython"},
}
OURS = {
    "contract": {CONTRACT},
    "core": {CONTRACT, "hipcue.core", "ulab"},
    "cue": {CONTRACT},
    "programme": {CONTRACT},
    "drill": {CONTRACT},
    "drivers": {"hipcue.drivers"},
    "store": {CONTRACT, "hipcue.store"},
}


def imports(path):
    """Return every module that the file imports, names of a `from` import included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            package = ".".join((*above, node.module) if node.module else above)
            found |= {"%s.%s" % (package, alias.name) for alias in node.names}
    return found


def within(name, packages):
    return any(name == package or name.startswith(package + ".") for package in packages)


def files(part):
    folder = DEVICE / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [DEVICE / (part + ".py")]


@pytest.mark.parametrize("part", sorted(OURS))
def test_device_parts(part):
    for path in files(part):
        if not path.exists():
            pytest.skip("%s is not there yet" % path.relative_to(ROOT))
        wrong = {name for name in imports(path) if not within(name, OURS[part] | PLAIN[part])}
        assert not wrong, "%s imports %s" % (path.relative_to(ROOT), ", ".join(sorted(wrong)))


def test_core_takes_only_the_compilers_decorator_from_micropython():
    for path in files("core"):
        taken = {
            node.attr
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "micropython"
        }
        assert taken <= {"native"}, path


def test_drivers_take_only_const_from_micropython():
    for path in files("drivers"):
        wrong = {name for name in imports(path) if within(name, {"micropython"}) and name != "micropython.const"}
        assert not wrong, path


@pytest.mark.parametrize("path", sorted((ROOT / "boards").glob("*/board.py")), ids=lambda path: path.parent.name)
def test_boards(path):
    wrong = {name for name in imports(path) if within(name, {"hipcue"}) and not within(name, {"hipcue.drivers"})}
    assert not wrong
    assert any(within(name, {"machine"}) for name in imports(path))


# Runs on the twin's MicroPython: the firmware's own rule.
ON_TWIN = {"programme/on_twin.py": {CONTRACT, "hipcue.cue", "hipcue.programme"}}


def test_host_tools():
    for path in sorted((ROOT / "host_tools").rglob("*.py")):
        allowed = ON_TWIN.get(path.relative_to(ROOT / "host_tools").as_posix(), {CONTRACT, "hipcue.core"})
        wrong = {name for name in imports(path) if within(name, {"hipcue"}) and not within(name, allowed)}
        assert not wrong, "%s imports %s" % (path.relative_to(ROOT), ", ".join(sorted(wrong)))


# What the packages of the host tools may import of one another: only of those above; all may import HOST_SHARED.
HOST = {
    "ulab": (),
    "log": (),
    "archive": ("log",),
    "export": ("archive", "log"),
    "report": ("archive", "log"),
    "recover": ("archive", "log"),
    "clip": ("log",),
    "pull": ("archive", "clip", "log", "recover"),
    "live": ("clip",),
    "doctor": ("clip", "live"),
    "firmware": ("clip", "doctor", "pull"),
    "calibrate": ("clip", "live", "ulab"),
    "recording": (),
    "runners": ("recording",),
    "twin": ("calibrate", "recording", "runners"),
    "programme": ("twin",),
    "sim": ("archive", "calibrate", "clip", "export", "log", "pull", "recording", "report", "runners", "twin"),
    "accuracy": ("archive", "recording", "runners", "sim", "ulab"),
}
HOST_SHARED = {"consent", "errors", "files", "os_errors", "output", "places"}


def test_the_host_packages_stand_in_one_order():
    above = set()
    for package, named in HOST.items():
        assert set(named) <= above, package
        above.add(package)
    assert above == {path.parent.name for path in (ROOT / "host_tools").glob("*/__init__.py")}
    assert HOST_SHARED | {"__init__", "cli", "completion", "ending"} == {
        path.stem for path in (ROOT / "host_tools").glob("*.py")
    }


@pytest.mark.parametrize("package", HOST)
def test_host_packages(package):
    for path in sorted((ROOT / "host_tools" / package).rglob("*.py")):
        assert not beyond(path, HOST_SHARED | {package, *HOST[package]}), path


@pytest.mark.parametrize("name", sorted(HOST_SHARED))
def test_what_the_host_packages_share(name):
    assert not beyond(ROOT / "host_tools" / (name + ".py"), HOST_SHARED)


def beyond(path, names):
    """Return what the file imports of the host tools besides the packages and modules `names` of theirs."""
    allowed = {"host_tools." + name for name in names}
    return {name for name in imports(path) if within(name, {"host_tools"}) and not within(name, allowed)}


def test_device_code_knows_no_simulation():
    for path in sorted((ROOT / "device").rglob("*.py")):
        assert not any(within(name, {"twin", "boards", "host_tools"}) for name in imports(path)), path


def test_device_code_has_no_radio():
    """An ESP32's radio is off until something asks for it (MicroPython's docs, library/network.WLAN: `active`)."""
    radio = {"network", "bluetooth", "ubluetooth", "socket", "usocket", "espnow", "aioble", "ssl", "requests"}
    paths = [*(ROOT / "device").rglob("*.py"), *(ROOT / "boards").glob("HIPCUE_*/*.py")]
    assert len(paths) > 30
    for path in paths:
        assert not any(within(name, radio) for name in imports(path)), path


def test_only_the_transport_touches_mpremote():
    users = {
        path.name for path in (ROOT / "host_tools").rglob("*.py") if any(within(n, {"mpremote"}) for n in imports(path))
    }
    assert users == {"transport.py"}
