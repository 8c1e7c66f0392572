"""Reads and writes the subset of protobuf's wire format that records of numbers need.

Readers raise ValueError for malformed data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def fields(message: Any) -> Iterator[tuple[int, Any]]:
    """Yield (field number, content) of a protobuf message. The content of a varint is the number itself."""
    at, end = 0, len(message)
    while at < end:
        tag, at = varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = varint(message, at)
            yield number, value
            continue
        if wire == 2:
            size, at = varint(message, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError("not a protobuf record")
        if at + size > end:
            raise ValueError("a record is cut off")
        yield number, message[at : at + size]
        at += size


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """Decode the varint at `at`. Returns (number, end offset)."""
    number = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("a record is cut off")
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number, at
        shift += 7


def integers(chunks: list) -> list[int]:
    """Return the integers of a repeated field, packed or not."""
    numbers: list[int] = []
    for chunk in chunks:
        if isinstance(chunk, int):
            numbers.append(chunk)
            continue
        at = 0
        while at < len(chunk):
            number, at = varint(chunk, at)
            numbers.append(number)
    return numbers


def block(number: int, content: bytes) -> bytes:
    """Encode a length-delimited field."""
    return as_varint(number << 3 | 2) + as_varint(len(content)) + content


def as_varint(number: int) -> bytes:
    """Encode an integer as a varint: seven bits per byte."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
