"""make scenarios: every scenario recording through the firmware on the twin, and whether it abstained where it must.

Run from the root: python tests/bench/scenarios.py [--save FOLDER] [NAME ...]. Exit code 1 when one falls short.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from host_tools.archive import logs
from host_tools.errors import HipCueError
from host_tools.output import Output
from host_tools.runners.scenarios import SCENARIOS
from host_tools.sim.abstaining import judge
from host_tools.sim.command import replay

_WORKERS = 2
_ROW = "%-24s %6s %6s %16s %16s %9s  %s"


def run(name, save=None):
    """Return (Verdict, None), or (None, sentence) when the scenario could not be run."""
    recording = SCENARIOS[name]()
    try:
        with tempfile.TemporaryDirectory(prefix="hipcue-") as work:
            log, _ = replay(recording, Path(work), Output(as_json=True))
            session = logs.read_log(log) if log else None
            if log and save:
                Path(save).mkdir(parents=True, exist_ok=True)
                Path(save, name + ".hcl").write_bytes(log.read_bytes())
    except HipCueError as error:
        return None, error.message
    return judge(session, recording), None


def row(name, verdict):
    """Return one line of the table."""

    def share(part, whole):
        return "%5.1f %% of %3d" % (100 * part / whole, whole) if whole else "-"

    noticed = ", ".join("never" if steps is None else "%d" % steps for steps in verdict.noticed) or "-"
    short = verdict.shortcomings()
    result = "FALLS SHORT: %s" % ", ".join(short) if short else "pass"
    if verdict.codes and short:
        result += " (%s)" % ", ".join("%s %d" % item for item in verdict.codes.items())
    return _ROW % (
        name, verdict.wrong_cues, verdict.wrong_drops,
        share(verdict.right, verdict.concerned), share(verdict.wrong, verdict.others), noticed, result,
    )  # fmt: skip


def main():
    """Print the table; return 1 when a scenario falls short."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenarios (default: all)")
    parser.add_argument("--save", metavar="FOLDER", help="keep the logs here")
    args = parser.parse_args()
    unknown = [name for name in args.names if name not in SCENARIOS]
    if unknown:
        parser.error("no scenario %s; there are %s" % (unknown[0], ", ".join(SCENARIOS)))
    names = args.names or list(SCENARIOS)
    print(_ROW % ("", "cues", "drops", "concerned steps", "other steps", "noticed", ""))
    print(_ROW % ("bar", "0", "0", "coded >= 95 %", "coded <= 2 %", "<= 20", ""))
    failed = False
    with ProcessPoolExecutor(_WORKERS) as workers:
        for name, (verdict, problem) in zip(names, workers.map(run, names, [args.save] * len(names)), strict=True):
            print(row(name, verdict) if verdict else "%-24s could not be run: %s" % (name, problem), flush=True)
            failed |= verdict is None or bool(verdict.shortcomings())
    print("cues, drops: given where they should not be. Made-up recordings hold no skin or clothing movement.")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
