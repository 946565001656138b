"""The contract: known sizes and bytes, the same on CPython and MicroPython, and a configuration table that holds."""

import os
import struct
import subprocess
import sys
from binascii import crc32
from pathlib import Path

import pytest

from hipcue.contract import config, record
from hipcue.contract.cues import OUTCOMES
from hipcue.contract.drills import DRILL_NAMES

ROOT = Path(__file__).resolve().parents[2]

# Runs unchanged on both interpreters and prints what the contract makes of fixed values.
SCRIPT = """
import json, struct
from binascii import hexlify
from hipcue.contract import config, record, runner

values = {
    record.STEP: (-250, 2 << 14 | 0x142, -155, 605, 190, 140, 12345, 65535, -31),
    record.CUE: (40, 1, 2, 1, 812, 700, 215, 136, 2, 74),
    record.EVENT: (-32768, 4, -12),
    record.CLOCK: (32767, 1790000000123),
    record.TRACE: (-500000, 4755) + tuple(range(-16, 16)),
    record.PROGRAMME: (-20, 6, 50, 900, 450, 31, 20),
    record.MUSCLE: (30000, 912, 0xFF00, 480, 0xFF00, 870, 65535, 250),
    record.REPETITION: (100, 1, 2, 93, 81, 2100, 3400),
    record.SUMMARY: (-3600000, 59850, 86, 85, 1, 80, 79, 3, 612, -32768, 190, 188),
}
block = bytearray(record.BLOCK_BYTES)
at = record.HEADER_BYTES
for kind in sorted(values):
    struct.pack_into(record.FORMATS[kind], block, at, kind, *values[kind])
    at += record.SIZES[kind]
used = at - record.HEADER_BYTES
crc = record.pack_block_into(block, record.KIND_DATA, b"\\x02HIPCU", 7, 0xFFFFFFFE, 1 << 40, 3987, 1, used)
print(hexlify(bytes(block)).decode())
print(crc, record.chain_crc32(record.chain_crc32(0, crc), 1))
print(json.dumps(record.schema()).replace(" ", ""))
print(sorted(config.load('{"cue_margin_deg": 3.5, "trace": 1}').items()))
for bad in ('{"cue_margin_deg": 99.0}', '{"trace": 2}', '{"nonsense": 1}', '[]', 'nonsense', '{"imu_rate_hz": 105}'):
    try:
        config.load(bad)
    except ValueError as error:
        print(error)
for text in ("r017", "K-3", "Anna", "Anna 1", "2026-03", "-1", "", "1234567890ab", 17, None, "R\xe917"):
    try:
        print(runner.check(text))
    except ValueError:
        print("refused")
"""


def test_sizes():
    """By hand from the field tables: type byte and fields, packed without gaps."""
    assert record.SIZES == {
        record.STEP: 1 + 2 + 2 + 3 * 2 + 1 + 2 * 2 + 1,
        record.CUE: 1 + 2 + 3 * 1 + 4 * 2 + 2 * 1,
        record.EVENT: 1 + 2 + 1 + 4,
        record.CLOCK: 1 + 2 + 8,
        record.TRACE: 1 + 4 + 2 + 2 * 32,
        record.MUSCLE: 1 + 2 + 6 * 2 + 4,
        record.REPETITION: 1 + 2 + 2 * 1 + 2 + 1 + 2 * 2,
        record.PROGRAMME: 1 + 2 + 2 * 1 + 3 * 2 + 2,
        record.EMG: 1 + 2 * 4 + 2 + 1 + 2 * 4 + 2 * 2 * 32,
        record.SUMMARY: 1 + 4 + 2 + 6 * 1 + 4 * 2,
    }
    assert struct.calcsize(record.HEADER_FORMAT) == record.HEADER_BYTES == 33
    assert record.HEADER_BYTES + record.PAYLOAD_BYTES == record.CRC_OFFSET == record.BLOCK_BYTES - 4
    assert struct.calcsize(record.SEAL_FORMAT) == 25


def test_a_step_takes_at_most_22_bytes_of_flash():
    """Blocks hold a whole number of records: 27 steps in 512 bytes."""
    assert record.BLOCK_BYTES / (record.PAYLOAD_BYTES // record.SIZES[record.STEP]) < 22


def test_block_bytes():
    block = bytearray(record.BLOCK_BYTES)
    block[33:35] = b"\xab\xcd"
    crc = record.pack_block_into(
        block, record.KIND_SEAL, b"ABCDEF", 0x01020304, 0x0A0B0C0D, 0x1122334455667788, 4000, 1, 2
    )
    assert block[:35].hex() == "484950510202414243444546040302010d0c0b0a8877665544332211a00f010200abcd"
    assert block[35:508] == bytes(473)
    assert struct.unpack("<I", block[508:])[0] == crc == crc32(block[:508])


def test_chain_is_the_crc_of_the_crcs():
    assert record.chain_crc32(record.chain_crc32(0, 0x01020304), 5) == crc32(struct.pack("<II", 0x01020304, 5))


def test_codes_are_unique_and_fit_their_fields():
    bits = [bit for bit, _, _ in record.QUALITY]
    assert len(set(bits)) == len(bits) and all(bit & (bit - 1) == 0 and bit < 1 << 16 for bit in bits)
    assert sum(bits) <= record.QUALITY_MASK and record.QUALITY_MASK + 1 == 1 << record.OUTCOME_SHIFT
    assert (record.OUTCOME_MASK + 1) << record.OUTCOME_SHIFT == 1 << record.SIDE_SHIFT
    assert [code for code, *_ in OUTCOMES] == list(range(len(OUTCOMES))) and len(OUTCOMES) <= record.OUTCOME_MASK + 1
    for table in (record.CUE_REASONS, record.EVENTS, record.SEAL_REASONS):
        codes, names = [row[0] for row in table], [row[1] for row in table]
        assert len(set(codes)) == len(codes) and len(set(names)) == len(names)
        assert all(0 < code < 256 for code in codes)


def test_same_bytes_on_micropython(binary, tmp_path):
    script = tmp_path / "contract.py"
    script.write_text(SCRIPT)
    outputs = []
    for command in ([sys.executable], [str(binary)]):
        environment = os.environ | {"PYTHONPATH": str(ROOT / "device"), "MICROPYPATH": "%s:.frozen" % (ROOT / "device")}
        done = subprocess.run([*command, str(script)], env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    assert len(outputs[0].splitlines()) == 21
    assert outputs[0].splitlines()[10:] == ["R017", "K-3"] + 9 * ["refused"]
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("row", config.TABLE, ids=lambda row: row[0])
def test_configuration_row(row):
    name, default, least, most, _, meaning = row
    assert least <= default <= most and meaning
    assert type(default) in (int, float)
    for value in (default, least, most):
        assert config.check(name, value) == value
    for value in (least - 1, most + 1, "1", None, True):
        with pytest.raises(ValueError, match=name):
            config.check(name, value)


def test_configuration_names_are_unique():
    assert len(set(config.NAMES)) == len(config.NAMES) == len(config.defaults())


def test_configuration_is_checked_as_a_whole():
    with pytest.raises(ValueError, match="cue_over_steps must not exceed cue_window_steps"):
        config.validate({"cue_over_steps": 7})
    with pytest.raises(ValueError, match="buzz_least_ms must not exceed buzz_most_ms"):
        config.validate({"buzz_least_ms": 400})


def test_the_exercises_are_named_where_they_are_set():
    (meaning,) = [row[5] for row in config.TABLE if row[0] == "drill_exercise"]
    told = dict(each.split(": ") for each in meaning.split(", "))
    assert {int(code): name.translate(str.maketrans("- ", "__")) for code, name in told.items()} == DRILL_NAMES


def test_a_programme_is_made_of_settings():
    assert set(config.PROGRAMME) < set(config.NAMES)


def test_readme_has_the_configuration_table():
    """README rows read `| name | default | least to most | unit | meaning |`."""
    readme = ROOT / "README.md"
    if not readme.exists():
        pytest.skip("no README.md yet")
    text = readme.read_text()
    for name, default, least, most, unit, meaning in config.TABLE:
        assert "| `%s` | %s | %s to %s | %s | %s |" % (name, default, least, most, unit, meaning) in text
