"""Reads the file that `fs.meta.save` of SeaweedFS's shell writes: all files and folders of the store.

Each record is a length of four bytes and a protocol buffer: FullEntry of
https://github.com/seaweedfs/seaweedfs/blob/master/weed/pb/filer.proto.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DIRECTORY, ENTRY = 1, 2  # fields of FullEntry
NAME, IS_DIRECTORY, CHUNKS, ATTRIBUTES, CONTENT = 1, 2, 3, 4, 9  # of Entry
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
    data, at, entries = file.read_bytes(), 0, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        entries.append(_entry(data[at + 4 : at + 4 + size]))
        at += 4 + size
    return entries


def _entry(record: bytes) -> Entry:
    whole = dict(_fields(record))
    single = dict(_fields(whole[ENTRY]))
    parent, name = whole.get(DIRECTORY, b"/").decode(), single.get(NAME, b"").decode()
    return Entry(
        f"{parent.removesuffix('/')}/{name}",
        bool(single.get(IS_DIRECTORY)),
        dict(_fields(single.get(ATTRIBUTES, b""))).get(MIME, b"").decode(),
        bool(single.get(CHUNKS) or single.get(CONTENT)),
    )


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The (number, value) of each field; a number's value is its bytes, empty for zero."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value.to_bytes((value.bit_length() + 7) // 8)
            continue
        size = {1: 8, 5: 4}.get(kind, 0)
        if kind == 2:
            size, at = _varint(message, at)
        elif not size:
            raise ValueError(f"There is a field of kind {kind}, which protocol buffers no longer have.")
        yield tag >> 3, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
