"""The one place that touches mpremote: a clip's raw REPL over a serial port.

mpremote's Python interface is not stable; pyproject.toml pins the range that
this adapter is made for. Nothing here resets the clip unless asked to.
"""

import contextlib
import errno
import io
import json
import os
import re
import secrets
import time

import serial
from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from hipcue.contract.frame import ACK
from host_tools.clip.ports import find_port
from host_tools.errors import INTEGRITY, INTERRUPTED, NO_CLIP, NOT_HIPCUE, PORT_BUSY, HipCueError
from host_tools.log.wall_time import contacts_of_setting

ANSWER_S = 5.0  # a recording clip seals its log before it prompts: flash stalls included
CALLS = 2
APP_START_S = 5.0
RESET = "soft reboot"
ENQUIRY = b"\x05"  # a running application answers it with one line of JSON
ENQUIRY_S = 1.5  # for an answer: the loop may be held up by flash
POLL_S = 0.02
PASTE_MODE = "paste mode"  # what MicroPython's prompt makes of the enquiry
END_OF_PASTE = b"\x04"
QUIET_S = 0.3
DRAIN_S = 10.0
END_OF_OUTPUT = b"\x04"
SOFT_RESET = b"\x04"
INTERRUPT = b"\r\x03"


class BufferedPort:
    """A serial port read in bulk: mpremote reads byte by byte, at two system calls each."""

    def __init__(self, port):
        self._port = port
        self._waiting = b""

    def inWaiting(self):
        """Return the number of bytes that can be read at once."""
        return len(self._waiting) or self._port.in_waiting

    def read(self, count=1):
        """Return up to `count` bytes, fewer when the port's timeout passes."""
        while len(self._waiting) < count:
            fresh = self._port.read(max(1, self._port.in_waiting))
            if not fresh:
                break
            self._waiting += fresh
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    def read_line(self, ends):
        """Return bytes up to and with the first byte that is in `ends`; fewer when the timeout passes."""
        end = re.compile(b"[%s]" % re.escape(ends))
        searched = 0
        while True:
            found = end.search(self._waiting, searched)
            if found:
                return self.read(found.end())
            searched = len(self._waiting)
            fresh = self._port.read(max(1, self._port.in_waiting))
            if not fresh:
                return self.read(searched)
            self._waiting += fresh

    def write(self, data):
        """Send `data`."""
        return self._port.write(data)

    def close(self):
        """Close the port."""
        self._port.close()

    @property
    def timeout(self):
        """Seconds that a read waits for its next byte."""
        return self._port.timeout

    @timeout.setter
    def timeout(self, seconds):
        self._port.timeout = seconds


class Clip:
    """A clip at its raw REPL; a context manager that leaves it at its prompt and closes the port."""

    def __init__(self, port):
        """Open the serial device `port` without resetting the clip; HipCueError 10, 12 or 13 says why not."""
        self.port = port
        self._transport = _open(port)
        self._running = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError, TransportError):
            if self._running:
                self.interrupt()
            if self._transport.in_raw_repl:
                self._transport.exit_raw_repl()
        self._transport.close()

    def drop(self):
        """Close the port without a word, as a host that dies; the clip stays as it is."""
        self._transport.close()

    def enter(self):
        """Interrupt what runs and enter the raw REPL, without a reset; HipCueError 13 if nothing answers so.

        A clip that is just starting may lose the first call. The second comes
        late, so that it disturbs no clip that is busy sealing its log.
        """
        for _ in range(CALLS):
            try:
                with contextlib.redirect_stdout(io.StringIO()):  # mpremote prints what it could not read
                    self._transport.enter_raw_repl(soft_reset=False, timeout_overall=ANSWER_S)
                if self._is_in_step():
                    return
                self._drain()
            except TransportError:
                continue
            except OSError:
                raise self._lost() from None
        raise HipCueError(
            "What is on %s does not answer as MicroPython; is this the clip's port?" % self.port, NOT_HIPCUE
        )

    def restart(self):
        """Soft-reset from the raw REPL into it: boot.py runs, main.py does not, and nothing before is in memory."""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                self._transport.enter_raw_repl(soft_reset=True, timeout_overall=ANSWER_S)
        except TransportError as error:
            raise self.stopped_answering(" (%s)" % error) from None
        except OSError:
            raise self._lost() from None

    def _is_in_step(self):
        """Return whether the clip answers what is asked now: the line may still hold what a killed host had asked."""
        word = secrets.token_hex(4)
        try:
            return list(self.lines("print(%r)" % word, ANSWER_S)) == [word.encode()]
        except HipCueError:
            return False

    def _drain(self):
        """Read what still comes, until the line has been quiet for QUIET_S."""
        port = self._transport.serial
        until = time.monotonic() + DRAIN_S
        port.timeout = QUIET_S
        while time.monotonic() < until and port.read(max(1, port.inWaiting())):
            pass
        port.timeout = ANSWER_S

    def hello(self):
        """Return what the clip says of itself (see hipcue.console.hello); HipCueError 13 when it is no HipCue clip."""
        try:
            hello = self.exec_json("from hipcue import console; console.hello()")
        except HipCueError as error:
            if error.exit_code != NOT_HIPCUE:
                raise
            hello = {}
        if not isinstance(hello, dict) or "hipcue" not in hello:
            raise HipCueError(
                "%s answers as MicroPython, but holds no HipCue firmware; `hipcue deploy` puts it there." % self.port,
                NOT_HIPCUE,
            )
        return hello

    def set_clock(self):
        """Give the clip the host's wall clock; return the two Contacts that this makes (see contacts_of_setting)."""
        sent_ms = time.time_ns() // 1_000_000
        answer = self.exec_json("from hipcue import console; console.clock(%d)" % sent_ms)
        return contacts_of_setting(answer, sent_ms, time.time_ns() / 1e6)

    def exec_json(self, code, timeout_s=10.0, hear=None):
        """Run `code` on the clip and return its last line, of JSON; `timeout_s` without a byte is an error.

        `hear(line)` is called with every line as it comes.
        """
        lines = []
        for line in self.lines(code, timeout_s):
            lines = [line]
            if hear:
                hear(line)
        try:
            return json.loads(lines[-1])
        except (IndexError, ValueError):
            said = lines[-1].decode(errors="replace") if lines else "nothing"
            raise HipCueError("The clip's answer makes no sense: %s." % said[:200], NOT_HIPCUE) from None

    def run(self, code, timeout_s=10.0):
        """Run `code` on the clip to its end."""
        for _ in self.lines(code, timeout_s):
            pass

    def lines(self, code, timeout_s=10.0):
        """Run `code` on the clip and yield each line that it prints, as bytes without its end."""
        for line in self.pieces(code, b"\n", timeout_s):
            yield line.rstrip(b"\r")

    def pieces(self, code, end, timeout_s=10.0):
        """Run `code` on the clip and yield what it sends up to each byte `end`, without that.

        HipCueError 20 when `timeout_s` pass without a byte, 13 or 21 with the clip's complaint.
        """
        port = self._transport.serial
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                port.timeout = ANSWER_S
                self._transport.exec_raw_no_follow(code)
            self._running = True
            port.timeout = timeout_s
            while True:
                piece = port.read_line(end + END_OF_OUTPUT)
                if piece.endswith(END_OF_OUTPUT):
                    break
                if not piece.endswith(end):
                    raise self.stopped_answering()
                yield piece[:-1]
            complaint = port.read_line(END_OF_OUTPUT)[:-1].decode(errors="replace").strip()
            self._running = False
        except (TransportError, TransportExecError) as error:
            raise self.stopped_answering(" (%s)" % error) from None
        except OSError:
            raise self._lost() from None
        if complaint:
            cause = complaint.splitlines()[-1]
            missing = cause.startswith(("ImportError", "AttributeError"))
            raise HipCueError("The clip reports: %s." % cause, NOT_HIPCUE if missing else INTEGRITY)

    def acknowledge(self):
        """Tell the code that sends frames (see contract.frame) that one has come."""
        try:
            self._transport.serial.write(ACK)
        except OSError:
            raise self._lost() from None

    def ask_app(self):
        """Return what a running application says of itself (see hipcue.app), or None when none answers.

        Nothing is interrupted.
        """
        said = ""
        until = time.monotonic() + ENQUIRY_S
        try:
            self._transport.serial.write(ENQUIRY)
            while time.monotonic() < until and PASTE_MODE not in said:
                said += self.overhear()
                for line in said.splitlines(keepends=True):
                    if line.endswith("\n") and '"recording"' in line:
                        return json.loads(line[line.index("{") :])
                time.sleep(POLL_S)
            if PASTE_MODE in said:
                self._transport.serial.write(END_OF_PASTE)  # of nothing: back at the prompt
        except ValueError:
            return None
        except OSError:
            raise self._lost() from None
        return None

    def await_app(self):
        """Wait until the application that was started answers; give up in silence after APP_START_S."""
        until = time.monotonic() + APP_START_S
        said = ""
        while time.monotonic() < until and '"recording"' not in said:
            if RESET in said:
                self._transport.serial.write(ENQUIRY)
            time.sleep(0.1)
            said += self.overhear()

    def overhear(self):
        """Return what the application has printed since the last call, as text; do not wait."""
        port = self._transport.serial
        return port.read(port.inWaiting()).decode(errors="replace")

    def interrupt(self):
        """Stop the code that runs on the clip; lines() then ends with the clip's complaint."""
        self._transport.serial.write(INTERRUPT)

    def start_app(self):
        """Leave the raw REPL and soft-reset, so that boot.py and main.py run as they do at power-on."""
        if self._running:
            self.interrupt()
            self._running = False
        self._transport.exit_raw_repl()
        self._transport.serial.write(SOFT_RESET)

    def stopped_answering(self, why=""):
        """Return the HipCueError 20 for a clip that has answered and does not any more."""
        return HipCueError(
            "The clip on %s stopped answering%s; plug it in again and repeat the command." % (self.port, why),
            INTERRUPTED,
        )

    def _lost(self):
        return HipCueError(
            "The connection to %s was lost; plug the clip in again and repeat the command." % self.port, INTERRUPTED
        )


def _open(port):
    try:
        transport = SerialTransport(port, baudrate=115200)
    except TransportError:
        raise _why_not(port) from None
    transport.serial.timeout = ANSWER_S
    transport.serial = BufferedPort(transport.serial)
    return transport


def _why_not(port):
    """Return the HipCueError for a port that mpremote, which does not say why, could not open."""
    if os.name == "posix" and not os.path.exists(port):
        return HipCueError("There is no port %s; is the clip plugged in?" % port, NO_CLIP)
    try:
        serial.Serial(port, exclusive=True).close()
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        if number in (errno.EACCES, errno.EPERM):
            return HipCueError(
                "You may not open %s: sudo usermod -aG dialout $USER, then log in again." % port, PORT_BUSY
            )
        if number in (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK):
            return HipCueError("Another program uses %s; close it and try again." % port, PORT_BUSY)
        if number == errno.ENOENT:
            return HipCueError("There is no port %s; is the clip plugged in?" % port, NO_CLIP)
    return HipCueError("%s is not a serial port; name the clip's with --port." % port, NOT_HIPCUE)


@contextlib.contextmanager
def connected(port=None, may_stop=None):
    """Yield (Clip, hello): the clip on `port` (default: the only one plugged in) at its raw REPL.

    `may_stop(said)` is called with what a running application says of itself
    (see Clip.ask_app) before it is stopped, and raises HipCueError to leave it
    alone. The clip starts its application again at the end, however that comes.
    """
    with Clip(port or find_port()) as clip:
        if may_stop is not None:
            may_stop(clip.ask_app())
        clip.enter()
        hello = clip.hello()
        try:
            hello["contacts"] = clip.set_clock()
            yield clip, hello
        finally:
            with contextlib.suppress(OSError):
                clip.start_app()
                clip.await_app()
