"""Typed access to a buffer that someone else owns, for np.frombuffer."""

import struct
from array import array

_SIZES = {"f": 4, "h": 2, "H": 2, "b": 1, "B": 1, "?": 1}


class SharedBuffer:
    """Elements of array type `typecode` inside a bytes-like object: reads and writes go to that object's memory."""

    def __init__(self, buffer, typecode, offset, count):
        itemsize = _SIZES[typecode]
        view = memoryview(buffer)
        if len(view) and len(bytes(view[:1])) != 1:
            raise ValueError("the stand-in's frombuffer takes buffers of bytes")
        waiting = len(view) - offset
        if waiting < 0:
            raise ValueError("offset must be non-negative and no greater than buffer length")
        if waiting % itemsize:
            raise ValueError("buffer size must be a multiple of element size")
        if count > waiting // itemsize:
            raise ValueError("buffer is smaller than requested size")
        self._length = count if count > 0 else waiting // itemsize
        self._bytes = view[offset : offset + self._length * itemsize]
        self._itemsize = itemsize
        self._typecode = "B" if typecode == "?" else typecode

    def __len__(self):
        return self._length

    def __getitem__(self, index):
        if isinstance(index, slice):
            return list(array(self._typecode, bytes(self._bytes)))[index]
        return struct.unpack_from("<" + self._typecode, self._bytes, index * self._itemsize)[0]

    def __setitem__(self, index, values):
        if not isinstance(index, slice):
            struct.pack_into("<" + self._typecode, self._bytes, index * self._itemsize, values)
            return
        start = index.start or 0
        for position, value in enumerate(values):
            struct.pack_into("<" + self._typecode, self._bytes, (start + position) * self._itemsize, value)
