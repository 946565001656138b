"""The clip's journal in a raw image of its flash: finished records that no session's file has taken yet.

ESP-IDF keeps a value in entries of 32 bytes that follow one another in a page of its partition `nvs` (programming
guide, "Non-Volatile Storage Library", Internals); one that the page had no room for goes on in another page, behind an
entry that names it. Erased values are found as well, as long as the page was not: what the file has is passed over.
"""

import struct
from binascii import crc32

import numpy as np

from hipcue.contract import record, tail

PAGE_BYTES = 4096
HEADER_BYTES = 32
ENTRIES_AT = 64
ENTRY_BYTES = 32
VERSION = 0xFE
LEAST_SPLIT_BYTES = 400  # the library splits no value to use less room than a tenth of a page


def tails_in(image):
    """Return the Tails in the bytes `image`, in the order of their records."""
    pages = [image[at : at + PAGE_BYTES] for at in range(0, len(image), PAGE_BYTES) if _is_page(image, at)]
    found = []
    for page in pages:
        at = page.find(tail.MAGIC, ENTRIES_AT)
        while at >= 0:
            rest = page[at:]
            entry = tail.read_entry(rest)
            if entry is None and len(rest) >= LEAST_SPLIT_BYTES:
                entry = _joined(rest, pages)
            if entry is not None:
                found.append(entry)
            at = page.find(tail.MAGIC, at + 1)
    return sorted(found, key=tail.order)


def completed(log, tails):
    """Return the bytes of `log`, from its first block on, with the blocks that `tails` hold behind its last."""
    blocks = np.frombuffer(log, "V%d" % record.BLOCK_BYTES)
    last = _head(blocks[-1].tobytes())
    if last["kind"] == record.KIND_SEAL:
        return log
    key = 0
    for block in blocks:
        data = block.tobytes()
        if _head(data)["kind"] == record.KIND_SCHEMA:
            key = record.chain_crc32(key, struct.unpack_from("<I", data, record.CRC_OFFSET)[0])
    own = [one for one in tails if one.key == key]
    sequence = last["sequence"] + 1
    for time_ms, payload in tail.joined(own, sequence):
        block = bytearray(record.BLOCK_BYTES)
        block[record.HEADER_BYTES : record.HEADER_BYTES + len(payload)] = payload
        record.pack_block_into(
            block, record.KIND_DATA, last["clip"], last["session"], sequence, time_ms, own[-1].battery_mv,
            own[-1].flags, len(payload),
        )  # fmt: skip
        log += bytes(block)
        sequence += 1
    return log


def _is_page(image, at):
    header = image[at : at + HEADER_BYTES]
    if len(header) < HEADER_BYTES or header[8] != VERSION:
        return False
    return struct.unpack_from("<I", header, 28)[0] == crc32(header[4:28], 0xFFFFFFFF)


def _joined(head, pages):
    """Return the Tail of an entry that begins with `head` and goes on in one of `pages`, or None."""
    for page in pages:
        for at in range(ENTRIES_AT, PAGE_BYTES, ENTRY_BYTES):
            entry = tail.read_entry(head + page[at:])
            if entry is not None:
                return entry
    return None


def _head(block):
    """Return what of a block's header is needed, by name."""
    _, _, kind, clip, session, sequence, *_ = struct.unpack_from(record.HEADER_FORMAT, block)
    return {"kind": kind, "clip": clip, "session": session, "sequence": sequence}
