"""The `hipcue` command.

Every subcommand is a row of COMMANDS: its name, its help, what adds its
arguments and what runs it. Imports stand inside the run functions, so that
help is instant.
"""

import argparse
import json
import os
import sys

from host_tools.errors import INTERRUPTED, OK, OUTPUT_CLOSED, USAGE, HipCueError


def _board_argument(parser):
    parser.add_argument(
        "--board", choices=("esp32", "s3"), default="esp32", help="build of the twin: maker (esp32) or science (s3)"
    )


# Options of `sim` and what they are when not given: of a replay, and of a comparison of policies.
_OF_REPLAY = {"out": None, "board": "esp32", "trace": False, "score": False}
_OF_PROGRAMME = {"seeds": 10}


def _sim_arguments(parser):
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--recording", metavar="DIR", help="recording folder to replay")
    source.add_argument("--runner", choices=("demo",), help="a made-up runner to replay")
    source.add_argument("--scenario", metavar="NAME", help="a made-up scenario to replay, such as walking")
    source.add_argument("--programme", action="store_true", help="compare cueing policies over weeks of made-up runs")
    parser.add_argument("--seeds", type=int, metavar="N", help="made-up runners for each policy (10)")
    parser.add_argument("--out", metavar="OUT", help="folder for log, CSV and report (demo: out/demo)")
    _board_argument(parser)
    parser.add_argument("--trace", action="store_true", help="also log the obliquity of every sample, and raw EMG")
    parser.add_argument("--score", action="store_true", help="compare with the recording's truth")
    parser.set_defaults(**dict.fromkeys([*_OF_REPLAY, *_OF_PROGRAMME]))


def _sim(args, output):
    own, others = (_OF_PROGRAMME, _OF_REPLAY) if args.programme else (_OF_REPLAY, _OF_PROGRAMME)
    given = ["--" + name for name in others if getattr(args, name) is not None]
    if given:
        only = "without" if args.programme else "with"
        raise HipCueError("sim takes %s only %s --programme; leave that out." % (", ".join(given), only))
    for name, value in own.items():
        if getattr(args, name) is None:
            setattr(args, name, value)
    if args.programme:
        from host_tools.programme.simulate import run
    else:
        from host_tools.sim.command import run

    return run(args, output)


def _twin_arguments(parser):
    _board_argument(parser)
    worn = parser.add_mutually_exclusive_group()
    worn.add_argument("--scene-from", metavar="DIR", help="recording folder that the sensors play")
    worn.add_argument(
        "--runner", choices=("demo",), help="a made-up runner who wears it: stands, bows and runs as calibrate says"
    )
    parser.add_argument("--link", metavar="FILE", help="name the port by this symbolic link too")
    parser.add_argument("--flash", metavar="FILE", help="keep the clip's flash in this file")
    parser.add_argument("--realtime", action="store_true", help="let idle time pass on the wall clock too")


def _twin(args, output):
    from host_tools.twin.command import run

    return run(args, output)


def _pseudonym(text):
    from hipcue.contract import runner

    try:
        return runner.check(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _wearer(text):
    from host_tools.clip.wearer import NOBODY

    return NOBODY if text == NOBODY else _pseudonym(text)


def _wearer_argument(parser):
    parser.add_argument(
        "--runner", metavar="CODE", type=_wearer,
        help="pseudonym of who wears the clip from now on, such as R017; none: nobody who is named",
    )  # fmt: skip


def _port_argument(parser):
    parser.add_argument("--port", help="serial port of the clip (default: the one that is plugged in)")


def _yes_argument(parser):
    parser.add_argument("--yes", action="store_true", help="agree to what would be asked")


def _flash_arguments(parser):
    parser.add_argument("--image", metavar="FILE", required=True, help="firmware.bin of MicroPython with ulab")
    _port_argument(parser)
    parser.add_argument("--logs", metavar="DIR", default="logs", help="folder with the pulled sessions (logs)")
    parser.add_argument("--backup", metavar="DIR", default="backups", help="folder for what the flash held (backups)")
    parser.add_argument("--discard-logs", action="store_true", help="go on although sessions were not pulled")


def _flash(args, output):
    from host_tools.firmware.flash import run

    return run(args, output)


def _deploy_arguments(parser):
    _port_argument(parser)
    parser.add_argument(
        "--board", choices=("esp32", "s3"), help="build: maker (esp32) or science (s3); default: by the clip's chip"
    )


def _deploy(args, output):
    from host_tools.firmware.deploy import run

    return run(args, output)


def _doctor_arguments(parser):
    _port_argument(parser)
    parser.add_argument("--bundle", metavar="FILE", help="also save a support file, without anything of the body")


def _doctor(args, output):
    from host_tools.doctor.command import run

    return run(args, output)


def _configure_arguments(parser):
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="what to set (default: show all settings)")
    _wearer_argument(parser)
    _port_argument(parser)


def _configure(args, output):
    from host_tools.clip.configure import run

    return run(args, output)


def _calibrate_arguments(parser):
    parser.add_argument(
        "what", nargs="?", choices=("mount", "side", "mvic"), default="mount",
        help="mount: stand and bow (default); side: then stand and hop on the left foot, to tell left from right; "
        "mvic: a glute's strongest contraction",
    )  # fmt: skip
    parser.add_argument("--side", choices=("left", "right"), help="glute whose MVIC is measured")
    _wearer_argument(parser)
    _port_argument(parser)
    _yes_argument(parser)


def _calibrate(args, output):
    if (args.what == "mvic") != (args.side is not None):
        raise HipCueError("Name the glute with the MVIC, and only then: hipcue calibrate mvic --side left (or right).")
    if args.what == "mvic":
        from host_tools.calibrate.mvic import run
    else:
        from host_tools.calibrate.command import run

    return run(args, output)


def _live(args, output):
    from host_tools.live.command import run

    return run(args, output)


def _erase_arguments(parser):
    _port_argument(parser)
    parser.add_argument("--clip", metavar="ID", help="the clip's identity; another clip is refused")
    parser.add_argument("--out", metavar="DIR", default="logs", help="folder with one folder per runner (logs)")
    _yes_argument(parser)


def _pull_arguments(parser):
    _erase_arguments(parser)
    parser.add_argument(
        "--runner", metavar="CODE", type=_pseudonym, help="pseudonym for sessions that were recorded under none"
    )


def _pull(args, output):
    from host_tools.pull.command import run

    return run(args, output)


def _erase(args, output):
    from host_tools.pull.erase import run

    return run(args, output)


def _recover_arguments(parser):
    parser.add_argument("image", help="raw image of the clip's flash or file system (esptool read-flash)")
    parser.add_argument("--out", metavar="DIR", default="recovered", help="folder for one folder per runner")


def _recover(args, output):
    from host_tools.recover.command import run

    return run(args, output)


def _report_arguments(parser):
    parser.add_argument("log", nargs="+", help="pulled sessions of one runner, or their folder, such as logs/R017")
    parser.add_argument("--out", metavar="PATH", help="file, or folder for report.html (default: beside the logs)")
    parser.add_argument("--pdf", action="store_true", help="also print it as PDF, by a Chromium of this machine")


def _export_arguments(parser):
    from host_tools.export import FORMATS

    parser.add_argument("log", nargs="+", help="pulled sessions, or their folder, such as logs/R017")
    parser.add_argument("--out", metavar="PATH", help="where to write (default: beside each log)")
    parser.add_argument("--format", choices=FORMATS, default="csv", help="what to write (default: csv)")


def _export(args, output):
    from host_tools.export.command import run

    return run(args, output)


def _report(args, output):
    from host_tools.report.command import run

    return run(args, output)


def _completion_arguments(parser):
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="shell to make the script for")


def _completion(args, output):
    from host_tools.completion import run

    return run(args, output)


COMMANDS = (
    ("sim", "replay a recording through the firmware on the twin", _sim_arguments, _sim),
    ("twin", "start a clip without hardware and print its serial port", _twin_arguments, _twin),
    ("flash", "write a MicroPython image to the board, then this firmware", _flash_arguments, _flash),
    ("deploy", "put this firmware on the clip", _deploy_arguments, _deploy),
    ("doctor", "examine the clip, with a mend for each fault", _doctor_arguments, _doctor),
    ("configure", "show the clip's settings, or change them", _configure_arguments, _configure),
    ("calibrate", "find how the clip sits, which side is left, a glute's strength", _calibrate_arguments, _calibrate),
    ("live", "show what the clip measures, without disturbing it", _port_argument, _live),
    ("pull", "copy the clip's sessions to this computer and verify them", _pull_arguments, _pull),
    ("erase", "erase the clip's sessions, if all are verified on this computer", _erase_arguments, _erase),
    ("recover", "rebuild sessions from a raw image of the clip's flash", _recover_arguments, _recover),
    ("report", "make a report of one or more pulled sessions of a runner", _report_arguments, _report),
    ("export", "write pulled sessions as CSV, Parquet, EDF+, BIDS motion or FIT", _export_arguments, _export),
    ("completion", "print the script that lets a shell complete hipcue", _completion_arguments, _completion),
)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage before it."""

    def error(self, message):
        raise HipCueError("%s: %s; see %s --help." % (self.prog, message, self.prog))


class _Version(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        from importlib.metadata import version

        print(parser.prog, version(parser.prog))
        parser.exit()


def parser():
    """Return the argument parser of the whole command."""
    top = _Parser(prog="hipcue", description="Tools for the HipCue clip.")
    top.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_text, add_arguments, run in COMMANDS:
        command = commands.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
        add_arguments(command)
        command.add_argument("--json", action="store_true", help="print JSON instead of text")
        command.set_defaults(run=run)
    return top


def main(argv=None):
    """Run the command and return its exit code."""
    _open_what_is_closed()
    try:
        try:
            return _run(sys.argv[1:] if argv is None else argv)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # who read the output has gone, as `head` does: nothing more to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OUTPUT_CLOSED


def _open_what_is_closed():
    """Let a standard stream that whoever started this has closed, as `>&-` does, be the null device."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # in turn: each gets its own number back
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))


def _run(argv):
    sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be text
    as_json = "--json" in argv
    try:
        args = parser().parse_args(argv)
        from host_tools.ending import ended_as_by_ctrl_c
        from host_tools.output import Output

        output = Output(as_json)
        with ended_as_by_ctrl_c():
            result = args.run(args, output)
        exit_code = result.get("exit_code", OK)
        output.result(result)
        return exit_code
    except HipCueError as error:
        return _fail(as_json, error.message, error.exit_code)
    except KeyboardInterrupt:
        return _fail(as_json, "Interrupted; the same command can be run again.", INTERRUPTED)
    except BrokenPipeError:
        raise
    except OSError as error:
        from host_tools.os_errors import sentence

        return _fail(as_json, sentence(error), USAGE)


def _fail(as_json, sentence, exit_code):
    print(sentence, file=sys.stderr, flush=True)
    if as_json:
        print(json.dumps({"error": sentence, "exit_code": exit_code}), flush=True)
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
