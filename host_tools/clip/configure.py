"""`hipcue configure`: the clip's settings, shown with their meaning, or set by name."""

import math

from hipcue.contract import config
from hipcue.contract.record import CONTRACT_VERSION
from host_tools.clip.attach import leave_running
from host_tools.clip.transport import connected
from host_tools.clip.wearer import wear
from host_tools.errors import INTEGRITY, NOT_HIPCUE, HipCueError

READ = "from hipcue import console; console.configuration()"


def run(args, output):
    """Set what `args.settings` (NAME=VALUE) and `args.runner` ask for, or show the table; return what the clip has."""
    changes = parse(args.settings)
    with connected(args.port, leave_running) as (clip, hello):
        if hello["contract"] != CONTRACT_VERSION:
            raise HipCueError(
                "The clip's firmware speaks version %s of the contract and this command version %s; "
                "`hipcue deploy` makes them one." % (hello["contract"], CONTRACT_VERSION),
                NOT_HIPCUE,
            )
        runner = wear(clip, hello, args.runner, output)
        stored = clip.exec_json(READ)
        if stored["problem"]:
            output.warn(_sentence(stored["problem"]))
        before = stored["config"]
        if changes:
            _set(clip, before, changes)
            stored = clip.exec_json(READ)
            _check(stored["config"], changes)
    asked = changes or args.runner is not None
    for line in _changed(before, stored["config"], changes) if asked else table(stored["config"]):
        output.say(line)
    return {"clip": hello["clip"], "runner": runner, "config": stored["config"], "changed": changes, "table": _facts()}


def parse(words):
    """Return {name: value} for the NAME=VALUE `words`; HipCueError 2 on the first that is no setting or not allowed."""
    changes = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise HipCueError("%s says nothing to set; write it as NAME=VALUE, such as cue_margin_deg=2.5." % word)
        if name not in config.NAMES:
            raise HipCueError("There is no setting named %s; `hipcue configure` lists them all." % name)
        try:
            changes[name] = config.check(name, _number(text))
        except ValueError as error:
            raise HipCueError(_sentence(error)) from None
    return changes


def _number(text):
    """Return `text` as a number; as it is when it is none, for the table's own complaint."""
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return value if math.isfinite(value) else text
    return text


def _set(clip, before, changes):
    try:
        config.validate(before | changes)
    except ValueError as error:
        raise HipCueError(_sentence(error)) from None
    answer = clip.exec_json("from hipcue import console; console.configure(%r)" % changes)
    if not answer.get("ok"):
        raise HipCueError("The clip refuses: %s." % answer.get("reason", "no reason given"))


def _check(stored, changes):
    for name, value in changes.items():
        if stored.get(name) != value:
            raise HipCueError(
                "The clip holds %s = %s after %s was written; try again, then run `hipcue doctor`."
                % (name, stored.get(name), value),
                INTEGRITY,
            )


def table(values):
    """Return the lines of the table: every setting's value, its default where that differs, range and meaning."""
    lines = []
    for name, default, least, most, unit, meaning in config.TABLE:
        value = values.get(name, default)
        of_default = "" if value == default else "  (default %s)" % default
        lines.append("%-22s %8s %-7s %s to %s%s" % (name, value, unit, least, most, of_default))
        lines.append("    " + meaning)
    version = config.version(config.defaults() | values)
    return lines + [
        "",
        "Programme version %04x: of all by which a cue comes or not, as ledger and report name it" % version,
        "Set one with: hipcue configure NAME=VALUE",
    ]


def _changed(before, values, changes):
    units = {row[0]: row[4] for row in config.TABLE}
    lines = [("%s is %s %s" % (name, values[name], units[name])).rstrip() + " on the clip." for name in changes]
    if values["programme_sessions"] and any(before.get(name) != values[name] for name in config.PROGRAMME):
        lines.append("The programme begins with its first session.")
    return lines


def _facts():
    keys = ("name", "default", "least", "most", "unit", "meaning")
    return [dict(zip(keys, row, strict=True)) for row in config.TABLE]


def _sentence(error):
    return str(error).rstrip(".") + "."
