"""The report: right numbers, unknown never as zero, safe text, offline, the same bytes every time."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from hipcue.contract import config
from host_tools.report import facts, wording, write_report
from host_tools.report.page import page
from host_tools.report.timeline import timeline
from host_tools.session import Session

STEP_MS = 350.0
START_MS = 60000.0  # the clip had been on for a minute


def make_steps(count=1200, left_growth_deg=4.0):
    """Steps of a steady runner: left 5 deg, right 4 deg; the left grows in one go at two thirds."""
    time_ms = START_MS + 2000.0 + STEP_MS * np.arange(count)
    side = 1 + np.arange(count) % 2
    late = np.arange(count) >= 2 * count // 3
    ripple = 0.5 * np.array((-1.0, 0.0, 1.0))[(np.arange(count) // 2) % 3]
    drop = np.where(side == 1, 5.0 + left_growth_deg * late, 4.0) + ripple
    return {
        "time_ms": time_ms,
        "side": side.astype(np.uint8),
        "quality": np.zeros(count, dtype=np.uint16),
        "peak_drop_deg": drop,
        "peak_drop_causal_deg": drop,
        "excursion_deg": np.full(count, 2.0),
        "contact_ms": np.full(count, 250.0),
        "emg_left_uv": np.where(late, 600.0, 1000.0),
        "emg_right_uv": np.full(count, 900.0),
    }


def make_cues(times_s, side=1):
    count = len(times_s)
    return {
        "time_ms": START_MS + 1000.0 * np.asarray(times_s, dtype=float),
        "side": np.full(count, side),
        "buzz_side": np.full(count, side),
        "reason": np.array(["drop_over_baseline"] * count, dtype=object),
        "value_deg": np.full(count, 9.0),
        "threshold_deg": np.full(count, 7.0),
        "latency_ms": np.linspace(200.0, 300.0, count),
        "duration_ms": np.full(count, 180.0),
    }


def make_session(**changes):
    settings = {
        "clip": "024849504355",
        "number": 7,
        "config": config.defaults(),
        "firmware": {"hipcue": "0.1.0", "board": "HipCue ESP32"},
        "verdict": "whole",
        "steps": make_steps(),
        "cues": make_cues([300.0, 310.0, 330.0]),
        "events": [
            {"time_ms": START_MS + 183000.0, "name": "baseline_set", "value": 500},
            {"time_ms": START_MS + 183000.0, "name": "baseline_set_right", "value": 400},
        ],
        "seal": {"reason": "stopped by the host", "samples_lost": 0},
        "battery_time_ms": np.array([START_MS, START_MS + 423000.0]),
        "battery_mv": np.array([4010.0, 3950.0]),
        "blocks_expected": 50,
        "blocks_read": 50,
        "log_bytes": 50 * 512,
    }
    return Session(**(settings | changes))


class _Plain(HTMLParser):
    """Collects words, tags and attributes; checks that what opens is closed."""

    VOID = ("meta", "br", "link")

    def __init__(self):
        super().__init__()
        self.words, self.attributes, self.open = [], [], []

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.attributes += [(tag, name, value) for name, value in attributes]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open and "svg" not in self.open:
            self.words.append(data)


def parse(html):
    plain = _Plain()
    plain.feed(html)
    assert not plain.open
    return plain


def words(html):
    return re.sub(r"\s+", " ", " ".join(parse(html).words))


def fact(html, name):
    """Return (value, note) of one of the facts at the top of the page."""
    found = re.search(r"<dt>%s</dt><dd>(.*?)<small>(.*?)</small>" % name, html)
    return re.sub("<.*?>", "", found[1]), found[2]


@pytest.fixture(scope="module")
def html():
    return page(make_session(), "Test runner")


def test_the_same_session_gives_the_same_bytes(tmp_path):
    write_report(make_session(), tmp_path / "one.html", title="x")
    write_report(make_session(), tmp_path / "two.html", title="x")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_the_page_is_well_formed_and_offline(html):
    attributes = parse(html).attributes
    for tag, name, value in attributes:
        if name in ("src", "href", "xlink:href", "action", "data"):
            assert value.startswith("#"), (tag, name, value)
        assert tag not in ("script", "link", "iframe", "img")
    assert "@import" not in html
    assert not re.findall(r"url\((?!#)", html)


def test_every_id_is_there_once_and_every_reference_is_met(html):
    attributes = parse(html).attributes
    ids = [value for _, name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    targets = {value[1:] for _, name, value in attributes if name == "xlink:href"} | set(
        re.findall(r"url\(#(.*?)\)", html)
    )
    assert targets <= set(ids)


def test_figures_speak_to_those_who_cannot_see_them(html):
    assert html.count('<svg role="img" aria-labelledby=') == 3
    assert (
        "Left stance: median drop 5.0 deg in the first third, 9.0 deg in the last, threshold 7.0 deg, 3 cues." in html
    )


def test_recorded_and_lost_come_first(html):
    headings = re.findall("<h2>(.*?)</h2>", html)
    assert headings == [
        "What was recorded, and what was lost",
        "Pelvic drop per step",
        "Glute activity per step",
        "Cues",
        "What this report cannot show",
        "Cue ledger",
    ]


def test_the_facts_at_the_top(html):
    assert fact(html, "Recorded") == ("7 min 03 s", "50 of 50 log blocks read")
    assert fact(html, "Running")[0] == "7 min 00 s"  # 1199 steps of 350 ms: 419.65 s
    assert fact(html, "Steps") == ("1200", "600 left, 600 right")
    assert fact(html, "Valid steps")[0] == "100.0 %"
    assert fact(html, "Battery") == ("3.95 V", "at the end; 4.01 V at the start, 3.95 V at least")


def test_drop_by_third_and_its_change(html):
    said = words(html)
    assert "Left stance: the median drop rose by 4.0 deg (5.0 to 9.0 deg)." in said
    assert "Right stance: no change beyond the error (4.0 to 4.0 deg)." in said
    line = timeline(make_session())
    assert facts.by_third(line, 1, "peak_drop_deg") == [
        (5.0, 4.5, 5.5, 200),
        (5.0, 4.5, 5.5, 200),
        (9.0, 8.5, 9.5, 200),
    ]


@pytest.mark.parametrize(("growth_deg", "greyed"), [(1.9, True), (2.1, False), (-1.9, True), (-2.1, False)])
def test_a_change_within_the_error_is_greyed(growth_deg, greyed):
    html = page(make_session(steps=make_steps(left_growth_deg=growth_deg)))
    shown = "%+.1f deg" % growth_deg
    assert ('<span class="within">%s</span>' % shown in html) == greyed
    assert ("<strong>%s</strong>" % shown in html) != greyed


def test_glute_is_given_in_percent_of_its_own_first_third(html):
    said = words(html)
    assert "600 uV 60 % of first third" in said
    assert "900 uV 100 % of first third" in said


def test_thresholds_are_baseline_plus_margin_from_when_it_was_known():
    session = make_session()
    assert facts.thresholds_deg(session, timeline(session)) == {1: (7.0, 183.0), 2: (6.0, 183.0)}
    fixed = make_session(config=config.validate({"cue_absolute_deg": 8.5}))
    assert facts.thresholds_deg(fixed, timeline(fixed)) == {1: (8.5, 0.0), 2: (8.5, 0.0)}
    none = make_session(events=[])
    assert facts.thresholds_deg(none, timeline(none)) == {}


def test_response_is_the_next_six_same_side_steps_less_the_six_before():
    steps = make_steps(60)
    left = steps["side"] == 1
    steps["peak_drop_deg"] = np.where(left, 9.0, 4.0)
    cue_s = (steps["time_ms"][30] + 200.0 - START_MS) / 1000.0  # within left step 30
    after = np.flatnonzero(left & (np.arange(60) > 30))
    steps["peak_drop_deg"][after[:6]] = (8.0, 7.0, 6.0, 5.0, 4.0, 3.0)
    line = timeline(make_session(steps=steps, cues=make_cues([cue_s])))
    np.testing.assert_array_equal(facts.responses_deg(line), [5.5 - 9.0])


def test_response_is_unknown_when_too_few_steps_are_valid():
    steps = make_steps(60)
    steps["quality"][31:] = 2
    line = timeline(make_session(steps=steps, cues=make_cues([13.0])))
    assert np.isnan(facts.responses_deg(line)).all()
    assert "unknown" in page(make_session(steps=steps, cues=make_cues([13.0])))


def test_invalid_steps_enter_no_figure_and_no_median():
    steps = make_steps()
    steps["quality"][:100] = 0x0041  # settling and side unsure
    steps["side"][:100] = 0
    steps["peak_drop_deg"][:100] = 77.0
    session = make_session(steps=steps)
    line = timeline(session)
    assert facts.quality_counts(line) == [
        ("settling", "too few strides yet for gravity", 100),
        ("side_unsure", "stance side not known well enough", 100),
    ]
    assert facts.by_third(line, 1, "peak_drop_deg")[0][0] == 5.0
    html = page(session)
    assert fact(html, "Steps")[1] == "550 left, 550 right, 100 of unsure side"
    assert fact(html, "Valid steps")[0] == "91.6 %"  # 1100 of 1200


def test_losses_are_told():
    events = [
        {"time_ms": START_MS + 100000.0, "name": "samples_lost", "value": 104},
        {"time_ms": START_MS + 120000.0, "name": "sensor_silent", "value": 5},
        {"time_ms": START_MS + 127500.0, "name": "sensor_back", "value": 7500},
    ]
    html = page(make_session(events=events, seal={"reason": "battery empty", "samples_lost": 104}))
    assert fact(html, "Motion samples lost") == ("104", "1 gap, about 0.5 s at 208 Hz")
    assert fact(html, "Sensor silent") == ("7.5 s", "1 time")
    assert "It ended because: battery empty." in words(html)
    assert "1:40 Samples lost 104 samples" in words(html)


def test_an_event_that_waited_for_the_session_does_not_stretch_it():
    """A battery that was low in the morning, and a run at noon."""
    plain = make_session()
    waited = make_session(events=[{"time_ms": START_MS - 14400000.0, "name": "battery_low", "value": 3450}])
    html = page(waited)
    assert fact(html, "Recorded") == fact(page(plain), "Recorded")
    assert "before the start Battery low 3450 mV" in words(html)


@pytest.mark.parametrize("verdict", list(wording.VERDICTS))
def test_each_verdict_has_its_own_words(verdict):
    html = page(make_session(verdict=verdict, seal=None, problems=["Block 4 is lost."]))
    assert wording.VERDICTS[verdict] in words(html)
    assert "Block 4 is lost." in html
    assert "How it ended is unknown." in html


def test_an_empty_session_says_unknown_and_no_zero():
    html = page(Session(problems=["No whole block was found."]))
    parse(html)
    for name in ("Recorded", "Running", "Steps", "Valid steps", "Motion samples lost", "Battery", "Glute signal"):
        assert fact(html, name)[0] == "unknown"
    assert "the drop is unknown" in html
    assert "date unknown" in html
    assert "<svg" not in html


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_few_steps_still_give_a_page(count):
    html = page(make_session(steps=make_steps(count), cues=make_cues([]), events=[]))
    parse(html)
    assert "No cue was given." in html
    assert "nan" not in words(html).lower()


def test_without_a_glute_signal_the_activity_is_unknown():
    steps = make_steps()
    steps["emg_left_uv"][:] = np.nan
    steps["emg_right_uv"][:] = np.nan
    html = page(make_session(steps=steps))
    assert "No glute signal was recorded, so the activity is unknown." in html
    assert fact(html, "Glute signal")[0] == "none"


def test_one_glute_alone_leaves_the_other_unknown():
    steps = make_steps()
    steps["emg_right_uv"][:] = np.nan
    said = words(page(make_session(steps=steps)))
    assert "Right glute , right stance unknown unknown unknown" in said
    assert "nan" not in said.lower()


def test_unknown_cue_values_are_said_to_be():
    cues = make_cues([300.0])
    for name in ("value_deg", "threshold_deg", "latency_ms", "duration_ms"):
        cues[name][:] = np.nan
    said = words(page(make_session(cues=cues)))
    assert "5:00 left unknown unknown unknown unknown" in said


def test_text_from_the_log_is_escaped():
    nasty = '<script>alert("x")</script>'
    html = page(
        make_session(
            clip=nasty,
            firmware={"board": "x", nasty: nasty},
            problems=[nasty],
            seal={"reason": nasty, "samples_lost": 0},
        ),
        nasty,
    )
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 7  # title and heading, clip, firmware twice, problem, reason


def test_the_date_comes_from_the_host_clock():
    # 2026-03-01 09:00 UTC, told 30 s after the recording began.
    html = page(make_session(clocks=[(START_MS + 30000.0, 1772355630000)]))
    assert "01 March 2026, 09:00 UTC" in html


@pytest.mark.parametrize(("board", "said"), [("HipCue twin", True), ("Generic ESP32 module with ESP32", False)])
def test_simulated_data_is_said_so(board, said):
    assert ("Simulated data." in page(make_session(firmware={"board": board}))) == said


def test_a_log_that_has_lost_its_board_may_be_simulated():
    assert "may come from a person or from a simulation" in words(page(make_session(firmware={})))
    assert "Origin unknown" not in page(make_session())


@pytest.mark.parametrize(
    "claim",
    [
        "HipCue is a training aid. It does not diagnose, prevent or treat",
        "expect the drop to be wrong by 1 to 2 degrees until this clip has been compared with motion capture",
        "cannot measure femoral rotation, step width or cross-over",
        "Surface EMG does not show weakness",
        "no correction within the same stance",
    ],
)
def test_what_must_be_said_is_said(html, claim):
    assert claim in words(html)


def test_seven_hours_stay_a_page_of_sensible_size():
    html = page(make_session(steps=make_steps(72000), cues=make_cues(np.arange(400.0, 20000.0, 60.0))))
    assert len(html) < 3_000_000
    assert "The first 60 of 327" in html
