"""Logs packed record by record with the contract's own tables, as the clip packs them."""

import json
import struct

from hipcue.contract import config, record

CLIP = b"\x02HIPCU"
SESSION = 7
FRONT_END = {"kind": "raw", "chip": "ADS1292", "lsb_uv": 2.42e6 / (6 * 8388607)}


def pack(kind, *values):
    """Return the bytes of one record of type `kind`."""
    return struct.pack(record.FORMATS[kind], kind, *values)


def step(
    offset_ms, side=1, quality=0, peak=612, causal=605, excursion=190, contact=140, left=4000, right=2500, onset=-30
):  # fmt: skip
    """Return a step record; values as they stand in the log, but for side and quality in one field."""
    both = quality | side << record.SIDE_SHIFT
    return pack(record.STEP, offset_ms, both, peak, causal, excursion, contact, left, right, onset)


def block(kind, sequence, time_ms, payload, clip=CLIP, session=SESSION, battery_mv=3987, flags=0):
    """Return one framed 512-byte block."""
    frame = bytearray(record.BLOCK_BYTES)
    frame[record.HEADER_BYTES : record.HEADER_BYTES + len(payload)] = payload
    record.pack_block_into(frame, kind, clip, session, sequence, time_ms, battery_mv, flags, len(payload))
    return bytes(frame)


def head_blocks(runner=None, **identity):
    """Return the blocks that make a log decodable by itself; `runner`: as in them; `identity`: `clip`, `session`."""
    about = {
        "runner": runner,
        "config": config.defaults(),
        "calibration": {"mount": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
        "mvic_uv": {"left": [[1_790_000_000_000, 800.0]], "right": []},
        "front_end": FRONT_END,
        "firmware": {"hipcue": "0.1.0", "ulab": "stand-in"},
    }
    text = json.dumps({"schema": record.schema(), "about": about}).encode()
    parts = [text[at : at + record.PAYLOAD_BYTES] for at in range(0, len(text), record.PAYLOAD_BYTES)]
    return [block(record.KIND_SCHEMA, k, 1000, part, **identity) for k, part in enumerate(parts)]


def seal_block(blocks, steps=0, cues=0, events=0, samples_lost=0, reason=1, time_ms=90000, **identity):
    """Return the block that closes a log of `blocks`."""
    chain = 0
    for one in blocks:
        chain = record.chain_crc32(chain, struct.unpack_from("<I", one, record.CRC_OFFSET)[0])
    payload = struct.pack(record.SEAL_FORMAT, reason, len(blocks), steps, cues, events, samples_lost, chain)
    return block(record.KIND_SEAL, len(blocks), time_ms, payload, **identity)


def sealed(*payloads, reason=1, runner=None, **identity):
    """Return the blocks of a sealed log: head, one data block for each payload opened 10 s apart, seal."""
    blocks = head_blocks(runner, **identity)
    for k, payload in enumerate(payloads):
        blocks.append(block(record.KIND_DATA, len(blocks), 20000 + 10000 * k, payload, **identity))
    return blocks + [seal_block(blocks, reason=reason, **identity)]
