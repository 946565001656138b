"""What a runner does and when: a scenario is a list of short, plain statements."""

from dataclasses import dataclass

import numpy as np

from host_tools.runners.smooth import plateau, ramp

CHANGE_S = 2.5  # time to take up or leave a gait
RUNNING_GAITS = ("run", "sprint")
STANDING_STEPS_PER_MIN = 170.0  # of the clock of steps that runs on, without effect, where there is no stretch at all


@dataclass(frozen=True)
class Stretch:
    """A stretch of one gait (a name in gaits.GAITS); it is taken up from `start_s` and left from `end_s`."""

    gait: str
    start_s: float
    end_s: float
    steps_per_min: float
    speed_mps: float
    climb_mps: float = 0.0  # negative: downhill


@dataclass(frozen=True)
class Turn:
    """A bend in the path: `turn_deg` to the left (negative: right), from `start_s` within `over_s`."""

    start_s: float
    over_s: float
    turn_deg: float


@dataclass(frozen=True)
class Lean:
    """An obliquity added for a time: a camber, or weight on one hip; positive lifts the left side."""

    start_s: float
    end_s: float
    obliquity_deg: float
    over_s: float = 1.5


@dataclass(frozen=True)
class Sit:
    """Sitting on a chair: down from `start_s`, up again from `end_s`, each within `over_s`; a thump on the seat."""

    start_s: float
    end_s: float
    over_s: float
    thump_mps2: float


@dataclass(frozen=True)
class Impact:
    """A damped shake of the clip from `at_s` on, `peak_mps2` upwards at its largest: a stumble, a kerb."""

    at_s: float
    peak_mps2: float


@dataclass(frozen=True)
class DropGrowth:
    """From `start_s` within `over_s` the drop in every `side` ("L" or "R") stance grows by `grow_deg`, and stays."""

    side: str
    start_s: float
    over_s: float
    grow_deg: float


@dataclass(frozen=True)
class GluteFade:
    """From `start_s` within `over_s` the bursts of the `side` glute lose the share `lose` of their height."""

    side: str
    start_s: float
    over_s: float
    lose: float


@dataclass(frozen=True)
class Bows:
    """Slow forward bows of `depth_deg`, `count` of them filling `start_s` to `end_s`."""

    start_s: float
    end_s: float
    count: int = 5
    depth_deg: float = 45.0


# What a clip is calibrated from.
STILL_S = (0.0, 6.0)
BOWS = Bows(start_s=6.0, end_s=18.0)


@dataclass(frozen=True)
class Scenario:
    """One recording: what happens in `duration_s`; outside the stretches the runner stands."""

    name: str
    duration_s: float
    still_s: tuple[float, float] = STILL_S
    bows: Bows = BOWS
    stretches: tuple[Stretch, ...] = ()
    left_stand_s: tuple[float, float] | None = None  # of a left-foot check; what is done then the others say
    hops_s: tuple[float, float] | None = None
    turns: tuple[Turn, ...] = ()
    leans: tuple[Lean, ...] = ()
    sits: tuple[Sit, ...] = ()
    impacts: tuple[Impact, ...] = ()
    drop_growths: tuple[DropGrowth, ...] = ()
    glute_fades: tuple[GluteFade, ...] = ()

    @property
    def run_starts_s(self):
        """Time at which the first stretch of running is fully taken up, s; None without one."""
        starts_s = [stretch.start_s for stretch in self.stretches if stretch.gait in RUNNING_GAITS]
        return min(starts_s) + CHANGE_S if starts_s else None


def easy_run(start_s, end_s, steps_per_min=170.0, speed_mps=2.9):
    """Return the Stretch of an easy run."""
    return Stretch("run", start_s, end_s, steps_per_min, speed_mps)


def stretch_weight(stretch, t_s):
    """Return how far `stretch` is taken up at the times `t_s`: 0 to 1."""
    return plateau(t_s, stretch.start_s, stretch.end_s, CHANGE_S)


def gait_weight(scenario, gait, t_s):
    """Return how far `gait` is taken up at the times `t_s`: 0 (not at all) to 1."""
    total = np.zeros_like(t_s)
    for stretch in scenario.stretches:
        if stretch.gait == gait:
            total += stretch_weight(stretch, t_s)
    return total


def running_weight(scenario, t_s):
    """Return how far any running gait is taken up at the times `t_s`: 0 to 1."""
    return sum(gait_weight(scenario, gait, t_s) for gait in RUNNING_GAITS)


def speed_mps(scenario, t_s):
    """Return the forward speed at the times `t_s`."""
    total = np.zeros_like(t_s)
    for stretch in scenario.stretches:
        total += stretch.speed_mps * stretch_weight(stretch, t_s)
    return total


def climb_mps(scenario, t_s):
    """Return the upward speed of the ground underfoot at the times `t_s`."""
    total = np.zeros_like(t_s)
    for stretch in scenario.stretches:
        total += stretch.climb_mps * stretch_weight(stretch, t_s)
    return total


def heading_rad(scenario, t_s):
    """Return the heading at the times `t_s`, positive to the left of the start."""
    total = np.zeros_like(t_s)
    for turn in scenario.turns:
        total += np.radians(turn.turn_deg) * ramp(t_s, turn.start_s, turn.over_s)
    return total


def drop_growth_deg(scenario, side, t_s):
    """Return by how much the drop in stances of `side` has grown at the times `t_s`."""
    total = np.zeros_like(t_s)
    for growth in scenario.drop_growths:
        if growth.side == side:
            total += growth.grow_deg * ramp(t_s, growth.start_s, growth.over_s)
    return total


def glute_share(scenario, side, t_s):
    """Return what share of its first height the burst of the `side` glute has at the times `t_s`."""
    share = np.ones_like(t_s)
    for fade in scenario.glute_fades:
        if fade.side == side:
            share *= 1.0 - fade.lose * ramp(t_s, fade.start_s, fade.over_s)
    return share
