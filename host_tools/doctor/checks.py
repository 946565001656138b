"""What `hipcue doctor` makes of the clip's answers: one judge a line, of the facts by call (hipcue.doctor)."""

import time
from dataclasses import asdict, dataclass

from hipcue.contract.record import CONTRACT_VERSION
from host_tools.output import counted

OK_STATUS, TODO, FAIL, SKIPPED = "ok", "todo", "fail", "skipped"

LEAST_MICROPYTHON = (1, 25)
ULAB_STAND_IN = "stand-in"
LOG_BYTES_PER_H = 71_000 * 22 / 7  # 7 h of running are 71,000 steps
LEAST_FREE_H = 1.0
FULL_BATTERY_MV = 4300
ABSENT_BATTERY_MV = 2500  # a cell's own protection has switched off by then
CLOCK_TOLERANCE_S = 5.0
CALIBRATION_AGE_DAYS = 7
MOST_NAMED = 8
RUNNER_LINE = "runner"
ENVELOPE_LINEAR_DMV = 24500  # an ESP32's ADC at 11 dB
LEADS = ("left +", "left -", "right +", "right -", "reference")  # by bit of LOFF_STAT


@dataclass(frozen=True)
class Line:
    """One line: `status` is ok, todo, fail or skipped; `mend` is what to do, empty where nothing is."""

    name: str
    status: str
    finding: str
    mend: str = ""

    def plain(self):
        """Return a dict, for --json."""
        return asdict(self)


def chip(facts):
    """Which chip, and which clip."""
    found = facts["chip"]
    return Line("chip", OK_STATUS, "%s, clip %s" % (found["board"], found["clip"]))


def firmware(facts):
    """Versions of firmware, contract and MicroPython."""
    found = facts["chip"]
    version = tuple(found["micropython"][:2])
    deployed = "deployed" if found["firmware"].startswith("/firmware/") else "of the image"
    finding = "HipCue %s (%s), MicroPython %s" % (
        found["hipcue"], deployed, ".".join(str(part) for part in found["micropython"]),
    )  # fmt: skip
    if version < LEAST_MICROPYTHON:
        mend = "flash an image of MicroPython %d.%d or newer: hipcue flash --image FILE" % LEAST_MICROPYTHON
        return Line("firmware", FAIL, finding, mend)
    if found["contract"] != CONTRACT_VERSION:
        finding += ", contract %d where this command has %d" % (found["contract"], CONTRACT_VERSION)
        return Line("firmware", FAIL, finding, "make the two one: hipcue deploy")
    return Line("firmware", OK_STATUS, finding)


def ulab(facts):
    """Whether the vector library is linked in."""
    version = facts["chip"]["ulab"]
    if version == ULAB_STAND_IN:
        return Line("ulab", OK_STATUS, "the pure-Python stand-in, as a twin has it")
    return Line("ulab", OK_STATUS, version)


def imu_identity(facts):
    """Whether the motion sensor answers, and as what."""
    found = facts["imu"]
    if "identity" in found:
        return Line("motion sensor", OK_STATUS, found["identity"])
    if "other_identity" in found:
        finding = "another chip answers, with identity 0x%02X instead of 0x6C" % found["other_identity"]
        return Line("motion sensor", FAIL, finding, "fit an LSM6DSOX, LSM6DSO or LSM6DSO32")
    return Line("motion sensor", FAIL, "does not answer", "check its wires and its supply (boards/*/README.md)")


def imu_self_test(facts):
    """Whether its own test moves both sensors as far as it should."""
    found = facts["imu"]
    if "passed" not in found:
        return Line("  self-test", SKIPPED, "needs the motion sensor to answer")
    finding = "accelerometer %s mg, gyroscope %s deg/s" % (_rounded(found["accel_mg"]), _rounded(found["gyro_dps"]))
    if found["passed"]:
        return Line("  self-test", OK_STATUS, finding)
    return Line("  self-test", FAIL, finding, "lay the clip still and ask again; if it fails again, replace the sensor")


def emg(facts):
    """Whether the muscle front end measures."""
    found = facts["emg"]
    if found["kind"] == "envelope":
        left, right = found["envelope_dmv"]
        finding = "envelopes at %.0f mV left, %.0f mV right" % (left / 10, right / 10)
        if max(left, right) >= ENVELOPE_LINEAR_DMV:
            return Line("muscle front end", FAIL, finding, "turn its gain down; its supply must be 3.3 V")
        return Line("muscle front end", OK_STATUS, finding)
    if "other_identity" in found:
        finding = "no ADS1292 answers (identity 0x%02X)" % found["other_identity"]
        return Line("muscle front end", FAIL, finding, "check its wires and its supply (boards/*/README.md)")
    if "passed" not in found:
        return Line("muscle front end", FAIL, "does not convert", "check DRDY, START and CLKSEL (boards/*/README.md)")
    finding = "%s, noise %s uV, test signal %s uV" % (
        found["identity"], _rounded(found["noise_uv"], 1), _rounded(found["test_uv"]),
    )  # fmt: skip
    if found["passed"]:
        return Line("muscle front end", OK_STATUS, finding)
    return Line("muscle front end", FAIL, finding, "unplug the charger and ask again; else replace the ADS1292")


def leads(facts):
    """Which electrodes have contact."""
    found = facts["leads"]
    if facts["emg"]["kind"] == "envelope":
        return Line("leads", SKIPPED, "a MyoWare does not tell whether its electrodes have contact")
    if found is None or "lead_off" not in found:
        return Line("leads", SKIPPED, "needs the muscle front end to answer")
    off = [name for bit, name in enumerate(LEADS) if found["lead_off"] >> bit & 1]
    if off:
        return Line("leads", TODO, "no contact: " + ", ".join(off), "put on or moisten these electrodes")
    return Line("leads", OK_STATUS, "all have contact")


def motors(facts):
    """Whether each motor buzzes on its own side, as somebody has felt it."""
    felt = facts["motors"]
    if felt is None:
        return Line("motors", SKIPPED, "need somebody to feel them: run doctor in a terminal")
    if felt == {1: 1, 2: 2}:
        return Line("motors", OK_STATUS, "left is left, right is right")
    if felt == {1: 2, 2: 1}:
        return Line("motors", FAIL, "left and right are swapped", "swap the wires of the two gates")
    silent = " and ".join(name for side, name in ((1, "left"), (2, "right")) if felt[side] != side)
    return Line("motors", FAIL, "not felt as it should be: " + silent, "check that motor's wires and its MOSFET")


def flash(facts):
    """Whether flash gives and takes, and how much more running the log can take."""
    found = facts["stored"]
    if found["failed"]:
        path, errno = found["failed"][0]
        finding = "%s cannot be read or written (error %d)" % (path, errno)
        if len(found["failed"]) > 1:
            finding += ", nor can %d more" % (len(found["failed"]) - 1)
        mend = "run hipcue pull, and hipcue recover on what esptool reads of it; then flash anew, or change the board"
        return Line("flash", FAIL, finding, mend)
    hours = found["free_bytes"] / LOG_BYTES_PER_H
    finding = "%d of %d KB free, %.1f h of running; %s%s" % (
        found["free_bytes"] // 1024, found["flash_bytes"] // 1024, hours, counted(found["sessions"], "session"),
        _unverified(found.get("unverified")),
    )  # fmt: skip
    if hours < LEAST_FREE_H:
        return Line("flash", FAIL, finding, "run hipcue pull, then hipcue erase")
    if found.get("unverified"):
        return Line("flash", TODO, finding, "run hipcue pull")
    return Line("flash", OK_STATUS, finding)


def _unverified(numbers):
    """Say which sessions no computer has pulled and vouched for; only those that are not named may ever make room."""
    if not numbers:
        return ""
    named = ", ".join(map(str, numbers[:MOST_NAMED])) + (" and more" if len(numbers) > MOST_NAMED else "")
    return ", %d of them not pulled yet (%s)" % (len(numbers), named)


def runner(facts):
    """Who wears the clip; None when its firmware knows no runners."""
    found = facts["stored"]
    if "runner" not in found:
        return None
    return Line(RUNNER_LINE, OK_STATUS, found["runner"] or "none named: logs are kept by clip")


def journal(facts):
    """Whether finished steps are kept through a loss of power at no cost of muscle samples; None: older firmware."""
    works = facts["stored"].get("journal")
    if works is None:
        return None
    if works:
        return Line("journal", OK_STATUS, "keeps what it is given")
    finding = "the partition nvs takes nothing: the log is written more often, which costs samples of raw EMG"
    return Line("journal", FAIL, finding, "run hipcue pull, then esptool erase-flash and hipcue flash")


def configuration(facts):
    """Whether the stored settings can be used."""
    problem = facts["stored"]["config_problem"]
    if problem:
        return Line("settings", FAIL, problem, "set them anew: hipcue configure NAME=VALUE")
    return Line("settings", OK_STATUS, "can be used")


def programme(facts):
    """How far the programme is; None when none is set."""
    found = facts["stored"].get("programme")
    if not found:
        return None
    if found["over"]:
        return Line("programme", OK_STATUS, "all its %d sessions, and those of retention, are over" % found["sessions"])
    minutes = found["running_s"] // 60
    if found["session"] > found["sessions"]:
        finding = "session %d, after the %d with feedback: none planned" % (found["session"], found["sessions"])
    else:
        finding = "session %d of %d, feedback planned for %d %%" % tuple(
            found[name] for name in ("session", "sessions", "share_pct")
        )
    return Line("programme", OK_STATUS, "%s; %d min run in it" % (finding, minutes))


def battery(facts):
    """Whether the battery will last."""
    millivolts = facts["power"]["battery_mv"]
    low_mv = facts["stored"]["config"]["battery_low_mv"]
    finding = "%.2f V" % (millivolts / 1000)
    if millivolts < ABSENT_BATTERY_MV or millivolts > FULL_BATTERY_MV:
        return Line("battery", FAIL, finding + ", which no LiPo cell has", "check the cell and the divider's wires")
    if millivolts < low_mv:
        return Line("battery", FAIL, finding + ", below %.2f V" % (low_mv / 1000), "charge it")
    return Line("battery", OK_STATUS, finding)


def clock(facts):
    """What the clock showed before it was set from this computer's."""
    unix_ms = facts["power"]["unix_ms"]
    if unix_ms is None:
        return Line("clock", OK_STATUS, "was not set since the power came; it is set now")
    off_s = (unix_ms - facts["power"]["host_unix_ms"]) / 1000
    if abs(off_s) > CLOCK_TOLERANCE_S:
        way = "fast" if off_s > 0 else "slow"
        return Line("clock", OK_STATUS, "was %.0f s %s; it is set now" % (abs(off_s), way))
    return Line("clock", OK_STATUS, "right within %.1f s" % max(0.1, abs(off_s)))


def calibration(facts):
    """How old the calibration is."""
    found = facts["stored"]
    if not found["calibrated"]:
        return Line("calibration", TODO, "none yet", "put the clip on and run: hipcue calibrate")
    if not found["calibrated_unix_ms"]:
        return Line("calibration", OK_STATUS, "of unknown age")
    days = (time.time() - found["calibrated_unix_ms"] / 1000) / 86400
    finding = "%s old" % counted(max(0, round(days)), "day")
    if days > CALIBRATION_AGE_DAYS:
        return Line("calibration", TODO, finding, "calibrate again when the clip is worn anew: hipcue calibrate")
    return Line("calibration", OK_STATUS, finding)


# (call on the clip, judge), in the order of asking; a judge that returns None has nothing to say.
CHECKS = (
    ("chip", chip),
    ("chip", firmware),
    ("chip", ulab),
    ("imu", imu_identity),
    ("imu", imu_self_test),
    ("emg", emg),
    ("leads", leads),
    ("motors", motors),
    ("stored", flash),
    ("stored", journal),
    ("stored", configuration),
    ("stored", programme),
    ("power", battery),
    ("power", clock),
    ("stored", runner),
    ("stored", calibration),
)


def _rounded(values, digits=0):
    return "/".join("%.*f" % (digits, value) for value in values)
