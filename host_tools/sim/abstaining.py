"""Whether a clip abstained where it must, and only there: a session against what its scenario expects.

Counts, per recording:
- cues that should not be: within a span without cues, or where the true drop
  (of the step; of the pelvis at that moment, where a gait is being taken up or
  left, and after the last true step, since the truth ends a second early) is
  below the threshold less hysteresis and a margin;
- absolute drops given in spans where they cannot be known;
- steps concerned (of spans with codes) and those with one of the codes; a true
  running step that the log does not hold is concerned, but not where samples
  were lost or the clip does not run;
- other steps (of spans without codes) and those with any code; true ones that
  the log does not hold, so that a clip that sees nothing does not pass;
- for every mishap the true steps until its event was logged.
"""

from dataclasses import dataclass, field

import numpy as np

from hipcue.contract.record import QUALITY_BITS
from hipcue.contract.signals import SIDE_LEFT
from host_tools.runners.expected import from_meta
from host_tools.sim.score import MATCH_S, match

RIGHT_SHARE = 0.95
WRONG_SHARE = 0.02
MISSED_SHARE = 0.05  # of the other steps
NOTICED_STEPS = 20
CUE_MARGIN_DEG = 0.5  # of the causal estimate
_MUST_BE_SEEN = {"slipped", "upside_down", "turning", "clipped"}  # codes of steps that were run


@dataclass
class Verdict:
    """The counts for one recording; `noticed`: steps per mishap, None where it went unnoticed."""

    wrong_cues: int = 0
    wrong_drops: int = 0
    concerned: int = 0
    right: int = 0
    others: int = 0
    wrong: int = 0
    missed: int = 0
    noticed: list = field(default_factory=list)
    codes: dict = field(default_factory=dict)  # of the wrongly coded steps: name or "ok": count

    def shortcomings(self):
        """Return what falls short, as a list of words; empty: passed."""
        short = []
        if self.wrong_cues:
            short.append("cues")
        if self.wrong_drops:
            short.append("drops")
        if self.right < RIGHT_SHARE * self.concerned:
            short.append("codes missing")
        if self.wrong > WRONG_SHARE * self.others:
            short.append("codes wrong")
        if self.missed > MISSED_SHARE * (self.others + self.missed):
            short.append("steps missing")
        if any(steps is None or steps > NOTICED_STEPS for steps in self.noticed):
            short.append("noticed late")
        return short


def judge(session, recording):
    """Return the Verdict of `session` (None: the clip recorded nothing) on `recording`."""
    spans, mishaps = from_meta(recording.meta)
    steps, cues, events = _contents(session)
    verdict = Verdict()
    truth_s = recording.truth_steps["t_ic_s"]
    for span in spans:
        _judge_span(verdict, span, steps, truth_s)
    last_s = max(recording.truth_steps["t_peak_s"], default=np.inf) + MATCH_S
    settings = recording.meta["config"]
    for index, time_s in enumerate(cues["time_ms"] / 1000):
        lowest_deg = cues["threshold_deg"][index] - settings.get("cue_hysteresis_deg", 1.0) - CUE_MARGIN_DEG
        forbidden = any(span.from_s <= time_s < span.to_s and not span.cues for span in spans)
        peak_s = time_s - cues["latency_ms"][index] / 1000
        judged = peak_s < last_s and any(span.from_s <= time_s < span.to_s for span in spans)
        true_deg = _step_drop(recording, peak_s) if judged else _pelvis_drop(recording, peak_s, cues["side"][index])
        verdict.wrong_cues += forbidden or true_deg < lowest_deg
    for mishap in mishaps:
        told_s = [event["time_ms"] / 1000 for event in events if event["name"] == mishap.event]
        told_s = min((time_s for time_s in told_s if time_s >= mishap.at_s - MATCH_S), default=None)
        steps_until = None if told_s is None else int(((truth_s > mishap.at_s) & (truth_s <= told_s)).sum())
        verdict.noticed.append(steps_until)
    return verdict


def _contents(session):
    if session is None:
        nothing = np.zeros(0)
        steps = {"time_ms": nothing, "quality": nothing.astype(int), "peak_drop_deg": nothing}
        return steps, {"time_ms": nothing}, []
    return session.steps, session.cues, session.events


def _judge_span(verdict, span, steps, truth_s):
    times_s = steps["time_ms"] / 1000
    inside = (times_s >= span.from_s) & (times_s < span.to_s)
    quality = steps["quality"][inside].astype(int)
    true_s = truth_s[(truth_s >= span.from_s) & (truth_s < span.to_s)]
    missed = len(true_s) - len(match(times_s, true_s)[0])
    if not span.drop_known:
        verdict.wrong_drops += int(np.isfinite(steps["peak_drop_deg"][inside]).sum())
    if not span.codes:
        verdict.others += len(quality)
        verdict.wrong += int((quality != 0).sum())
        verdict.missed += missed
        _note(verdict, quality[quality != 0])
    elif "any" not in span.codes:
        bits = sum(QUALITY_BITS[code] for code in span.codes)
        verdict.concerned += len(quality)
        verdict.right += int((quality & bits != 0).sum())
        _note(verdict, quality[quality & bits == 0])
        if set(span.codes) & _MUST_BE_SEEN:
            verdict.concerned += missed
            if missed:
                verdict.codes["missed"] = verdict.codes.get("missed", 0) + missed


def _note(verdict, quality):
    for value in quality:
        names = [name for name, bit in QUALITY_BITS.items() if value & bit] or ["ok"]
        for name in names:
            verdict.codes[name] = verdict.codes.get(name, 0) + 1


def _step_drop(recording, peak_s):
    """Return the true drop of the step that peaks at `peak_s`; minus infinity when there is none."""
    truth = recording.truth_steps
    if not len(truth["t_peak_s"]):
        return -np.inf
    nearest = int(np.abs(truth["t_peak_s"] - peak_s).argmin())
    return truth["peak_drop_deg"][nearest] if abs(truth["t_peak_s"][nearest] - peak_s) <= MATCH_S else -np.inf


def _pelvis_drop(recording, time_s, side):
    """Return the true drop for a stance on `side` at `time_s`, whether or not there is one."""
    obliquity_deg = np.interp(time_s, recording.truth_t_s, recording.truth_obliquity_deg)
    return obliquity_deg if side == SIDE_LEFT else -obliquity_deg
