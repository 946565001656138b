"""What the clip must say of a scenario, and where: spans of time with the quality codes that are right there."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Span:
    """One span of a recording. Steps outside all spans (a gait is being taken up, say) are not judged by their code.

    codes: one of these is right on a step of this span; empty: a step without
    any code is right. drop_known: an absolute drop may be given. cues: a cue
    may be given, where the true drop calls for it.
    """

    from_s: float
    to_s: float
    codes: tuple[str, ...] = ()
    drop_known: bool = True
    cues: bool = True


@dataclass(frozen=True)
class Mishap:
    """Something that must be noticed and logged as `event` within 20 running steps of `at_s`."""

    at_s: float
    event: str


def as_meta(spans, mishaps):
    """Return spans and mishaps as plain entries for a recording's meta.json."""
    return {"spans": [asdict(span) for span in spans], "mishaps": [asdict(mishap) for mishap in mishaps]}


def from_meta(meta):
    """Return (spans, mishaps) from a recording's `meta`; both empty when it expects nothing."""
    spans = [Span(**entry) for entry in meta.get("spans", ())]
    return spans, [Mishap(**entry) for entry in meta.get("mishaps", ())]


def between(from_s, to_s, inner):
    """Return spans without any code that fill `from_s` to `to_s` around the `inner` (from, to) pairs, in order."""
    edges = [from_s] + [edge for pair in inner for edge in pair] + [to_s]
    return tuple(Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start)
