"""What the muscle front end's electrodes carry: the scene's EMG and the noise of the vibration motors."""

import math

_MOTOR_NOISE_UV = 30000.0  # amplitude while a motor is on: a coil with brushes, centimetres from the leads
_MOTOR_NOISE_HZ = 180
_TURN = 2 * math.pi


class Electrodes:
    """`scene`: gives `.emg_uv(index)` and `.emg_rate_hz`; `motors`: those that disturb."""

    def __init__(self, scene, motors=()):
        self._emg_uv = scene.emg_uv
        self.rate_hz = scene.emg_rate_hz
        self._motors = motors

    def uv(self, index, time_us):
        """Return the (left, right) voltage in uV of sample `index`, which is taken at `time_us`."""
        left, right = self._emg_uv(index)
        for motor in self._motors:
            if motor.is_on(time_us):
                phase = time_us * _MOTOR_NOISE_HZ % 1000000 / 1000000
                noise = _MOTOR_NOISE_UV * math.sin(_TURN * phase)
                return left + noise, right + noise
        return left, right
