"""Wall time of a session, fitted through a clip's contacts with hosts, and how far it may be off.

A clip's wall clock runs on from where a host set it last, or from its power-on: a *scale*, named by the boot at
which the power came and the times that it has been set since. A session says on which scale it lies and where; a
contact ties a scale to the host's clock. One contact on a scale gives an offset, two give the clock's rate as well.
None: unknown.
"""

from dataclasses import dataclass

# Of the crystal and its temperature, resets included: what an unfitted clock may be off, and a fitted one stray.
DRIFT_PPM = 50.0
WANDER_PPM = 20.0
SETTING_MS = 200.0  # between what a host sent and what its own clock said when that was set
WILD_PPM = 500.0  # two contacts that differ by more than any crystal: a host's clock was wrong


@dataclass(frozen=True)
class Contact:
    """On the clip's `scale` its clock read `rtc_ms` when the host's read `unix_ms`, within `uncertainty_ms`."""

    scale: tuple
    rtc_ms: float
    unix_ms: float
    uncertainty_ms: float


@dataclass(frozen=True)
class WallTime:
    """UTC in ms since 1970, and how far it may be off; None: unknown."""

    unix_ms: float
    uncertainty_ms: float | None


def contacts_of_setting(answer, sent_unix_ms, came_unix_ms):
    """Return the two Contacts of a setting of the clip's clock: the end of one scale, the start of the next.

    answer: what console.clock() printed; the host's clock when the call was sent and when its answer had come.
    """
    unix_ms = (sent_unix_ms + came_unix_ms) / 2
    uncertainty_ms = (came_unix_ms - sent_unix_ms) / 2
    before = answer["before"]
    return (
        Contact(tuple(before["scale"]), before["rtc_ms"], unix_ms, uncertainty_ms),
        Contact(tuple(answer["scale"]), answer["set_unix_ms"], unix_ms, uncertainty_ms),
    )


def at(session, time_ms, contacts=()):
    """Return the WallTime of `time_ms` on the clock of `session`, or None; `contacts`: those of its clip."""
    clock = session.clock
    if not clock:
        return _by_pair(session, time_ms)
    rtc_ms = clock["rtc_ms"] + time_ms - clock["time_ms"]
    scale = tuple(clock["scale"])
    known = [contact for contact in contacts if contact.scale == scale]
    if clock.get("set_unix_ms") and not any(contact.rtc_ms == clock["set_unix_ms"] for contact in known):
        known.append(Contact(scale, clock["set_unix_ms"], clock["set_unix_ms"], SETTING_MS))
    known.sort(key=lambda contact: contact.rtc_ms)
    if not known:
        return None
    first, last = known[0], known[-1]
    span_ms = last.rtc_ms - first.rtc_ms
    if span_ms < 1000 * (first.uncertainty_ms + last.uncertainty_ms):  # too near for a rate
        return _by_offset(min(known, key=lambda contact: abs(contact.rtc_ms - rtc_ms)), rtc_ms)
    stray_ms = last.unix_ms - first.unix_ms - span_ms
    if abs(stray_ms) > WILD_PPM * 1e-6 * span_ms:
        wild = _by_offset(first, rtc_ms)
        return WallTime(wild.unix_ms, wild.uncertainty_ms + abs(stray_ms))
    return _by_two(first, last, stray_ms / span_ms, rtc_ms)


def _by_pair(session, time_ms):
    """A log that knows no scale holds what its clip's clock said, and not how good that was."""
    if not session.clocks:
        return None
    pair_ms, unix_ms = session.clocks[0]
    return WallTime(unix_ms + time_ms - pair_ms, None)


def _by_offset(contact, rtc_ms):
    distance_ms = rtc_ms - contact.rtc_ms
    uncertainty_ms = contact.uncertainty_ms + DRIFT_PPM * 1e-6 * abs(distance_ms)
    return WallTime(contact.unix_ms + distance_ms, uncertainty_ms)


def _by_two(first, last, rate, rtc_ms):
    """On the line through two contacts; between them the nearer one bounds how far the clock has strayed."""
    since_ms, until_ms = rtc_ms - first.rtc_ms, last.rtc_ms - rtc_ms
    span_ms = since_ms + until_ms
    distance_ms = min(abs(since_ms), abs(until_ms))
    share = since_ms / span_ms
    fitted_ms = abs(1 - share) * first.uncertainty_ms + abs(share) * last.uncertainty_ms
    return WallTime(first.unix_ms + since_ms * (1 + rate), fitted_ms + WANDER_PPM * 1e-6 * distance_ms)
