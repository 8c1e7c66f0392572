"""Parquet files with a footer of one's own, which says what no writer writes (Thrift's compact protocol)."""

import struct


class Struct:
    """A structure; its methods append a field and return the structure."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._last = 0

    def integer(self, number: int, value: int, kind: int = 5) -> "Struct":
        return self._field(number, kind, _varint(value << 1))

    def long(self, number: int, value: int) -> "Struct":
        return self.integer(number, value, 6)

    def text(self, number: int, value: bytes) -> "Struct":
        return self._field(number, 8, _varint(len(value)) + value)

    def structs(self, number: int, items: list[bytes], count: int = -1) -> "Struct":
        """A list of `items`, which says that it has `count`."""
        return self._field(number, 9, b"\xfc" + _varint(len(items) if count < 0 else count) + b"".join(items))

    def end(self) -> bytes:
        return bytes(self._content) + b"\0"

    def _field(self, number: int, kind: int, content: bytes) -> "Struct":
        self._content += bytes([(number - self._last) << 4 | kind]) + content
        self._last = number
        return self


def parquet(groups: list[bytes], columns: int = 1, schema_says: int = -1, rows: int = 1) -> bytes:
    """A file of `groups` whose schema has `columns` columns of integers; `schema_says` is the length it claims."""
    root = Struct().text(4, b"schema").integer(5, columns).end()
    leaves = [Struct().integer(1, 1).integer(3, 1).text(4, b"c%d" % n).end() for n in range(columns)]
    footer = Struct().integer(1, 2).structs(2, [root, *leaves], schema_says).long(3, rows).structs(4, groups).end()
    return b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"


def group(columns: int, rows: int = 1) -> bytes:
    """A row group of `columns` empty columns."""
    return Struct().structs(1, [Struct().long(2, 4).end()] * columns).long(2, 0).long(3, rows).end()


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
