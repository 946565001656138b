"""What this firmware is and runs on, for the log's schema and for a host that asks."""

import sys

import ulab

import hipcue


def facts():
    """Return versions and board as a dict for JSON."""
    return {
        "hipcue": hipcue.VERSION,
        "micropython": list(sys.implementation[1][:3]),
        "board": sys.implementation._machine,
        "ulab": ulab.__version__,
    }
