"""The science build: one table each for buses, ADC pins, motors, inputs and outputs. Pins are those of HIPCUE_S3."""

from twin import clock
from twin.chips import battery_mv, button_level, faults, header, left_motor, motion_sensor, right_motor
from twin.scene import current as scene
from twin.sensors import analog
from twin.sensors.ads1292 import ADS1292
from twin.sensors.electrodes import Electrodes
from twin.sensors.serial_port import SPIPort

_BATTERY_DIVIDER = (442 + 160) / 160

muscle_front_end = ADS1292(
    Electrodes(scene, (left_motor, right_motor)),
    clock.now_us,
    identity=header.get("emg_identity", 0x53),
    faults=faults,
)

# (bus, address): the part.
i2c = {}
# bus: what may hold its SDA.
i2c_lines = {}
# (bus, chip select pin): the part.
spi = {(1, 12): SPIPort(motion_sensor), (2, 38): muscle_front_end}
# pin: a function giving microvolts.
adc = {2: analog.battery_uv(battery_mv, _BATTERY_DIVIDER)}
# pin: the motor.
motors = {17: left_motor, 18: right_motor}
# pin: a function giving its level.
inputs = {14: button_level, 11: muscle_front_end.data_ready_level}
# pin: a function that takes its level.
outputs = {33: muscle_front_end.set_reset_pin}
# pin: the part whose falling edges are counted and interrupt.
edges = {11: muscle_front_end}
