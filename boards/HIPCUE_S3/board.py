"""HIPCUE_S3, the science build: FeatherS3, LSM6DSOX on SPI, ADS1292 on a second SPI, two motors.

Importing this touches no bus. The wiring is drawn in README.md. Wants MicroPython 1.26 or newer, for esp32.PCNT.
"""

import esp32
from machine import ADC, PWM, SPI, Pin, Timer, unique_id

from hipcue.drivers.ads1292 import ADS1292, EDGE_MODULUS
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
_data_ready = Pin(11, Pin.IN)
emg = ADS1292(
    SPI(2, baudrate=4000000, polarity=0, phase=1, sck=Pin(1), mosi=Pin(7), miso=Pin(10)),
    Pin(38, Pin.OUT, value=1),
    _data_ready,
    esp32.PCNT(0, pin=_data_ready, falling=esp32.PCNT.INCREMENT, max=EDGE_MODULUS, filter=80),  # 1 us, of 80 MHz
    Pin(33, Pin.OUT, value=1),
)
haptics = Haptics(
    PWM(Pin(17), freq=_MOTOR_PWM_HZ, duty_u16=0),
    PWM(Pin(18), freq=_MOTOR_PWM_HZ, duty_u16=0),
    Timer(0),
)
# The board's own divider of 442 kohm over 160 kohm: at most 1.12 V, within the 2.5 dB range.
battery = Battery(ADC(Pin(2), atten=ADC.ATTN_2_5DB), (442 + 160) / 160)
button = Pin(14, Pin.IN, Pin.PULL_UP)
flash = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="vfs")[0]


def open_nvs():
    """Return the clip's own values in the partition `nvs`."""
    return esp32.NVS("hipcue")
