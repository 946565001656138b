"""The parts that every build of the clip has, as the scene's header describes them."""

from twin import clock
from twin.scene import current as scene
from twin.sensors import button
from twin.sensors.lsm6dsox import LSM6DSOX
from twin.sensors.motion import Motion
from twin.sensors.motors import Motor, MotorLog

header = scene.header
faults = header.get("faults", ())
battery_mv = header.get("battery_mv", 4000)
_log = MotorLog(header.get("motor_log"))

motion_sensor = LSM6DSOX(
    Motion(scene),
    clock.now_us,
    scene.imu_rate_hz,
    identity=header.get("who_am_i", 0x6C),
    is_dso32=header.get("chip") == "DSO32",
    faults=faults,
    temperature_c=header.get("temperature_c", 25.0),
)
left_motor = Motor("left", _log)
right_motor = Motor("right", _log)
button_level = button.level(header.get("button", ()), clock.now_us)
