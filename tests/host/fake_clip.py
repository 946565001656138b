"""A clip that answers as host_tools.transport.Clip, for lines that fail as no twin's line does."""

from base64 import b64encode
from binascii import crc32

CHUNK = 1536


class FakeClip:
    """`files`: {name: bytes}; `spoil(line, number)` returns what comes of each chunk's line, or raises."""

    def __init__(self, files, spoil=lambda line, number: line):
        self.files = files
        self.spoil = spoil
        self.chunks_sent = 0

    def exec_json(self, code, timeout_s=10.0):
        """Answer console.sessions()."""
        entries = [{"name": n, "bytes": len(d), "crc32": crc32(d)} for n, d in sorted(self.files.items())]
        return {"sessions": entries}

    def lines(self, code, timeout_s=10.0):
        """Answer console.send(name, offset)."""
        name, offset = code[code.index("send(") + 5 : -1].split(", ")
        data = self.files[name.strip("'")]
        for at in range(int(offset), len(data), CHUNK):
            part = data[at : at + CHUNK]
            self.chunks_sent += 1
            yield self.spoil(b"%d %d %08x %s" % (at, len(part), crc32(part), b64encode(part)), self.chunks_sent)
        yield b"end %d %08x" % (len(data), crc32(data))

    def interrupt(self):
        """Nothing runs on that could be stopped."""
