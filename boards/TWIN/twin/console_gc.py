"""`gc` while the twin has a console: collecting takes the time that it takes on a board."""

import gc
from gc import *  # noqa: F403 - everything else is as in `gc`

from twin import interrupts

COLLECTION_US = 3000  # 2 to 3 ms on an ESP32 without external memory; interrupts are taken, none is served


def collect():
    """Collect garbage."""
    gc.collect()
    interrupts.busy_us(COLLECTION_US)
