"""What the operating system refuses, as one sentence: cause and mend."""

import errno
import os

# error numbers: what mends them
MENDS = (
    ((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "free some space, or choose another place"),
    ((errno.EACCES, errno.EPERM, errno.EROFS), "change its permissions, or choose another place"),
    ((errno.EEXIST, errno.ENOTDIR, errno.EISDIR), "choose another name"),
    ((errno.ENOENT,), "make it first, or choose another place"),
    ((errno.ENAMETOOLONG, errno.EINVAL), "choose a shorter or simpler name"),
)


def sentence(error):
    """Return the OSError `error` as a sentence that names the file, where it is known, and what mends it."""
    where = "%s: " % error.filename if error.filename else ""
    mend = next((words for numbers, words in MENDS if error.errno in numbers), "look at it and try again")
    what = os.strerror(error.errno) if error.errno else error  # not strerror: a library may have its own words there
    return "%s%s; %s." % (where, what, mend)
