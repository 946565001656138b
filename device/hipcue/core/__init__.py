"""The fixed-window core: ulab arrays in, numbers out; no input, output, clock or hardware."""
