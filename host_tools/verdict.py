"""Is a log whole? Interrupted recording, interrupted download and damage are three different answers."""

import struct

from hipcue.contract import record
from host_tools.session import DAMAGED, DOWNLOAD_INTERRUPTED, RECORDING_INTERRUPTED, WHOLE

SEAL_REASONS = dict(record.SEAL_REASONS)
# Seals that the clip wrote when it next started: code, what had happened.
CLOSED_LATER = {
    3: "The recording was interrupted: the battery went flat. The clip closed it when it next started.",
    6: "The recording was interrupted; the clip closed it when it next started.",
}


def read_seal(blocks):
    """Return the seal as a dict (fields of SEAL_FIELDS, `reason` by name and as `reason_code`), or None."""
    if not blocks or blocks[-1].kind != record.KIND_SEAL:
        return None
    size = struct.calcsize(record.SEAL_FORMAT)
    if len(blocks[-1].payload) < size:
        return None
    seal = dict(zip(record.SEAL_FIELDS, struct.unpack(record.SEAL_FORMAT, blocks[-1].payload[:size]), strict=True))
    seal["reason_code"] = seal["reason"]
    seal["reason"] = SEAL_REASONS.get(seal["reason"], "reason %d" % seal["reason"])
    return seal


def judge(found, seal, log_bytes, expected_bytes=None):
    """Return (verdict, problems, blocks expected) of the blocks `found` in a file of `log_bytes`.

    `expected_bytes` is what the clip said the file holds. Without it a file
    cut at a block's edge cannot be told from a recording that stopped there,
    and counts as the latter.
    """
    blocks = found.blocks
    if not blocks:
        return DAMAGED, ["No whole block was found."], _whole_blocks(expected_bytes or log_bytes)
    problems = _damage(found, seal, log_bytes)
    last = blocks[-1].sequence
    expected = last + 1 if seal else max(last + 1, _whole_blocks(expected_bytes or 0))
    cut = log_bytes % record.BLOCK_BYTES or (expected_bytes is not None and log_bytes < expected_bytes)
    if problems:
        return DAMAGED, problems, expected
    if seal and seal["reason_code"] not in CLOSED_LATER:
        return WHOLE, [], expected
    if seal:
        return RECORDING_INTERRUPTED, [CLOSED_LATER[seal["reason_code"]]], expected
    if cut:
        return DOWNLOAD_INTERRUPTED, ["The file ends before the log does: pull it again."], expected
    return (
        RECORDING_INTERRUPTED,
        ["The recording has no seal: it was interrupted; what was committed is here."],
        expected,
    )


def _whole_blocks(size):
    return -(-size // record.BLOCK_BYTES)


def _damage(found, seal, log_bytes):
    problems = _lost_blocks(found.blocks)
    tail = log_bytes % record.BLOCK_BYTES
    if found.stray_bytes and not (found.stray_bytes == tail and not seal and not problems):
        problems.append("%d bytes belong to no whole block." % found.stray_bytes)
    if found.doubled:
        problems.append("%d blocks came twice." % found.doubled)
    if found.foreign:
        problems.append("%d blocks are of another clip or session; they are left out." % found.foreign)
    if seal and not problems and _chain(found.blocks[:-1]) != seal["chain_crc32"]:
        problems.append("The running checksum of the seal does not fit the blocks.")
    if seal and seal["blocks"] != found.blocks[-1].sequence:
        problems.append(
            "The seal counts %d blocks before it, but stands at %d." % (seal["blocks"], found.blocks[-1].sequence)
        )
    return problems


def _lost_blocks(blocks):
    problems, expected, before = [], 0, None
    for block in blocks:
        if block.sequence > expected:
            problems.append(_lost_sentence(expected, block.sequence - 1, before, block))
        expected, before = block.sequence + 1, block
    return problems


def _lost_sentence(first, last, before, after):
    which = "Block %d is" % first if first == last else "Blocks %d to %d are" % (first, last)
    since = "the start" if before is None else "%.1f s" % (before.time_ms / 1000)
    return "%s lost: records opened from %s to %.1f s of the clip's clock." % (which, since, after.time_ms / 1000)


def _chain(blocks):
    chain = 0
    for block in blocks:
        chain = record.chain_crc32(chain, block.crc)
    return chain
