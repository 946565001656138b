"""`hipcue completion`: the script that lets a shell complete hipcue's commands, options and file names."""

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
    for command in top._subparsers._group_actions[0].choices.values():
        for action in command._actions:
            place = PLACES.get(action.metavar or action.dest)
            if place:
                action.complete = place
    script = shtab.complete(top, shell=args.shell)
    output.say(script)
    return {"shell": args.shell, "script": script}
