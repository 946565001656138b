"""A report as PDF: a Chromium of this machine prints the HTML file."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from host_tools.errors import HipCueError
from host_tools.files import replacing

# Programs that print as Chromium does, in the order in which they are looked for.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "brave-browser")
# Where macOS and Windows keep them, off the path.
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
PRINT_S = 60.0


def find_browser():
    """Return the path of a Chromium; HipCueError when there is none."""
    found = next(filter(None, map(shutil.which, (*BROWSERS, *PLACES))), None)
    if found is None:
        raise HipCueError(
            "No Chromium or Chrome is here to print a PDF; install one, or open the HTML report and print it."
        )
    return found


def print_pdf(page, path):
    """Print the HTML file `page` to the PDF file `path`; HipCueError when the browser does not manage to."""
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="hipcue-") as work, replacing(path) as new:
        printed = Path(work) / "report.pdf"
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--no-pdf-header-footer",
            "--user-data-dir=" + str(Path(work) / "profile"),
            "--print-to-pdf=" + str(printed),
            *_as_root(),
            Path(page).resolve().as_uri(),
        ]
        cause = _run(command)
        if not printed.exists():
            raise HipCueError(
                "%s did not print the report (%s); open the HTML file and print it there." % (browser, cause)
            )
        new.write_bytes(printed.read_bytes())


def _as_root():
    """Return what Chromium asks for when root runs it, as in a container: it will not start its sandbox then."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _run(command):
    """Run the browser; return its last words."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PRINT_S)
    except subprocess.TimeoutExpired:
        return "nothing within %d s" % PRINT_S
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return said[-1] if said else "exit code %d" % done.returncode
