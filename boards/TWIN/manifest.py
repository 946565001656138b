"""Frozen into the twin: the device code, as in a board's image, and the machinery under it."""

# ruff: noqa: F821 - package(), module() and include() are the manifest's language
import os

DEVICE = os.path.abspath("../../device")

if os.path.isdir(os.path.join(DEVICE, "hipcue")):
    package("hipcue", base_path=DEVICE)
for name in ("boot.py", "main.py"):
    if os.path.isfile(os.path.join(DEVICE, name)):
        module(name, base_path=DEVICE)

package("twin", base_path=".")
for name in ("board.py", "esp32.py", "machine.py", "select.py", "time.py"):
    if os.path.isfile(name):
        module(name, base_path=".")
# The science build's own board file, for `import board` once its folder is on the path.
package("HIPCUE_S3", files=("board.py",), base_path="..")
