"""Frozen into the emulated MCU: the core, as in a board's image, and what measures it."""

# ruff: noqa: F821 - package() is the manifest's language
package("hipcue", base_path="../../device")
package("on_mcu", base_path=".")
