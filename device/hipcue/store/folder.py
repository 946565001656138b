"""The folder of the sessions on flash: names, numbers, and the room that is left."""

import os

from hipcue.contract import record
from hipcue.store import verified
from hipcue.store.files import exists

FOLDER = "/log"
# Kept free for the seal and for configuration files: flash is erased by 4 KB.
RESERVE_BYTES = 5 * 4096


def session_name(number):
    """Return the file name of session `number`."""
    return "%08d.hcl" % number


def numbers(folder=FOLDER):
    """Return the numbers of the sessions in `folder`, in their order."""
    if not exists(folder):
        return []
    return sorted([int(name[:-4]) for name in os.listdir(folder) if name.endswith(".hcl") and name[:-4].isdigit()])


def next_number(folder=FOLDER):
    """Return the number after the highest session that is or was in `folder`, from 1."""
    return max(numbers(folder)[-1:] + [verified.highest()]) + 1


def size_bytes(number, folder=FOLDER):
    """Return the length of session `number`."""
    return os.stat(folder + "/" + session_name(number))[6]


def free_bytes(folder="/"):
    """Return the free bytes of the file system that holds `folder`."""
    facts = os.statvfs(folder)
    return facts[0] * facts[3]


def room_bytes():
    """Return what records can still take, the reserve apart."""
    return max(0, free_bytes() - RESERVE_BYTES)


def is_sealed(number, folder=FOLDER):
    """Return whether session `number` ends with its seal."""
    if size_bytes(number, folder) < record.BLOCK_BYTES:
        return False
    with open(folder + "/" + session_name(number), "rb") as file:
        file.seek(-record.BLOCK_BYTES, 2)
        head = file.read(record.HEADER_BYTES)
    return head[:4] == record.MAGIC and head[5] == record.KIND_SEAL


def remove_oldest_verified(keep, folder=FOLDER):
    """Remove the oldest session that a host has verified, `keep` apart; return (number, bytes), or None for none."""
    marked = [entry[:2] for entry in verified.entries()]
    if not marked:
        return None
    for number in numbers(folder):
        size = size_bytes(number, folder)
        if number != keep and [number, size] in marked:
            os.remove(folder + "/" + session_name(number))
            verified.forget(number)
            return number, size
    return None
