"""`make soak`: a week of the store and one of the whole clip on the twin, with resets and flat batteries."""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import whole_week
from torture import on_twin

from host_tools import ulab
from host_tools.errors import OK, HipCueError

MISSED = 1
MOST_BYTES_PER_STEP = 22.0


def main():
    """Measure and print; return 0, or 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60, help="of a run (default 60)")
    parser.add_argument("--day-hours", type=int, default=24, help="of a day (default 24)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    ulab.install()
    try:
        begun_s = time.monotonic()
        store = store_week(args.minutes, args.day_hours, args.seed)
        clip = clip_week(args.minutes, args.day_hours, args.seed)
    except HipCueError as error:
        print("soak: " + error.message, file=sys.stderr)
        return error.exit_code
    rows = bars(store, clip)
    for name, bar, measured, met in rows:
        print("%-64s %8s  %8s%s" % (name, bar, measured, "" if met else "  MISSED"))
    print(
        "store: %d steps, %d lost with the power, %d sector erases in the file system and %d in the journal, the most"
        " worn sectors %d and %d; clip: %d steps, %d missing around breaks; %.0f s of real time"
        % (store["steps"], store["lost_steps"], store["erases"], store["values_erases"], store["most_worn_erases"],
           store["values_most_worn_erases"], clip["steps"], clip["missing"], time.monotonic() - begun_s)
    )  # fmt: skip
    return OK if all(met for *_, met in rows) else MISSED


def store_week(minutes, day_hours, seed):
    """Let the store live through a week on the twin; return the figures as a dict."""
    return json.loads(on_twin("week.py", minutes, day_hours, seed))


def clip_week(minutes, day_hours, seed):
    """Let the whole clip live through a week; return the figures as a dict."""
    with tempfile.TemporaryDirectory(prefix="hipcue-") as work:
        week = whole_week.Week(60.0 * minutes, Path(work), seed, 3600.0 * day_hours)
        return whole_week.judge(week, week.live())


def bars(store, clip):
    """Return rows of (figure, bar, measured, whether met)."""
    at_store = "store, %d h: " % store["hours"]
    at_clip = "whole clip, %.0f h: " % clip["hours"]
    zeros = (
        (at_store + "gaps unexplained", store["unexplained_gaps"]),
        (at_store + "heap low-water drift, bytes", store["heap_drift_bytes"]),
        (at_store + "wrong readings of the clock, %d wraps" % store["clock_wraps"], store["clock_errors"]),
        (at_clip + "steps missing without a break", clip["unexplained"]),
        (at_clip + "heap low-water drift, bytes", clip["heap_drift_bytes"]),
        (at_clip + "breaks of %d not told in the log" % clip["interruptions"],
         abs(clip["interruptions"] - clip["interruptions_told"])),
        (at_clip + "sessions damaged or not sealed", clip["not_whole"]),
    )  # fmt: skip
    rows = [(name, "0", str(count), count == 0) for name, count in zeros]
    for name, figures in ((at_store, store), (at_clip, clip)):
        size = figures["bytes_per_step"]
        rows.append((name + "log bytes per step", "<= 22", "%.1f" % size, size <= MOST_BYTES_PER_STEP))
    return rows


if __name__ == "__main__":
    sys.exit(main())
