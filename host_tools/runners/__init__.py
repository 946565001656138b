"""Made-up runners: recordings with known truth, for the demo and for tests."""


def demo():
    """Return the Recording of the demo: a 12-minute outdoor run in which the left hip begins to drop."""
    from host_tools.runners.demo_run import DEMO
    from host_tools.runners.record import record

    return record(DEMO)
