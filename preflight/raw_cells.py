"""Classifies one cell of a raw table by what a lenient container makes of it (docs/containers.md)."""

from __future__ import annotations

import re

# As C reads it: neither digits of other scripts nor \x1c to \x1f, which Python alone counts as blanks.
NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
MISSING = ("", "na", "n/a", "nan", "null", "none", "?", "-")
LARGEST = 3.4028235e38  # of a 32-bit number; anything larger is clamped or refused
THOUSANDS = re.compile(r'"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"')
QUOTED_DELIMITER = re.compile(r'"[^",;\t|]*[,;\t|][^"]*"')
_SIGN = r"[$€£¥₩]|USD|EUR|GBP|JPY|KRW"
_NUM = r"[+-]?\d[\d.,]*"
_FAULTS = (
    ("quoted", re.compile(r"[\"'].*|.*[\"']")),
    ("infinite", re.compile(r"[+-]?inf.*", re.IGNORECASE)),
    ("currency", re.compile(rf"[+-]?\s*(?:{_SIGN})\s*{_NUM}|{_NUM}\s*(?:{_SIGN})")),
    ("percent", re.compile(rf"{_NUM}\s*%")),
    ("date", re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}( .*)?|\d{4}/\d{1,2}/\d{1,2}.*")),
    ("comma", re.compile(r"[+-]?\d+,\d+")),
    ("alphanumeric", re.compile(r"[+-]?(\d|\.\d).*", re.DOTALL | re.ASCII)),
)


def fault_of(cell: str) -> str:
    """Return "" for a number, `missing` for a missing value, else the kind of fault.

    The kinds are quoted, large (beyond 32 bits), infinite, currency, percent, date, comma, alphanumeric (a number with
    something after it, which is read as that number) and text.
    """
    if NUMBER.fullmatch(cell):
        return "large" if abs(float(cell)) > LARGEST else ""
    cell = cell.strip()
    if cell.lower() in MISSING:
        return "missing"
    return next((kind for kind, pattern in _FAULTS if pattern.fullmatch(cell)), "text")
