"""The scene: what the sensors see over virtual time, and where the clock halts.

The file holds one line of JSON (the header), then little-endian float32:
`imu_samples` x 6 (ax ay az in m/s2 specific force, gx gy gz in rad/s, in the
sensor's frame; sample k at k / imu_rate_hz), then `envelope_samples` x 2
(left, right envelope in V at the ADC's pins), then `emg_samples` x 2 (left,
right EMG in uV at the electrodes, as the muscle front end's filter leaves it).
Before its first and past its last sample each is held. Without a file the clip
lies level and still, and nothing is on its electrodes.

The header's `holds`, [sample, count] in rising order, let it stand still: at that sample of the motion for so
many samples, envelopes and EMG too. A night on the table takes no room in the file so.

The header's `acts` let it play in parts, when the wearer is told: see acts.py.

Of the header's `faults` this file knows `processor_stall` (`at_s`, `for_s`):
nothing runs for so long, as when a file system tidies up; sensors go on; and
`reset` (`at_s`, `cause` as machine.reset_cause() gives it): the processor
starts anew. A brown-out has the cause of a power-on (esp_reset_reason() in
MicroPython's ports/esp32/modmachine.c), and leaves the RTC's memory.
"""

import array
import json

from twin.acts import Acts

_FRAME_BYTES = 24
_PAIR_BYTES = 8
_AT_REST = array.array("f", (0.0, 0.0, 9.80665, 0.0, 0.0, 0.0))
_PAIR_CHUNK = 512
NEVER_US = 1 << 60
_EMG_RATE_HZ = 1003.0  # of a chip whose oscillator is 0.3 % fast


def _micro(value):
    """Return `value` in millionths, as whole as single precision allows."""
    whole = int(value)
    return whole * 1000000 + round((value - whole) * 1000000)


class _Pairs:
    """Pairs of values on a rate of their own, read in chunks: `<name>_samples` of them at `<name>_rate_hz`."""

    def __init__(self, header, name, file, offset):
        self._count = header.get(name + "_samples", 0)
        self._rate_uhz = _micro(header.get(name + "_rate_hz", 0.0))
        self._file = file
        self._offset = offset
        self._chunk = array.array("f", bytes(_PAIR_CHUNK * _PAIR_BYTES))
        self._first = None

    def at_time(self, t_us):
        """Return the pair at virtual time `t_us`; zeros when there are none."""
        return self.at(t_us * self._rate_uhz // 1000000000000)

    def at(self, index):
        """Return pair `index`; zeros when there are none."""
        if not self._count:
            return 0.0, 0.0
        index = min(max(index, 0), self._count - 1)
        at = index % _PAIR_CHUNK
        if self._first != index - at:
            self._first = index - at
            self._file.seek(self._offset + self._first * _PAIR_BYTES)
            self._file.readinto(memoryview(self._chunk)[: 2 * min(_PAIR_CHUNK, self._count - self._first)])
        return self._chunk[2 * at], self._chunk[2 * at + 1]


class Scene:
    """One scene. Attributes: `header` (dict), `board`, `imu_rate_hz`, `imu_samples`, `emg_rate_hz`,
    `next_halt_us` (NEVER_US: none).

    What it holds stays as it is while time goes by, for the firmware's heap is looked at from outside.
    """

    def __init__(self, header, file=None, data_offset=0):
        self.header = header
        self.board = header.get("board", "esp32")
        self.imu_rate_hz = header.get("imu_rate_hz", 208.0)
        self.imu_rate_uhz = _micro(self.imu_rate_hz)
        self.imu_samples = header.get("imu_samples", 0)
        self.emg_rate_hz = header.get("emg_rate_hz", _EMG_RATE_HZ)
        self._emg_rate_uhz = _micro(self.emg_rate_hz)
        self._file = file
        self._imu_offset = data_offset
        envelope_offset = data_offset + self.imu_samples * _FRAME_BYTES
        emg_offset = envelope_offset + header.get("envelope_samples", 0) * _PAIR_BYTES
        self._envelope = _Pairs(header, "envelope", file, envelope_offset)
        self._emg = _Pairs(header, "emg", file, emg_offset)
        stalls = [fault for fault in header.get("faults", ()) if fault["kind"] == "processor_stall"]
        self._resets_us = sorted(
            [(_micro(fault["at_s"]), fault["cause"]) for fault in header.get("faults", ()) if fault["kind"] == "reset"]
        )
        self._stalls_us = sorted([(_micro(stall["at_s"]), _micro(stall["for_s"])) for stall in stalls])
        self._holds = header.get("holds", ())
        self.acts = Acts(header["acts"], _micro) if header.get("acts") else None
        ends_s = [header["end_s"]] if "end_s" in header else []
        self._halts_us = sorted(_micro(halt_s) for halt_s in list(header.get("halts_s", ())) + ends_s) + [NEVER_US]
        self._halt = 0
        self.next_halt_us = self._halts_us[0]

    def pass_halts(self, now_us):
        """Drop the halts reached by `now_us`: their input has come."""
        while self.next_halt_us <= now_us:
            self._halt += 1
            self.next_halt_us = self._halts_us[self._halt]

    def stall_us(self, now_us):
        """Return for how long the processor has stalled by `now_us`, once for each fault `processor_stall`."""
        total_us = 0
        while self._stalls_us and self._stalls_us[0][0] <= now_us:
            total_us += self._stalls_us.pop(0)[1]
        return total_us

    def reset_cause(self, now_us):
        """Return the cause of a reset that has come by `now_us`, once for each fault `reset`; None: none has."""
        if self._resets_us and self._resets_us[0][0] <= now_us:
            return self._resets_us.pop(0)[1]
        return None

    def imu_block(self, first, count, out):
        """Write frames `first` .. `first + count - 1` into `out`, an array('f') of 6 a frame; return it."""
        if not self.imu_samples:
            _hold(out, 0, count, _AT_REST)
            return out
        low, high = 0, self.imu_samples
        if self._holds:
            newest = first + count - 1
            begin, end = first - self._held(first), newest - self._held(newest)
            if end - begin == count - 1:
                first = begin
            elif begin == end:
                low, high = begin, begin + 1
            else:
                view = memoryview(out)
                for k in range(count):
                    self.imu_block(first + k, 1, view[6 * k : 6 * k + 6])
                return out
        if self.acts:
            shift, low, last = self.acts.samples(self.imu_rate_uhz)
            first += shift
            high = min(high, last + 1)
        begin = min(max(first, low), high - 1)
        end = min(max(first + count, begin + 1), high)
        before = min(max(begin - first, 0), count)
        inside = min(end - begin, count - before) if first < high else 0
        if inside:
            self._read(self._imu_offset + begin * _FRAME_BYTES, memoryview(out)[6 * before : 6 * (before + inside)])
        if before or before + inside < count:
            edge = array.array("f", bytes(_FRAME_BYTES))
            self._read(self._imu_offset + begin * _FRAME_BYTES, edge)
            _hold(out, 0, before, edge)
            self._read(self._imu_offset + (end - 1) * _FRAME_BYTES, edge)
            _hold(out, before + inside, count, edge)
        return out

    def envelope_volts(self, t_us):
        """Return the (left, right) envelope in V at virtual time `t_us`."""
        if self._holds:
            held = self._held(t_us * self.imu_rate_uhz // 1000000000000)
            t_us -= held * 1000000000000 // self.imu_rate_uhz
        return self._envelope.at_time(self.acts.scene_us(t_us) if self.acts else t_us)

    def emg_uv(self, index):
        """Return pair `index`, taken at index / `emg_rate_hz`, of the (left, right) EMG in uV."""
        if self.acts:
            shift, first, last = self.acts.samples(self._emg_rate_uhz)
            index = min(last, max(first, index + shift))
        if self._holds:
            held = self._held(index * self.imu_rate_uhz // self._emg_rate_uhz)
            index -= held * self._emg_rate_uhz // self.imu_rate_uhz
        return self._emg.at(index)

    def _held(self, sample):
        """Return for how many samples of the motion the scene has stood still by `sample`."""
        total = 0
        for at, count in self._holds:
            if sample <= at + total:
                break
            total += min(count, sample - at - total)
        return total

    def _read(self, offset, out):
        self._file.seek(offset)
        self._file.readinto(out)


def _hold(out, begin, end, frame):
    for index in range(6 * begin, 6 * end, 6):
        out[index : index + 6] = frame


def load(path):
    """Make the scene in file `path` the current one."""
    global current
    file = open(path, "rb")
    first_line = file.readline()
    current = Scene(json.loads(first_line), file, len(first_line))


current = Scene({})
