"""`machine.I2C` and `SPI`: a transfer takes the time that it takes on the wire.

The parts may allocate even while the clip's heap is locked.
"""

import errno

from twin import heap, interrupts, parts, pins


class I2C:
    """One I2C bus; OSError(ENODEV) where no part answers, OSError(ETIMEDOUT) while one holds SDA low."""

    def __init__(self, bus, *, scl=None, sda=None, freq=400000, timeout=50000):
        self._bus = bus
        self._bit_rate_hz = freq
        self._timeout_us = timeout

    def scan(self):
        """Return the addresses that answer."""
        interrupts.busy_us(112 * self._us(1))
        return sorted(address for bus, address in parts.i2c if bus == self._bus)

    def readfrom_mem_into(self, address, register, buffer):
        """Fill `buffer` from the part's `register` on."""
        depth = heap.lift_lock()
        try:
            self._part(address).read_into(register, buffer)
        finally:
            heap.restore_lock(depth)
            interrupts.busy_us(self._us(len(buffer) + 3))

    def readfrom_mem(self, address, register, count):
        """Return `count` bytes from the part's `register` on."""
        buffer = bytearray(count)
        self.readfrom_mem_into(address, register, buffer)
        return bytes(buffer)

    def writeto_mem(self, address, register, data):
        """Write `data` to the part's `register` on."""
        depth = heap.lift_lock()
        try:
            self._part(address).write(register, data)
        finally:
            heap.restore_lock(depth)
            interrupts.busy_us(self._us(len(data) + 2))

    def _part(self, address):
        line = parts.i2c_lines.get(self._bus)
        if line is not None and not line.level():
            interrupts.busy_us(self._timeout_us)
            raise OSError(errno.ETIMEDOUT)
        part = parts.i2c.get((self._bus, address))
        if part is None:
            raise OSError(errno.ENODEV)
        return part

    def _us(self, count):
        """Return how long `count` bytes take: nine bits each, and start and stop."""
        return (9 * count + 2) * 1000000 // self._bit_rate_hz


class SPI:
    """One SPI bus; without a selected part it reads ones. `bit_rate_hz`, `mode`: for the parts to check."""

    MSB = 0
    LSB = 1

    def __init__(
        self, bus, baudrate=1000000, *, polarity=0, phase=0, bits=8, firstbit=0, sck=None, mosi=None, miso=None
    ):
        self._bus = bus
        self.bit_rate_hz = baudrate
        self.mode = polarity << 1 | phase

    def write(self, data):
        """Send `data`."""
        self._exchange(data, None, len(data))

    def readinto(self, buffer, write=0):
        """Fill `buffer` while sending the byte `write`."""
        for index in range(len(buffer)):
            buffer[index] = write
        self._exchange(buffer, buffer, len(buffer))

    def read(self, count, write=0):
        """Return `count` bytes, read while sending the byte `write`."""
        buffer = bytearray(count)
        self.readinto(buffer, write)
        return bytes(buffer)

    def write_readinto(self, data, buffer):
        """Send `data` while filling `buffer`, of the same length."""
        if len(data) != len(buffer):
            raise ValueError("buffers must be the same length")
        self._exchange(data, buffer, len(data))

    def _exchange(self, data, buffer, count):
        depth = heap.lift_lock()
        try:
            part = pins.selected.get(self._bus)
            if part is not None:
                # The two may share memory.
                part.exchange(data if buffer is None else bytes(data), buffer, self)
            elif buffer is not None:
                for index in range(count):
                    buffer[index] = 0xFF
        finally:
            heap.restore_lock(depth)
            interrupts.busy_us(8 * count * 1000000 // self.bit_rate_hz)
