"""A headless Chromium over the DevTools protocol, through a pipe: no port, no driver, no library.

Protocol: https://chromedevtools.github.io/devtools-protocol/ (stable: Page, Runtime, Input, Network, Emulation).
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ANSWER_S = 60.0
_KEY_CODES = {"ArrowLeft": 37, "ArrowRight": 39, "Escape": 27, "Tab": 9, "Enter": 13}


def find_chromium():
    """Return the path of a Chromium on this machine, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def _high(*files):
    """Return the same open files under numbers that no standard one has."""
    moved = [fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, 10) for file in files]
    for file in files:
        os.close(file)
    return moved


class Browser:
    """One Chromium with one page. `events`: what the page has reported, [(method, parameters)]."""

    def __init__(self, program, profile):
        reads, self._out = _high(*os.pipe())
        self._in, writes = _high(*os.pipe())
        command = [
            program, "--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--hide-scrollbars",
            "--disable-background-networking", "--user-data-dir=%s" % profile,
        ]  # fmt: skip
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # root has none, as in a container

        def wire():  # Chromium reads from 3 and writes to 4
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, preexec_fn=wire, close_fds=False, **quiet)
        os.close(reads)
        os.close(writes)
        self._read, self._number, self._session = b"", 0, None
        self.events = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._session = None
        self.send("Browser.close")
        self._process.wait(timeout=ANSWER_S)
        os.close(self._in)
        os.close(self._out)

    def send(self, method, **parameters):
        """Call a method of the protocol and return its result; RuntimeError when the browser refuses it."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError("%s: %s" % (method, answer["error"]["message"]))
                return answer["result"]
            if "method" in answer:
                self.events.append((answer["method"], answer["params"]))

    def _next(self):
        end_s = time.monotonic() + ANSWER_S
        while b"\0" not in self._read:
            if not select.select([self._in], [], [], max(0.0, end_s - time.monotonic()))[0]:
                raise TimeoutError("Chromium has said nothing for %g s" % ANSWER_S)
            self._read += os.read(self._in, 1 << 20)
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)

    def size(self, width, height, mobile=False, scale=1):
        """Set the page's size in CSS px."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )

    def open(self, url):
        """Open `url` and return when it has been loaded and drawn once."""
        self.load(url)
        self.settle()

    def load(self, url):
        """Open `url` and return when it has been loaded."""
        self.events.clear()
        self.send("Page.navigate", url=url)
        while not any(method == "Page.loadEventFired" for method, _ in self.events):
            answer = self._next()
            if "method" in answer:
                self.events.append((answer["method"], answer["params"]))

    def settle(self):
        """Wait until what was asked for has been drawn."""
        self.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def value(self, expression):
        """Return the value of a JavaScript expression, of a promise what it comes to."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description", expression))
        return answer["result"].get("value")

    def point(self, x, y, kind="mouseMoved", **more):
        """Move the pointer, or press or release its button, at (x, y) of the window."""
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)
        self.settle()

    def press(self, key):
        """Press a key: a character, or a name such as ArrowRight."""
        code = _KEY_CODES.get(key, ord(key.upper()) if len(key) == 1 else 0)
        words = {"key": key, "windowsVirtualKeyCode": code}
        typed = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", **words, **typed)
        self.send("Input.dispatchKeyEvent", type="keyUp", **words)
        self.settle()

    def picture(self, whole=True):
        """Return a PNG of the page."""
        return base64.b64decode(self.send("Page.captureScreenshot", captureBeyondViewport=whole, format="png")["data"])

    def printed(self):
        """Return the page as PDF, as its own style lays it out."""
        return base64.b64decode(self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])

    def complaints(self):
        """Return what the page has said of errors: exceptions, console errors, refusals by its policy."""
        found = []
        for method, parameters in self.events:
            if method == "Runtime.exceptionThrown":
                found.append(parameters["exceptionDetails"]["exception"].get("description", "?"))
            elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
                found.append(str(parameters["args"]))
            elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                found.append(parameters["entry"]["text"])
        return found

    def requests(self):
        """Return the addresses that were asked for."""
        return [told["request"]["url"] for method, told in self.events if method == "Network.requestWillBeSent"]
