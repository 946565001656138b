"""Scenario recordings: what a wearer does, or what befalls the clip, that must make it abstain or must not.

SCENARIOS maps a name to the function that returns the Recording. Its meta
holds the settings of the clip (`config`), the faults of the twin (`faults`),
when the clip is switched on to measure (`app_starts_s`, if later than the end of the
calibration) and what must be said where (`spans`, `mishaps`; see expected.py).

The fixed cue threshold is low, so that a wrong drop buzzes at once: 2 deg
where nobody runs, and 7.5 deg, over every true drop of the runner, where a
turned clip would add to true drops.
"""

import numpy as np

from host_tools.runners.expected import Mishap, Span, as_meta, between
from host_tools.runners.people import CONTRARY_RUNNER, Clip, Runner, Slip
from host_tools.runners.record import record
from host_tools.runners.scenario import BOWS, Impact, Lean, Scenario, Sit, Stretch, Turn, easy_run
from host_tools.runners.steps import make_steps

_RUN_S = 20.0  # the run is taken up
_STEADY_S = 32.5  # 10 s after the first step: sides and gravity are known
_END_S = 85.0
_TWENTY_STEPS_S = 7.2  # at 170 steps/min, and a little
_AROUND_S = 1.2  # a stride and a half: steps near a disturbance may carry its code or not

_LOW = {"cue_absolute_deg": 2.0}
_HIGH = {"cue_absolute_deg": 7.5}


def _scenario(name, stretches, duration_s=_END_S, **statements):
    return Scenario(name, duration_s, stretches=tuple(stretches), **statements)


def _run(start_s=_RUN_S, end_s=_END_S, **pace):
    return easy_run(start_s, end_s, **pace)


def _no_run(from_s, to_s, codes=("not_running",)):
    return Span(from_s, to_s, codes, drop_known=False, cues=False)


def _silent(from_s, to_s):
    """Return a span in which any code is right but no drop and no cue may be given."""
    return Span(from_s, to_s, ("any",), False, False)


def _recording(scenario, spans, config, clip=None, mishaps=(), runner=None, **meta):
    result = record(scenario, runner=runner, clip=clip)
    result.meta |= as_meta(spans, mishaps) | {"config": config} | meta
    return result


def standing():
    """Standing, the weight now on one hip, now on the other."""
    leans = (Lean(24.0, 36.0, 6.0), Lean(42.0, 54.0, -6.0))
    return _recording(_scenario("standing", (), 65.0, leans=leans), [_no_run(BOWS.end_s, 65.0)], _LOW)


def sitting_down():
    """Sitting down and rising: once gently, once with a thump."""
    sits = (Sit(22.0, 34.0, over_s=1.2, thump_mps2=8.0), Sit(42.0, 54.0, over_s=0.55, thump_mps2=25.0))
    return _recording(_scenario("sitting_down", (), 65.0, sits=sits), [_no_run(BOWS.end_s, 65.0)], _LOW)


def walking():
    """An ordinary walk, then a brisk one that comes near to flight."""
    stretches = (Stretch("walk", 20.0, 45.0, 112.0, 1.4), Stretch("brisk walk", 45.0, 75.0, 130.0, 1.95))
    return _recording(_scenario("walking", stretches, 75.0), [_no_run(BOWS.end_s, 75.0)], _LOW)


def stairs():
    """Up a long flight of stairs and down it again, briskly."""
    stretches = (
        Stretch("stairs up", 20.0, 44.0, 95.0, 0.5, climb_mps=0.27),
        Stretch("stairs down", 48.0, 75.0, 125.0, 0.65, climb_mps=-0.35),
    )
    return _recording(_scenario("stairs", stretches, 75.0), [_no_run(BOWS.end_s, 75.0)], _LOW)


def stop_at_a_light():
    """A run, 12 s at a red light with the weight on one hip, and on."""
    scenario = _scenario("stop_at_a_light", (_run(end_s=45.0), _run(60.0)), leans=(Lean(49.0, 56.0, 6.0),))
    spans = [Span(_STEADY_S, 45.0), _no_run(47.8, 60.0), Span(72.5, _END_S)]
    return _recording(scenario, spans, _LOW)


def jumping():
    """Jumping on both feet at the rhythm of running: from standing, and straight out of a run."""
    stretches = (
        Stretch("jump", 20.0, 38.0, 150.0, 0.0),
        _run(44.0, 65.0),
        Stretch("jump", 65.0, _END_S, 150.0, 0.0),
    )
    codes = ("not_running", "side_unsure")
    spans = [_no_run(BOWS.end_s, 40.5, codes), Span(56.5, 65.0), _no_run(68.5, _END_S, codes)]
    return _recording(_scenario("jumping", stretches), spans, _LOW)


def bend():
    """A bend of 90 deg to the left and one to the right, 4 s each."""
    over_s = 4.0
    turns = (Turn(46.0, over_s, 90.0), Turn(64.0, over_s, -90.0))
    # The yaw rate is over 12 deg/s from 16 to 84 % of the bend, and under 2 deg/s outside of 6 to 94 %.
    inner = [Span(turn.start_s + 0.7, turn.start_s + 3.3, ("turning",), False, False) for turn in turns]
    around = [(turn.start_s + 0.2 - _AROUND_S, turn.start_s + 3.8 + _AROUND_S) for turn in turns]
    return _recording(_scenario("bend", (_run(),), turns=turns), [*between(_STEADY_S, _END_S, around), *inner], _HIGH)


def camber():
    """A camber of 2 % from the middle of the run on: an offset, not a drop; the personal baseline is from before."""
    camber_deg = float(np.degrees(np.arctan(0.02)))
    end_s = 100.0
    scenario = _scenario(
        "camber", (_run(end_s=end_s),), end_s, leans=(Lean(70.0, end_s + 5.0, camber_deg, over_s=3.0),)
    )
    spans = [Span(_STEADY_S, end_s, cues=False)]
    return _recording(scenario, spans, {"cue_absolute_deg": 0.0, "baseline_s": 45})


def upside_down():
    """Calibrated the right way up, then put on upside down before the clip is switched on to measure."""
    clip = Clip(slips=(Slip(18.5, 2.0, (180.0, 0.0, 0.0)),))
    noticed_s = 26.0 + _TWENTY_STEPS_S + 1.0
    spans = [_silent(BOWS.end_s, noticed_s), Span(noticed_s, _END_S, ("upside_down",), False, False)]
    scenario = _scenario("upside_down", (_run(26.0),))
    return _recording(scenario, spans, _HIGH, clip, [Mishap(26.0, "upside_down")], app_starts_s=23.0)


def turned_over():
    """Taken off at a stop in mid-run and put back upside down."""
    clip = Clip(slips=(Slip(50.0, 2.0, (180.0, 0.0, 0.0)),))
    noticed_s = 56.0 + _TWENTY_STEPS_S + 1.0
    spans = [
        Span(_STEADY_S, 44.0),
        _silent(47.8, noticed_s),
        Span(noticed_s, _END_S, ("upside_down",), False, False),
    ]
    scenario = _scenario("turned_over", (_run(end_s=44.0), _run(56.0)))
    return _recording(scenario, spans, _HIGH, clip, [Mishap(56.0, "upside_down")])


def calibrated_upside_down():
    """Worn and calibrated upside down: the calibration knows it, so all is well."""
    clip = Clip(mount_deg=(183.0, 12.0, 5.0))
    scenario = _scenario("calibrated_upside_down", (_run(),), 65.0)
    return _recording(scenario, [Span(_STEADY_S, 65.0)], _HIGH, clip)


def _slip(name, turn_deg):
    """A run in which the clip turns by `turn_deg` within 0.6 s."""
    slip_s = 52.0
    noticed_s = slip_s + _TWENTY_STEPS_S
    spans = [
        Span(_STEADY_S, slip_s - 0.4),
        _silent(slip_s, noticed_s),
        Span(noticed_s, _END_S, ("slipped",), False, False),
    ]
    clip = Clip(slips=(Slip(slip_s, 0.6, turn_deg),))
    return _recording(_scenario(name, (_run(),)), spans, _HIGH, clip, [Mishap(slip_s, "slipped")])


def slip_sideways():
    """The clip turns by 10 deg about the forward axis: an obliquity that is none."""
    return _slip("slip_sideways", (10.0, 0.0, 0.0))


def slip_forward():
    """The clip turns by 10 deg about the left axis."""
    return _slip("slip_forward", (0.0, 10.0, 0.0))


def slip_at_a_stop():
    """The clip is pushed 10 deg askew while its wearer stands at a light, between two runs."""
    clip = Clip(slips=(Slip(49.0, 1.0, (10.0, 0.0, 0.0)),))
    noticed_s = 53.5 + _TWENTY_STEPS_S + 1.0
    # The runner goes on within 5 s: that is no re-stand.
    scenario = _scenario("slip_at_a_stop", (_run(end_s=45.0), _run(53.5)))
    spans = [
        Span(_STEADY_S, 45.0),
        _silent(49.0, noticed_s),
        Span(noticed_s, _END_S, ("slipped",), False, False),
    ]
    return _recording(scenario, spans, _HIGH, clip, [Mishap(53.5, "slipped")])


def slip_and_stand():
    """After a slip the runner stands still for 9 s: the clip knows its place again, and the drops are true."""
    clip = Clip(slips=(Slip(40.0, 0.6, (10.0, 0.0, 0.0)),))
    end_s = 95.0
    scenario = _scenario("slip_and_stand", (_run(end_s=50.0), _run(61.5, end_s)), end_s)
    spans = [
        Span(_STEADY_S, 39.6),
        _silent(40.0, 40.0 + _TWENTY_STEPS_S),
        Span(40.0 + _TWENTY_STEPS_S, 50.0, ("slipped",), False, False),
        Span(74.0, end_s),
    ]
    return _recording(scenario, spans, _HIGH, clip, [Mishap(40.0, "slipped")])


def loose_clip():
    """A clip that wobbles by 1 deg rms about each axis: noisier drops, but neither cues nor a slip."""
    spans = [Span(_STEADY_S, _END_S, cues=False)]
    return _recording(_scenario("loose_clip", (_run(),)), spans, _HIGH, Clip(loose_deg=1.0))


def hard_impacts():
    """Three contacts so hard that the accelerometer clips at 16 g."""
    plain = _scenario("hard_impacts", (_run(),))
    contact_s = make_steps(plain, Runner()).contact_s
    hard = [int(np.searchsorted(contact_s, at_s)) for at_s in (42.0, 55.0, 68.0)]
    impacts = tuple(Impact(float(contact_s[step]), peak_mps2=200.0) for step in hard)
    clipped = [
        Span(float(contact_s[k]) - 0.05, float(contact_s[k + 1]) - 0.08, ("clipped",), False, False) for k in hard
    ]
    around = [(span.from_s - _AROUND_S, span.to_s + _AROUND_S) for span in clipped]
    scenario = _scenario("hard_impacts", (_run(),), impacts=impacts)
    return _recording(scenario, [*between(_STEADY_S, _END_S, around), *clipped], _HIGH)


def lost_samples():
    """The processor stalls for 1.4 s: the FIFO, which holds 1.23 s, loses about 200 ms at the stall's start."""
    scenario = _scenario("lost_samples", (_run(),))
    at_s, gap = _gap(scenario, 0.15)
    # Gravity needs six steps again.
    spans = [*between(_STEADY_S, _END_S, [(gap.from_s - _AROUND_S, gap.to_s + 2.5)]), gap]
    return _recording(scenario, spans, _HIGH, faults=[{"kind": "processor_stall", "at_s": at_s, "for_s": 1.4}])


def silent_sensor():
    """The sensor's bus is dead for 200 ms; the clip tries again after a second."""
    scenario = _scenario("silent_sensor", (_run(),))
    at_s, gap = _gap(scenario, 1.0)
    # So long a gap leaves left and right uncounted: they need their evidence again.
    spans = [*between(_STEADY_S, _END_S, [(gap.from_s - _AROUND_S, gap.to_s + 8.0)]), gap]
    return _recording(scenario, spans, _HIGH, faults=[{"kind": "imu_silent", "from_s": at_s, "to_s": at_s + 0.2}])


def _gap(scenario, lost_s):
    """Return (start of a gap of `lost_s` near 50 s, Span of the steps that it touches).

    It begins late in a step, whose stance has then been seen: the step is known, but not whole.
    """
    contact_s = make_steps(scenario, Runner()).contact_s
    first = int(np.searchsorted(contact_s, 50.0))
    at_s = float(contact_s[first]) + 0.34
    last = int(np.searchsorted(contact_s, at_s + lost_s))
    span = Span(float(contact_s[first]) - 0.08, float(contact_s[last]) - 0.08, ("gap",), drop_known=False, cues=False)
    return at_s, span


def slow_steps():
    """A run at 140 steps/min."""
    scenario = _scenario("slow_steps", (_run(steps_per_min=140.0, speed_mps=2.3),), 75.0)
    return _recording(scenario, [Span(_STEADY_S, 75.0)], _HIGH)


def quick_steps():
    """A run at 200 steps/min."""
    scenario = _scenario("quick_steps", (_run(steps_per_min=200.0, speed_mps=3.6),), 75.0)
    return _recording(scenario, [Span(_STEADY_S, 75.0)], _HIGH)


def downhill_strides():
    """Out of an easy run a stride of 10 s at 30 km/h down a slope of 7 %, and easily on."""
    stretches = (
        _run(end_s=44.0, steps_per_min=165.0, speed_mps=2.8),
        Stretch("run", 44.0, 47.0, 185.0, 5.4, climb_mps=-0.25),
        Stretch("sprint", 47.0, 57.5, 215.0, 30.0 / 3.6, climb_mps=-0.58),
        Stretch("run", 57.5, 60.5, 185.0, 5.4, climb_mps=-0.25),
        _run(60.5, steps_per_min=165.0, speed_mps=2.8),
    )
    spans = [Span(_STEADY_S, 44.0), Span(50.5, 57.5), Span(64.5, _END_S)]
    return _recording(_scenario("downhill_strides", stretches), spans, {"cue_absolute_deg": 9.0})


def contrary_runner():
    """A runner whose sideways push and pelvic rotation are those of other runners' other stance: no side is sure."""
    spans = [Span(_STEADY_S, 75.0, ("side_unsure",), drop_known=False, cues=False)]
    return _recording(_scenario("contrary_runner", (_run(),), 75.0), spans, _LOW, runner=CONTRARY_RUNNER)


def left_foot_check():
    """The same runner after a left-foot check: all is known."""
    scenario = _scenario(
        "left_foot_check", (Stretch("hop left", 25.0, 29.0, 130.0, 0.0), _run(35.0)),
        leans=(Lean(18.5, 30.0, 2.0, over_s=1.0),), left_stand_s=(19.5, 25.0), hops_s=(25.0, 33.0),
    )  # fmt: skip
    return _recording(scenario, [Span(50.0, _END_S)], _HIGH, runner=CONTRARY_RUNNER)


SCENARIOS = {
    function.__name__: function
    for function in (
        standing, sitting_down, walking, stairs, stop_at_a_light, jumping, bend, camber,
        upside_down, turned_over, calibrated_upside_down,
        slip_sideways, slip_forward, slip_at_a_stop, slip_and_stand, loose_clip,
        hard_impacts, lost_samples, silent_sensor, slow_steps, quick_steps, downhill_strides,
        contrary_runner, left_foot_check,
    )
}  # fmt: skip
