"""Frozen into every board's image, beside its board.py: what mounts the file system, the firmware, and its digest.

No network packages: the clip uses no radio. By the digest `hipcue deploy` knows that an image holds what it would copy.
Frozen code runs from flash, and leaves the heap to the core.
"""

# ruff: noqa: F821 - package(), module() and options are the manifest's language
import atexit
import os
import shutil
import sys
import tempfile

ROOT = os.path.abspath("..")
DEVICE = os.path.join(ROOT, "device")
SCRIPTS = ("boot.py", "main.py")

sys.path.insert(0, ROOT)
from host_tools.firmware.source_digest import digest_of_build  # noqa: E402 - from the folder above

for name in ("_boot.py", "flashbdev.py", "inisetup.py"):
    module(name, base_path="$(PORT_DIR)/modules")
package("hipcue", base_path=DEVICE)
for name in SCRIPTS:
    module(name, base_path=DEVICE)

made = tempfile.mkdtemp(prefix="hipcue-")
atexit.register(shutil.rmtree, made)  # after the build has compiled what is in it
digest = digest_of_build(os.path.join(DEVICE, "hipcue"), os.path.join(options.board, "board.py"))
with open(os.path.join(made, "frozen_digest.py"), "w") as file:
    file.write("DIGEST = %r\n" % digest)
module("frozen_digest.py", base_path=made)
