"""A recording through the firmware on the twin, and what came of it beside its truth."""
