"""configure over the pseudo-terminal: the table, changes all or none, read back, and what is refused."""

import json

import pytest

from hipcue.contract import config
from host_tools import cli
from host_tools.clip.transport import Clip
from host_tools.errors import NOT_HIPCUE, OK, USAGE
from host_tools.twin.process import Twin
from host_tools.twin.scene import write_rest_scene


@pytest.fixture(scope="module")
def clip(binary, tmp_path_factory):
    """A twin whose clock stands at 0, so that the application waits for its host."""
    scene = write_rest_scene(tmp_path_factory.mktemp("configure") / "scene", halts_s=[0.0])
    with Twin(scene=scene) as twin:
        yield twin


def run(capsys, clip, *arguments):
    """Return (exit code, what was printed, the sentence on stderr)."""
    code = cli.main(["configure", "--port", clip.port, *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err.strip()


def stored(capsys, clip):
    return json.loads(run(capsys, clip, "--json")[1])["config"]


def test_table_has_every_setting_with_value_range_and_meaning(capsys, clip):
    code, said, _ = run(capsys, clip)
    assert code == OK
    for name, default, least, most, unit, meaning in config.TABLE:
        assert meaning in said
        (line,) = (line for line in said.splitlines() if line.startswith(name + " "))
        assert line.split()[1:] == [str(default), *([unit] if unit else []), str(least), "to", str(most)]
    assert "Programme version %04x: " % config.version(config.defaults()) in said


def test_set_read_back_and_kept_over_a_reset(capsys, clip):
    code, said, _ = run(capsys, clip, "cue_margin_deg=3.5", "cue_over_steps=5")
    assert (code, said) == (OK, "cue_margin_deg is 3.5 deg on the clip.\ncue_over_steps is 5 steps on the clip.\n")
    assert stored(capsys, clip) == config.defaults() | {"cue_margin_deg": 3.5, "cue_over_steps": 5}
    assert "cue_margin_deg              3.5 deg     0.5 to 10.0  (default 2.0)" in run(capsys, clip)[1]
    run(capsys, clip, "cue_margin_deg=2", "cue_over_steps=4")
    assert stored(capsys, clip) == config.defaults()


def test_a_change_that_begins_the_programme_anew_is_told(capsys, clip):
    anew = "The programme begins with its first session.\n"
    said = run(capsys, clip, "programme_sessions=8")[1]
    assert said == "programme_sessions is 8 sessions on the clip.\n" + anew
    assert run(capsys, clip, "cue_margin_deg=3")[1].endswith(anew)
    assert anew not in run(capsys, clip, "cue_margin_deg=3", "buzz_strength_pct=60")[1]  # the margin was 3 before
    assert anew not in run(capsys, clip, "programme_sessions=0", "cue_margin_deg=2", "buzz_strength_pct=80")[1]
    assert stored(capsys, clip) == config.defaults()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["cue_margin=2"], "There is no setting named cue_margin; `hipcue configure` lists them all."),
        (["trace"], "trace says nothing to set; write it as NAME=VALUE, such as cue_margin_deg=2.5."),
        (["cue_margin_deg=99"], "cue_margin_deg must be from 0.5 to 10.0 deg, not 99."),
        (["cue_margin_deg=nan"], "cue_margin_deg must be a number, not 'nan'."),
        (["trace=inf"], "trace must be a whole number, not 'inf'."),
        (["cue_margin_deg=wide"], "cue_margin_deg must be a number, not 'wide'."),
        (["trace=0.5"], "trace must be a whole number, not 0.5."),
        (["imu_rate_hz=150"], "imu_rate_hz must be 104 or 208 Hz, not 150."),
        (["cue_over_steps=12"], "cue_over_steps must not exceed cue_window_steps."),
        (["trace=1", "buzz_least_ms=500"], "buzz_least_ms must not exceed buzz_most_ms."),
    ],
)
def test_bad_settings_change_nothing(capsys, clip, words, sentence):
    assert run(capsys, clip, *words) == (USAGE, "", sentence)
    assert stored(capsys, clip) == config.defaults()


def test_a_bad_word_is_refused_without_a_clip(capsys):
    assert cli.main(["configure", "--port", "/dev/no-such-port", "trace=2"]) == USAGE
    assert capsys.readouterr().err == "trace must be from 0 to 1, not 2.\n"


def test_stored_settings_that_are_damaged_are_told_and_replaced(capsys, clip):
    with Clip(clip.port) as console:
        console.enter()
        console.run("with open('/settings/config.json', 'w') as file: file.write('{')")
    code, _, said = run(capsys, clip)
    assert code == OK and said == "the stored configuration is not used: /settings/config.json was cut off."
    assert run(capsys, clip, "trace=1")[0] == OK
    assert run(capsys, clip)[2] == ""


def test_other_contract_version(capsys, clip, monkeypatch):
    monkeypatch.setattr("host_tools.clip.configure.CONTRACT_VERSION", 99)
    code, _, said = run(capsys, clip)
    assert code == NOT_HIPCUE and said.endswith("`hipcue deploy` makes them one.")
