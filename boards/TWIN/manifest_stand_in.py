"""The twin's manifest where no ulab is linked in: adds the pure-Python stand-in."""

# ruff: noqa: F821 - package(), module() and include() are the manifest's language
import os

include("manifest.py")
if os.path.isdir("ulab"):
    package("ulab", base_path=".")
