"""Runs on the twin's MicroPython: write_flash.py IMAGE NAME ... puts files of the host into /log of a new chip.

As the store writes: blocks of 512 bytes, committed at every second one.
"""

import os

import usys
import vfs
from twin.flash import Flash

BLOCK_BYTES = 512
COMMIT_BLOCKS = 2
SIZES = {"readsize": 32, "progsize": 32, "lookahead": 32}


def copy(source, target):
    """Copy the file `source` to `target` on the chip."""
    count = 0
    with open(source, "rb") as file, open(target, "wb") as log:
        while True:
            block = file.read(BLOCK_BYTES)
            if not block:
                break
            log.write(block)
            count += 1
            if count % COMMIT_BLOCKS == 0:
                log.flush()


image, *names = usys.argv[1:]
chip = Flash(image)
vfs.VfsLfs2.mkfs(chip, **SIZES)
vfs.mount(vfs.VfsLfs2(chip, mtime=False, **SIZES), "/clip")
os.mkdir("/clip/log")
for name in names:
    copy(name, "/clip/log/" + name)
vfs.umount("/clip")
