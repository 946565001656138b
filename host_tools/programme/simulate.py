"""`hipcue sim --programme`: cueing policies compared over weeks, with the firmware's own rule on the twin."""

import json
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from host_tools.errors import INTEGRITY, HipCueError
from host_tools.programme.figures import crossing, dependence_lines, dependence_row, drops_deg, lines, summarise
from host_tools.programme.model import DEPENDENCES, parameters
from host_tools.programme.policies import COMPARED, MINUTES, POLICIES, SESSIONS, TARGET_DEG
from host_tools.twin.process import find_binary

SCRIPT = Path(__file__).with_name("on_twin.py")
MODULES = ".frozen:%s" % SCRIPT.parents[2]  # the firmware's, and this package's plain ones
TIMEOUT_S = 600.0


def run(args, output):
    """Run every policy with `args.seeds` runners; print drop by session, retention, cues, false cues and dependence."""
    if args.seeds < 1:
        raise HipCueError("--seeds must be 1 or more, not %d." % args.seeds)
    binary = find_binary()
    jobs = [(name, parameters()["dependence"]) for name in POLICIES]
    jobs += [(name, dependence) for dependence in DEPENDENCES for name in COMPARED]
    found = {job: [] for job in jobs}
    with (
        output.progress(len(found) * args.seeds, "run", "programmes") as bar,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        one = partial(_one, binary)
        for job, sessions in pool.map(one, [(job, seed) for job in found for seed in range(1, args.seeds + 1)]):
            found[job].append(sessions)
            bar.update(1)
    without_deg = drops_deg(found[jobs[0]])
    policies = {name: summarise(found[name, dependence], without_deg) for name, dependence in jobs[: len(POLICIES)]}
    table = [dependence_row(found, dependence, without_deg) for dependence in DEPENDENCES]
    from_dependence = crossing([(row["dependence"], row["difference_deg"][0]) for row in table])
    for line in lines(policies, args.seeds) + dependence_lines(table, from_dependence):
        output.say(line)
    return {
        "seeds": args.seeds, "minutes": MINUTES, "target_deg": TARGET_DEG, "runner": parameters(),
        "policies": policies, "dependence": table, "fading_wins_from": from_dependence,
    }  # fmt: skip


def _one(binary, job, sessions=SESSIONS, minutes=MINUTES):
    """Return (policy, dependence) and the facts of each session of one programme; `job`: those two, a runner's seed."""
    (policy, dependence), seed = job
    work = {
        "settings": POLICIES[policy],
        "runner": parameters(dependence=dependence),
        "seed": 7919 * seed,
        "sessions": sessions,
        "minutes": minutes,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(work, file)
        file.flush()
        done = subprocess.run(
            [str(binary), "-X", "heapsize=8M", str(SCRIPT), file.name],
            env=os.environ | {"MICROPYPATH": MODULES}, capture_output=True, text=True, timeout=TIMEOUT_S,
        )  # fmt: skip
    if done.returncode:
        raise HipCueError("The programme stopped on the twin: %s." % done.stderr.strip().splitlines()[-1], INTEGRITY)
    return job[0], [json.loads(line) for line in done.stdout.splitlines()]
