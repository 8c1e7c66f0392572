"""Reads and writes UBJSON (ubjson.org) as XGBoost does. An array of numbers of one type is a NumPy array."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

_MAX_DEPTH = 32
_LAYOUTS = {"i": "b", "U": "B", "I": ">h", "l": ">i", "L": ">q", "d": ">f", "D": ">d"}
_NUMBERS = {ord(code): struct.Struct(layout) for code, layout in _LAYOUTS.items()}
_DTYPES = {ord(code): np.dtype(layout) for code, layout in _LAYOUTS.items()}
_CODES = {"i1": b"i", "u1": b"U", "i2": b"I", "i4": b"l", "i8": b"L", "f4": b"d", "f8": b"D"}
_CONSTANTS = {ord("T"): True, ord("F"): False, ord("Z"): None}
_OBJECT, _END_OBJECT, _ARRAY, _END_ARRAY, _STRING, _CHAR, _NOOP = b"{}[]SCN"
_TYPE, _COUNT = b"$#"


def loads(data: bytes) -> Any:
    """Return the value in `data`. The last of several equal keys counts. Raises ValueError for malformed data."""
    reader = _Reader(data)
    try:
        value = reader.value(reader.byte(), 0)
    except (IndexError, struct.error):
        raise ValueError("it is cut off") from None
    if data[reader.at :].strip(b"\0N\n\r "):
        raise ValueError(f"there is something after its end at byte {reader.at}")
    return value


class _Reader:
    def __init__(self, data: bytes):
        self.data = data
        self.at = 0

    def byte(self) -> int:
        at = self.at
        self.at += 1
        return self.data[at]

    def value(self, code: int, depth: int) -> Any:
        if code in _NUMBERS:
            return self.number(code)
        if code == _STRING:
            return self.string()
        if code == _OBJECT:
            return self.object(depth + 1)
        if code == _ARRAY:
            return self.array(depth + 1)
        if code in _CONSTANTS:
            return _CONSTANTS[code]
        if code == _CHAR:
            return chr(self.byte())
        raise ValueError(f"byte {self.at - 1} is no type of UBJSON")

    def number(self, code: int) -> Any:
        form = _NUMBERS[code]
        (number,) = form.unpack_from(self.data, self.at)
        self.at += form.size
        return number

    def length(self) -> int:
        code = self.byte()
        if code not in _NUMBERS or code in b"dD":
            raise ValueError(f"byte {self.at - 1} is no length")
        length = self.number(code)
        if not 0 <= length <= len(self.data) - self.at:
            raise ValueError(f"a length of {length} at byte {self.at} exceeds the file")
        return length

    def string(self) -> str:
        length = self.length()
        text = self.data[self.at : self.at + length]
        self.at += length
        return text.decode("utf-8", "replace")

    def object(self, depth: int) -> dict[str, Any]:
        self._check(depth)
        values: dict[str, Any] = {}
        while self.data[self.at] != _END_OBJECT:
            if self.data[self.at] == _NOOP:
                self.at += 1
                continue
            key = self.string()
            values[key] = self.value(self.byte(), depth)
        self.at += 1
        return values

    def array(self, depth: int) -> Any:
        self._check(depth)
        if self.data[self.at] == _TYPE:
            self.at += 1
            code = self.byte()
            if self.byte() != _COUNT or code not in _DTYPES:
                raise ValueError(f"the array at byte {self.at} has no usable type and count")
            count, dtype = self.length(), _DTYPES[code]
            if count * dtype.itemsize > len(self.data) - self.at:
                raise ValueError(f"the array at byte {self.at} exceeds the file")
            array = np.frombuffer(self.data, dtype, count, self.at)
            self.at += array.nbytes
            return array
        if self.data[self.at] == _COUNT:
            self.at += 1
            return [self.value(self.byte(), depth) for _ in range(self.length())]
        values = []
        while (code := self.byte()) != _END_ARRAY:
            if code != _NOOP:
                values.append(self.value(code, depth))
        return values

    def _check(self, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise ValueError(f"it is nested more than {_MAX_DEPTH} levels deep")


def dumps(value: Any) -> bytes:
    """Encode objects, lists, texts, integers, floats and NumPy arrays of numbers. Raises ValueError for others."""
    parts: list[bytes] = []
    _append(value, parts)
    return b"".join(parts)


def _append(value: Any, parts: list[bytes]) -> None:
    if isinstance(value, dict):
        parts.append(b"{")
        for key, item in value.items():
            parts.append(_text(key))
            _append(item, parts)
        parts.append(b"}")
    elif isinstance(value, np.ndarray):
        code = _CODES[value.dtype.str[1:]]
        parts.append(b"[$%c#%b" % (code, _length(len(value))))
        parts.append(value.astype(_DTYPES[code[0]], copy=False).tobytes())
    elif isinstance(value, list):
        parts.append(b"[#" + _length(len(value)))
        for item in value:
            _append(item, parts)
    elif isinstance(value, str):
        parts.append(b"S" + _text(value))
    elif isinstance(value, int) and -(2**63) <= value < 2**63:
        parts.append(_length(value))
    elif isinstance(value, float):
        parts.append(b"d" + np.array(value, ">f4").tobytes())
    else:
        raise ValueError(f"UBJSON has no {value!r:.40}")


def _length(number: int) -> bytes:
    return struct.pack(">cq", b"L", number)


def _text(text: str) -> bytes:
    content = text.encode()
    return _length(len(content)) + content
