"""Every board offers the same names, on pins that are free for it and stand so in its README."""

import ast
import re
from pathlib import Path

import pytest

BOARDS = Path(__file__).parents[2] / "boards"
NAMES = {"clip_id", "imu", "emg", "haptics", "battery", "button", "flash"}

# Espressif's datasheets: ESP32 (pin list, strapping pins) with WROOM and WROVER modules, ESP32-S3 likewise.
ESP32 = {
    "adc1": set(range(32, 40)),
    "input_only": set(range(34, 40)),
    "strapping": {0, 2, 5, 12, 15},
    "flash": set(range(6, 12)) | {16, 17},
    "console": {1, 3},
}
ESP32_S3 = {
    "adc1": set(range(1, 11)),
    "input_only": set(),
    "strapping": {0, 3, 45, 46},
    "flash": set(range(26, 33)),
    "console": {19, 20, 43, 44},
}
CHIPS = {"HIPCUE_ESP32": ESP32, "HIPCUE_S3": ESP32_S3, "TWIN": ESP32}


def syntax(board, file="board.py"):
    return ast.parse((BOARDS / board / file).read_text())


def calls(tree, name):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == name]


def pins(tree):
    """Return the numbers of all Pin(...) in the tree, in order, repeats and all."""
    return [ast.literal_eval(call.args[0]) for call in calls(tree, "Pin")]


def i2c_pins(tree):
    """Return the numbers of `_sda` and `_scl`, if there are any."""
    named = [each for each in tree.body if isinstance(each, ast.Assign) and each.targets[0].id in ("_sda", "_scl")]
    return [pin for each in named for pin in pins(each)]


def readme_pins(board):
    return [int(pin) for pin in re.findall(r"^\| GPIO(\d+) \|", (BOARDS / board / "README.md").read_text(), re.M)]


@pytest.mark.parametrize("board", CHIPS)
def test_same_names_everywhere(board):
    assigned = {
        target.id
        for statement in syntax(board).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if not target.id.startswith("_")
    }
    assert assigned == NAMES


@pytest.mark.parametrize("board", CHIPS)
def test_no_pin_twice(board):
    used = pins(syntax(board))
    assert len(used) == {"HIPCUE_ESP32": 8, "HIPCUE_S3": 14, "TWIN": 8}[board]
    assert len(set(used)) == len(used)


@pytest.mark.parametrize("board", CHIPS)
def test_no_pin_that_the_chip_needs_itself(board):
    chip = CHIPS[board]
    assert not set(pins(syntax(board))) & (chip["strapping"] | chip["flash"] | chip["console"])


@pytest.mark.parametrize("board", CHIPS)
def test_analog_inputs_are_on_adc1(board):
    analog = [pin for call in calls(syntax(board), "ADC") for pin in pins(call)]
    assert analog
    assert set(analog) <= CHIPS[board]["adc1"]


@pytest.mark.parametrize("board", CHIPS)
def test_outputs_are_on_pins_that_can_drive(board):
    tree = syntax(board)
    outputs = {pin for call in calls(tree, "PWM") + calls(tree, "I2C") for pin in pins(call)}
    outputs |= set(i2c_pins(tree))
    outputs |= {pins(call)[0] for call in calls(tree, "Pin") if "Pin.OUT" in ast.unparse(call)}
    assert len(outputs) >= 3
    assert not outputs & CHIPS[board]["input_only"]


@pytest.mark.parametrize("board", ["HIPCUE_ESP32", "HIPCUE_S3"])
def test_readme_lists_the_same_pins(board):
    assert sorted(readme_pins(board)) == sorted(pins(syntax(board)))


@pytest.mark.parametrize("board", ["HIPCUE_ESP32", "HIPCUE_S3"])
def test_readme_draws_the_same_pins(board):
    drawing = (BOARDS / board / "README.md").read_text().split("```")[1]
    for pin in pins(syntax(board)):
        assert re.search(rf"\b{pin}\b", drawing), pin


def test_readme_tells_the_use_of_each_pin():
    rows = (BOARDS / "HIPCUE_ESP32" / "README.md").read_text()
    tree = syntax("HIPCUE_ESP32")
    for name, use in (("ADC", "ADC1"), ("PWM", "PWM"), ("I2C", "I2C")):
        for call in calls(tree, name):
            for pin in pins(call):
                assert re.search(rf"^\| GPIO{pin} \| {use}", rows, re.M), (pin, use)


def test_science_build_is_wired_as_the_feather_is():
    tree = syntax("HIPCUE_S3")
    (bus,) = [bus for bus in calls(tree, "SPI") if ast.literal_eval(bus.args[0]) == 1]
    assert {word.arg: pins(word.value) for word in bus.keywords if calls(word.value, "Pin")} == {
        "sck": [36],
        "mosi": [35],
        "miso": [37],
    }
    (battery,) = calls(tree, "ADC")
    assert pins(battery) == [2]


def test_muscle_front_end_has_a_bus_of_its_own():
    """Its interrupt may come while the motion sensor's chip select is low."""
    buses = {ast.literal_eval(bus.args[0]): pins(bus) for bus in calls(syntax("HIPCUE_S3"), "SPI")}
    assert sorted(buses) == [1, 2] and not set(buses[1]) & set(buses[2])
    modes = {
        ast.literal_eval(bus.args[0]): [
            ast.literal_eval(w.value) for w in bus.keywords if w.arg in ("polarity", "phase")
        ]
        for bus in calls(syntax("HIPCUE_S3"), "SPI")
    }
    assert modes == {1: [1, 1], 2: [0, 1]}


def test_twin_is_wired_as_the_maker_build():
    assert pins(syntax("TWIN")) == pins(syntax("HIPCUE_ESP32"))


def tables(build):
    """Return the pins, or (bus, pin or address), of each table of the twin's wiring."""
    return {
        statement.targets[0].id: {ast.literal_eval(key) for key in statement.value.keys}
        for statement in syntax("TWIN", "twin/wiring_%s.py" % build).body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Dict)
    }


def test_parts_of_the_twin_sit_on_the_pins_of_its_board():
    wired, board = tables("esp32"), syntax("TWIN")
    assert wired["adc"] == {pin for call in calls(board, "ADC") for pin in pins(call)}
    assert wired["motors"] == {pin for call in calls(board, "PWM") for pin in pins(call)}
    sda, scl = i2c_pins(board)
    buttons = {pins(call)[0] for call in calls(board, "Pin") if "PULL_UP" in ast.unparse(call)}
    assert wired["inputs"] == buttons | {sda} and wired["outputs"] == {scl}
    assert wired["i2c"] == {(ast.literal_eval(calls(board, "I2C")[0].args[0]), 0x6A)}


def test_parts_of_the_science_twin_sit_on_the_pins_of_its_board():
    wired, board = tables("s3"), syntax("HIPCUE_S3")
    assert wired["adc"] == {pin for call in calls(board, "ADC") for pin in pins(call)}
    assert wired["motors"] == {pin for call in calls(board, "PWM") for pin in pins(call)}
    assert wired["inputs"] == {pins(call)[0] for call in calls(board, "Pin") if "Pin.IN" in ast.unparse(call)}
    outputs = {pins(call)[0] for call in calls(board, "Pin") if "Pin.OUT" in ast.unparse(call)}
    assert {pin for _, pin in wired["spi"]} | wired["outputs"] == outputs
    assert wired["edges"] < wired["inputs"] and not wired["i2c"]
