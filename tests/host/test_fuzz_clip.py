"""The clip's console and stored settings with hypothesis, on the twin: whatever comes, it stays to be talked to.

FUZZ_EXAMPLES=<number> asks for more, each time others: make fuzz.
"""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hipcue.contract import config
from host_tools.clip.transport import Clip
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_rest_scene

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", 0))
LONGEST_MS = 15000  # a clip that does not answer in that time hangs
fuzzed = settings(
    max_examples=max(10, EXAMPLES // 20),
    derandomize=not EXAMPLES,
    database=None,
    deadline=LONGEST_MS,
    suppress_health_check=list(HealthCheck),
)
CONTROL = st.sampled_from([b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", b"\x05A\x01", b"\r", b"\n", b"\x06"])
NOISE = st.lists(st.binary(max_size=30) | CONTROL, max_size=20).map(b"".join)
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.integers())
NAMES = st.sampled_from(config.NAMES) | st.text(max_size=5)


@pytest.fixture(scope="module")
def port(binary, tmp_path_factory):
    scene = tmp_path_factory.mktemp("fuzz") / "scene"
    write_rest_scene(scene, halts_s=[0.0])
    with Twin(scene=scene) as twin:
        yield twin.port
        twin.check()


def say(clip, noise):
    """Send bytes that no host would."""
    clip._transport.serial.write(noise)


@fuzzed
@given(noise=NOISE)
def test_noise_at_the_prompt(port, noise):
    with Clip(port) as clip:
        say(clip, noise)
        clip.enter()
        assert clip.hello()["hipcue"]


@fuzzed
@given(noise=NOISE)
def test_noise_while_the_application_runs(port, noise):
    """All but Ctrl-C, which stops it, is passed over; then an enquiry is answered."""
    with Clip(port) as clip:
        clip.enter()
        clip.start_app()
        clip.await_app()
        say(clip, noise.replace(b"\x03", b""))
        said = clip.ask_app()
        assert said is not None and said["recording"] is False


@fuzzed
@given(noise=st.lists(st.binary(max_size=30) | st.sampled_from([b"\x06", b"\x05"]), max_size=20).map(b"".join))
def test_noise_while_a_session_is_sent(port, noise):
    """Acknowledgements too many or of nothing: the download ends or waits, and the next host is heard."""
    with Clip(port) as clip:
        clip.enter()
        clip.run("import os\nif 'log' not in os.listdir(): os.mkdir('log')")
        clip.run("with open('log/00000001.hcl', 'w') as file: file.write('x' * 30000)")
        say(clip, b"\r\x03\r\x01from hipcue import transfer; transfer.send('00000001.hcl', 0)\x04" + noise)
        clip.enter()
        assert clip.hello()["sessions"] == 1


@fuzzed
@given(changes=st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_settings(port, changes):
    """Refused with a reason, or stored as the contract has them."""
    with Clip(port) as clip:
        clip.enter()
        text = json.dumps(changes).replace("Infinity", "1e999").replace("NaN", "null")
        answer = clip.exec_json("import json; from hipcue import console; console.configure(json.loads(%r))" % text)
        assert answer["ok"] or answer["reason"]
        if answer["ok"]:
            assert set(answer["config"]) == set(config.NAMES)


@fuzzed
@given(data=st.binary(max_size=60) | VALUES.map(lambda value: json.dumps({"imu_rate_hz": value}).encode() + b"\n"))
def test_any_bytes_as_stored_settings(port, data):
    """Used as they are, or the defaults with a sentence on what is wrong."""
    with Clip(port) as clip:
        clip.enter()
        clip.run("import os\nif 'settings' not in os.listdir(): os.mkdir('settings')")
        clip.run("with open('settings/config.json', 'wb') as file: file.write(%r)" % data)
        loaded = clip.exec_json("import json; from hipcue import settings; print(json.dumps(settings.load_config()))")
        values, problem = loaded
        assert set(values) == set(config.NAMES) and (problem is None or values == config.defaults())
