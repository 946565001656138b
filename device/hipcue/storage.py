"""What a host calls about the clip's flash: how much room there is, and which sessions it holds verified."""

import json

from hipcue import transfer
from hipcue.room import LOW_BYTES, SUMMARIES_BYTES
from hipcue.store import verified
from hipcue.store.folder import is_sealed, numbers, room_bytes, session_name, size_bytes


def status():
    """Say how much room there is, and for how many sessions no host has vouched yet."""
    room = room_bytes()
    _print({
        "room_bytes": room,
        "hours": round(max(0, room - SUMMARIES_BYTES) / LOW_BYTES, 1),  # of running, in steps
        "low": room < LOW_BYTES,
        "summaries": room < SUMMARIES_BYTES,
        "sessions": len(numbers()),
        "unverified": unverified(),
    })  # fmt: skip


def unverified():
    """Return the numbers of the sessions that no host has vouched for yet."""
    return [number for number in numbers() if not verified.is_marked(number, size_bytes(number))]


def mark_verified(number, sha256):
    """Note that a host holds session `number` whole: `sha256`, in hexadecimal, must be its SHA-256, and it sealed.

    From then on it may be removed when the flash runs full.
    """
    if number not in numbers():
        _print({"ok": False, "reason": "there is no session %d" % number})
    elif not is_sealed(number):
        _print({"ok": False, "reason": "session %d is not sealed" % number})
    elif transfer.sha256(session_name(number), size_bytes(number)) != sha256:
        _print({"ok": False, "reason": "session %d is not what the host has verified" % number})
    else:
        verified.mark(number, size_bytes(number), sha256)
        _print({"ok": True, "number": number})


def _print(value):
    print(json.dumps(value))
