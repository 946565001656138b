"""The report in a real browser: it renders, asks for nothing, is steered by pointer and keys, prints on two pages."""

import io
import re

import numpy as np
import pytest
from browser import Browser, find_chromium
from pypdf import PdfReader
from report_sessions import START_MS, make_baselines, make_busy_days, make_cues, make_session, make_week

from host_tools.report import write_report
from host_tools.report.runs import runs_of

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="no Chromium on this machine")

WIDE, NARROW = (1280, 900), (390, 844)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(find_chromium(), tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Addresses of the reports of a run, of one without a glute's reference and cues, of a week and of busy days."""
    folder = tmp_path_factory.mktemp("report")
    write_report([make_session()], folder / "run.html")
    bare = make_session(mvic_uv={}, events=[], cues=make_cues([]))
    bare.steps |= {"emg_%s_onset_ms" % side: np.full(1200, np.nan) for side in ("left", "right")}
    write_report([bare], folder / "bare.html")
    write_report(make_week(), folder / "week.html")
    write_report(make_busy_days(), folder / "busy.html")
    told = [{"time_ms": START_MS + 1000.0 * at_s, "name": "feedback_" + what, "value": 6}
            for at_s, what in ((100, "begins"), (200, "ends"))]  # fmt: skip
    write_report([make_session(events=make_baselines() + told)], folder / "fed.html")
    return {name: (folder / (name + ".html")).as_uri() for name in ("run", "bare", "week", "busy", "fed")}


@pytest.fixture
def run_page(browser, pages):
    browser.size(*WIDE)
    browser.open(pages["run"])
    return browser


def shown(page):
    """Return (from, to) in s of what the plot shows, and how many points it drew."""
    return page.value("(({from, to, drawn}) => [+from, +to, +drawn])(document.querySelector('.chart').dataset)")


def place(page, selector):
    """Return (x, y) of the middle of an element, which is scrolled into view."""
    page.value("document.querySelector('%s').scrollIntoView({block: 'center'})" % selector)
    box = "(({x, y, width, height}) => [x, y, width, height])(document.querySelector('%s').getBoundingClientRect())"
    x, y, width, height = page.value(box % selector)
    return x + width / 2, y + height / 2, x, y


def tip(page):
    """Return the words at the pointed step, or None."""
    return page.value("(t => t.hidden ? null : t.innerText)(document.querySelector('.tip'))")


def at_step(page, number):
    """Return where the valid step `number` is drawn in its drop panel: (x, y) of the window."""
    _, _, left, top = place(page, "canvas")
    return page.value(
        """(() => {
          const data = JSON.parse(document.getElementById("steps-data").textContent), steps = readSteps(data);
          const end = data.runs[0].end, view = { from: 0, to: end, on: { 1: true, 2: true } };
          const layout = layOut(data, view, document.querySelector(".plot").clientWidth);
          const frame = layout.frames[steps.side[%d] - 1];
          return [%g + toX(frame, view, steps.at[%d]), %g + toY(frame, steps.peak_drop_deg[%d])];
        })()"""
        % (number, left, number, top, number)
    )


def test_a_bar_spans_the_parts_with_feedback(browser, pages):
    """From 100 to 200 s: how dark the foot of the left plot is, a pixel above its lower edge."""
    browser.size(*WIDE)
    browser.open(pages["fed"])
    dark = browser.value(
        """(() => {
          const data = JSON.parse(document.getElementById("steps-data").textContent);
          const end = data.runs[0].end, view = { from: 0, to: end, on: { 1: true, 2: true } };
          const canvas = document.querySelector("canvas");
          const [frame] = layOut(data, view, document.querySelector(".plot").clientWidth).frames;
          const ctx = canvas.getContext("2d"), ratio = ctx.getTransform().a;
          return [90, 110, 190, 210].map((at) => ctx.getImageData(
            toX(frame, view, at) * ratio, (frame.top + frame.height - 1.5) * ratio, 1, 1).data[3]);
        })()"""
    )
    assert dark == [0, 255, 255, 0]


@pytest.mark.parametrize("name", ["run", "week", "busy"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_it_renders_without_a_word_of_error_and_asks_for_nothing(browser, pages, name, size):
    browser.size(*size, mobile=size is NARROW)
    browser.open(pages[name])
    assert browser.complaints() == []
    assert browser.requests() == [pages[name]]
    assert browser.value("document.documentElement.scrollWidth") == size[0]  # nothing sticks out
    if size is WIDE or name == "run":  # on a phone the wide tables of several runs are moved sideways
        boxes = ".wide" if size is WIDE else ".wide:has(> table):not(details *)"
        cut = "Array.from(document.querySelectorAll('%s')).filter((box) => box.scrollWidth > box.clientWidth).length"
        assert browser.value(cut % boxes) == 0
    assert browser.value("document.documentElement.classList.contains('live')")
    pixels = (
        "Array.from(document.querySelector('canvas').getContext('2d').getImageData(0, 0, 300, 300).data).some(Boolean)"
    )
    assert browser.value(pixels)


def test_the_policy_lets_nothing_out(run_page):
    """What a page can try to reach a network with, each refused by the browser itself."""
    tries = """(async () => {
      const load = (tag) => new Promise((done) => {
        const element = document.createElement(tag);
        element.onload = () => done("in");
        element.onerror = () => done("no");
        element.src = "http://127.0.0.1:9/x";
        document.head.append(element);
      });
      const fetched = fetch("http://127.0.0.1:9/x").then(() => "in", () => "no");
      return Promise.all([load("img"), load("script"), fetched]);
    })()"""
    assert run_page.value(tries) == ["no"] * 3
    refused = [words for words in run_page.complaints() if "Content Security Policy" in words]
    assert len(refused) >= 3


def test_pointing_at_a_step_shows_its_values(run_page):
    run_page.point(*at_step(run_page, 900))
    # Step 900: left stance, 2 + 0.35 * 900 = 317 s; 9 deg - 0.5, on its own baseline of 5; 60 of 200 uV.
    assert tip(run_page).split("\n") == [
        "5:17, left stance",
        "drop 8.5 deg (+3.5 on own baseline)",
        "excursion 2.0 deg",
        "left glute 30 % of MVIC",
        "onset -40 ms",
        "right glute 10 % of MVIC",
    ]
    run_page.point(2, 2)
    assert tip(run_page) is None


def test_a_tap_shows_a_step_and_leaves_it_shown(browser, pages):
    browser.size(*NARROW, mobile=True)
    browser.send("Emulation.setTouchEmulationEnabled", enabled=True)
    try:
        browser.open(pages["run"])
        x, y = at_step(browser, 900)
        browser.send("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        browser.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        browser.settle()
        assert "left stance\ndrop 8.5 deg" in tip(browser)
    finally:
        browser.send("Emulation.setTouchEmulationEnabled", enabled=False)


def test_a_step_whose_glute_is_not_known_says_why(browser, tmp_path):
    session = make_session()
    session.steps["emg_left_quality"][900] = 0x05
    session.steps["emg_left_uv"][900] = np.nan
    session.steps["emg_left_onset_ms"][900] = np.nan
    write_report([session], tmp_path / "page.html")
    browser.size(*WIDE)
    browser.open((tmp_path / "page.html").as_uri())
    browser.point(*at_step(browser, 900))
    assert "left glute unknown (lead off, mains)" in tip(browser).replace(" % of MVIC", "")
    assert "onset unknown" in tip(browser)


def test_keys_walk_zoom_and_turn_sides_off(run_page):
    all_of_it = shown(run_page)
    assert all_of_it == [0.0, 423.0, 3600]  # each step in its drop panel, in activation and in onset
    run_page.value("document.querySelector('.plot').focus()")
    run_page.press("ArrowRight")
    assert tip(run_page).startswith("0:02, left stance")
    run_page.press("ArrowRight")
    assert tip(run_page).startswith("0:02, right stance")
    said = run_page.value("document.querySelector('.said').textContent")
    assert said.startswith("0:02, right stance, drop ")
    run_page.press("+")
    from_s, to_s, drawn = shown(run_page)
    assert to_s - from_s == pytest.approx(211.5, abs=0.02) and drawn < 1900
    run_page.press("l")
    assert run_page.value("document.querySelector('[data-side=\"1\"]').getAttribute('aria-pressed')") == "false"
    assert shown(run_page)[2] == pytest.approx(drawn / 2, abs=3)
    run_page.press("ArrowRight")
    run_page.press("ArrowRight")
    assert "right stance" in tip(run_page)
    run_page.press("r")  # the last side cannot go: the left one comes back
    assert run_page.value("document.querySelector('[data-side=\"1\"]').getAttribute('aria-pressed')") == "true"
    run_page.press("r")
    run_page.press("0")
    run_page.press("Escape")
    assert shown(run_page) == all_of_it
    assert tip(run_page) is None


def test_the_plot_and_its_buttons_are_reached_by_tab_and_seen_to_be(run_page):
    run_page.value("document.querySelector('[data-side=\"1\"]').focus()")
    names = []
    for _ in range(8):
        run_page.press("Tab")
        names.append(run_page.value("document.activeElement.ariaLabel || document.activeElement.innerText"))
    assert names[:6] == ["Right", "Zoom in", "Zoom out", "Earlier", "Later", "All"]
    assert "Arrow keys" in names[6]
    run_page.value("document.querySelector('.plot').focus()")
    run_page.press("ArrowRight")
    outline = run_page.value("getComputedStyle(document.querySelector('.plot')).outlineStyle")
    assert outline == "solid"
    run_page.value("document.querySelector('[data-side=\"2\"]').focus()")
    run_page.press("Enter")
    assert run_page.value("document.querySelector('[data-side=\"2\"]').ariaPressed") == "false"


def test_drag_and_wheel_zoom(run_page):
    x, y, left, _ = place(run_page, "canvas")
    run_page.point(x, y)
    run_page.point(x, y, "mousePressed", button="left", clickCount=1)
    run_page.point(x + 100, y, "mouseMoved", buttons=1)
    run_page.point(x + 100, y, "mouseReleased", button="left", clickCount=1)
    from_s, to_s, _ = shown(run_page)
    per_px = 423.0 / run_page.value("document.querySelector('.plot').clientWidth - 50")
    assert to_s - from_s == pytest.approx(100 * per_px, rel=0.02)
    assert from_s == pytest.approx((x - left - 42) * per_px, rel=0.02)
    run_page.point(x, y, "mouseWheel", deltaX=0, deltaY=120)
    assert shown(run_page)[1] - shown(run_page)[0] == pytest.approx(1.25 * 100 * per_px, rel=0.02)
    run_page.value("document.activeElement.blur()")
    before = shown(run_page)
    run_page.point(x, y, "mouseWheel", deltaX=0, deltaY=120)  # the page's, not the plot's
    assert shown(run_page) == before


def test_no_time_is_cut_at_the_edge_of_the_plot(run_page):
    """7 min of a run shown: the last time stands where the plot ends."""
    times = run_page.value(
        """(() => {
          const page = JSON.parse(document.getElementById("steps-data").textContent);
          const view = { from: 0, to: 420, on: { 1: true, 2: true } }, layout = layOut(page, view, 600), found = [];
          const ctx = document.createElement("canvas").getContext("2d");
          ctx.fillText = (words, x) => found.push([words, x + ctx.measureText(words).width / 2]);
          drawTime(ctx, page, view, layout);
          return found.filter(([words]) => /^[0-9]+:[0-9]+$/.test(words));
        })()"""
    )
    assert times[0][0] == "0:00" and times[-1][0] == "7:00"
    assert max(end for _, end in times) <= 600


def test_a_run_of_a_week_is_chosen_by_its_name(browser, pages):
    browser.size(*WIDE)
    browser.open(pages["week"])
    browser.value("(s => { s.value = '2'; s.dispatchEvent(new Event('change')); })(document.querySelector('select'))")
    browser.settle()
    run = runs_of(make_week())[2]
    assert shown(browser)[:2] == pytest.approx([run.from_s, run.from_s + run.plotted_s], abs=0.02)
    assert browser.value("document.querySelector('select').selectedOptions[0].text") == "03 Mar"


def test_the_line_is_the_median_that_numpy_gives(run_page):
    got = run_page.value(
        """(() => {
          const data = JSON.parse(document.getElementById("steps-data").textContent), steps = readSteps(data);
          const points = binned(data, steps, 0, 1, "peak_drop_deg", 0, steps.count, 10);
          return points.map((point) => [point.at, point.low, point.middle, point.high]);
        })()"""
    )
    line = runs_of([make_session()])[0].line
    chosen = line.valid(1)
    at_s, drops = line.t_s[chosen], line.step["peak_drop_deg"][chosen]
    expected = [
        [10 * k + 5, *np.percentile(drops[at_s // 10 == k], (25, 50, 75))] for k in range(int(at_s.max() // 10) + 1)
    ]
    assert sum(at_s // 10 == at_s.max() // 10) < 3  # the last point is not known
    expected[-1][1:] = [np.nan] * 3
    np.testing.assert_allclose(np.array(got, dtype=float), expected, atol=1e-5)


def test_a_week_opens_with_little_to_lay_out_and_all_of_it_drawn(browser, pages):
    """What makes it open in well under two seconds, without a stopwatch: few elements, a canvas, a small file."""
    browser.size(*WIDE)
    browser.open(pages["week"])
    assert browser.value("document.getElementById('steps-data').textContent.length") < 1_700_000
    assert browser.value("document.querySelectorAll('*').length") < 4000
    assert shown(browser)[2] == pytest.approx(3 * 71050, abs=10)  # those at the very edges may be cut


def test_without_script_the_picture_and_the_tables_are_there(browser, pages):
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    browser.size(*WIDE)
    try:
        browser.load(pages["run"])
        root = browser.send("DOM.getDocument", depth=-1)["root"]["nodeId"]
        for selector, wanted in (
            (".still svg", True),
            (".plot canvas", False),
            (".tools", False),
            ("table.thirds", True),
        ):
            node = browser.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
            try:
                visible = bool(browser.send("DOM.getBoxModel", nodeId=node)["model"]["height"])
            except RuntimeError:
                visible = False  # it has no box
            assert visible == wanted, selector
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("name", ["run", "bare", "week", "busy"])
def test_it_prints_on_two_pages(browser, pages, name):
    browser.size(*WIDE)
    browser.open(pages[name])
    printed = PdfReader(io.BytesIO(browser.printed())).pages
    assert len(printed) == 2
    assert [round(float(side) / 72 * 25.4) for side in printed[0].mediabox[2:]] == [210, 297]
    first, second = (re.sub(r"\s+", " ", page.extract_text()) for page in printed)
    assert first.index("What was worn") < first.index("At a glance") < first.index("Drop, left stance (deg)")
    heading = "Runs side by side" if name in ("week", "busy") else "First and last third"
    assert heading in second and heading not in first
    assert "Drills and MVIC" in second and "cannot measure femoral rotation" in second
    assert name == "bare" or "own baseline 5.0" in first  # the still picture: its words are text
    assert "Zoom" not in first and "Every cue" not in second


def test_sides_differ_without_colour(run_page):
    """On the canvas a left mark is full, a right one hollow; a right line is broken. In the still picture likewise."""
    rows = run_page.value(
        """(() => {
          const ctx = new OffscreenCanvas(40, 20).getContext("2d");
          ctx.fillStyle = ctx.strokeStyle = "#000";
          mark(ctx, 1, 10, 10, 4);
          mark(ctx, 2, 30, 10, 4);
          return [10, 30].map((x) => ctx.getImageData(x, 10, 1, 1).data[3]);
        })()"""
    )
    assert rows == [255, 0]
    still = run_page.value("document.querySelector('.still').innerHTML")
    lines = re.findall(r'<polyline[^>]*stroke="#(0072b2|c24e00)"[^>]*>', still)
    assert set(lines) == {"0072b2", "c24e00"}
    for line in re.findall(r"<polyline[^>]*>", still):
        if 'stroke="#c24e00"' in line and 'stroke-width="2"' in line:
            assert "stroke-dasharray" in line
