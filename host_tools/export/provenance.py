"""Where exported values come from: clip, runner, firmware, settings, calibration and wall clock of a session."""

import hashlib
import json

from host_tools.log import wall_time


def provenance(session):
    """Return the facts that belong to exported values; the hash tells two calibrations apart at a glance."""
    return {
        "clip": session.clip,
        "runner": session.runner,
        "session": session.number,
        "verdict": session.verdict,
        "firmware": session.firmware,
        "config": session.config,
        "calibration": session.calibration,
        "front_end": session.front_end,
        "mvic_uv": session.mvic_uv,
        "calibration_sha256": hashlib.sha256(canonical(session.calibration).encode()).hexdigest(),
    }


def canonical(value):
    """Return `value` as JSON that is the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def unix_ms_at(session, t_s):
    """Return the wall clock, ms since 1970 UTC, at `t_s` of the clip's clock; None where it is not known."""
    found = wall_time.at(session, t_s * 1000, session.contacts)
    return None if found is None else found.unix_ms
