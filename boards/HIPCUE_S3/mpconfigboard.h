#define MICROPY_HW_BOARD_NAME "HIPCUE_S3"
#define MICROPY_HW_MCU_NAME "ESP32S3"

// Nothing here speaks to a radio, and its memory is better used for the core.
#define MICROPY_PY_BLUETOOTH (0)

// As wired: see README.md.
#define MICROPY_HW_SPI1_SCK (36)
#define MICROPY_HW_SPI1_MOSI (35)
#define MICROPY_HW_SPI1_MISO (37)
#define MICROPY_HW_SPI2_SCK (1)
#define MICROPY_HW_SPI2_MOSI (7)
#define MICROPY_HW_SPI2_MISO (10)
