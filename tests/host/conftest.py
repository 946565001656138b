"""The core's `ulab` on CPython is NumPy behind the allow-list, in every test; a minute of a runner for the core's."""

import signal

import pytest

from host_tools import ulab

ulab.install()

import core_run  # noqa: E402 - after the install
import one_source  # noqa: E402

from host_tools.errors import HipCueError  # noqa: E402
from host_tools.runners.record import record  # noqa: E402
from host_tools.twin.process import find_binary  # noqa: E402

# A shell lets what it runs in the background ignore Ctrl-C; the commands that tests start are to hear it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def binary():
    """The twin's program; what asks for it is skipped where there is none."""
    try:
        return find_binary()
    except HipCueError as error:
        pytest.skip(error.message)


@pytest.fixture(params=["twin", "twin-ulab"])
def micropython(request):
    """Each twin's interpreter, with the stand-in and with real ulab, as a command; skipped where it lacks this core."""
    binary = one_source.ROOT / "build" / request.param / "micropython"
    if not binary.exists():
        pytest.skip("build/%s is not built" % request.param)
    if any(path.stat().st_mtime > binary.stat().st_mtime for path in one_source.CORE):
        pytest.skip("build/%s is older than the core" % request.param)
    return [binary, "-X", "heapsize=8M"]


@pytest.fixture(scope="session")
def minute():
    """The recording of core_run.MINUTE; not to be changed."""
    return record(core_run.MINUTE)


@pytest.fixture(scope="session")
def frames(minute):
    """Its raw frames, (N, 6); to be copied before a change."""
    return core_run.raw_frames(minute)


@pytest.fixture(scope="session")
def params(minute, frames):
    """Params from its stand and bows; not to be changed."""
    return core_run.calibrated(minute, frames)


@pytest.fixture(scope="session")
def steps(params, frames):
    """Its settled steps."""
    return core_run.run(params, frames)
