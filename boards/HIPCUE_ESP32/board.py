"""HIPCUE_ESP32, the maker build: ESP32 DevKit, LSM6DSOX on I2C, two MyoWare 2.0 envelopes, two motors.

Importing this touches no bus. The wiring is drawn in README.md.
"""

import esp32
from machine import ADC, I2C, PWM, Pin, Timer, unique_id

from hipcue.drivers.battery import Battery
from hipcue.drivers.erm import Haptics
from hipcue.drivers.lsm6dsox import LSM6DSOX, I2CBus
from hipcue.drivers.myoware import MyoWare

_MOTOR_PWM_HZ = 20000  # above hearing

clip_id = unique_id()[:6]

_sda = Pin(21)
_scl = Pin(22)


def _open_i2c():
    return I2C(0, sda=_sda, scl=_scl, freq=400000)


imu = LSM6DSOX(I2CBus(_open_i2c(), (_scl, _sda, _open_i2c)))
emg = MyoWare(ADC(Pin(32), atten=ADC.ATTN_11DB), ADC(Pin(33), atten=ADC.ATTN_11DB))
haptics = Haptics(
    PWM(Pin(25), freq=_MOTOR_PWM_HZ, duty_u16=0),
    PWM(Pin(26), freq=_MOTOR_PWM_HZ, duty_u16=0),
    Timer(0),
)
battery = Battery(ADC(Pin(35), atten=ADC.ATTN_11DB), 2.0)  # two equal resistors
button = Pin(27, Pin.IN, Pin.PULL_UP)
flash = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="vfs")[0]


def open_nvs():
    """Return the clip's own values in the partition `nvs`."""
    return esp32.NVS("hipcue")
