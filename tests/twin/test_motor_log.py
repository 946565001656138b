"""The motor log: one JSON line a change, on disk at once."""

import gc
import json
import os

from twin.sensors.motors import Motor, MotorLog

PATH = "/tmp/hipcue-motor-log-%d.jsonl" % id(os)

log = MotorLog(PATH)
left = Motor("left", log)
right = Motor("right", log)
left.set(0.0, 0)  # off already: no change
left.set(52428 / 65535, 1000)
right.set(1.0, 1500)
left.set(52428 / 65535, 2000)  # no change
left.set(0, 3000)
with open(PATH) as file:
    lines = [json.loads(line) for line in file]
os.remove(PATH)
assert lines == [
    {"t_us": 1000, "motor": "left", "duty": 0.8},
    {"t_us": 1500, "motor": "right", "duty": 1.0},
    {"t_us": 3000, "motor": "left", "duty": 0},
], lines
assert left.record == [(1000, 0.8), (3000, 0)]

# However often: the last changes are known, in the same memory.
free = []
for seconds in (600, 1800):
    for second in range(seconds):
        right.set(second % 2, second * 1000000)
    gc.collect()
    free.append(gc.mem_free())
assert free[0] == free[1]
assert right.record[-2:] == [(1798000000, 0), (1799000000, 1.0)]
assert right.is_on(1799000000) and not right.is_on(1798999999) and right.is_on(1797000000)
