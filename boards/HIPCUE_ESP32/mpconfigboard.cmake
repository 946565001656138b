# Built from MicroPython's own folder (1.25 or newer), with ulab beside it:
#   make -C ports/esp32 BOARD_DIR=<this folder> USER_C_MODULES=<ulab>/code/micropython.cmake

set(IDF_TARGET esp32)

# A relative path to the partition table counts from the port's folder, and an sdkconfig file knows no
# variables; so this one line is written at configure time.
set(HIPCUE_PARTITIONS ${CMAKE_BINARY_DIR}/sdkconfig.hipcue_partitions)
file(WRITE ${HIPCUE_PARTITIONS} "CONFIG_PARTITION_TABLE_CUSTOM_FILENAME=\"${MICROPY_BOARD_DIR}/partitions.csv\"\n")

set(SDKCONFIG_DEFAULTS
    boards/sdkconfig.base
    boards/sdkconfig.240mhz
    ${MICROPY_BOARD_DIR}/sdkconfig.board
    ${HIPCUE_PARTITIONS}
)

set(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest.py)
