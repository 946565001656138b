"""The abstaining bar without the twin: scenarios through core and cue rule alone, judged as by `make scenarios`.

What needs the firmware (faults of the sensor, the left-foot check over the console): test_sim_placement.py.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from core_run import calibrated, contact_s, raw_frames

from hipcue.contract import config
from hipcue.contract.signals import FRAME_BYTES
from hipcue.core.pelvis import Pelvis
from hipcue.cue import CueRule
from hipcue.programme import Programme
from host_tools.runners.scenarios import SCENARIOS
from host_tools.sim.abstaining import judge

BLOCK = 16
# The twin's: they act on the FIFO, or need the check that is made over the console.
ON_THE_TWIN = {"lost_samples", "silent_sensor", "left_foot_check"}


class Replay:
    """A recording through core and cue rule, as sensing.py and app.py put them together; the clip's times in ms."""

    def __init__(self, recording):
        self.rate_hz = recording.imu_rate_hz
        self.steps, self.cues, self.events = [], [], []
        frames = raw_frames(recording)
        self.core = Pelvis(calibrated(recording, frames))
        settings = config.validate(recording.meta["config"])
        self.rule = CueRule(settings, Programme(settings))
        first = int(recording.meta.get("app_starts_s", recording.bows_s[1]) * self.rate_hz)
        data = frames.tobytes()
        for start in range(first, len(frames), BLOCK):
            count = min(BLOCK, len(frames) - start)
            decided, settled = self.core.push(data[start * FRAME_BYTES :], count)
            self._take(first, decided, settled, (start + count) / self.rate_hz)
        self.steps += [self._row(first, step) for step in self.core.finish()]

    def _row(self, first, step):
        drop = np.nan if step.peak_drop_deg is None else step.peak_drop_deg
        return 1000 * (contact_s(step, self.rate_hz) + first / self.rate_hz), step.quality, drop

    def _take(self, first, decided, settled, now_s):
        for step in decided:
            contact_ms = 1000 * (contact_s(step, self.rate_hz) + first / self.rate_hz)
            _, cue = self.rule.step(step.side, step.peak_drop_causal_deg, contact_ms)
            if cue:
                latency_ms = 1000 * (now_s - (first + step.peak) / self.rate_hz)
                self.cues.append((1000 * now_s, cue.threshold_deg, latency_ms, cue.side))
        self.steps += [self._row(first, step) for step in settled]
        for name, value in self.core.state.notices:
            self.events.append({"name": name, "time_ms": 1000 * now_s, "value": value})
        del self.core.state.notices[:]

    def session(self):
        """As a decoded log, in what the judge reads."""
        steps = dict(zip(("time_ms", "quality", "peak_drop_deg"), np.array(self.steps).reshape(-1, 3).T, strict=True))
        cues = zip(
            ("time_ms", "threshold_deg", "latency_ms", "side"), np.array(self.cues).reshape(-1, 4).T, strict=True
        )
        return SimpleNamespace(steps=steps, cues=dict(cues), events=self.events)


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in ON_THE_TWIN])
def test_scenario(name):
    recording = SCENARIOS[name]()
    verdict = judge(Replay(recording).session(), recording)
    assert verdict.shortcomings() == [], verdict


@pytest.mark.parametrize(
    ("name", "degrees"),
    [("slip_sideways", 9.6), ("slip_forward", 10), ("turned_over", 148), ("upside_down", 152)],
)
def test_a_slip_is_told_once_with_its_angle(name, degrees):
    """The clip is 12 deg askew, and 4 more in running: turned over about its forward axis, "up" turns by 180 - 2 * 16,
    and against the stand by 180 - 12 - 16; by 10 deg, 10 cos 16. A stride's "up" varies by 1 deg.
    """
    replay = Replay(SCENARIOS[name]())
    told = [event for event in replay.events if event["name"] in ("slipped", "upside_down")]
    assert len(told) == 1 and told[0]["value"] / 10 == pytest.approx(degrees, abs=2)


def test_a_stand_of_5_s_puts_a_slip_right_and_is_told():
    replay = Replay(SCENARIOS["slip_and_stand"]())
    names = [event["name"] for event in replay.events]
    assert names[names.index("slipped") :][:2] == ["slipped", "stood"]
    assert replay.events[names.index("stood")]["value"] == pytest.approx(100, abs=10)
