"""`hipcue sim`: a recording through the firmware on the twin, from sensor registers to CSV and report."""

import json
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from hipcue.contract.signals import SIDES
from host_tools.archive import logs
from host_tools.calibrate import command as calibrate
from host_tools.clip.transport import RESET, Clip
from host_tools.errors import INTEGRITY, HipCueError
from host_tools.export.csv_files import write as write_csv
from host_tools.files import replacing, write_text
from host_tools.log import emg
from host_tools.recording.checks import nominal_rate_hz
from host_tools.recording.folder import load
from host_tools.sim.summary import lines, summarise
from host_tools.twin.scene import write_recording_scene

DEFAULT_OUT = Path("out")
BEFORE_NEXT_S = 0.25  # the stand ends this much early, so that the bows begin on time
POLL_S = 0.05
STUCK_S = 120.0  # wall time without any virtual time passing
PROMPT = "\n>>> "
BANNER = ("MicroPython v", 'Type "help()"')
CLOCK_ROUNDING_MS = 2  # the twin reads the end of its scene in single precision


def run(args, output):
    """Replay what `args` name; write log, CSV, report and, if asked for, score to `args.out`."""
    recording = _recording(args, output)
    if args.score and recording.truth_steps is None:
        raise HipCueError("The recording %s has no truth_steps.csv; leave out --score." % recording.name)
    out = Path(args.out) if args.out else _default_out(recording.name)
    if out.exists() and not out.is_dir():
        raise HipCueError("%s is a file; --out names a folder." % out)
    started_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hipcue-") as work:
        log, clip_facts = replay(recording, Path(work), output, trace=args.trace, board=args.board)
        if log is None:
            raise HipCueError(
                "The clip recorded nothing: it saw no step of running; give it a recording of a run.", INTEGRITY
            )
        out.mkdir(parents=True, exist_ok=True)
        log = _copied(log, out)
    session = logs.read_log(log)
    if recording.emg is None and recording.envelope_v is None:
        _leave_out_emg(session)  # what the inputs read without electrodes is no activation of 0
    result = summarise(session, recording) | clip_facts | {"log": str(log), "verdict": session.verdict}
    result["csv"] = [str(path) for path in write_csv(session, out, output)]
    result["report"] = str(_report(session, out / "report.html", recording.name))
    result["wall_s"] = round(time.monotonic() - started_s, 1)
    for line in lines(result):
        output.say(line)
    logs.tell(session, output)
    if args.score:
        result["score"] = _score(session, recording, out, output)
    return result | {"exit_code": logs.exit_code(session)}


def _copied(log, folder):
    """Copy `log` into `folder`, over one of a run before; return the new path."""
    with replacing(folder / log.name) as new:
        shutil.copyfile(log, new)
    return folder / log.name


def _default_out(name):
    """Return the folder in DEFAULT_OUT for a recording's `name`, which may be anything."""
    if not name or Path(name).name != name or name == "..":
        raise HipCueError("The recording's name %r cannot name a folder; say where with --out." % name)
    return DEFAULT_OUT / name


def _recording(args, output):
    if args.recording:
        return load(args.recording)
    if args.scenario:
        return _scenario(args.scenario, output)
    from host_tools.runners import demo

    output.say("Making up the demo runner ...")
    return demo()


def _scenario(name, output):
    from host_tools.runners.scenarios import SCENARIOS

    if name not in SCENARIOS:
        raise HipCueError("There is no scenario %s; there are %s." % (name, ", ".join(SCENARIOS)))
    output.say("Making up the scenario %s ..." % name)
    return SCENARIOS[name]()


def _leave_out_emg(session):
    for _, side in SIDES:
        for name, value in (("uv", np.nan), ("onset_ms", np.nan), ("quality", emg.NOT_MEASURED)):
            session.steps["emg_%s_%s" % (side, name)][:] = value
    session.muscles = {name: values[:0] for name, values in session.muscles.items()}


def _report(session, path, title):
    from host_tools.report import write_report

    write_report([session], path, title=title)
    return path


def _score(session, recording, out, output):
    from host_tools.output import plain
    from host_tools.sim.score import score, table

    result = score(session, recording)
    write_text(out / "score.json", json.dumps(plain(result), indent=1) + "\n")
    for line in table(result):
        output.say(line)
    return result


def replay(recording, work, output, trace=False, board="esp32"):
    """Run `recording` on a new twin in the folder `work`; return (path of the pulled log, facts about the clip).

    The path is None when the clip recorded nothing. `work` also gets the log of the motors, `motors`.
    """
    from host_tools.twin.process import Twin

    progress = work / "progress"
    header = {"board": board, "halts_s": [0.0], "progress": str(progress), "motor_log": str(work / "motors")}
    write_recording_scene(work / "scene", recording, **header)
    with Twin(scene=work / "scene", flash=work / "flash") as twin, Clip(twin.port) as clip:
        clip.enter()
        hello = clip.hello()
        _configure(clip, recording, trace)
        calibration = _calibrate(clip, recording, output)
        _wait_until(clip, recording.meta.get("app_starts_s", 0.0))
        clip.start_app()
        _wait_for_end(twin, clip, progress, recording, output)
        clip.enter()
        log = _pull_newest(clip, hello["clip"], work / "pulled", output)
    return log, {"ulab": hello["ulab"], "calibration": calibration}


def _configure(clip, recording, trace):
    changes = {"imu_rate_hz": nominal_rate_hz(recording.imu_rate_hz), "trace": int(trace)}
    changes |= recording.meta.get("config", {})
    answer = clip.exec_json("from hipcue import console; console.configure(%r)" % changes)
    if not answer.get("ok"):
        raise HipCueError("The clip refused its configuration: %s." % answer.get("reason"), INTEGRITY)


def _calibrate(clip, recording, output):
    """Calibrate as `hipcue calibrate` does, when the recording has its segments; return what came of it."""
    if recording.still_s is None or recording.bows_s is None:
        output.warn("The recording names no still_s and bows_s: the run is uncalibrated, without absolute drop.")
        return "none: the recording has no still_s and bows_s"
    problem = _measure(clip, recording.still_s, calibrate.stand, recording.bows_s, calibrate.bows)
    if problem:
        output.warn(problem + " The run is uncalibrated.")
        return problem
    if recording.left_stand_s is not None and recording.hops_s is not None:
        problem = _measure(clip, recording.left_stand_s, calibrate.left_stand, recording.hops_s, calibrate.hops)
        if problem:
            output.warn(problem + " The run goes without the left-foot check.")
            return problem
    return "ok"


def _measure(clip, first_s, first, second_s, second):
    """Let the clip measure two segments (from, to) of the recording and keep what it found; return why it refused."""
    try:
        begun_s = _wait_until(clip, first_s[0])
        first(clip, first_s[1] - begun_s - BEFORE_NEXT_S)
        begun_s = _wait_until(clip, second_s[0])
        second(clip, second_s[1] - begun_s)
        calibrate.keep(clip)
    except HipCueError as error:
        if error.exit_code != calibrate.UNSAFE:
            raise
        return error.message
    return None


def _wait_until(clip, time_s):
    """Let the clip's clock, on which power-on is the recording's 0, come to `time_s`; return where it then stands."""
    now_ms = clip.exec_json("from hipcue import console; console.hello()")["now_ms"]
    wait_ms = round(time_s * 1000) - now_ms
    if wait_ms > 0:
        clip.run("import time; time.sleep_ms(%d)" % wait_ms, timeout_s=STUCK_S)
    return max(now_ms / 1000, time_s)


def _wait_for_end(twin, clip, progress, recording, output):
    """Follow the twin's virtual clock to the recording's end, where it stands still and waits for its host.

    Nothing may be sent before: the application would take it as a call to stop.
    """
    end_ms = round(recording.end_s * 1000)
    with output.progress(round(recording.end_s), "s", "running") as bar:
        now_ms, halted, said = 0, False, ""
        seen = time.monotonic()
        while not (halted and now_ms >= end_ms - CLOCK_ROUNDING_MS):
            time.sleep(POLL_S)
            before_ms = now_ms
            now_ms, halted = _read_progress(progress)
            bar.update(min(now_ms, end_ms) // 1000 - bar.n)
            if now_ms != before_ms:
                seen = time.monotonic()
            said += clip.overhear()
            _check_app(said, now_ms)
            twin.check()
            if time.monotonic() - seen > STUCK_S:
                raise HipCueError("The twin's clock stands at %.1f s." % (now_ms / 1000), INTEGRITY)


def _check_app(said, now_ms):
    """Raise HipCueError when what the clip `said` since the reset ends at its prompt: the application has stopped."""
    _, _, since_reset = said.partition(RESET)
    words, prompt, _ = since_reset.partition(PROMPT)
    if prompt:
        lines = [line for line in words.splitlines() if line.strip() and not line.startswith(BANNER)]
        cause = lines[-1].strip() if lines else "it says nothing"
        raise HipCueError("The firmware stopped at %.1f s: %s." % (now_ms / 1000, cause), INTEGRITY)


def _read_progress(path):
    """Return (virtual ms, whether the twin waits for its host) from `path`: `<ms>` or `<ms> halted`."""
    try:
        words = path.read_text().split()
    except FileNotFoundError:
        return 0, False
    return (int(words[0]), "halted" in words) if words else (0, False)


def _pull_newest(clip, identity, folder, output):
    from host_tools.pull.command import pull_all

    rows = pull_all(clip, identity, folder, output)
    return Path(max(rows, key=lambda row: row["session"])["path"]) if rows else None
