"""One name for a firmware's sources: frozen into an image by its manifest, and compared by `hipcue deploy`.

Of the standard library alone, for MicroPython's build runs it as well.
"""

from hashlib import sha256
from pathlib import Path


def sources(package, board):
    """Return {path on the clip: source file} of the folder `package` and the file `board`, its board.py."""
    package = Path(package)
    found = {path.relative_to(package.parent).as_posix(): path for path in sorted(package.rglob("*.py"))}
    return found | {"board.py": Path(board)}


def digest(files):
    """Return the SHA-256, in hexadecimal, of `files`: {path on the clip: bytes}, whatever their order."""
    whole = sha256()
    for path in sorted(files):
        whole.update(("%s %s\n" % (path, sha256(files[path]).hexdigest())).encode())
    return whole.hexdigest()


def digest_of_build(package, board):
    """Return the digest of all sources() of a build."""
    return digest({path: source.read_bytes() for path, source in sources(package, board).items()})
