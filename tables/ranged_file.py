"""A seekable file on an object in the store, by ranged reads."""

import io

from tables.objects import Source
from tables.store import Object

BLOCK = 1024 * 1024


class RangedFile(io.RawIOBase):
    """A seekable, read-only view of one object; reads of less than BLOCK bytes share one fetch."""

    def __init__(self, source: Source, obj: Object):
        self._source, self._object, self._size = source, obj, obj.size
        self._at = 0
        self._block_at, self._block = 0, b""

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """The position in bytes."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to `offset` bytes from `whence`; returns the new position."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def read(self, count: int = -1) -> bytes:
        """`count` bytes from the position, fewer at the end; all for -1."""
        end = self._size if count is None or count < 0 else min(self._size, self._at + count)
        if end <= self._at:
            return b""
        inside = self._at - self._block_at
        if inside < 0 or end > self._block_at + len(self._block):
            self._block_at, self._block = self._at, self._fetch(self._at, max(end, min(self._size, self._at + BLOCK)))
            inside = 0
        data = self._block[inside : inside + end - self._at]
        self._at += len(data)
        return data

    def readinto(self, buffer) -> int:
        """Fill `buffer`; returns the number of bytes read."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _fetch(self, start: int, end: int) -> bytes:
        return self._source.fetch(self._object, start, end)
