"""The EMG core on the emulated MCU: its cost on a made-up run, and its results against CPython's."""

import struct

import emulator
import numpy as np
from figures import KB, millions
from on_mcu import emg_functions, emg_rows

import host_tools.ulab
from host_tools.runners import emg

host_tools.ulab.install()

from hipcue.contract.emg import LSB_UV  # noqa: E402
from hipcue.core.emg import Emg  # noqa: E402 - after the install
from hipcue.core.emg_state import FULL_SCALE, Params  # noqa: E402

BAR = 1.0e6  # instructions per second of stream, two channels at 1000 SPS
BOTH_BAR = 3.0e6  # with the IMU core
MEMORY_BAR_KB = 13.0
LOOSE_BYTES = 128  # a few numbers that are or are not there between two calls
WARM_UP_S = 4.0
COUNTED_S = 60.0
BLOCK = 96  # frames of a push: the driver hands over 64 to 128
SEED = 4


def make_stream():
    """Return (frames as bytes, job for on_mcu/emg_job.py): both glutes at 170 steps/min with electrode offsets."""
    random = np.random.default_rng(SEED)
    count = int((WARM_UP_S + COUNTED_S) * emg.RATE_HZ) // BLOCK * BLOCK
    steps = emg.make_steps(random, count / emg.RATE_HZ)
    signal = emg.emg_uv(random, emg.activation(steps, count)) + (120e3, -40e3)
    job = {
        "params": [emg.RATE_HZ, float(np.float32(LSB_UV)), 50],
        "frames": count,
        "block": BLOCK,
        "warm_up": int(WARM_UP_S * emg.RATE_HZ) // BLOCK,
        "steps": np.stack((steps.contact, steps.stance_end), axis=1).ravel().tolist(),
    }
    return emg.to_lsb(signal, LSB_UV, FULL_SCALE).tobytes(), job


def on_cpython(frames, job):
    """Return the readings of the same stream on CPython, shape (steps, 2, 5), as emg_rows.values gives them."""
    core, found, before = Emg(Params(*job["params"])), [], None
    due = list(zip(job["steps"][::2], job["steps"][1::2], strict=True))
    for start in range(0, len(frames), 8 * job["block"]):
        core.push(frames[start : start + 8 * job["block"]], job["block"])
        while due and due[0][1] <= core.index:
            contact, end = due.pop(0)
            found.append([emg_rows.values(each) for each in core.read_step(contact, end, before)])
            before = contact
    return np.array(found)


def unpacked(rows):
    """Return the emulated MCU's readings in the same shape."""
    return np.array(list(struct.iter_unpack(emg_rows.FORMAT, bytes.fromhex(rows)))).reshape(-1, 2, 5)


def difference(ours, theirs):
    """Return (largest relative difference of an amplitude, readings that differ in onset, quality or what is known)."""
    largest = float(np.nanmax(np.abs(ours[..., :3] / theirs[..., :3] - 1.0)))
    same = (np.isnan(ours) == np.isnan(theirs)) & ((ours == theirs) | np.isnan(ours))
    same[..., :3] = (np.isnan(ours) == np.isnan(theirs))[..., :3]
    return largest, int(np.sum(~same.all(axis=-1)))


def spent(answers):
    """Return the instructions of the EMG core per second of stream."""
    cost = answers["cost"]
    return (cost["push"] + cost["read"] + cost["median"]) / COUNTED_S


def bars(answers, imu_spent):
    """Return [(name, text, bar's text, met)]; `imu_spent`: instructions per second of the IMU core."""
    memory = answers["memory"]
    most, both = memory["live_bytes"] / KB, imu_spent + spent(answers)
    return [
        ("EMG core, instructions/s", millions(spent(answers)), "1.0 M", spent(answers) <= BAR),
        ("IMU and raw EMG core, instructions/s", millions(both), "3.0 M", both <= BOTH_BAR),
        ("EMG state and work, most that lives", "%.1f KB" % most, "%d KB" % MEMORY_BAR_KB, most <= MEMORY_BAR_KB),
        (
            "EMG state in each quarter",
            " ".join("%.1f" % (each / KB) for each in memory["state_bytes"]) + " KB",
            "not growing",
            memory["state_bytes"][-1] <= memory["state_bytes"][1] + LOOSE_BYTES,
        ),
    ]


def lines(answers, imu_spent, largest, otherwise):
    """Return the report as lines of text."""
    cost, memory = answers["cost"], answers["memory"]
    text = ["", "EMG core: 2 channels at 1000 SPS, blocks of %d; instructions per second of stream" % BLOCK]
    for (_, name), (spent, calls) in zip(emg_functions.FUNCTIONS, answers["functions"], strict=True):
        text.append("  %-36s %s  %5.1f calls/s" % (name, millions(spent / COUNTED_S), calls / COUNTED_S))
    text += [
        "  %-36s %s  (%d a push)"
        % ("pushes, timed whole", millions(cost["push"] / COUNTED_S), cost["push"] / COUNTED_S * BLOCK / emg.RATE_HZ),
        "  %-36s %s" % ("readings, timed whole", millions(cost["read"] / COUNTED_S)),
        "  %-36s %s" % ("dearest push or reading", millions(cost["dearest"])),
        "  %-36s %.1f KB allocated, nothing freed in it" % ("dearest call's memory", memory["work_bytes"] / KB),
        "  Results against CPython's: amplitudes differ by %.1e at most; onset or quality in %d readings."
        % (largest, otherwise),
        "",
    ]
    for name, value, bar, met in bars(answers, imu_spent):
        text.append("  %-46s %-22s bar %-12s %s" % (name, value, bar, "met" if met else "MISSED"))
    return text


def bench(firmware, imu_spent):
    """Measure and print; return whether all bars are met. `imu_spent`: instructions per second of the IMU core."""
    frames, job = make_stream()
    answers = emulator.run(firmware, frames, job, "emg_job")
    print("\n".join(lines(answers, imu_spent, *difference(unpacked(answers["cost"]["rows"]), on_cpython(frames, job)))))
    return all(met for *_, met in bars(answers, imu_spent))
