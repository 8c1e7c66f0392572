"""Infers the format of a text table from its beginning: encoding, delimiter, header, LibSVM, JSON Lines."""

import codecs
import csv
import io
import json
import re
from collections import Counter

from tables.parse_scalar import FAULTS, is_missing, is_number

DELIMITERS = (",", "\t", ";", "|")
_LIBSVM = re.compile(r"[+-]?[\d.]+([eE][+-]?\d+)?(:[\d.]+)?( +(qid:\d+|\d+:[+-]?[\d.]+([eE][+-]?\d+)?))+ *(#.*)?")
_WIDE = 0.3  # share of NUL bytes at alternate positions from which a text is UTF-16


def detect_encoding(head: bytes) -> str:
    """utf-8, utf-8-sig, utf-16 or utf-32 (-le, -be), cp949 (Korean), cp1252 or latin-1: by its mark, and by trial."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"  # before UTF-16, whose mark is the beginning of this one
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if wide := _wide(head):
        return wide
    try:
        # The head may end in the middle of a character.
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    if _is_korean(head):
        return "cp949"
    try:
        codecs.getincrementaldecoder("cp1252")().decode(head)
        return "cp1252" if re.search(rb"[\x80-\x9f]", head) else "latin-1"
    except UnicodeDecodeError:
        return "latin-1"


def _wide(head: bytes) -> str:
    """UTF-16 or UTF-32 without a byte order mark: NUL bytes at all places where ASCII has none. "" for neither."""
    part = head[:4096]
    quarter, half = len(part) // 4, len(part) // 2
    if quarter >= 4:
        # Unicode ends at U+10FFFF: the highest byte of a character is 0, the next at most 16 and mostly 0.
        counts = [part[place::4].count(0) for place in range(4)]
        if min(counts[2:]) >= quarter and counts[0] == 0:
            return "utf-32-le"
        if min(counts[:2]) >= quarter and counts[3] == 0:
            return "utf-32-be"
    if half >= 4:
        if part[1::2].count(0) > _WIDE * half and part[::2].count(0) == 0:
            return "utf-16-le"
        if part[::2].count(0) > _WIDE * half and part[1::2].count(0) == 0:
            return "utf-16-be"
    return ""


def _is_korean(head: bytes) -> bool:
    """True if over 80 % of the characters outside ASCII are Korean syllables in EUC-KR."""
    text = head.decode("euc_kr", "replace")
    other = [letter for letter in text[:200_000] if letter > "\x7f"]
    syllables = sum("가" <= letter <= "힣" for letter in other)
    return syllables > 0.8 * len(other)


def is_binary(head: bytes) -> bool:
    """True if the head has a NUL byte and is neither UTF-16 nor UTF-32."""
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
    marked = head.startswith(marks)
    return b"\0" in head[:4096] and not marked and not _wide(head)


def is_libsvm(lines: list[str]) -> bool:
    """True if the first 20 lines with text are LibSVM."""
    non_blank = [line.strip() for line in lines if line.strip()][:20]
    return bool(non_blank) and all(_LIBSVM.fullmatch(line) for line in non_blank)


def is_jsonlines(lines: list[str]) -> bool:
    """True if the first lines are JSON objects."""
    non_blank = [line.strip() for line in lines if line.strip()][:20]
    if not non_blank or not all(line.startswith("{") for line in non_blank):
        return False
    try:
        return all(isinstance(json.loads(line), dict) for line in non_blank[:1])
    except (ValueError, RecursionError):
        return False


def detect_delimiter(lines: list[str]) -> str:
    """The delimiter that gives most lines the same number of cells, more than one; a comma when none does."""
    non_blank = [line for line in lines if line.strip()][:50]

    def merit(candidate: str) -> tuple[float, float, int]:
        try:
            rows = list(csv.reader(io.StringIO("\n".join(non_blank)), delimiter=candidate))
        except csv.Error:  # a cell longer than any cell is
            return 0.0, 0.0, 1
        widths = Counter(len(row) for row in rows)
        width, agreeing = widths.most_common(1)[0] if widths else (1, 0)
        if width == 1:
            return 0.0, 0.0, 1
        # In `1,5;2,5` a comma cuts out `5;2`, which nobody writes; a semicolon cuts out 1,5 which many do.
        cells = [cell for row in rows[-20:] for cell in row]
        sound = sum(_DECIMAL.fullmatch(c.strip()) is not None or not any(d in c for d in DELIMITERS) for c in cells)
        return agreeing / max(1, sum(widths.values())), sound / max(1, len(cells)), width

    best = max(DELIMITERS, key=merit)
    return best if merit(best)[2] > 1 else ","


_DECIMAL = re.compile(r"[+-]?\d[\d.]*(,\d+)?")


def has_header(rows: list[list[str]]) -> bool:
    """True if the first row is column names: words above numbers, or words that no row below repeats."""
    if not rows:
        return False
    first, below = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    if not any(cell.strip() for cell in first) or all(_is_value(cell) for cell in first):
        return False
    columns = list(zip(*below, strict=True))
    numeric = [
        name for name, column in zip(first, columns, strict=False) if sum(map(is_number, column)) > 0.8 * len(column)
    ]
    if any(_is_word(name) for name in numeric):
        return sum(map(_is_word, numeric)) * 2 > sum(map(is_number, numeric))
    if any(_is_value(cell) for cell in first) or not all(cell.strip() for cell in first[1:]):
        return False
    if not below:
        return True
    if any(any(map(_is_value, column)) for column in columns):
        return True
    return len(set(first)) == len(first) and all(
        name not in column for name, column in zip(first, columns, strict=False)
    )


def _is_value(cell: str) -> bool:
    """True for a number, a date or the like, which is no column name."""
    cell = cell.strip()
    return is_number(cell) or any(re.search(pattern, cell) for name, pattern in FAULTS if name != "alphanumeric")


def _is_word(cell: str) -> bool:
    return not is_missing(cell) and not _is_value(cell) and any(letter.isalpha() or letter == "_" for letter in cell)
