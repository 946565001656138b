"""Reading a log: bytes in, a Session out, and what its steps, cues and thresholds tell; knows no clip and no folder."""
