"""A littlefs on a modelled flash chip of its own, mounted at /clip beside the host's files."""

import io
import os

import vfs
from twin import nvs
from twin.flash import SECTOR_BYTES, Flash, Supply

IMAGE = "clip_flash.bin"
NVS_SECTORS = 6
# As the twin mounts its own.
SIZES = {"readsize": 32, "progsize": 32, "lookahead": 32}


def new(sectors=64):
    """Mount an empty file system of `sectors` 4 KB sectors at /clip; return the chip."""
    unmount()
    if IMAGE in os.listdir():
        os.remove(IMAGE)
    chip = Flash(IMAGE, sectors * SECTOR_BYTES)
    vfs.VfsLfs2.mkfs(chip, **SIZES)
    return _mount(chip)


def as_root(sectors, image=None, **faults):
    """Mount a file system of `sectors` at "/", in place of the host's files; an empty one, or what is on `image`.

    `faults`: of the Flash. Return the image: two open files in memory, the partition of the file system and `nvs`.
    """
    try:
        vfs.umount("/")
    except OSError:
        pass  # a mount before has failed
    fresh = image is None
    image = image or [io.BytesIO(b"\xff" * (count * SECTOR_BYTES)) for count in (sectors, NVS_SECTORS)]
    chip = Flash(image[0], **faults)
    nvs.attach(Flash(image[1]))
    if fresh:
        vfs.VfsLfs2.mkfs(chip, **SIZES)
    vfs.mount(vfs.VfsLfs2(chip, mtime=False, **SIZES), "/")
    os.chdir("/")
    return image


def copy(image):
    """Return what is on `image` now, as another one."""
    return [io.BytesIO(part.getvalue()) for part in image]


def again(cut_at_operation=None):
    """Mount what is on the chip, as at the next power-on; its power goes at the operation of that number."""
    unmount()
    return _mount(Flash(IMAGE, supply=Supply(cut_at_operation)))


def unmount():
    """Take the file system off."""
    try:
        vfs.umount("/clip")
    except OSError:
        pass


def remove():
    """Unmount and delete the image."""
    unmount()
    os.remove(IMAGE)


def _mount(chip):
    vfs.mount(vfs.VfsLfs2(chip, mtime=False, **SIZES), "/clip")
    return chip
