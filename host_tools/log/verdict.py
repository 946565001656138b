"""Is a log whole? Interrupted recording, interrupted download and damage are three different answers."""

import struct
from binascii import crc32

import numpy as np

from hipcue.contract import record
from host_tools.log.blocks import payload_of
from host_tools.log.session import DAMAGED, DOWNLOAD_INTERRUPTED, RECORDING_INTERRUPTED, WHOLE

SEAL_REASONS = dict(record.SEAL_REASONS)
# Seals that the clip wrote when it next started: code, what had happened.
CLOSED_LATER = {
    3: "The recording was interrupted: the battery went flat. The clip closed it when it next started.",
    6: "The recording was interrupted; the clip closed it when it next started.",
}


def read_seal(blocks):
    """Return the seal as a dict (fields of SEAL_FIELDS, `reason` by name and as `reason_code`), or None."""
    if not len(blocks) or blocks[-1]["kind"] != record.KIND_SEAL:
        return None
    size = struct.calcsize(record.SEAL_FORMAT)
    payload = payload_of(blocks[-1])
    if len(payload) < size:
        return None
    seal = dict(zip(record.SEAL_FIELDS, struct.unpack(record.SEAL_FORMAT, payload[:size]), strict=True))
    seal["reason_code"] = seal["reason"]
    seal["reason"] = SEAL_REASONS.get(seal["reason"], "reason %d" % seal["reason"])
    return seal


def gaps(blocks, expected):
    """Return what is missing of `expected` blocks, as in Session.gaps.

    What a lost block held was opened after the block before it and before the one after it.
    """
    found = []
    sequences = blocks["sequence"].astype(np.int64)
    end = max([expected, *(sequences[-1:] + 1).tolist()])
    for at in np.flatnonzero(np.diff(sequences, prepend=-1, append=end) > 1).tolist():
        before, after = blocks[:at], blocks[at:]
        found.append(
            {
                "first_block": int(before[-1]["sequence"]) + 1 if at else 0,
                "last_block": int(after[0]["sequence"]) - 1 if len(after) else expected - 1,
                "from_ms": int(before[-1]["time_ms"]) if at else None,
                "to_ms": int(after[0]["time_ms"]) if len(after) else None,
            }
        )
    return found


def judge(found, seal, log_bytes, expected_bytes=None):
    """Return (verdict, problems, blocks expected) of the blocks `found` in a file of `log_bytes`.

    `expected_bytes` is what the clip said the file holds. Without it a file
    cut at a block's edge cannot be told from a recording that stopped there,
    and counts as the latter.
    """
    blocks = found.blocks
    if not len(blocks):
        return DAMAGED, ["No whole block was found."], _whole_blocks(expected_bytes or log_bytes)
    problems = _damage(found, seal, log_bytes)
    last = int(blocks[-1]["sequence"])
    expected = last + 1 if seal else max(last + 1, _whole_blocks(expected_bytes or 0))
    cut = log_bytes % record.BLOCK_BYTES or (expected_bytes is not None and log_bytes < expected_bytes)
    if problems:
        return DAMAGED, problems, expected
    if seal and seal["reason_code"] not in CLOSED_LATER:
        return WHOLE, [], expected
    if seal:
        return RECORDING_INTERRUPTED, [CLOSED_LATER[seal["reason_code"]]], expected
    if cut:
        ends_s = int(blocks[-1]["time_ms"]) / 1000
        problem = "The file ends at %.1f s of the clip's clock, before the log does: pull it again." % ends_s
        return DOWNLOAD_INTERRUPTED, [problem], expected
    return (
        RECORDING_INTERRUPTED,
        ["The recording has no seal: it was interrupted; what was committed is here."],
        expected,
    )


def _whole_blocks(size):
    return -(-size // record.BLOCK_BYTES)


def _damage(found, seal, log_bytes):
    blocks = found.blocks
    last = int(blocks[-1]["sequence"])
    problems = [_lost_sentence(gap) for gap in gaps(blocks, last + 1)]
    tail = log_bytes % record.BLOCK_BYTES
    if found.stray_bytes and not (found.stray_bytes == tail and not seal and not problems):
        problems.append("%d bytes belong to no whole block." % found.stray_bytes)
    if found.doubled:
        problems.append("%d blocks came twice." % found.doubled)
    if found.foreign:
        problems.append("%d blocks are of another clip or session; they are left out." % found.foreign)
    if seal and not problems and crc32(blocks["crc"][:-1].tobytes()) != seal["chain_crc32"]:
        problems.append("The running checksum of the seal does not fit the blocks.")
    if seal and seal["blocks"] != last:
        problems.append("The seal counts %d blocks before it, but stands at %d." % (seal["blocks"], last))
    return problems


def _lost_sentence(gap):
    first, last = gap["first_block"], gap["last_block"]
    which = "Block %d is" % first if first == last else "Blocks %d to %d are" % (first, last)
    since = "the start" if gap["from_ms"] is None else "%.1f s" % (gap["from_ms"] / 1000)
    return "%s lost: records opened from %s to %.1f s of the clip's clock." % (which, since, gap["to_ms"] / 1000)
