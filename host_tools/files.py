"""Files that are there whole or not at all: what was there before stays until the new one is written; their digest."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path


@contextlib.contextmanager
def replacing(path):
    """Yield the path of a new file; it takes the place of `path` when all went well, else `path` stays as it was.

    What is no plain file, such as a pipe, is written to as it is. An OSError
    names `path`.
    """
    path = Path(path)
    with naming(path):
        if path.exists() and not path.is_file():
            yield path
            return
        with _beside(path.resolve()) as new:
            yield new


@contextlib.contextmanager
def naming(path):
    """Let an OSError within name the file `path`: of a write that fails the system does not say where."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


@contextlib.contextmanager
def _beside(path):
    descriptor, name = tempfile.mkstemp(prefix="." + path.name + ".", dir=path.parent)
    os.close(descriptor)
    try:
        yield Path(name)
        os.chmod(name, _mode(path))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)  # a library may have cleared up what it could not finish
        raise


def write_text(path, text):
    """Write `text` to the file `path`, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path, data):
    """Write `data` to the file `path`, whole or not at all."""
    with replacing(path) as new:
        new.write_bytes(data)


def sha256_of(path):
    """Return the SHA-256 of the file `path`, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _mode(path):
    """Return the permissions of `path`, or those that a new file gets."""
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
