"""`hipcue completion`: the script that lets a shell complete hipcue's commands, options and file names."""

import argparse

import shtab

# metavar of an argument, or its name: what a shell offers in its place
PLACES = {
    "DIR": shtab.DIRECTORY,
    "OUT": shtab.DIRECTORY,
    "FILE": shtab.FILE,
    "PATH": shtab.FILE,
    "log": shtab.FILE,
    "port": shtab.FILE,
}


def run(args, output):
    """Print the completion script of `args.shell`."""
    from host_tools.cli import parser

    top = parser()
    for action in _arguments(top):
        place = PLACES.get(action.metavar or action.dest)
        if place:
            action.complete = place  # where shtab looks for it
    script = shtab.complete(top, shell=args.shell)
    output.say(script)
    return {"shell": args.shell, "script": script}


def _arguments(parser):
    """Yield the arguments of `parser` and of its commands; argparse has no public list of them."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _arguments(command)
