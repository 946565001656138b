"""Channels, frames, units and scales: the one table both sides read.

Body frame: x forward, y left, z up, right-handed (ISB: anterior = x,
superior = z, right = -y; Wu & Cavanagh 1995). Accelerations are specific
force: +9.81 m/s2 upwards at rest.
"""

GRAVITY_MPS2 = 9.80665  # standard gravity, ISO 80000-3
MINUTE_MS = 60000

# Order of the six int16 channels of one inertial frame, as the LSM6DSOX FIFO
# gives them: gyroscope first, then accelerometer (datasheet section 9.1).
CHANNELS = ("gx", "gy", "gz", "ax", "ay", "az")
CHANNEL_COUNT = 6
FRAME_BYTES = 2 * CHANNEL_COUNT

# Output rates the core is made for; nominal, before the chip's own trim.
IMU_RATES_HZ = (104, 208)

# A side, as it stands in a record and in all code; a core's channels 0 and 1 are left and right.
SIDE_UNKNOWN = 0
SIDE_LEFT = 1
SIDE_RIGHT = 2
SIDE_LETTERS = ("", "L", "R")
# With its name, as JSON and people have it.
SIDES = ((SIDE_LEFT, "left"), (SIDE_RIGHT, "right"))

# A value that is not known, in a signed 16-bit and an unsigned 16- or 8-bit field.
UNKNOWN_I16 = -32768
UNKNOWN_U16 = 65535
UNKNOWN_U8 = 255
