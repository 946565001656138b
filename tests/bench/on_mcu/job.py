"""What the bench asks of the emulated MCU; answers are lines of JSON after ANSWER."""

import gc
import json
import sys
from binascii import hexlify

import ulab

from hipcue.core.pelvis import Pelvis
from hipcue.core.pelvis_state import Params
from on_mcu import cost, memory
from on_mcu.stream import Stream

ANSWER = "bench: "


def run(job):
    """Measure.

    `job`: params (arguments of Params), frames, warm_up (blocks not counted), minutes,
    fit_blocks (of the search for the least memory), watched_blocks (of these).
    """
    params = Params(*job["params"])
    stream = Stream(job["frames"])
    warm_up = job["warm_up"]

    def make_core():
        return Pelvis(params)

    _answer("about", {"micropython": list(sys.implementation.version[:3]), "ulab": ulab.__version__})
    facts, rows = cost.total(make_core(), stream, warm_up)
    _answer("cost", facts)
    _answer("rows", hexlify(rows.data()).decode())
    _answer("functions", cost.by_function(make_core(), stream, warm_up))
    _answer("envelopes", cost.envelopes(make_core(), stream, warm_up, 1000.0 / params.rate_hz))
    _answer("memory", memory.by_minute(make_core, stream, job["minutes"]))
    _answer("live_bytes", memory.live_bytes(make_core, stream, job["fit_blocks"], job["watched_blocks"]))
    _answer("smallest_heap_kb", memory.smallest_heap_kb(make_core, stream, job["fit_blocks"]))


def _answer(name, value):
    print(ANSWER + json.dumps([name, value]))
    gc.collect()
