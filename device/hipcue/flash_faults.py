"""What flash fails to give or take: it is said and noted, and the clip comes up all the same."""


class FlashFaults:
    """Notes the last one until it is told."""

    def __init__(self):
        self._errno = None

    def get(self, function, *args):
        """Return what `function` gives, or None when flash fails it."""
        try:
            return function(*args)
        except OSError as error:
            self.note(error.errno)
            return None

    def note(self, errno):
        """Say and note that flash has failed with the error number `errno`."""
        print("hipcue: the flash fails (error %d); what it should have given or taken is left out" % errno)
        self._errno = errno

    def untold(self):
        """Return the error number of the last one since this was asked, or None."""
        errno, self._errno = self._errno, None
        return errno
