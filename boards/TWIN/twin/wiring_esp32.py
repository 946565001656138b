"""The maker build: one table each for buses, ADC pins, motors, inputs and outputs. Pins are those of HIPCUE_ESP32.

The motion sensor answers on SPI too, as the real chip can.
"""

from twin import clock
from twin.chips import battery_mv, button_level, faults, left_motor, motion_sensor, right_motor
from twin.scene import current as scene
from twin.sensors import analog
from twin.sensors.held_line import HeldLine
from twin.sensors.serial_port import SPIPort

_BATTERY_DIVIDER = 2
_line = HeldLine(faults, clock.now_us)

# (bus, address): the part.
i2c = {(0, 0x6A): motion_sensor}
# bus: what may hold its SDA.
i2c_lines = {0: _line}
# (bus, chip select pin): the part.
spi = {(1, 4): SPIPort(motion_sensor)}
# pin: a function giving microvolts.
adc = {
    32: analog.envelope_uv(scene, 0, clock.now_us),
    33: analog.envelope_uv(scene, 1, clock.now_us),
    35: analog.battery_uv(battery_mv, _BATTERY_DIVIDER),
}
# pin: the motor.
motors = {25: left_motor, 26: right_motor}
# pin: a function giving its level.
inputs = {27: button_level, 21: _line.level}
# pin: a function that takes its level.
outputs = {22: _line.clock}
# pin: the part whose falling edges are counted and interrupt.
edges = {}
