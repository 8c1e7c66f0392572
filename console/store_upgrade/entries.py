"""Reads the file that `fs.meta.save` of SeaweedFS's shell writes: all files and folders of the store.

Each record is a length of four bytes and a protocol buffer: FullEntry of
https://github.com/seaweedfs/seaweedfs/blob/master/weed/pb/filer.proto.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DIRECTORY, ENTRY = 1, 2  # fields of FullEntry
NAME, IS_DIRECTORY, CHUNKS, ATTRIBUTES, EXTENDED, CONTENT = 1, 2, 3, 4, 5, 9  # of Entry
MIME = 7  # of FuseAttributes


class Entry(NamedTuple):
    """A file or a folder. A folder with a `mime` or a body is an object as well."""

    path: str
    is_directory: bool = False
    mime: str = ""
    has_body: bool = False
    extended: dict[str, bytes] = {}


def read(file: Path) -> list[Entry]:
    """Return the entries of a saved file, folders before what is in them."""
    return [_entry(record) for record in records(file.read_bytes())]


def records(data: bytes) -> Iterator[bytes]:
    """Return the records of a saved file, without their lengths."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 4 + size]
        at += 4 + size


def _entry(record: bytes) -> Entry:
    whole = _values(record)
    single = _values(whole[ENTRY])
    parent, name = whole.get(DIRECTORY, b"/").decode(), single.get(NAME, b"").decode()
    return Entry(
        f"{parent.removesuffix('/')}/{name}",
        bool(single.get(IS_DIRECTORY)),
        _values(single.get(ATTRIBUTES, b"")).get(MIME, b"").decode(),
        bool(single.get(CHUNKS) or single.get(CONTENT)),
    )


def _values(message: bytes) -> dict[int, bytes]:
    return {number: value for number, value, _ in fields(message)}


def fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Return the number, the value and all bytes of each field; a number's value is its bytes, empty for zero."""
    at = 0
    while at < len(message):
        start = at
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value.to_bytes((value.bit_length() + 7) // 8), message[start:at]
            continue
        size = {1: 8, 5: 4}.get(kind, 0)
        if kind == 2:
            size, at = _varint(message, at)
        elif not size:
            raise ValueError(f"There is a field of kind {kind}, which protocol buffers no longer have.")
        yield tag >> 3, message[at : at + size], message[start : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
