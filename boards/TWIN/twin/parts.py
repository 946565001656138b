"""What is soldered to the clip's pins: one table each for buses, ADC pins, motors and inputs.

The motion sensor answers on both of its buses, as the real chip can. Pins are those of HIPCUE_ESP32.
"""

from twin import clock
from twin.scene import current as scene
from twin.sensors import analog, button
from twin.sensors.lsm6dsox import LSM6DSOX
from twin.sensors.motion import Motion
from twin.sensors.motors import Motor, MotorLog
from twin.sensors.serial_port import SPIPort

_BATTERY_DIVIDER = 2

_header = scene.header
_log = MotorLog(_header.get("motor_log"))

motion_sensor = LSM6DSOX(
    Motion(scene),
    clock.now_us,
    scene.imu_rate_hz,
    identity=_header.get("who_am_i", 0x6C),
    is_dso32=_header.get("chip") == "DSO32",
    faults=_header.get("faults", ()),
    temperature_c=_header.get("temperature_c", 25.0),
)

# (bus, address): the part.
i2c = {(0, 0x6A): motion_sensor}
# (bus, chip select pin): the part.
spi = {(1, 4): SPIPort(motion_sensor)}
# pin: a function giving microvolts.
adc = {
    32: analog.envelope_uv(scene, 0, clock.now_us),
    33: analog.envelope_uv(scene, 1, clock.now_us),
    35: analog.battery_uv(_header.get("battery_mv", 4000), _BATTERY_DIVIDER),
}
# pin: the motor.
motors = {25: Motor("left", _log), 26: Motor("right", _log)}
# pin: a function giving its level.
inputs = {27: button.level(_header.get("button", ()), clock.now_us)}
