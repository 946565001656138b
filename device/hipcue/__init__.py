"""HipCue: pelvic drop and glute activation per running step, on the clip."""

VERSION = "0.1.0"
