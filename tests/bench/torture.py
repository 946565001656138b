"""`make torture`: power cuts at every flash operation, resets there, and damage to the log, against their bars."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import corruption

from host_tools.errors import OK, HipCueError
from host_tools.twin.process import find_binary

ON_FLASH = Path(__file__).resolve().parent / "on_flash"
MISSED = 1
WORST_TAIL_MS = 10000


def main():
    """Measure and print; return 0, or 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--minutes", type=int, default=10, help="of the longer of the two sessions (default 10)")
    parser.add_argument("--trials", type=int, default=10000, help="damages to its log (default 10000)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    try:
        cuts = power_cuts(args.minutes, 1, args.seed)
        damage = corruption.run(log_bytes(args.minutes), args.trials, args.seed)
    except HipCueError as error:
        print("torture: " + error.message, file=sys.stderr)
        return error.exit_code
    for finding in cuts["findings"][:10]:
        print(finding)
    rows = bars(cuts, damage)
    for name, bar, measured, met in rows:
        print("%-66s %8s  %8s%s" % (name, bar, measured, "" if met else "  MISSED"))
    print(
        "%d flash operations of two sessions (%d min and less), %d of them the journal's, each cut in %d ways; an hour"
        " of recording erases %d sectors of the file system and %d of the journal's, and writes %d KB"
        % (cuts["operations"], args.minutes, cuts["on_values"], cuts["ways"], cuts["erases_per_hour"],
           cuts["values_erases_per_hour"], cuts["kb_per_hour"])
    )  # fmt: skip
    return OK if all(met for *_, met in rows) else MISSED


def power_cuts(minutes, stride, seed):
    """Cut the power at every `stride`-th operation of a workload on the twin; return the figures as a dict."""
    return json.loads(on_twin("power_cuts.py", minutes, stride, seed))


def log_bytes(minutes):
    """Return the bytes of a log that the firmware has written on the twin."""
    return bytes.fromhex(on_twin("log_bytes.py", minutes))


def bars(cuts, damage):
    """Return rows of (figure, bar, measured, whether met)."""
    at_cut = "power cut (%d): " % cuts["cuts"]
    at_damage = "damage (%d): " % damage["trials"]
    missing = damage["unaffected"] - damage["recovered"]
    zeros = (
        (at_cut + "volumes that do not mount", cuts["unmountable"]),
        (at_cut + "starts that miss committed bytes", cuts["committed"]),
        (at_cut + "sessions not closed whole, or no next one", cuts["whole"] + cuts["next"]),
        (at_cut + "settings neither old nor new", cuts["settings"]),
        ("reset (%d): records lost" % cuts["resets"], cuts["lost_by_reset"]),
        (at_damage + "blocks accepted that never were", damage["false_accepts"]),
        (at_damage + "unaffected blocks not recovered", missing),
        (at_damage + "passed as whole", damage["passed_as_whole"]),
    )
    rows = [(name, "0", str(count), count == 0) for name, count in zeros]
    tail = "%.1f s" % (cuts["worst_tail_ms"] / 1000)
    rows.insert(2, (at_cut + "worst tail", "<= 10 s", tail, cuts["worst_tail_ms"] <= WORST_TAIL_MS))
    return rows


def on_twin(script, *arguments):
    """Run a script of on_flash/ on the twin; return what it prints."""
    command = [str(find_binary()), "-X", "heapsize=64M", str(ON_FLASH / script), *map(str, arguments)]
    done = subprocess.run(command, env={"MICROPYPATH": ".frozen"}, capture_output=True, text=True)
    if done.returncode:
        raise HipCueError("%s failed on the twin: %s" % (script, (done.stderr or done.stdout).strip()[-500:]))
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
