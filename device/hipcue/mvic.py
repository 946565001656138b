"""What a host calls to measure a maximum voluntary isometric contraction; each call prints one line of JSON.

In order: begin(side), rest(seconds), three times hold() with pauses that the
host keeps, then keep(). A refused hold does not count and may be repeated.
Rest and hold also print what they see, four times a second: {"seen": uV or null}.
"""

import json

import board

from hipcue import muscles, settings
from hipcue.clock import Clock
from hipcue.contract.emg import FRONT_ENDS_UV
from hipcue.contract.signals import SIDES
from hipcue.core.emg_reference import HOLD_S, PART_S, TRIES, Mvic, Refused

PART_MS = int(1000 * PART_S)
SETTLE_MS = 1000  # of the filters, after the start
SIDES_BY_NAME = {name: side for side, name in SIDES}
NOT_BEGUN = "no measurement was begun: choose a side first"

_clock = Clock()
_measured = {}  # of this measurement, until it is kept


class _Events:
    """Takes the muscles' faults in place of the log, for the host to be told."""

    def __init__(self):
        self.codes = []

    def event(self, code, value, now_ms):
        self.codes.append((code, value))


def begin(side):
    """Begin with a `side`, "left" or "right"; say which front end measures."""
    _measured.clear()
    if side not in SIDES_BY_NAME:
        _refuse("the side is left or right, not %s" % side)
        return
    _measured.update(side=side, mvic=Mvic(), rest_uv=None)
    _print({"ok": True, "front_end": board.emg.kind, "unit_uv": FRONT_ENDS_UV[board.emg.kind], "tries": TRIES})


def rest(seconds):
    """Measure the relaxed muscle for `seconds`."""
    if "mvic" not in _measured:
        _refuse(NOT_BEGUN)
        return
    parts, reason = _parts(seconds)
    known = [uv for uv, _ in parts if uv is not None]
    if reason or not known:
        _refuse(reason or "the relaxed muscle could not be read: check the electrodes")
        return
    _measured["rest_uv"] = sum(known) / len(known)
    _print({"ok": True, "rest_uv": _measured["rest_uv"]})


def hold():
    """Measure one hold."""
    if _measured.get("rest_uv") is None:
        _refuse(NOT_BEGUN if "mvic" not in _measured else "the relaxed muscle was not measured yet: rest first")
        return
    mvic = _measured["mvic"]
    mvic.begin(_measured["rest_uv"])
    parts, reason = _parts(HOLD_S)
    if reason:
        _refuse(reason)
        return
    for uv, quality in parts:
        mvic.add(uv, quality)
    try:
        best_uv = mvic.end()
    except Refused as error:
        _refuse(str(error))
        return
    _print({"ok": True, "best_uv": best_uv, "tries_uv": mvic.tries_uv, "mvic_uv": mvic.value_uv})


def keep():
    """Store the MVIC behind those before, with the wall clock if it is known."""
    mvic = _measured.get("mvic")
    if mvic is None or mvic.value_uv is None:
        _refuse("%d good holds are needed first" % TRIES)
        return
    settings.add_mvic(board.emg.kind, _measured["side"], _clock.unix_ms(), mvic.value_uv)
    path, history = settings.of_runner(settings.MVIC), settings.load_mvic(board.emg.kind)
    _print({"ok": True, "path": path, "mvic_uv": mvic.value_uv, "history": history})
    _measured.clear()


def _parts(seconds):
    """Return ([(uV or None, quality bits)] a PART_S each, None), or ([], why there are none)."""
    side = SIDES_BY_NAME[_measured["side"]]
    faults = _Events()
    source = muscles.make(board, settings.load_config()[0], faults)
    source.start(_clock.now_ms())
    parts = []
    _pass(source, SETTLE_MS)
    for _ in range(round(seconds / PART_S)):
        _pass(source, PART_MS)
        parts.append(source.levels(_clock.now_us())[side])
        _print({"seen": parts[-1][0]})
    source.stop(_clock.now_us())
    if faults.codes:
        return [], "the muscle front end does not answer: check its wiring"
    return parts, None


def _pass(source, duration_ms):
    """Let the board's time pass with the front end drained meanwhile."""
    until_ms = _clock.now_ms() + duration_ms
    now_ms = _clock.now_ms()
    while now_ms < until_ms:
        _clock.wait_ms(max(1, min(source.wait_ms(now_ms), until_ms - now_ms)))
        source.drain(_clock.now_us())
        now_ms = _clock.now_ms()


def _refuse(reason):
    _print({"ok": False, "reason": reason})


def _print(value):
    print(json.dumps(value))
