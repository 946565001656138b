"""`make bench`: what the core costs on an emulated Cortex-M4F."""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import comparison
import cut
import emg_cost
import emulator
import figures

from host_tools.errors import OK, HipCueError

MISSED = 1
WATCHED_S = 5.0  # of these, watched function by function
FIT_S = 30.0  # of stream in the search for the smallest heap: twice what fills all windows


def main():
    """Measure and print; return 0, 1 when a bar is missed, or the code of what went wrong."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--firmware", required=True, help="firmware.elf of the emulated MCU")
    parser.add_argument("--recording", help="recording folder (default: the demo, around its change)")
    parser.add_argument("--minutes", type=int, default=3, help="of stream for the memory's growth")
    parser.add_argument("--answers", help="also write the raw answers, JSON, to this file")
    args = parser.parse_args()
    try:
        return bench(args)
    except HipCueError as error:
        print("bench: " + error.message, file=sys.stderr)
        return error.exit_code


def bench(args):
    """Measure and print; return the exit code."""
    stretch = cut.cut(*recording(args.recording))
    job = {
        "params": stretch.params,
        "frames": stretch.count,
        "warm_up": stretch.warm_up_blocks,
        "minutes": args.minutes,
        "fit_blocks": int(FIT_S * stretch.params[0]) // cut.BLOCK_FRAMES,
        "watched_blocks": int(WATCHED_S * stretch.params[0]) // cut.BLOCK_FRAMES,
    }
    answers = emulator.run(args.firmware, stretch.frames, job)
    if args.answers:
        Path(args.answers).write_text(json.dumps(answers))
    about = answers["about"]
    print(
        "Core on an emulated Cortex-M4F (mps2-an386, MicroPython %s, ulab %s): %.1f s of %s from %.0f s, %.2f Hz"
        % (".".join(map(str, about["micropython"])), about["ulab"], stretch.counted_s, stretch.name, stretch.starts_s,
           stretch.params[0])
    )  # fmt: skip
    ours = comparison.steps(bytes.fromhex(answers["rows"]))
    theirs = comparison.steps(comparison.on_cpython(stretch.params, stretch.frames))
    print("\n".join(figures.lines(answers, stretch.counted_s)))
    print("\n" + figures.comparison_line(comparison.differences(ours, theirs)))
    emg_met = emg_cost.bench(args.firmware, answers["cost"]["push"] / stretch.counted_s)
    return OK if emg_met and all(met for *_, met in figures.bars(answers, stretch.counted_s)) else MISSED


def recording(folder):
    """Return (Recording, time in its middle of what is measured, or None)."""
    if folder:
        from host_tools.recording.folder import load

        return load(folder), None
    from host_tools.runners import demo
    from host_tools.runners.demo_run import DEMO

    return demo(), DEMO.drop_growths[0].start_s


if __name__ == "__main__":
    sys.exit(main())
