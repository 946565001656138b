"""What is fuzzed: each target takes any bytes and raises when something that it calls does what it must not.

`TARGETS` is the table that both drivers go by: hypothesis in tests/host/test_fuzz.py
and atheris in with_atheris.py.
"""

import json
import struct
from binascii import crc32

import numpy as np
from mpremote.transport_serial import SerialTransport
from run_log import run_log

from hipcue.contract import config, frame, record
from host_tools.clip.transport import BufferedPort, Clip
from host_tools.errors import HipCueError
from host_tools.log.decode import decode
from host_tools.log.session import WHOLE
from host_tools.recover import journal
from host_tools.recover.flash_image import blocks_in
from host_tools.recover.regroup import sessions_of

CLIP = b"\x02HIPCU"
KINDS = (record.KIND_SCHEMA, record.KIND_DATA, record.KIND_SEAL)
SIGNED_BYTES = 4 + record.PAYLOAD_BYTES
HANDSHAKE = b">R\x01\x00\x10\x04"  # of a raw REPL that has taken the command in raw-paste mode


def log(data):
    """Decode `data` as it is; only a log whose every block is there is whole."""
    _check(decode(data))


def signed_log(data):
    """Decode blocks whose headers and payloads are `data`, under right magics and checksums."""
    blocks = [_signed(data[at : at + SIGNED_BYTES], k) for k, at in enumerate(range(0, len(data), SIGNED_BYTES))]
    _check(decode(b"".join(blocks)))


def _signed(data, number):
    """Return a block: the first bytes of `data` choose kind and used bytes, the next a jump of the sequence."""
    head, payload = data[:4].ljust(4, b"\0"), data[4:]
    block = bytearray(record.BLOCK_BYTES)
    payload = payload[: record.PAYLOAD_BYTES]
    block[record.HEADER_BYTES : record.HEADER_BYTES + len(payload)] = payload
    used = len(payload) if head[1] < 128 else head[1] << 8 | head[2]
    sequence = number if head[3] < 192 else head[3]
    record.pack_block_into(block, KINDS[head[0] % 3], CLIP, 1, sequence, 1000 * number, 3900, 0, used)
    return bytes(block)


def schema(data):
    """Decode a log whose first blocks hold `data` as their schema, if short also as what it is about, then records."""
    text = b'{"schema": ' + data + b', "about": ' + (data if len(data) < 40 else b"0") + b"}"
    parts = [b"\0\0\0\0" + text[at : at + record.PAYLOAD_BYTES] for at in range(0, len(text), record.PAYLOAD_BYTES)]
    blocks = [_signed(part, k) for k, part in enumerate([*parts, *[b"\1\0\0\0" + _one_of_each()] * 3])]
    _check(decode(b"".join(blocks)))


def _one_of_each():
    """Return the bytes of a record of each type, all fields zero."""
    return b"".join(bytes((kind,)) + bytes(record.SIZES[kind] - 1) for kind in sorted(record.RECORDS))


def _check(session):
    expected, read, bad = session.blocks_expected, session.blocks_read, session.blocks_bad
    assert expected == read + bad and (session.verdict != WHOLE or not bad and not session.problems)
    lost = sum(gap["last_block"] - gap["first_block"] + 1 for gap in session.gaps)
    assert lost == bad, (lost, bad)
    for name, column in session.steps.items():
        assert len(column) == len(session.steps["time_ms"]), name
    assert np.isfinite(session.steps["time_ms"]).all() and (np.diff(session.steps["time_ms"]) >= 0).all()


def image(data):
    """Recover from `data`: only blocks that stand in it, or are put together from two places of it, come out.

    And those that are made of the journal's records.
    """
    tails = journal.tails_in(data)
    for logs in sessions_of(blocks_in(data)).values():
        for found in logs:
            made = journal.completed(found, tails)
            assert made.startswith(found) and len(made) % record.BLOCK_BYTES == 0
            for at in range(0, len(made), record.BLOCK_BYTES):
                block = made[at : at + record.BLOCK_BYTES]
                (crc,) = struct.unpack_from("<I", block, record.CRC_OFFSET)
                assert crc32(block[: record.CRC_OFFSET]) == crc


def received_frame(data):
    """Unpack `data` as a frame, and pack it as data."""
    unpacked = frame.unpack(data)
    assert unpacked is None or frame.unpack(frame.pack(*unpacked)[:-1]) == unpacked
    assert frame.unpack(frame.pack(len(data), data)[:-1]) == (len(data), data)


def configuration(data):
    """Load `data` as the clip's stored configuration: refused, or values that pass again."""
    try:
        values = config.load(data.decode(errors="surrogateescape"))
    except ValueError:
        return
    assert config.validate(values) == values


def settings(data):
    """Load an object of settings whose values are what `data` spells, as JSON."""
    names = config.NAMES
    try:
        value = json.loads(data.decode(errors="replace")[1:])
    except (ValueError, RecursionError):
        return
    configuration(json.dumps({names[data[0] % len(names)]: value}).encode())


class _Port:
    """A serial port that has received `data`, after what lets a command run, and nothing else."""

    def __init__(self, data):
        self._data = data
        self.timeout = 0.0

    @property
    def in_waiting(self):
        return len(self._data)

    def read(self, count=1):
        taken, self._data = self._data[:count], self._data[count:]
        return taken

    def write(self, data):
        return len(data)


def answer(data):
    """Take `data` for what a clip prints: its lines, its JSON, its frames; HipCueError is all that may come."""
    for ask in (
        lambda clip: clip.exec_json("code"),
        lambda clip: [frame.unpack(piece) for piece in clip.pieces("code", frame.FLAG)],
        lambda clip: clip.hello(),
    ):
        transport = SerialTransport.__new__(SerialTransport)
        transport.use_raw_paste, transport.in_raw_repl = True, True
        transport.serial = BufferedPort(_Port(HANDSHAKE + data))
        clip = Clip.__new__(Clip)
        clip.port, clip._transport, clip._running = "port", transport, False
        try:
            ask(clip)
        except HipCueError:
            continue


TARGETS = (log, signed_log, schema, image, received_frame, configuration, settings, answer)


def seeds():
    """Return {target: bytes that lead far into it}."""
    made = run_log(40)
    head = json.dumps({"schema": record.schema(), "about": {}}).encode()
    parts = [b"\0\0\0\0" + head[at : at + record.PAYLOAD_BYTES] for at in range(0, len(head), record.PAYLOAD_BYTES)]
    parts += [b"\1\0\0\0" + _one_of_each(), b"\2\0\0\0" + bytes(struct.calcsize(record.SEAL_FORMAT))]
    return {
        log: made,
        signed_log: b"".join(part.ljust(SIGNED_BYTES, b"\0") for part in parts[:-1]) + parts[-1],
        schema: json.dumps(record.schema()).encode(),
        image: made[512:1024] + made[:4096],
        received_frame: frame.pack(512, made[:600])[:-1],
        configuration: json.dumps(config.defaults()).encode(),
        settings: b"\x03 1e999",
        answer: b'{"hipcue": "0.1.0", "clip": "024849504355"}\r\n\x04\x04>',
    }
