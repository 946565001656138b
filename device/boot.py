"""Take the firmware that was deployed, else the image's own; hold the button at power-on for safe mode.

In safe mode main.py leaves the application out.
"""

import sys

try:
    with open("/firmware/current") as file:
        sys.path.insert(0, "/firmware/" + file.read().strip())
except OSError:
    pass  # nothing was deployed

import board

safe_mode = not board.button.value()
