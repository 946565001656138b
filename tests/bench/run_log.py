"""The log of a made-up run, packed by the contract's tables as the clip packs it, and a flash chip that holds it."""

import json
import os
import struct
import subprocess
from pathlib import Path

import numpy as np

from hipcue.contract import config, emg, record
from hipcue.contract.signals import UNKNOWN_I16
from host_tools.twin.process import find_binary

CLIP = b"\x02HIPCU"  # the twin's own
STEP_MS = 355  # 169 steps a minute
EVENTS_EVERY = 200  # steps
UNSURE_SHARE = 0.02
CELL = {"b": np.int8, "B": np.uint8, "h": np.int16, "H": np.uint16, "i": np.int32}

WRITER = Path(__file__).parent / "write_flash.py"


def run_log(steps, session=1, seed=1, clip=CLIP):
    """Return the bytes of a sealed session with `steps` step records, a tenth as many cues, and some events."""
    random = np.random.default_rng(seed)
    blocks = _Blocks(clip, session)
    blocks.head()
    columns = _step_columns(steps, random)
    for k in range(steps):
        time_ms = 5000 + STEP_MS * k
        blocks.add(record.STEP, time_ms, *(int(column[k]) for column in columns))
        if k % 10 == 9:
            blocks.add(record.CUE, time_ms, 1, 1, 1, 812 + k % 90, 700, 180 + k % 60, 136, 1, 90 + k % 20)
        if k % EVENTS_EVERY == 0:
            blocks.add(record.EVENT, time_ms, record.EVENT_CODES["stood"], k)
    return blocks.seal(5000 + STEP_MS * steps, steps)


def _step_columns(steps, random):
    """Return a list of arrays (steps,), one for each field of a step record after its offset."""
    columns = []
    for name, code, *_ in record.RECORDS[record.STEP][1][1:]:
        if name == "quality_side":
            quality = np.where(random.random(steps) < UNSURE_SHARE, record.QUALITY_BITS["turning"], 0)
            values = quality | (np.arange(steps) % 2 + 1) << record.SIDE_SHIFT
        else:
            limits = np.iinfo(CELL[code])
            values = np.clip(random.normal(limits.max / 60, limits.max / 300, steps).round(), limits.min, limits.max)
            if code == "h":
                values[random.random(steps) < UNSURE_SHARE] = UNKNOWN_I16
            elif name.startswith("glute"):
                values[random.random(steps) < UNSURE_SHARE] = emg.NO_AMPLITUDE | emg.EMG_QUALITY_BITS["lead_off"]
                values[random.random(steps) < UNSURE_SHARE] = emg.NO_AMPLITUDE
                values = np.where(random.random(steps) < UNSURE_SHARE, values + emg.LOW_CONTRAST_FLAG, values) % 65536
        columns.append(values.astype(np.int64))
    return columns


class _Blocks:
    """Blocks of a session, filled record by record."""

    def __init__(self, clip, session):
        self._owner = clip, session
        self._done = []
        self._payload = b""
        self._opened_ms = 0
        self._counts = dict.fromkeys(record.RECORDS, 0)
        self._chain = 0

    def head(self):
        about = {"config": config.defaults(), "calibration": {"mount": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}}
        text = json.dumps({"schema": record.schema(), "about": about}, separators=(",", ":")).encode()
        for at in range(0, len(text), record.PAYLOAD_BYTES):
            self._frame(record.KIND_SCHEMA, 1000, text[at : at + record.PAYLOAD_BYTES])

    def add(self, kind, time_ms, *values):
        if len(self._payload) + record.SIZES[kind] > record.PAYLOAD_BYTES:
            self.close()
        if not self._payload:
            self._opened_ms = time_ms
        self._payload += struct.pack(record.FORMATS[kind], kind, time_ms - self._opened_ms, *values)
        self._counts[kind] += 1

    def close(self):
        if self._payload:
            self._frame(record.KIND_DATA, self._opened_ms, self._payload)
            self._payload = b""

    def seal(self, time_ms, steps):
        self.close()
        counts = [self._counts[kind] for kind in (record.STEP, record.CUE, record.EVENT)]
        seal = dict(zip(("steps", "cues", "events"), counts, strict=True))
        seal |= {"reason": 1, "blocks": len(self._done), "samples_lost": 0, "chain_crc32": self._chain}
        values = [seal.get(name, 0) for name in record.SEAL_FIELDS]
        self._frame(record.KIND_SEAL, time_ms, struct.pack(record.SEAL_FORMAT, *values))
        return b"".join(self._done)

    def _frame(self, kind, time_ms, payload):
        block = bytearray(record.BLOCK_BYTES)
        block[record.HEADER_BYTES : record.HEADER_BYTES + len(payload)] = payload
        clip, session = self._owner
        crc = record.pack_block_into(block, kind, clip, session, len(self._done), time_ms, 3987, 0, len(payload))
        self._chain = record.chain_crc32(self._chain, crc)
        self._done.append(bytes(block))


def write_flash(folder, logs):
    """Write `logs` {name: bytes} to /log of a new chip, a block at a time as the clip does; return the image's path."""
    for name, data in logs.items():
        (folder / name).write_bytes(data)
    image = folder / "flash.bin"
    command = [str(find_binary()), "-X", "heapsize=8M", str(WRITER), image.name, *logs]
    environment = {**os.environ, "MICROPYPATH": ".frozen"}
    subprocess.run(command, cwd=folder, env=environment, check=True, stdin=subprocess.DEVNULL, timeout=600)
    return image
