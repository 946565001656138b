"""The report as PDF, by the Chromium of this machine: real pages, real text."""

import re
import shutil
import subprocess

import pytest
from synthetic_log import pack, sealed, step

from hipcue.contract import record
from host_tools import cli
from host_tools.report import pdf

A4_PT = (595.28, 841.89)  # 210 mm x 297 mm at 72 points per inch


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "7.hcl"
    steps = [step(355 * k, side=1 + k % 2, peak=500 + k) for k in range(20)]
    blocks = (b"".join(steps) + pack(record.CUE, 40, 1, 1, 2, 812, 700, 215, 136, 1, 255),) * 4
    path.write_bytes(b"".join(sealed(*blocks)))
    return path


@pytest.fixture
def printed(log):
    """The PDF of the log's report; skipped where nothing can print or read it."""
    if not any(map(shutil.which, pdf.BROWSERS)):
        pytest.skip("no Chromium is here")
    for program in ("pdfinfo", "pdftotext"):
        if not shutil.which(program):
            pytest.skip("%s (poppler-utils) is not here" % program)
    assert cli.main(["report", str(log), "--pdf"]) == 0
    return log.with_suffix(".pdf")


def said(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True, timeout=30).stdout


def test_pages_are_a4_and_hold_text(printed):
    width, height = re.search(r"Page size:\s+([\d.]+) x ([\d.]+) pts", said("pdfinfo", printed)).groups()
    assert (float(width), float(height)) == pytest.approx(A4_PT, abs=1.0)
    text = said("pdftotext", "-layout", printed, "-")
    assert "Pelvic drop and glutes in running" in text
    assert "It does not diagnose" in text
    assert "file://" not in text  # no browser's header or footer


def test_two_pages(printed):
    assert re.search(r"Pages:\s+(\d+)", said("pdfinfo", printed)).group(1) == "2"


def test_the_page_stands_beside_it(printed):
    assert printed.with_suffix(".html").exists()
    assert sorted(path.name for path in printed.parent.iterdir()) == ["7.hcl", "7.html", "7.pdf"]


def test_without_a_browser(log, capsys, monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    assert cli.main(["report", str(log), "--pdf"]) == 2
    expected = "No Chromium or Chrome is here to print a PDF; install one, or open the HTML report and print it.\n"
    assert capsys.readouterr().err == expected
    assert [path.name for path in log.parent.iterdir()] == ["7.hcl"]


def test_a_browser_that_fails(log, capsys, monkeypatch, tmp_path):
    """What it said last is the cause; a PDF of before stays."""
    browser = tmp_path / "bin" / "chromium"
    browser.parent.mkdir()
    browser.write_text("#!/bin/sh\necho 'no display' >&2\nexit 1\n")
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", str(browser.parent), prepend=":")
    log.with_suffix(".pdf").write_text("of before")
    assert cli.main(["report", str(log), "--pdf"]) == 2
    assert "did not print the report (no display); open the HTML file" in capsys.readouterr().err
    assert log.with_suffix(".pdf").read_text() == "of before"
