"""Writes arrays of numbers as text, a piece at a time and without a Python object for each.

Other threads get the interpreter between two pieces: 10,000 numbers take half a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import orjson

_PIECE_NUMBERS = 10_000
_FEW = 16  # numbers, which are written faster one by one
_OPTION = orjson.OPT_SERIALIZE_NUMPY
_SMALL, _LARGE = 1e-4, 1e16  # the limits within which orjson writes a number as Python does


def csv_lines(values: np.ndarray) -> bytes:
    """Write a line for each of numbers (rows,) or (rows, columns), as Python's repr() writes doubles."""
    if values.size < _FEW:
        rows = values.tolist()
        return "".join([(",".join(map(repr, row)) if values.ndim > 1 else repr(row)) + "\n" for row in rows]).encode()
    return b"".join([_csv_lines(piece) for piece in pieces(values)])


def json_list(values: np.ndarray, before: bytes = b"", between: bytes = b",", after: bytes = b"") -> bytes:
    """Write the JSON of each of numbers (rows,), or the list of each of (rows, columns), with `between` between them.

    NaN and the infinite are null.
    """
    texts = []
    for piece in pieces(values):
        text = orjson.dumps(np.ascontiguousarray(piece, np.float64), option=_OPTION)[1:-1]
        if between != b",":
            text = text.replace(b",", between) if piece.ndim == 1 else text.replace(b"],[", b"]%b[" % between)
        texts.append(text)
    return before + between.join(texts) + after


def pieces(values: np.ndarray, numbers: int = _PIECE_NUMBERS) -> Iterator[np.ndarray]:
    """The rows in pieces of about so many numbers."""
    step = max(1, numbers * len(values) // max(1, values.size))
    for start in range(0, len(values), step):
        yield values[start : start + step]


def _csv_lines(piece: np.ndarray) -> bytes:
    doubles = np.ascontiguousarray(piece, np.float64)
    text = orjson.dumps(doubles, option=_OPTION)
    # In two dimensions a line begins within its first cell, so that commas alone are between cells.
    text = text[1:-1] if doubles.ndim == 1 else text[2:-2].replace(b"],[", b",\n")
    flat, size = doubles.ravel(), np.abs(doubles.ravel())
    others = np.flatnonzero(((size < _SMALL) & (size > 0)) | ~(size < _LARGE))
    if len(others):
        cells = text.split(b",")
        for index, number in zip(others.tolist(), flat[others].tolist(), strict=True):
            cells[index] = (b"\n" if cells[index].startswith(b"\n") else b"") + repr(number).encode()
        text = b",".join(cells)
    return text.replace(b",", b"\n") + b"\n" if doubles.ndim == 1 else text.replace(b",\n", b"\n") + b"\n"
