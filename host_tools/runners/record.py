"""A scenario as a Recording: what the twin replays, with the truth it is held to."""

from host_tools.recording.folder import Recording
from host_tools.runners import emg
from host_tools.runners.glutes import ENVELOPE_RATE_HZ, envelope_v
from host_tools.runners.inertial import read_imu, sample_times
from host_tools.runners.motion import Motion
from host_tools.runners.people import Clip, Runner
from host_tools.runners.scenario import running_weight
from host_tools.runners.steps import RUNNING_WEIGHT, true_steps

SOURCE = "synthetic: mean running stride of RBDS001 (Fukuchi, Fukuchi & Duarte 2017) with made-up variability"
LICENCE = "CC BY 4.0 for the stride; the rest as this project"


def record(scenario, runner=None, clip=None):
    """Return the Recording of `scenario` as `runner` acts it and `clip` senses it; repeatable to the bit."""
    runner, clip = runner or Runner(), clip or Clip()
    motion = Motion(scenario, runner)
    t_s = sample_times(clip, scenario.duration_s)
    obliquity_deg = motion.obliquity_deg(t_s)
    meta = {
        "name": scenario.name,
        "imu_rate_hz": clip.rate_hz,
        "still_s": list(scenario.still_s),
        "bows_s": [scenario.bows.start_s, scenario.bows.end_s],
        "run_starts_s": scenario.run_starts_s,
        "mount_deg_rpy": list(clip.mount_deg),
        "source": SOURCE,
        "licence": LICENCE,
    }
    if scenario.hops_s:
        meta |= {"left_stand_s": list(scenario.left_stand_s), "hops_s": list(scenario.hops_s)}
    return Recording(
        name=scenario.name,
        imu_rate_hz=clip.rate_hz,
        t_s=t_s,
        imu=read_imu(motion, clip, t_s),
        meta=meta,
        still_s=scenario.still_s,
        bows_s=(scenario.bows.start_s, scenario.bows.end_s),
        left_stand_s=scenario.left_stand_s,
        hops_s=scenario.hops_s,
        run_starts_s=scenario.run_starts_s,
        envelope_rate_hz=ENVELOPE_RATE_HZ,
        envelope_v=envelope_v(motion, scenario.duration_s),
        emg_rate_hz=emg.RATE_HZ,
        emg=emg.motion_emg_uv(motion, scenario.duration_s),
        truth_t_s=t_s,
        truth_obliquity_deg=obliquity_deg,
        truth_running=running_weight(scenario, t_s) > RUNNING_WEIGHT,
        truth_steps=true_steps(motion.steps, obliquity_deg, t_s),
    )
