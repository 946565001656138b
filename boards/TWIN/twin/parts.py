"""What is soldered to the clip's pins: the tables of the build that the scene's header names (`board`)."""

from twin.scene import current as scene

if scene.board == "esp32":
    from twin import wiring_esp32 as _wiring
elif scene.board == "s3":
    from twin import wiring_s3 as _wiring
else:
    raise ValueError("there is no board %s; there are esp32 and s3" % scene.board)

i2c = _wiring.i2c
i2c_lines = _wiring.i2c_lines
spi = _wiring.spi
adc = _wiring.adc
motors = _wiring.motors
inputs = _wiring.inputs
outputs = _wiring.outputs
edges = _wiring.edges
