"""The demo: a 12-minute outdoor run in which the left hip begins to drop."""

from host_tools.runners.scenario import DropGrowth, GluteFade, Lean, Scenario, Stretch, Turn, easy_run

_RUN_START_S = 45.0
_LIGHT_S = 240.0  # red light
_GREEN_S = _LIGHT_S + 14.5  # 2.5 s to come to a stand, then 12 s of standing
_TIRED_S = _RUN_START_S + 6 * 60.0
_TIRING_S = 90.0

DEMO = Scenario(
    name="demo",
    duration_s=720.0,
    stretches=(
        Stretch("walk", 21.5, _RUN_START_S, steps_per_min=112.0, speed_mps=1.4),
        easy_run(_RUN_START_S, _LIGHT_S),
        easy_run(_GREEN_S, 710.0),
    ),
    turns=(Turn(start_s=300.0, over_s=3.0, turn_deg=90.0),),
    leans=(Lean(start_s=_LIGHT_S + 5.0, end_s=_LIGHT_S + 10.0, obliquity_deg=5.0),),  # weight on the left hip
    drop_growths=(DropGrowth("L", start_s=_TIRED_S, over_s=_TIRING_S, grow_deg=4.0),),
    glute_fades=(GluteFade("L", start_s=_TIRED_S, over_s=_TIRING_S, lose=0.4),),
)
