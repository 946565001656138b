"""`make emg-loss`: EMG samples lost over an hour of running, by the log and by the modelled chip.

Flash sectors take 80 ms to erase and the collector 3 ms on the twin, and no sample is read meanwhile.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from host_tools.log import decode
from host_tools.output import Output
from host_tools.runners.record import record
from host_tools.runners.scenario import Scenario, easy_run
from host_tools.sim import command as sim

BAR = 0.005
HOUR = Scenario("hour", duration_s=3640.0, stretches=(easy_run(20.0, 3630.0),))
COUNTS = "from twin import parts; chip = parts.spi[(2, 38)]; print(chip.overwritten, chip.edges)"


def main():
    """Run the hour and print; return 0, or 1 when a bar is missed."""
    counts = {}
    pull = sim._pull_newest

    def count_and_pull(clip, *others):
        (said,) = clip.lines(COUNTS)
        counts["dropped"], counts["offered"] = map(int, said.split())
        return pull(clip, *others)

    sim._pull_newest = count_and_pull
    with tempfile.TemporaryDirectory(prefix="hipcue-") as work:
        log, _ = sim.replay(record(HOUR), Path(work), Output(as_json=False), board="s3")
        session = decode.decode(log.read_bytes())
    lost, steps = int(session.muscles["lost"].sum()), len(session.steps["time_ms"])
    share = lost / counts["offered"]
    print(
        "%d of %d samples lost by the log, %d dropped by the chip's model; %.2f %% [%.1f]; %.1f bytes per step"
        % (lost, counts["offered"], counts["dropped"], 100 * share, 100 * BAR, session.log_bytes / steps)
    )
    return 0 if lost == counts["dropped"] and share < BAR else 1


if __name__ == "__main__":
    sys.exit(main())
