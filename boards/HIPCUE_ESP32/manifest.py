"""Frozen into the image: what mounts the file system, and HipCue. No network packages: the clip uses no radio."""

# ruff: noqa: F821 - package() and module() are the manifest's language
for name in ("_boot.py", "flashbdev.py", "inisetup.py"):
    module(name, base_path="$(PORT_DIR)/modules")

package("hipcue", base_path="../../device")
for name in ("boot.py", "main.py"):
    module(name, base_path="../../device")
module("board.py", base_path=".")
