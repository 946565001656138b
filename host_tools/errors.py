"""What can go wrong for a user: one sentence and one exit code."""

OK = 0
USAGE = 2
NO_CLIP = 10
SEVERAL_CLIPS = 11
PORT_BUSY = 12
NOT_HIPCUE = 13
INTERRUPTED = 20
INTEGRITY = 21
DATA_LOSS = 22
UNSAFE = 30
OUTPUT_CLOSED = 141  # as a shell reports a program that SIGPIPE has ended


class HipCueError(Exception):
    """A cause the user can understand, with what mends it where something does."""

    def __init__(self, message, exit_code=USAGE):
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
