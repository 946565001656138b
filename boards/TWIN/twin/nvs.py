"""The `nvs` partition as ESP-IDF keeps it: pages of entries of 32 bytes, one page to a sector of the modelled flash.

Format, order of the flash operations and what the next start makes of an interrupted one are those of ESP-IDF 5.4
(programming guide, "Non-Volatile Storage Library", Internals; components/nvs_flash/src), for blobs. It believes, as
there, that a chip has programmed what it was told to: what stands over old bits is found by its CRC-32 when read.
"""

import errno
import struct
from binascii import crc32

from twin.flash import SECTOR_BYTES, Flash

DEFAULT_BYTES = 6 * SECTOR_BYTES
ENTRY_BYTES = 32
ENTRIES = 126
CHUNK_BYTES = ENTRY_BYTES * (ENTRIES - 1)
VERSION = 0xFE
# States of a page and of an entry: each comes from the one before by clearing bits.
UNINITIALIZED, ACTIVE, FULL, FREEING, CORRUPT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFC, 0xFFFFFFF8, 0
EMPTY, WRITTEN, ILLEGAL, ERASED = 3, 2, 1, 0
U8, BLOB_DATA, BLOB_INDEX = 0x01, 0x42, 0x48
NAMESPACES = 0  # the namespace of their names
ANY = 0xFF
VERSIONS = (0x00, 0x80)  # a blob's chunks are numbered from one of them on, its next value's from the other
NOT_FOUND = (-0x1102, "ESP_ERR_NVS_NOT_FOUND")
NOT_ENOUGH_SPACE = (-0x1105, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")
INVALID_LENGTH = (-0x110C, "ESP_ERR_NVS_INVALID_LENGTH")
NO_FREE_PAGES = (-0x110D, "ESP_ERR_NVS_NO_FREE_PAGES")

_HEADER = "<IIB19sI"
_ITEM = "<BBBBI16s8s"  # namespace, kind, entries, chunk, CRC-32, name, data
_INDEX = "<IBBH"  # bytes, chunks, number of the first, not used
_DATA = "<HHI"  # bytes, not used, CRC-32
_TABLE = 32  # offset of the entries' states, 2 bits each
_ENTRIES = 64
_UNUSED = b"\xff" * 19


def _crc(data, before=0xFFFFFFFF):
    return crc32(data, before)


class _Item:
    """The first entry of a value, from its 32 bytes."""

    def __init__(self, data):
        self.space, self.kind, self.span, self.chunk, self.crc, self.name, self.data = struct.unpack(_ITEM, data)
        self._is_right = self.crc == _crc(data[8:], _crc(data[:4]))

    def consistent(self, index):
        """Return whether it can be at entry `index`."""
        if not self._is_right:
            return False
        if self.kind == BLOB_DATA:
            size = struct.unpack(_DATA, self.data)[0]
            span = 1 + (size + ENTRY_BYTES - 1) // ENTRY_BYTES
            return self.chunk != ANY and self.span == span and index + span <= ENTRIES
        return self.span == 1 and (self.kind == U8 or self.kind == BLOB_INDEX and self.chunk == ANY)

    def is_like(self, space, kind, name, chunk=ANY, first=ANY):
        """Return whether it is that item; `chunk`, `first` (chunk of a blob's index): ANY fits all."""
        if (self.space, self.kind, self.name) != (space, kind, name) or chunk not in (ANY, self.chunk):
            return False
        return kind != BLOB_INDEX or first in (ANY, self.data[5])


class _Page:
    """Sector `sector` of `chip`. `free`: the next entry to be written."""

    def __init__(self, chip, sector):
        self._chip = chip
        self._sector = sector
        self.sequence = None
        self.free = ENTRIES
        self.states = bytearray([EMPTY] * ENTRIES)
        data = self._read(0, ENTRY_BYTES)
        self.state, sequence, _, _, crc = struct.unpack(_HEADER, data)
        if self.state == UNINITIALIZED:
            if self._read(0, SECTOR_BYTES) != b"\xff" * SECTOR_BYTES:
                self.state = CORRUPT
        elif crc != _crc(data[4:28]) or self.state not in (ACTIVE, FULL, FREEING):
            self.state = CORRUPT
        else:
            self.sequence = sequence
            self._load_entries()

    # The start.

    def _load_entries(self):
        table = self._read(_TABLE, 32)
        for index in range(ENTRIES):
            self.states[index] = table[index // 4] >> index % 4 * 2 & 3
        if self.state == ACTIVE:
            self._find_free()
            self._check_active()
        else:
            for index, item in self.items():
                if not self._is_whole(index, item):
                    self.erase_item(index)

    def _find_free(self):
        """Go behind the last entry that is written or half written."""
        self.free = next((index for index in range(ENTRIES) if self.states[index] == EMPTY), ENTRIES)
        while self.free < ENTRIES and self._entry(self.free)[:4] != b"\xff\xff\xff\xff":
            self._set_states(self.free, self.free + 1, ERASED)
            self.free += 1

    def _check_active(self):
        """Erase what is not whole, and what came a second time."""
        first = {}
        last = newest = None
        index = 0
        while index < self.free:
            span = 1
            if self.states[index] != WRITTEN:
                last = None
                if self.states[index] == ILLEGAL:
                    self.erase_item(index)
            else:
                last = index
                item = _Item(self._entry(index))
                newest = item
                if not item.consistent(index):
                    self.erase_item(index)
                else:
                    span = item.span
                    mark = (item.space, item.name, item.chunk)
                    before = first.get(mark)
                    if not self._is_whole(index, item):
                        last = None
                        self.erase_item(index)
                    else:
                        first[mark] = index
                        if before is not None:
                            self.erase_item(before)
            index += span
        if last is not None:
            found = self.find(newest.space, newest.kind, newest.name)
            if found is not None and found[0] < last:
                self.erase_item(found[0])

    def _is_whole(self, index, item):
        return all(self.states[entry] == WRITTEN for entry in range(index, index + item.span))

    # Items.

    def items(self):
        """Yield (index, item) of what is written; what is damaged is erased on the way."""
        index = 0
        while index < min(self.free, ENTRIES):
            span = 1
            if self.states[index] == WRITTEN:
                item = _Item(self._entry(index))
                if item.consistent(index):
                    span = item.span
                    yield index, item
                else:
                    self.erase_item(index)
            index += span

    def find(self, *what):
        """Return (index, item) of the first item that is `what`, arguments of is_like, or None."""
        if self.sequence is None:
            return None
        return next((found for found in self.items() if found[1].is_like(*what)), None)

    def data(self, index, item):
        """Return the bytes of a chunk, or None when they are damaged: it is erased then."""
        size, _, crc = struct.unpack(_DATA, item.data)
        data = self._read(_ENTRIES + ENTRY_BYTES * (index + 1), size)
        if _crc(data) == crc:
            return data
        self.erase_item(index)
        return None

    def write_item(self, space, kind, name, chunk, data):
        """Write a value of at most 8 bytes, or a chunk."""
        if self.state == UNINITIALIZED:
            self._initialize()
        span = 1
        value = data
        if kind == BLOB_DATA:
            span += (len(data) + ENTRY_BYTES - 1) // ENTRY_BYTES
            value = struct.pack(_DATA, len(data), 0xFFFF, _crc(data))
        value = value + b"\xff" * (8 - len(value))
        head = bytes((space, kind, span, chunk))
        self._write_entry(head + struct.pack("<I", _crc(name + value, _crc(head))) + name + value)
        if kind == BLOB_DATA:
            whole = len(data) // ENTRY_BYTES
            if whole:
                self._program(_ENTRIES + ENTRY_BYTES * self.free, data[: whole * ENTRY_BYTES])
                self._set_states(self.free, self.free + whole, WRITTEN)
                self.free += whole
            rest = data[whole * ENTRY_BYTES :]
            if rest:
                self._write_entry(rest + b"\xff" * (ENTRY_BYTES - len(rest)))

    def erase_item(self, index):
        """Mark the item at `index` as erased; one entry when its first is damaged."""
        span = 1
        if self.states[index] == WRITTEN:
            item = _Item(self._entry(index))
            if item.consistent(index):
                span = item.span
        self._set_states(index, index + span, ERASED)
        self.free = max(self.free, index + span)

    def copy_to(self, other):
        """Write all that is not erased to another page."""
        for index, item in self.items():
            if other.state == UNINITIALIZED:
                other._initialize()
            for entry in range(index, index + item.span):
                other._write_entry(self._entry(entry))

    # The page.

    def is_full(self):
        """Return whether it takes no entry more."""
        return self.state == FULL or self.state == ACTIVE and self.free >= ENTRIES

    def tailroom(self):
        """Return how many bytes a chunk may have here."""
        if self.state == UNINITIALIZED:
            return CHUNK_BYTES
        return 0 if self.state == FULL else max(0, ENTRIES - self.free - 1) * ENTRY_BYTES

    def unused(self):
        """Return how many entries a new page in its place would gain."""
        return ENTRIES - sum(state == WRITTEN for state in self.states)

    def mark(self, state):
        """Change the state."""
        self._program(0, struct.pack("<I", state))
        self.state = state

    def erase(self):
        """Erase the sector."""
        self._chip.ioctl(6, self._sector)
        self.state, self.sequence, self.free = UNINITIALIZED, None, ENTRIES
        self.states[:] = bytes([EMPTY] * ENTRIES)

    def _initialize(self):
        rest = struct.pack("<IB19s", self.sequence, VERSION, _UNUSED)
        self.state, self.free = ACTIVE, 0
        self._program(0, struct.pack("<I", ACTIVE) + rest + struct.pack("<I", _crc(rest)))

    def _write_entry(self, data):
        self._program(_ENTRIES + ENTRY_BYTES * self.free, data)
        self._set_states(self.free, self.free + 1, WRITTEN)
        self.free += 1

    def _set_states(self, begin, end, state):
        """Change the states of entries, the last first, by words of 16."""
        for word in range((end - 1) // 16, begin // 16 - 1, -1):
            for index in range(max(begin, 16 * word), min(end, 16 * word + 16)):
                self.states[index] = state
            bits = 0xFFFFFFFF
            for index in range(16 * word, min(16 * word + 16, ENTRIES)):
                bits ^= (3 ^ self.states[index]) << index % 16 * 2
            self._program(_TABLE + 4 * word, struct.pack("<I", bits))

    def _entry(self, index):
        return self._read(_ENTRIES + ENTRY_BYTES * index, ENTRY_BYTES)

    def _read(self, offset, count):
        buffer = bytearray(count)
        self._chip.readblocks(self._sector, buffer, offset)
        return bytes(buffer)

    def _program(self, offset, data):
        try:
            self._chip.writeblocks(self._sector, data, offset)
        except OSError as error:
            if error.errno != errno.EIO:  # bits that were cleared stay so, and nobody is told
                raise


class Storage:
    """What is on the partition `chip`, as nvs_flash_init() finds and mends it."""

    def __init__(self, chip):
        pages = [_Page(chip, sector) for sector in range(chip.sectors)]
        self._free = [page for page in pages if page.sequence is None]
        self._pages = sorted([page for page in pages if page.sequence is not None], key=lambda page: page.sequence)
        self._sequence = 0
        if self._pages:
            self._sequence = self._pages[-1].sequence + 1
            self._erase_double()
            self._end_freeing()
            if not self._free:
                raise OSError(*NO_FREE_PAGES)
        else:
            self._activate()
        self._names = {item.name: item.data[0] for item in self._all(U8) if item.space == NAMESPACES}
        self._erase_torn()

    def _all(self, kind):
        return [item for page in self._pages for _, item in page.items() if item.kind == kind]

    def _erase_double(self):
        """The power went after a value was written and before the old one was erased."""
        items = [item for _, item in self._pages[-1].items()]
        for page in self._pages[:-1]:
            if items and page.state != FREEING:
                found = page.find(items[-1].space, items[-1].kind, items[-1].name, items[-1].chunk)
                if found:
                    page.erase_item(found[0])
                    break

    def _end_freeing(self):
        """The power went while a page was emptied into the newest."""
        for page in self._pages:
            if page.state == FREEING:
                if self._pages[-1].state == ACTIVE:
                    newest = self._pages.pop()
                    newest.erase()
                    self._free.append(newest)
                page.copy_to(self._activate())
                self._retire(page)
                break

    def _erase_torn(self):
        """Erase indexes whose chunks are not all there, and chunks without an index."""
        indexes = []
        for item in self._all(BLOB_INDEX):
            size, count, first, _ = struct.unpack(_INDEX, item.data)
            indexes.append([item, first, count, size, 0, 0])
        for item in self._all(BLOB_DATA):
            for row in indexes:
                if self._is_of(item, row[0]) and row[1] == item.chunk & 0x80:
                    row[4] += 1
                    row[5] += struct.unpack(_DATA, item.data)[0]
                    break
        whole = []
        for row in indexes:
            if row[2:4] == row[4:]:
                whole.append(row)
            else:
                self._erase_first(row[0].space, BLOB_INDEX, row[0].name, ANY, row[1])
        for page in self._pages:
            for index, item in page.items():
                if item.kind == BLOB_DATA:
                    if not any(self._is_of(item, row[0]) and 0 <= item.chunk - row[1] < row[2] for row in whole):
                        page.erase_item(index)

    @staticmethod
    def _is_of(chunk, index):
        return (chunk.space, chunk.name) == (index.space, index.name)

    def _find(self, *what):
        """Return (page, index, item) or None."""
        for page in self._pages:
            found = page.find(*what)
            if found:
                return (page,) + found
        return None

    def _erase_first(self, *what):
        found = self._find(*what)
        if found:
            found[0].erase_item(found[1])

    def _activate(self):
        """Take the next free page as the newest."""
        page = self._free[0]
        if page.state == CORRUPT:
            page.erase()
        self._pages.append(self._free.pop(0))
        page.sequence = self._sequence
        self._sequence += 1
        return page

    def _retire(self, page):
        self._pages.remove(page)
        page.erase()
        self._free.append(page)

    def _next_page(self):
        """Go to a new page; the last free one is had by emptying the page with the most erased entries into it."""
        if len(self._free) >= 2:
            self._activate()
            return
        emptied = max(self._pages, key=lambda page: page.unused())
        if not emptied.unused():
            raise OSError(*NOT_ENOUGH_SPACE)
        newest = self._activate()
        emptied.mark(FREEING)
        emptied.copy_to(newest)
        self._retire(emptied)

    def space(self, name):
        """Return the number of the namespace `name`, which is made where there is none."""
        name = _padded(name)
        if name not in self._names:
            number = 1 + max([0] + list(self._names.values()))
            if self._pages[-1].is_full():
                self._leave_page()
            self._pages[-1].write_item(NAMESPACES, U8, name, ANY, bytes((number,)))
            self._names[name] = number
        return self._names[name]

    def _leave_page(self):
        if self._pages[-1].state != FULL:
            self._pages[-1].mark(FULL)
        self._next_page()

    def get(self, space, name):
        """Return the bytes of a blob; OSError when there is none."""
        name = _padded(name)
        found = self._find(space, BLOB_INDEX, name)
        if not found:
            raise OSError(*NOT_FOUND)
        size, count, first, _ = struct.unpack(_INDEX, found[2].data)
        value = b""
        for chunk in range(first, first + count):
            found = self._find(space, BLOB_DATA, name, chunk)
            data = found and found[0].data(found[1], found[2])
            if data is None:
                raise OSError(*NOT_FOUND)
            value += data
        return value

    def set(self, space, name, value):
        """Write a blob, then erase the one before; OSError when there is no room."""
        before = None
        try:
            if self.get(space, name) == value:
                return
        except OSError:
            pass
        found = self._find(space, BLOB_INDEX, _padded(name))
        if found:
            before = found[2].data[5]
        self._write(space, _padded(name), value, VERSIONS[before == VERSIONS[0]])
        if before is not None:
            self._erase_blob(space, _padded(name), before)

    def _write(self, space, name, value, first):
        chunk, done = first, 0
        while True:
            page = self._pages[-1]
            room = page.tailroom()
            if chunk == first and room < len(value) and room < CHUNK_BYTES // 10:
                self._leave_page()
                if self._pages[-1].tailroom() == room:
                    raise OSError(*NOT_ENOUGH_SPACE)
                continue
            if not room:
                self._erase_chunks(space, name, first, chunk)
                raise OSError(*NOT_ENOUGH_SPACE)
            part = value[done : done + room]
            page.write_item(space, BLOB_DATA, name, chunk, part)
            chunk += 1
            done += len(part)
            if done < len(value) or room - len(part) < ENTRY_BYTES:
                try:
                    self._leave_page()
                except OSError:
                    self._erase_chunks(space, name, first, chunk)
                    raise
            if done == len(value):
                index = struct.pack(_INDEX, len(value), chunk - first, first, 0xFFFF)
                self._pages[-1].write_item(space, BLOB_INDEX, name, ANY, index)
                return

    def _erase_chunks(self, space, name, first, end):
        for chunk in range(first, end):
            self._erase_first(space, BLOB_DATA, name, chunk)

    def _erase_blob(self, space, name, first):
        """Erase the value whose chunks are numbered from `first` on: its index before them."""
        self._erase_first(space, BLOB_INDEX, name, ANY, first)
        for page in self._pages:
            for index, item in page.items():
                if item.is_like(space, BLOB_DATA, name) and item.chunk & 0x80 == first:
                    page.erase_item(index)


def _padded(name):
    """Return a name as an entry holds it."""
    if len(name) > 15:
        raise ValueError("a name of more than 15 characters")
    return (name.encode() + bytes(16))[:16]


_chip = None
_storage = None


def attach(chip):
    """Take `chip` for the partition."""
    global _chip
    _chip = chip
    forget()


def forget():
    """Forget what is known of it, as a reset does: the next use looks at the chip."""
    global _storage
    _storage = None


def storage():
    """Return the Storage of the partition; in a plain script without one, of a chip in memory."""
    global _storage
    if _chip is None:
        import io

        attach(Flash(io.BytesIO(b"\xff" * DEFAULT_BYTES)))
    if _storage is None:
        try:
            _storage = Storage(_chip)
        except OSError:  # what MicroPython does (ports/esp32/main.c): empty is better than none
            for sector in range(_chip.sectors):
                _chip.ioctl(6, sector)
            _storage = Storage(_chip)
    return _storage
