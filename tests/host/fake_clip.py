"""A clip that answers as host_tools.clip.transport.Clip, for lines that fail as no twin's line does."""

import ast
import hashlib

from hipcue.contract import frame


class FakeClip:
    """`files`: {name: bytes}; `spoil(piece, number)` returns what comes of each frame, or raises. Counts its doings."""

    def __init__(self, files, spoil=lambda piece, number: piece):
        self.files = files
        self.spoil = spoil
        self.vouched = []  # [number, sha256]
        self.frames_sent = 0
        self.acknowledged = 0
        self.entered = 0

    def exec_json(self, code, timeout_s=10.0):
        """Answer transfer.sessions() and transfer.digest(name, count); note storage.mark_verified(number, sha256)."""
        called, arguments = _call(code)
        if called == "storage.mark_verified":
            self.vouched.append(arguments)
            return {"ok": True}
        if called == "transfer.sessions":
            return {"sessions": [self._entry(name, data) for name, data in sorted(self.files.items())]}
        assert called == "transfer.digest"
        path, count = arguments
        return {"sha256": hashlib.sha256(self.files[path][:count]).hexdigest()}

    def _entry(self, name, data):
        number, sha256 = int(name[:-4]), hashlib.sha256(data).hexdigest()
        safe = [number, sha256] in self.vouched
        return {"number": number, "name": name, "bytes": len(data), "sha256": sha256, "verified": safe}

    def pieces(self, code, end, timeout_s=10.0):
        """Answer transfer.send(name, offset)."""
        assert end == frame.FLAG
        called, (name, offset) = _call(code)
        assert called == "transfer.send"
        data = self.files[name]
        for at in [*range(offset, len(data), frame.CHUNK_BYTES), len(data)]:
            self.frames_sent += 1
            yield self.spoil(frame.pack(at, data[at : at + frame.CHUNK_BYTES])[:-1], self.frames_sent)

    def acknowledge(self):
        """Count."""
        self.acknowledged += 1

    def enter(self):
        """Count."""
        self.entered += 1


def _call(code):
    """Return (module and function, arguments) of the call that `code` ends with."""
    call = ast.parse(code).body[-1].value
    return "%s.%s" % (call.func.value.id, call.func.attr), [argument.value for argument in call.args]
