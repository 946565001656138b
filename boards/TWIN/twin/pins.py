"""`machine.Pin`, `ADC` and `PWM`: each pin is what the parts make of it.

The parts may allocate even while the clip's heap is locked.
"""

from twin import clock, heap, interrupts, parts, timers

_ADC_READ_US = 35
_ADC_FULL_SCALE_UV = 3100000  # at 11 dB

selected = {}  # SPI bus number: the device whose chip select is low
_running_pwms = {}  # pin number: PWM


def stop_outputs():
    """Stop every PWM and forget every output and interrupt, as a reset does."""
    interrupts.silence()
    timers.stop_all()
    for pwm in list(_running_pwms.values()):
        pwm.deinit()
    Pin.forget_outputs()


class Pin:
    """One pin. An output that is a part's chip select selects it while low; `parts.outputs` hear of theirs."""

    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2

    _levels = {}  # pin number: level of the output
    _open_drains = set()  # numbers of outputs that only pull down: what else is on the line, they read

    @classmethod
    def forget_outputs(cls):
        """Let all outputs go; a chip select is pulled up."""
        for number in list(cls._levels):
            Pin(number).value(1)
        cls._levels.clear()
        cls._open_drains.clear()

    def __init__(self, number, mode=None, pull=None, *, value=None):
        self.number = number
        self._bus = self._device = None
        self._output = parts.outputs.get(number)
        for bus, chip_select in parts.spi:
            if chip_select == number:
                self._bus = bus
                self._device = parts.spi[(bus, number)]
        self.init(mode, pull, value=value)

    def init(self, mode=None, pull=None, *, value=None):
        """Set the pin up; `value` is the level of an output."""
        self._pull = pull
        if mode == Pin.OPEN_DRAIN:
            Pin._open_drains.add(self.number)
        elif mode is not None:
            Pin._open_drains.discard(self.number)
        if mode == Pin.IN:
            Pin._levels.pop(self.number, None)
        elif mode is not None:
            self.value(Pin._levels.get(self.number, 0) if value is None else value)

    def value(self, level=None):
        """Return the level, or set the output to `level`."""
        if level is None:
            return self._read()
        level = 1 if level else 0
        before = Pin._levels.get(self.number, 1)
        Pin._levels[self.number] = level
        if level != before:
            if self._device is not None:
                self._select(level)
            elif self._output is not None:
                self._tell(level)

    __call__ = value

    def on(self):
        """Set the output high."""
        self.value(1)

    def off(self):
        """Set the output low."""
        self.value(0)

    def irq(self, handler=None, trigger=IRQ_FALLING | IRQ_RISING):
        """Call `handler(pin)` at each falling edge of the part on this pin; None: no more."""
        if handler and trigger != Pin.IRQ_FALLING:
            raise NotImplementedError("interrupts of rising edges")
        interrupts.listen(parts.edges[self.number], handler, self)

    def _read(self):
        if self.number in Pin._levels and not (Pin._levels[self.number] and self.number in Pin._open_drains):
            return Pin._levels[self.number]
        level = parts.inputs.get(self.number)
        if level is None:
            return 1 if self._pull == Pin.PULL_UP or self.number in Pin._open_drains else 0
        depth = heap.lift_lock()
        try:
            return level()
        finally:
            heap.restore_lock(depth)

    def _select(self, level):
        depth = heap.lift_lock()
        try:
            if level:
                self._device.deselect()
                selected.pop(self._bus, None)
            else:
                self._device.select()
                selected[self._bus] = self._device
        finally:
            heap.restore_lock(depth)

    def _tell(self, level):
        depth = heap.lift_lock()
        try:
            self._output(level)
        finally:
            heap.restore_lock(depth)


class ADC:
    """One channel of the converter; `read_u16` is that at 11 dB."""

    ATTN_2_5DB = 1
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=ATTN_11DB):
        self._microvolts = parts.adc[pin.number]

    def read_uv(self):
        """Return the calibrated voltage in uV."""
        interrupts.busy_us(_ADC_READ_US)
        depth = heap.lift_lock()
        try:
            return self._microvolts()
        finally:
            heap.restore_lock(depth)

    def read_u16(self):
        """Return the raw reading, scaled to 0..65535."""
        return min(self.read_uv(), _ADC_FULL_SCALE_UV) * 65535 // _ADC_FULL_SCALE_UV


class PWM:
    """A pulse width modulated output; a motor on its pin is told its duty."""

    def __init__(self, pin, *, freq=5000, duty_u16=32768):
        self._number = pin.number
        self._motor = parts.motors.get(pin.number)
        self.init(freq=freq, duty_u16=duty_u16)

    def init(self, *, freq=None, duty_u16=None):
        """Start the output, or change it."""
        _running_pwms[self._number] = self
        if freq is not None:
            self._freq_hz = freq
        if duty_u16 is not None:
            self.duty_u16(duty_u16)

    def freq(self, hz=None):
        """Return the frequency in Hz, or set it."""
        if hz is None:
            return self._freq_hz
        self._freq_hz = hz

    def duty_u16(self, duty=None):
        """Return the duty cycle, 0..65535, or set it."""
        if duty is None:
            return self._duty
        self._duty = duty
        if self._motor is not None:
            depth = heap.lift_lock()
            try:
                self._motor.set(duty / 65535, clock.now_us())
            finally:
                heap.restore_lock(depth)

    def deinit(self):
        """Stop the output: low."""
        self.duty_u16(0)
        _running_pwms.pop(self._number, None)
