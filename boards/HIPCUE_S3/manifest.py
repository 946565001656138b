"""Frozen into the image of HIPCUE_S3."""

# ruff: noqa: F821 - include() and module() are the manifest's language
module("board.py", base_path=".")
include("../manifest_hipcue.py", board="HIPCUE_S3")
