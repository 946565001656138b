"""HIPCUE_S3, the science build: FeatherS3, LSM6DSOX on SPI, two motors.

`emg` is None until the driver of its front end, the ADS1292, exists.
Importing this touches no bus. The wiring is drawn in README.md.
"""

import esp32
from machine import ADC, PWM, SPI, Pin, unique_id

from hipcue.drivers.battery import Battery
from hipcue.drivers.erm import Haptics
from hipcue.drivers.lsm6dsox import LSM6DSOX, SPIBus

_MOTOR_PWM_HZ = 20000  # above hearing

clip_id = unique_id()[:6]

imu = LSM6DSOX(
    SPIBus(
        SPI(1, baudrate=8000000, polarity=1, phase=1, sck=Pin(36), mosi=Pin(35), miso=Pin(37)),
        Pin(12, Pin.OUT, value=1),
    )
)
emg = None
haptics = Haptics(PWM(Pin(17), freq=_MOTOR_PWM_HZ, duty_u16=0), PWM(Pin(18), freq=_MOTOR_PWM_HZ, duty_u16=0))
# The board's own divider of 442 kohm over 160 kohm: at most 1.12 V, within the 2.5 dB range.
battery = Battery(ADC(Pin(2), atten=ADC.ATTN_2_5DB), (442 + 160) / 160)
button = Pin(14, Pin.IN, Pin.PULL_UP)
flash = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="vfs")[0]
