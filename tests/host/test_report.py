"""The report: what was worn and lost first, unknown never as zero, safe text, offline, the same bytes every time."""

import re

import numpy as np
import pytest
from report_page import fact, parse, table, words
from report_sessions import START_MS, make_cues, make_muscles, make_session, make_steps, make_week

from hipcue.contract.record import EVENT_CODES
from host_tools.log.session import Session
from host_tools.report import events, facts, wording, write_report
from host_tools.report.page import page
from host_tools.report.runs import runs_of
from host_tools.report.timeline import timeline


@pytest.fixture(scope="module")
def html():
    return page([make_session()], "Test runner")


def test_the_same_sessions_give_the_same_bytes(tmp_path):
    for name in ("one.html", "two.html"):
        write_report(make_week(600, days=2), tmp_path / name, title="x")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_the_page_is_well_formed_and_offline(html):
    for tag, name, value in parse(html).attributes:
        if name in ("src", "href", "xlink:href", "action", "data", "srcset", "ping"):
            assert value.startswith("#"), (tag, name, value)
        assert tag not in ("link", "iframe", "img", "object", "embed")
    assert "@import" not in html
    assert not re.findall(r"url\(", html)
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', html)[1]
    assert policy.startswith("default-src 'none';") and "http" not in policy and "unsafe" not in policy


def test_every_id_is_there_once(html):
    ids = [value for _, name, value in parse(html).attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_figures_speak_to_those_who_cannot_see_them(html):
    assert html.count('<svg role="img" aria-labelledby=') == html.count("<svg") == 6  # four for the runner
    assert "The other hip sinks by 6 degrees in the usual step; the limit is 7 degrees." in html
    assert "4 of 10 dots are filled." in html
    assert (
        "Left stance: median drop 5.0 deg in the first third, 9.0 deg in the last, threshold 7.0 deg, 3 cues." in html
    )


def test_the_runners_part_comes_first_and_the_card_last(html):
    headings = re.findall("<h2>(.*?)</h2>", html)
    assert headings == [
        "For the runner",
        "What was worn, and what was lost",
        "At a glance",
        "First and last third",
        "Cues, and what the next steps did",
        "Drills and MVIC",
        "What these figures can and cannot show",
    ]


def test_the_facts_at_the_top(html):
    assert fact(html, "Worn and recorded") == ("7 min 03 s", "50 of 50 log blocks read")
    assert fact(html, "Running")[0] == "7 min 00 s"  # 1199 steps of 350 ms: 419.65 s
    assert fact(html, "Steps") == ("1200", "600 left, 600 right")
    assert fact(html, "Valid steps")[0] == "100.0 %"
    assert fact(html, "Battery") == ("3.95 V", "at the end; 4.01 V at the start, 3.95 V at least")
    assert fact(html, "Glute signal")[0] == "raw EMG"
    assert fact(html, "EMG samples lost") == ("3", "in 2 minutes counted")


def test_facts_of_several_runs_are_their_sums():
    html = page(make_week(600, days=3))
    assert fact(html, "Worn and recorded") == ("21 min 09 s", "150 of 150 log blocks read, 3 runs")
    assert fact(html, "Steps") == ("1800", "900 left, 900 right")
    assert fact(html, "EMG samples lost") == ("9", "in 6 minutes counted")
    assert "3 of 3 logs are whole." in words(html)
    rows = table(html, "run")
    assert list(rows) == ["01 Mar", "02 Mar", "03 Mar"]
    assert rows["02 Mar"][:6] == ["7 min", "3 min", "600", "100.0 %", "0", "3"]


def test_emg_losses_unknown_in_one_run_are_said_to_be():
    week = make_week(600, days=2)
    week[0].muscles = {}
    html = page(week)
    assert fact(html, "EMG samples lost") == ("3", "in 2 minutes counted; unknown in 1 of 2 runs")
    assert table(html, "run")["01 Mar"][5] == "unknown"


def test_invalid_steps_enter_no_median_and_no_plot():
    steps = make_steps()
    steps["quality"][:100] = 0x0041  # settling and side unsure
    steps["side"][:100] = 0
    steps["peak_drop_deg"][:100] = 77.0
    session = make_session(steps=steps)
    counts = facts.quality_counts(timeline(session))
    assert [(name, steps) for name, _, steps in counts] == [("settling", 100), ("side_unsure", 100)]
    assert facts.by_third(timeline(session), 1, "peak_drop_deg")[0][0] == 5.0
    html = page([session])
    assert fact(html, "Steps")[1] == "550 left, 550 right, 100 of unsure side"
    assert fact(html, "Valid steps")[0] == "91.6 %"  # 1100 of 1200
    assert list(table(html, "step code").values()) == [["100", "8.3 %"]] * 2
    assert '"count":1100' in html


def test_electrode_quality_is_a_share_of_all_steps_by_side():
    steps = make_steps()
    steps["emg_left_quality"][:300] = 0x05  # lead-off and mains
    steps["emg_right_quality"][:12] = 0x20
    steps["emg_right_quality"][12:24] = -1
    rows = table(page([make_session(steps=steps)]), "EMG code")
    assert rows == {
        "ok no code": ["75.0 %", "98.0 %"],
        "lead off an electrode had no contact": ["25.0 %", "0.0 %"],
        "mains over 25 % of the power at the mains frequency": ["25.0 %", "0.0 %"],
        "low contrast active part of the stride under twice the quiet part": ["0.0 %", "1.0 %"],
        "not measured no front end": ["0.0 %", "1.0 %"],
    }


def test_losses_are_told():
    events = [
        {"time_ms": START_MS + 100000.0, "name": "samples_lost", "value": 104},
        {"time_ms": START_MS + 120000.0, "name": "sensor_silent", "value": 5},
        {"time_ms": START_MS + 127500.0, "name": "sensor_back", "value": 7500},
        {"time_ms": START_MS + 130000.0, "name": "emg_silent", "value": 5},
    ]
    html = page([make_session(events=events, seal={"reason": "battery empty", "samples_lost": 104})])
    lost = ("104", "1 gap, about 0.5 s at 208 Hz; sensor silent for 7.5 s")
    assert fact(html, "Motion samples lost") == lost
    said = words(html)
    assert "It ended because: battery empty." in said
    assert "It ended because: no running step came for five minutes." in words(
        page([make_session(seal={"reason": "idle", "samples_lost": 0})])
    )
    assert "1:40 Samples lost 104 samples" in said
    assert "2:10 Muscle front end stopped answering error 5" in said


def test_faults_that_were_told_together_are_counted():
    """Four silences one by one and 20 more together, back from all but one; 24 gaps of 7 samples."""
    told = [("sensor_silent", 19)] * 4 + [("samples_lost", 7)] * 4 + [("sensor_back", 40)] * 4
    together = [(4, 20), (5, 20), (6, 19)]  # of samples_lost, sensor_silent, sensor_back
    told += [("repeated", code << 24 | count) for code, count in together]
    told += [("samples_lost", 140), ("sensor_back", 760)]
    events = [{"time_ms": START_MS + 1000.0 * k, "name": name, "value": value} for k, (name, value) in enumerate(told)]
    html = page([make_session(events=events, seal={"reason": "idle", "samples_lost": 168})])
    assert fact(html, "Motion samples lost") == (
        "168", "24 gaps, about 0.8 s at 208 Hz; sensor silent for 0.9 s; silent at the end",
    )  # fmt: skip
    assert "The same again and again, not listed one by one 20 times: Motion sensor stopped answering" in words(html)


def test_every_event_is_told_or_stands_elsewhere():
    """In the list, or as what it is of: the threshold in the plot, a success below the cues, feedback as a share."""
    of_plots = {"baseline_set", "baseline_set_right", "glute_baseline", "glute_baseline_right"}
    of_plots |= {"threshold", "threshold_right", "run_started", "run_stopped"}
    of_tables = {"success", "settings", "feedback_begins", "feedback_ends", "drill_started", "drill_ended"}
    of_the_clip = {"boot", "sides_sure", "flash_writes"}
    told = set(events._SHOWN)
    assert told | of_plots | of_tables | of_the_clip == set(EVENT_CODES)
    assert not told & (of_plots | of_tables | of_the_clip)


@pytest.mark.parametrize("name", events._SHOWN)
def test_every_event_of_the_list_is_shown(name):
    event = {"time_ms": START_MS + 60000.0, "name": name, "value": 2}
    (row,) = table(page([make_session(events=[event])]), "at").values()
    assert row[0] == events._SHOWN[name][0] and ("2" in row[1] or "%" not in events._SHOWN[name][1])


def test_an_event_that_waited_for_the_session_does_not_stretch_it():
    """A battery that was low in the morning, and a run at noon."""
    waited = make_session(events=[{"time_ms": START_MS - 14400000.0, "name": "battery_low", "value": 3450}])
    html = page([waited])
    assert fact(html, "Worn and recorded") == fact(page([make_session()]), "Worn and recorded")
    assert "before the start Battery low 3450 mV" in words(html)


@pytest.mark.parametrize("verdict", list(wording.VERDICTS))
def test_each_verdict_has_its_own_words(verdict):
    broken = make_session(verdict=verdict, seal=None, problems=["Block 4 is lost."])
    html = page([broken])
    assert wording.VERDICTS[verdict] in words(html)
    assert "Block 4 is lost." in html
    assert "How it ended is unknown." in html
    several = words(page([broken, make_session(number=8)]))
    assert ("session 7: " + wording.VERDICTS[verdict] in several) == (verdict != "whole")
    assert "session 7: Block 4 is lost." in several


def test_an_empty_session_says_unknown_and_no_zero():
    html = page([Session(problems=["No whole block was found."])])
    parse(html)
    names = ("Worn and recorded", "Running", "Steps", "Valid steps", "Motion samples lost", "EMG samples lost",
             "Glute signal", "Battery")  # fmt: skip
    for name in names:
        assert fact(html, name)[0] == "unknown"
    assert "the drop is unknown" in html
    assert "date unknown" in html
    assert "<svg" not in html


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_few_steps_still_give_a_page(count):
    html = page([make_session(steps=make_steps(count), cues=make_cues([]), events=[])])
    parse(html)
    assert "No cue was given." in html
    assert "nan" not in words(html).lower()


def test_an_empty_run_among_others_takes_nothing_from_them():
    week = make_week(600, days=2)
    empty = Session(clip=week[0].clip, number=3, clocks=[(0.0, week[1].clocks[0][1] + 3_600_000)])
    html = page([*week, empty])
    parse(html)
    assert table(html, "run")["02 Mar 10:00"][:4] == ["unknown", "unknown", "0", "unknown"]
    assert "latest run 02 Mar 09:00" in words(html)  # the latest that says something of the drop


def test_text_from_the_log_is_escaped():
    nasty = '<script>alert("x")</script>'
    steps = make_steps(60)
    cues = make_cues([10.0])
    cues["glute"][:] = nasty
    session = make_session(
        clip=nasty,
        firmware={"board": "x", nasty: nasty},
        problems=[nasty],
        seal={"reason": nasty, "samples_lost": 0},
        steps=steps,
        cues=cues,
    )
    html = page([session], nasty)
    assert nasty not in html
    assert html.count("<script") == 2  # the data and the page's own
    # Title and heading, clip, firmware twice, problem, reason, and the cue's glute in table and ledger.
    assert html.count("&lt;script&gt;") == 8
    assert "\\u003cscript>" in html  # in the data


def test_the_date_comes_from_the_host_clock():
    # 2026-03-01 09:00 UTC, told 30 s after the recording began.
    html = page([make_session(clocks=[(START_MS + 30000.0, 1772355630000)])])
    assert "01 March 2026, 09:00 UTC" in html


def test_runs_stand_in_the_order_of_their_dates_and_an_unknown_date_stays_unknown():
    week = make_week(600, days=3)
    week[0].number = 50  # the clip's numbers began anew, its flash having been erased
    assert list(table(page(week[::-1]), "run")) == ["01 Mar", "02 Mar", "03 Mar"]
    week[0].number = 1
    week[1].clocks = []
    html = page(week[::-1])
    assert list(table(html, "run")) == ["01 Mar", "session 2", "03 Mar"]  # by number
    assert "1 of 3 runs: date unknown" in words(html)


@pytest.mark.parametrize(("board", "said"), [("HipCue twin", True), ("Generic ESP32 module with ESP32", False)])
def test_simulated_data_is_said_so(board, said):
    assert ("Simulated data." in page([make_session(firmware={"board": board})])) == said


def test_a_log_that_has_lost_its_board_may_be_simulated():
    assert "may come from a person or from a simulation" in words(page([make_session(firmware={})]))
    assert "Origin unknown" not in page([make_session()])


@pytest.mark.parametrize(
    "claim",
    [
        "HipCue is a training aid. It does not diagnose, prevent or treat",
        "expect the drop to be wrong by 1 to 2 degrees until this clip has been compared with motion capture",
        "cannot measure femoral rotation, step width or cross-over",
        "Surface EMG does not show weakness",
        "no correction within the same stance",
        "A late onset is no sign of any injury",
        "Never compare people",
        "a steady camber cannot be told from a drop",
    ],
)
def test_what_must_be_said_is_said(html, claim):
    assert claim in words(html)


def test_a_week_of_seven_hours_stays_a_page_of_sensible_size():
    html = page(make_week())
    assert '"count":71050' in html
    assert len(html) < 2_500_000
    assert html.count("<") < 16_000  # tags: what a browser has to lay out does not grow with the steps
    assert "Every cue (189)" in html


def test_minutes_without_a_loss_are_no_unknown():
    assert fact(page([make_session(muscles=make_muscles((0, 0, 0)))]), "EMG samples lost")[0] == "0"
    envelope = make_session(front_end="envelope")
    assert fact(page([envelope]), "EMG samples lost") == ("unknown", "an envelope sensor does not count them")


def test_what_paper_leaves_out_is_said_there():
    html = page(make_week(300, days=9))
    runs = re.findall(r'<tr( class="screen")?><th scope="row">\d\d Mar</th>', html)
    assert runs[:9] == [' class="screen"'] * 2 + [""] * 7  # the latest seven are printed
    assert '<span class="on-paper">2 more on the screen.</span>' in html


def test_steps_without_a_front_end_are_not_measured():
    steps = make_steps()
    for side in ("left", "right"):
        steps["emg_%s_uv" % side][:] = np.nan
        steps["emg_%s_onset_ms" % side][:] = np.nan
        steps["emg_%s_quality" % side][:] = -1
    html = page([make_session(steps=steps, muscles={})])
    assert fact(html, "Glute signal") == ("none", "no value in the log")
    assert table(html, "EMG code") == {
        "ok no code": ["0.0 %", "0.0 %"],
        "not measured no front end": ["100.0 %", "100.0 %"],
    }
    assert "No glute activation is known." in words(html)
    assert "nan" not in words(html).lower()


def test_missing_blocks_are_no_pause_but_unknown():
    gap = {"first_block": 20, "last_block": 21, "from_ms": START_MS + 100000.0, "to_ms": START_MS + 130000.0}
    end = {"first_block": 48, "last_block": 49, "from_ms": START_MS + 400000.0, "to_ms": None}
    session = make_session(verdict="damaged", gaps=[gap, end])
    assert facts.unknown_spans_s(session, timeline(session)) == [(100.0, 130.0), (400.0, 423.0)]
    assert "Ruled: nothing is known" in words(page([session]))
    assert '"unknown":[[100.0,130.0],[400.0,423.0]]' in page([session])
    assert "Ruled" not in words(page([make_session()]))


def test_minutes_held_as_summaries_are_told_and_are_no_pause():
    whole = make_session()
    steps = {name: values[:600] for name, values in whole.steps.items()}  # to 211.65 s
    minutes = {
        "time_ms": START_MS + 212000.0 + 60000.0 * np.arange(3),
        "length_ms": np.full(3, 59700),
        "steps_left": np.full(3, 86),
        "steps_right": np.full(3, 85),
        "steps_unsure": np.zeros(3, dtype=int),
    }
    session = make_session(steps=steps, summaries=minutes)
    assert fact(page([session]), "Steps") == (
        "600", "300 left, 300 right; 513 more as summaries, which are in no figure",
    )  # fmt: skip
    pauses = facts.spans_without_running_s(session, timeline(session))
    assert pauses == []
    assert len(facts.spans_without_running_s(make_session(steps=steps), timeline(session))) == 1


def test_the_wait_after_the_last_step_is_worn_but_not_shown():
    """The clip seals its log five minutes after it, at 421.65 s; lost blocks up to the end are shown."""
    battery = {"battery_time_ms": np.array([START_MS, START_MS + 722000.0]), "battery_mv": np.array([4010.0, 3950.0])}
    (run,) = runs_of([make_session(**battery)])
    assert run.plotted_s == pytest.approx(421.65 + facts.AFTER_LAST_S)
    assert facts.spans_without_running_s(run.session, run.line) == []
    html = page([run.session])
    assert fact(html, "Worn and recorded")[0] == "12 min 02 s" and '"end":423.65,' in html
    gap = {"first_block": 48, "last_block": 49, "from_ms": START_MS + 600000.0, "to_ms": None}
    (run,) = runs_of([make_session(verdict="damaged", gaps=[gap], **battery)])
    assert run.plotted_s == 722.0


def test_how_well_the_date_is_known_is_said():
    clock = {"scale": [3, 0], "set_unix_ms": 1_772_000_000_000, "rtc_ms": 1_772_355_600_000, "time_ms": START_MS}
    html = page([make_session(clock=clock)])
    # Set 4.1 days before, 50 ppm: 17.8 s. A month before: 2 minutes and more.
    assert "01 March 2026, 09:00 UTC &middot;" not in html and "01 March 2026, 09:00 UTC</p>" in html
    clock["set_unix_ms"] = 1_769_000_000_000
    assert "01 March 2026, 09:00 UTC, within 3 minutes" in page([make_session(clock=clock)])
