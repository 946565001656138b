#define MICROPY_HW_BOARD_NAME "HIPCUE_ESP32"
#define MICROPY_HW_MCU_NAME "ESP32"

// Nothing here speaks to a radio, and its memory is better used for the core.
#define MICROPY_PY_BLUETOOTH (0)

// As wired: see README.md.
#define MICROPY_HW_I2C0_SDA (21)
#define MICROPY_HW_I2C0_SCL (22)
