// The twin: MicroPython's unix port, narrowed to what an ESP32 board computes with.

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

// The ESP32 computes in single precision; double would hide its faults.
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)

// Ticks wrap as on a 32-bit board: ticks_us after 17.9 minutes, ticks_ms after 12.4 days.
#define MICROPY_PY_TIME_TICKS_PERIOD (1 << 30)

// The models allocate outside the clip's heap lock, so they must see and lift it.
#define MICROPY_PY_MICROPYTHON_HEAP_LOCKED (1)

// a *= b changes a's own array, as it does with the real ulab.
#define MICROPY_PY_ALL_INPLACE_SPECIAL_METHODS (1)

#define MICROPY_BANNER_MACHINE "HipCue twin"

#include "variants/mpconfigvariant_common.h"

// The same run twice gives the same bytes: no seed from the host.
#undef MICROPY_PY_RANDOM_SEED_INIT_FUNC
