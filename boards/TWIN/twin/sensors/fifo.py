"""The LSM6DSOX's FIFO: 512 words of a tag byte and six bytes of data (DS12814, "FIFO"; AN5272, "FIFO")."""

GYRO = 1
ACCEL = 2
TEMPERATURE = 3
TIMESTAMP = 4

DEPTH = 512
WORD_BYTES = 7


def tag_byte(sensor, slot):
    """Return FIFO_DATA_OUT_TAG: the sensor in bits 7:3, the time slot in 2:1, even parity in bit 0."""
    tag = sensor << 3 | (slot & 3) << 1
    parity = tag ^ tag >> 4
    parity ^= parity >> 2
    return tag | (parity ^ parity >> 1) & 1


class Fifo:
    """A ring of words: `count` unread, `overrun_latched` once a word has been overwritten.

    `keeps_oldest`: when full, refuse new words (FIFO mode) in place of overwriting (continuous mode).
    """

    def __init__(self):
        self._ring = bytearray(DEPTH * WORD_BYTES)
        self._gyro_tags = bytes(tag_byte(GYRO, slot) for slot in range(4))
        self._accel_tags = bytes(tag_byte(ACCEL, slot) for slot in range(4))
        self.keeps_oldest = False
        self.clear()

    def clear(self):
        """Forget all words and flags, as bypass mode does."""
        self._first = 0
        self.count = 0
        self.overrun = False
        self.overrun_latched = False

    def push(self, tag, data):
        """Store one word."""
        if self.count == DEPTH:
            if self.keeps_oldest:
                return
            self.lose(1)
        at = (self._first + self.count) % DEPTH * WORD_BYTES
        self._ring[at] = tag
        self._ring[at + 1 : at + WORD_BYTES] = data
        self.count += 1

    def push_frames(self, data, frames, slot):
        """Store `frames` pairs of a gyroscope and an accelerometer word from slot `slot` on, overwriting.

        `data`: memoryview of bytes, 12 a frame, gyroscope first.
        """
        over = self.count + 2 * frames - DEPTH
        if over > 0:
            self.lose(over)
        ring = self._ring
        gyro_tags = self._gyro_tags
        accel_tags = self._accel_tags
        word = self._first + self.count
        source = 0
        for k in range(slot, slot + frames):
            at = word % DEPTH * WORD_BYTES
            ring[at] = gyro_tags[k & 3]
            ring[at + 1 : at + 7] = data[source : source + 6]
            at = (word + 1) % DEPTH * WORD_BYTES
            ring[at] = accel_tags[k & 3]
            ring[at + 1 : at + 7] = data[source + 6 : source + 12]
            word += 2
            source += 12
        self.count += 2 * frames

    def lose(self, words):
        """Overwrite the oldest `words`: what an overrun is."""
        words = min(words, self.count)
        self._first = (self._first + words) % DEPTH
        self.count -= words
        self.overrun = True
        self.overrun_latched = True

    def peek(self, offset):
        """Return byte `offset` of the oldest word; 0 when there is none."""
        return self._ring[self._first * WORD_BYTES + offset] if self.count else 0

    def pop(self):
        """Drop the oldest word, as reading its last byte does."""
        if self.count:
            self._first = (self._first + 1) % DEPTH
            self.count -= 1
            self.overrun = False

    def pop_into(self, buffer):
        """Read whole words into `buffer`, zeros once there are no more."""
        words = min(len(buffer) // WORD_BYTES, self.count)
        done = 0
        while done < words:
            run = min(words - done, DEPTH - self._first)
            start = self._first * WORD_BYTES
            buffer[done * WORD_BYTES : (done + run) * WORD_BYTES] = self._ring[start : start + run * WORD_BYTES]
            self._first = (self._first + run) % DEPTH
            done += run
        for at in range(words * WORD_BYTES, len(buffer)):
            buffer[at] = 0
        if words:
            self.count -= words
            self.overrun = False
