"""Reads rows of numbers in C of our own, where there is a compiler: what the readers in Python read, without objects.

10,000 rows of 30 numbers take 5 ms instead of 40, most of it without the interpreter's lock, so that no other request
waits for them.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

import numpy as np

from algorithms import c_code

MIN_BYTES = 1024  # a shorter body takes no less time here
_HASTY_BYTES = 64 * 1024  # take 0.2 ms, too little to give up the interpreter's lock
_NAMES = ("read_csv", "read_json", "read_json_lines")
_libraries: c_code.Libraries | None = None


@cache
def build() -> bool:
    """Make the readers usable in this process. False where they cannot be built: then Python reads. Repeatable."""
    global _libraries
    libraries = c_code.load(Path(__file__).with_suffix(".c"))
    for library in libraries or ():
        for name in _NAMES:
            function = getattr(library, name)
            function.argtypes = (ctypes.c_char_p, *[ctypes.c_int64] * 3, ctypes.c_void_p)
            function.restype = ctypes.c_int64
    _libraries = libraries
    return libraries is not None


def csv_rows(body: bytes, width: int) -> np.ndarray | None:
    """Rows of CSV without white space around; None for another width, or what is not so usual."""
    return _rows("read_csv", body, width)


def json_rows(body: bytes, width: int) -> np.ndarray | None:
    """Rows of `[row, ...]` or `{"instances": [row, ...]}`, each `[...]` or `{"features": [...]}`; None as above."""
    return _rows("read_json", body, width)


def jsonlines_rows(body: bytes, width: int) -> np.ndarray | None:
    """Rows of one `[...]` or `{"features": [...]}` per line; None as above."""
    return _rows("read_json_lines", body, width)


def _rows(name: str, body: bytes, width: int) -> np.ndarray | None:
    if _libraries is None or len(body) < MIN_BYTES or width < 1:
        return None
    library = _libraries.hasty if len(body) <= _HASTY_BYTES else _libraries.patient
    out = np.empty(len(body) + 1, np.float32)  # no cell is shorter than its delimiter; unused memory is never touched
    rows = getattr(library, name)(body, len(body), width, len(out), out.ctypes.data)
    return out[: rows * width].reshape(rows, width) if rows > 0 else None
