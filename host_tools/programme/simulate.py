"""`hipcue sim --programme`: cueing policies compared over weeks, with the firmware's own rule on the twin."""

import json
import math
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from scipy import stats

from host_tools.errors import INTEGRITY, HipCueError
from host_tools.programme.model import parameters
from host_tools.twin import find_binary

SCRIPT = Path(__file__).with_name("on_twin.py")
SESSIONS = 10  # eight with feedback, two of retention
MINUTES = 30.0
TARGET_DEG = 6.0
TIMEOUT_S = 600.0
_COMMON = {"cue_absolute_deg": TARGET_DEG, "retention_sessions": 2, "cue_mode": 1}
# name, settings, what it is
POLICIES = (
    ("none", _COMMON | {"cue_mode": 0}, "no cue at all"),
    ("continuous", _COMMON | {"programme_sessions": 9, "fade_from_session": 9}, "all of eight sessions"),
    ("faded", _COMMON | {"programme_sessions": 8, "fade_from_session": 5}, "faded over the last four of eight"),
    (
        "adaptive",
        _COMMON | {"programme_sessions": 8, "fade_from_session": 5, "cue_tighten_deg": 0.25},
        "faded, the target tightened as the runner improves",
    ),
)


def run(args, output):
    """Run every policy with `args.seeds` runners and print drop by session, cues, retention and false cues."""
    if args.seeds < 1:
        raise HipCueError("--seeds must be 1 or more, not %d." % args.seeds)
    binary = find_binary()
    jobs = [(name, settings, seed) for name, settings, _ in POLICIES for seed in range(1, args.seeds + 1)]
    found = {name: [] for name, _, _ in POLICIES}
    with output.progress(len(jobs), "run", "programmes") as bar, ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, sessions in pool.map(lambda job: (job[0], _one(binary, *job[1:])), jobs):
            found[name].append(sessions)
            bar.update(1)
    habit_deg = [_without_cues(sessions) for sessions in found["none"]]
    policies = {name: summarise(programmes, habit_deg) for name, programmes in found.items()}
    for line in lines(policies, args.seeds):
        output.say(line)
    return {"seeds": args.seeds, "minutes": MINUTES, "target_deg": TARGET_DEG, "policies": policies}


def _one(binary, settings, seed, sessions=SESSIONS, minutes=MINUTES):
    """Return the facts of each session of one programme."""
    job = {"settings": settings, "runner": parameters(), "seed": 7919 * seed, "sessions": sessions, "minutes": minutes}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(job, file)
        file.flush()
        done = subprocess.run(
            [str(binary), "-X", "heapsize=8M", str(SCRIPT), file.name],
            env=os.environ | {"MICROPYPATH": ".frozen"}, capture_output=True, text=True, timeout=TIMEOUT_S,
        )  # fmt: skip
    if done.returncode:
        raise HipCueError("The programme stopped on the twin: %s." % done.stderr.strip().splitlines()[-1], INTEGRITY)
    return [json.loads(line) for line in done.stdout.splitlines()]


def interval(values):
    """Return (mean, half of its 95 % confidence interval) of independent runs, by Student's t."""
    values = np.asarray(values, dtype=float)
    if len(values) < 2:
        return float(values.mean()), math.nan
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values))
    return float(values.mean()), float(half)


def _without_cues(sessions):
    """Return the mean drop of the last two sessions, which have no cue in any policy."""
    return sum(session["drop_deg"] for session in sessions[-2:]) / 2


def summarise(programmes, habit_deg):
    """Return the figures of one policy from its runs, each a list of sessions' facts.

    `habit_deg`: what the same runners' last two sessions are without any cue before.
    """
    drops = np.array([[session["drop_deg"] for session in each] for each in programmes])
    cues = np.array([[session["cues"] for session in each] for each in programmes])
    false = np.array([[session["false"] for session in each] for each in programmes])
    steps = np.array([[session["steps"] for session in each] for each in programmes])
    planned = np.array([[session["share"] for session in each] for each in programmes])
    delivered = np.array([[session["delivered"] for session in each] for each in programmes])
    kept = np.array([_without_cues(each) for each in programmes]) - habit_deg
    return {
        "drop_deg": [interval(column) for column in drops.T],
        "cues": [interval(column) for column in cues.T],
        "cues_in_all": interval(cues.sum(axis=1)),
        "retention_deg": interval(kept),
        "false_share_of_steps": interval(false.sum(axis=1) / steps.sum(axis=1)),
        "false_share_of_cues": float(false.sum() / cues.sum()) if cues.sum() else math.nan,
        "worst_share_error": float(np.abs(planned - delivered).max()) if cues.sum() else math.nan,
    }


def lines(policies, seeds):
    """Return the comparison as lines of text."""
    text = [
        "",
        "A made-up runner, target %.0f deg, %.0f min every other day, %d runners each; mean and 95 %% interval."
        % (TARGET_DEG, MINUTES, seeds),
        "The runner's answer to cues is assumed in good part (host_tools/programme/model.py):",
        "policies are compared, people are not predicted.",
        "",
        "drop in deg      " + "".join("%12s" % name for name in policies),
    ]
    for number in range(SESSIONS):
        cells = ["%6.2f +-%4.2f" % policies[name]["drop_deg"][number] for name in policies]
        text.append("  session %2d     %s" % (number + 1, "".join("%13s" % cell for cell in cells)[1:]))
    for label, key, form, scale in (
        ("retention", "retention_deg", "%+6.2f +-%4.2f", 1),
        ("false, % of steps", "false_share_of_steps", "%6.2f +-%4.2f", 100),
        ("cues in all", "cues_in_all", "%6.0f +-%4.0f", 1),
    ):
        cells = [form % tuple(scale * value for value in policies[name][key]) for name in policies]
        text.append("%-17s%s" % (label, "".join("%13s" % cell for cell in cells)[1:]))
    text.append("retention: drop of the last two sessions, without a cue, less that of runners who never had one.")
    text.append("false: cues while the true drop of the last six steps was not over the threshold on their mean.")
    return text
