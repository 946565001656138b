"""Settings on a littlefs: atomic against a power cut, defaults with a sentence where the file is bad."""

import json
import os

import clip_flash
from bench import raises
from twin.power import PowerCut

from hipcue import settings
from hipcue.contract import config
from hipcue.store import files

settings.FOLDER = "/clip/settings"
settings.CONFIG = settings.FOLDER + "/config.json"
settings.RUNNER = settings.FOLDER + "/runner.json"
settings.BOOTS = settings.FOLDER + "/boots.json"
CALIBRATION = settings.FOLDER + "/calibration.json"
MVIC = settings.FOLDER + "/mvic.json"

OLD = {
    "mount": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    "gravity_mps2": 9.75,
    "gyro_bias_rads": [0.5, 0.0, -0.25],
    "bows": 5,
}
NEW = {
    "mount": [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
    "gravity_mps2": 9.875,
    "gyro_bias_rads": [0.0, 0.0, 0.125],
    "bows": 4,
}


def write(path, text):
    files.make_folder(settings.FOLDER)
    with open(path, "w") as file:
        file.write(text)


def test_nothing_stored():
    clip_flash.new()
    assert settings.load_config() == (config.defaults(), None)
    assert settings.load_calibration() is None


def test_stored_and_kept_over_a_restart():
    clip_flash.new()
    values = settings.change_config({"cue_margin_deg": 3.5})
    assert values == dict(config.defaults(), cue_margin_deg=3.5)
    settings.change_config({"trace": 1})
    settings.store_calibration(OLD)
    clip_flash.again()
    assert settings.load_config() == (dict(config.defaults(), cue_margin_deg=3.5, trace=1), None)
    assert settings.load_calibration() == OLD


def test_only_what_was_changed_is_stored():
    """What a later firmware's defaults are, its clips then have."""
    clip_flash.new()
    settings.change_config({"cue_margin_deg": 3.5})
    assert files.read_json(settings.CONFIG) == {"cue_margin_deg": 3.5}


def test_all_or_none():
    clip_flash.new()
    settings.change_config({"cue_margin_deg": 3.5})
    error = raises(ValueError, settings.change_config, {"buzz_most_ms": 400, "cue_margin_deg": 99.0})
    assert str(error) == "cue_margin_deg must be from 0.5 to 10.0 deg, not 99.0"
    assert settings.load_config()[0] == dict(config.defaults(), cue_margin_deg=3.5)


def test_boots_are_counted():
    clip_flash.new()
    assert [settings.count_boot(), settings.count_boot()] == [1, 2]
    clip_flash.again()
    assert settings.count_boot() == 3
    write(settings.BOOTS, '{"boots": 3}\n')
    assert settings.count_boot() == 1


def test_boot_that_cannot_be_counted():
    """A flash that takes no more must not keep the clip from starting."""
    clip_flash.new()
    for size in (4096, 64, 1):
        try:
            for number in range(1000):
                with open("/clip/%d-%d" % (size, number), "w") as file:
                    file.write("x" * size)
        except OSError:
            pass
    assert settings.count_boot() is None


def test_mvics_are_kept_by_side_and_front_end_the_oldest_going():
    clip_flash.new()
    assert settings.load_mvic("raw") == {"left": [], "right": []}
    for number in range(14):
        settings.add_mvic("raw", "left", None if number < 3 else 1790000000000 + number, 400.5 + number)
    settings.add_mvic("raw", "right", 1790000000099, 380.25)
    clip_flash.again()
    kept = settings.load_mvic("raw")
    assert kept["right"] == [[1790000000099, 380.25]]
    assert [value for _, value in kept["left"]] == [400.5 + number for number in range(2, 14)]
    assert kept["left"][0][0] is None
    # Another front end measures something else: what the first has measured is no reference for it.
    assert settings.load_mvic("envelope") == {"left": [], "right": []}
    settings.add_mvic("envelope", "left", None, 1.5e6)
    assert settings.load_mvic("envelope") == {"left": [[None, 1.5e6]], "right": []}


BAD_FILES = (
    "",
    "{",
    '{"trace": 1}',  # no line's end: cut off
    "nonsense\n",
    "[1, 2]\n",
    "[1]\n",
    "{[]: 1}\n",  # MicroPython's parser takes any key
    "5\n",
    '{"trace": 7}\n',
    '{"of_another_firmware": 1}\n',
)


def test_bad_files_give_defaults_and_a_sentence():
    for text in BAD_FILES:
        clip_flash.new()
        write(settings.CONFIG, text)
        values, problem = settings.load_config()
        assert values == config.defaults(), text
        assert problem.startswith("the stored configuration is not used: ") and len(problem) > 40, (text, problem)


def test_a_bad_file_is_replaced_by_the_next_change():
    for text in BAD_FILES:
        clip_flash.new()
        write(settings.CONFIG, text)
        assert settings.change_config({"trace": 1}) == dict(config.defaults(), trace=1), text
        assert settings.load_config() == (dict(config.defaults(), trace=1), None)


def of_programme():
    return settings.of_runner(settings.PROGRESS)


def test_each_runner_has_what_is_of_a_body():
    """Another one's is neither used nor lost; who wears the clip is known after a restart."""
    clip_flash.new()
    assert settings.load_runner() is None
    settings.store_calibration(OLD)
    settings.store_runner("R017")
    assert settings.load_runner() == "R017" and settings.load_calibration() is None
    settings.store_calibration(NEW)
    settings.add_mvic("raw", "left", None, 200.5)
    settings.store_progress({"session": 3})
    settings.store_runner("R-12")
    clip_flash.again()
    assert settings.load_runner() == "R-12" and settings.load_calibration() is None
    assert settings.load_mvic("raw") == {"left": [], "right": []} and not files.exists(of_programme())
    settings.store_runner("R017")
    assert settings.load_calibration() == NEW and files.read_json(of_programme()) == {"session": 3}
    assert settings.load_mvic("raw")["left"] == [[None, 200.5]]
    settings.store_runner(None)
    assert settings.load_calibration() == OLD


def test_a_bad_runner_is_none():
    for text in ("", "{", "5\n", '"Anna Smith"\n', '"../x1"\n', "[]\n", '"r017'):
        clip_flash.new()
        write(settings.RUNNER, text)
        assert settings.load_runner() is None, text


def test_bad_calibrations_are_none():
    for text in ("", "{", '{"mount": [[1', "nonsense\n", "[1, 2]\n", "5\n", '"text"\n', "{[]: 1}\n", "{}\n"):
        clip_flash.new()
        write(CALIBRATION, text)
        assert settings.load_calibration() is None, text


def test_a_calibration_of_another_shape_is_none():
    """Whole JSON by another hand: the core would fail on it at every start."""
    for name, value in (
        ("mount", None),
        ("mount", "level"),
        ("mount", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        ("mount", [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]),
        ("mount", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, "1"]]),
        ("gyro_bias_rads", 0.0),
        ("gyro_bias_rads", [0.0, 0.0]),
        ("accel_bias_mps2", [0.0, 0.0]),
        ("gravity_mps2", None),
        ("gravity_mps2", [9.8]),
        ("gravity_mps2", 0),
        ("side_template", 2.6),
        ("side_template", [2.6, 2.6]),
        ("side_template", [2.6, None, 2.6]),
    ):
        clip_flash.new()
        settings.store_calibration(dict(OLD, side_template=[2.6, -1, 0]))
        assert settings.load_calibration()["side_template"] == [2.6, -1, 0]
        settings.store_calibration(dict(OLD, **{name: value}))
        assert settings.load_calibration() is None, (name, value)


def test_mvics_that_are_none_are_passed_over():
    for listed in (None, 5, "text", {"at": 1}, [None], [7], [[]], [[None]], [[None, "9"]], [[None, None]], [[1, 0]]):
        clip_flash.new()
        settings.add_mvic("raw", "right", None, 300.5)
        write(MVIC, json.dumps({"front_end": "raw", "left": listed, "right": [[None, 300.5]]}) + "\n")
        assert settings.load_mvic("raw") == {"left": [], "right": [[None, 300.5]]}, listed
        settings.add_mvic("raw", "left", None, 200.5)
        assert settings.load_mvic("raw")["left"] == [[None, 200.5]]


def test_a_power_cut_leaves_old_or_new():
    """At every operation of the flash that the change takes, and at the one after it."""
    cut_at, outcomes = 1, []
    while True:
        clip_flash.new(sectors=16)
        settings.store_calibration(OLD)
        settings.change_config({"cue_margin_deg": 3.5})
        clip_flash.again(cut_at_operation=cut_at)
        try:
            settings.store_calibration(NEW)
            settings.change_config({"cue_margin_deg": 4.5})
            cut = False
        except PowerCut:
            cut = True
        clip_flash.again()
        calibration, (values, problem) = settings.load_calibration(), settings.load_config()
        margin = values["cue_margin_deg"]
        assert calibration in (OLD, NEW) and problem is None and margin in (3.5, 4.5), cut_at
        assert margin == 3.5 or calibration == NEW
        outcomes.append((calibration == NEW, margin))
        settings.store_calibration(NEW)  # what the cut left behind is in nobody's way
        settings.change_config({"cue_margin_deg": 4.5})
        assert settings.load_calibration() == NEW
        if not cut:
            break
        cut_at += 1
    assert set(outcomes) == {(False, 3.5), (True, 3.5), (True, 4.5)} and len(outcomes) > 6


def test_a_left_over_new_file_is_not_read():
    clip_flash.new()
    settings.store_calibration(OLD)
    write(CALIBRATION + ".new", '{"mount": [[9')
    assert settings.load_calibration() == OLD
    settings.store_calibration(NEW)
    assert settings.load_calibration() == NEW
    assert sorted(os.listdir(settings.FOLDER)) == ["calibration.json"]


def run():
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            test()
    clip_flash.remove()


run()
