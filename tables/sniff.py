"""Guesses how a text table is written from its first bytes: encoding, delimiter, header, LibSVM."""

import codecs
import csv
import io
import re
from collections import Counter

DELIMITERS = (",", "\t", ";", "|")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_LIBSVM = re.compile(r"[+-]?[\d.]+([eE][+-]?\d+)?(:[\d.]+)?( +(qid:\d+|\d+:[+-]?[\d.]+([eE][+-]?\d+)?))+ *(#.*)?")
# How people write "no value"; an empty cell is one too.
MISSING = ("", "na", "n/a", "nan", "null", "none", "?", "-")


def is_missing(text: str) -> bool:
    return text.strip().lower() in MISSING


def is_number(text: str) -> bool:
    return NUMBER.fullmatch(text.strip()) is not None


def encoding(head: bytes) -> str:
    """utf-8-sig, utf-16, utf-8 or latin-1, by byte order mark and by trial."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        # The cut may have gone through the middle of a character.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def is_binary(head: bytes) -> bool:
    """No text table has a NUL in it, unless it is UTF-16, which says so."""
    return b"\0" in head[:4096] and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def is_libsvm(lines: list[str]) -> bool:
    filled = [line.strip() for line in lines if line.strip()][:20]
    return bool(filled) and all(_LIBSVM.fullmatch(line) for line in filled)


def delimiter(lines: list[str]) -> str:
    """The candidate that cuts most lines into the same number of cells, more than one; a comma when none does."""
    filled = [line for line in lines if line.strip()][:50]

    def merit(candidate: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in csv.reader(io.StringIO("\n".join(filled)), delimiter=candidate))
        width, agreeing = widths.most_common(1)[0] if widths else (1, 0)
        return (agreeing / max(1, sum(widths.values())), width) if width > 1 else (0.0, 1)

    best = max(DELIMITERS, key=merit)
    return best if merit(best)[1] > 1 else ","


def has_header(rows: list[list[str]]) -> bool:
    """Is the first row names? Yes when it holds no number while rows below do, or when its words never come again."""
    if not rows:
        return False
    first, below = rows[0], rows[1:]
    if any(is_number(cell) for cell in first) or not all(cell.strip() for cell in first):
        return False
    if not below:
        return True
    columns = list(zip(*(row for row in below if len(row) == len(first)), strict=True))
    if any(any(is_number(cell) for cell in column) for column in columns):
        return True
    return len(set(first)) == len(first) and all(
        name not in column for name, column in zip(first, columns, strict=False)
    )
