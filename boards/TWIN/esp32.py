"""`esp32` on the twin: the pulse counter, the flash partitions and the small values kept in flash."""

from twin import flash, heap, nvs, parts


class PCNT:
    """One pulse counter, on the pin of a part that makes edges: counts falling ones; `max` is 0 again."""

    IGNORE = 0
    INCREMENT = 1

    def __init__(self, unit, *, pin, rising=IGNORE, falling=IGNORE, max=32767, filter=0):
        if rising != PCNT.IGNORE or falling != PCNT.INCREMENT:
            raise NotImplementedError("counting other than falling edges upwards")
        self._part = parts.edges[pin.number]
        self._modulus = max
        self._held = 0
        self._from = None

    def start(self):
        """Count from now on."""
        if self._from is None:
            self._part.convert()
            self._from = self._part.edges - self._held

    def stop(self):
        """Hold the count."""
        self._held = self.value()
        self._from = None

    def value(self):
        """Return the count."""
        if self._from is None:
            return self._held
        depth = heap.lift_lock()
        try:
            self._part.convert()
        finally:
            heap.restore_lock(depth)
        return (self._part.edges - self._from) % self._modulus


class Partition:
    """The partition that holds the file system: the flash chip itself."""

    TYPE_DATA = 1

    @staticmethod
    def find(type=TYPE_DATA, label=None):
        """Return the partitions of that name; there is one, `vfs`."""
        return [flash.current] if label == "vfs" else []


class NVS:
    """The values of one namespace in the partition `nvs`."""

    def __init__(self, namespace):
        self._space = nvs.storage().space(namespace)

    def set_blob(self, key, value):
        """Keep the bytes `value` under `key`, in place of those before."""
        nvs.storage().set(self._space, key, bytes(value))

    def get_blob(self, key, buffer):
        """Fill `buffer` with what is kept under `key`; return its length, which may be less."""
        value = nvs.storage().get(self._space, key)
        if len(value) > len(buffer):
            raise OSError(*nvs.INVALID_LENGTH)
        buffer[: len(value)] = value
        return len(value)

    def commit(self):
        """Return once all is in flash: it is."""
