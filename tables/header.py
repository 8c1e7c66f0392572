"""Column names in the first rows of a text table: are there any, in how many rows, and what they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from tables.number_spellings import FAULTS
from tables.parse_scalar import is_missing, is_number

Rows = Sequence[Sequence[str]]
JOINED = 0.1  # share of the rows that may repeat the names, where files were joined
MIN_ROWS_BELOW = 5  # fewer rows do not tell numbers that count the columns from data
_RULER = re.compile(r"[\s+|:=-]*[=-]{3}[\s+|:=-]*")
_WHOLE = re.compile(r"[0-9]{1,9}")


def has_header(rows: Rows) -> bool:
    """True if the first row is column names.

    They are words above numbers, words that no row below repeats, or whole numbers that count the columns.
    """
    if not rows:
        return False
    first, below = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    if not any(cell.strip() for cell in first):
        return False
    columns = list(zip(*below, strict=True))
    if counts_columns(first, columns):
        return True
    if all(_is_value(cell) for cell in first):
        return False
    numeric = [name for name, column in zip(first, columns, strict=False) if _is_numeric(column)]
    if any(_is_word(name) for name in numeric):
        return sum(map(_is_word, numeric)) * 2 > sum(map(is_number, numeric))
    if any(_is_value(cell) for cell in first) or not all(cell.strip() for cell in first[1:]):
        return False
    if not below:
        return True
    if any(any(map(_is_value, column)) for column in columns):
        return True
    # A whole row of words that comes again is one of names where files were joined.
    others = [row for row in below if row != first]
    if len(below) - len(others) > max(1, JOINED * len(below)):
        return False
    repeated = (name in column for name, column in zip(first, zip(*others, strict=True), strict=False))
    return bool(others) and len(set(first)) == len(first) and not any(repeated)


def header_rows(rows: Rows) -> int:
    """The rows of column names at the beginning of `rows`: 0, 1, or 2 where a row of groups or units is one of them."""
    if not has_header(rows):
        # A row of groups such as ",2023,," above the names.
        is_group = len(rows) > 2 and any(not cell.strip() for cell in rows[0][1:]) and _is_second(rows)
        return 2 if is_group and has_header(rows[1:]) else 0
    return 2 if _is_second(rows) or (len(rows) > 1 and is_ruler(rows[1])) else 1


def is_ruler(row: Sequence[str]) -> bool:
    """True if `row` is a line drawn with dashes."""
    return _RULER.fullmatch("".join(row)) is not None


def join_names(rows: Rows) -> list[str]:
    """The column names in the rows of a header. A blank in a row above the last is the group to its left.

    Letters are composed, for macOS writes others than people send by name.
    """
    written = [[unicodedata.normalize("NFC", cell.strip()) for cell in row] for row in rows if not is_ruler(row)]
    if len(written) == 1:
        return written[0]
    upper, lower = written[0], written[1]
    if sum(map(bool, upper)) < len(upper):
        group = ""
        for position, cell in enumerate(upper):
            group = upper[position] = cell or (group if position else "")
    return [one if one == two else f"{one} {two}".strip() for one, two in zip(upper, lower, strict=True)]


def _is_second(rows: Rows) -> bool:
    """True if the second row is of names too: words above two columns of numbers or more, which repeat nowhere."""
    if len(rows) < 4 or len(rows[0]) != len(rows[1]):
        return False
    second = rows[1]
    columns = list(zip(*(row for row in rows[2:] if len(row) == len(second)), strict=True))
    if not columns or any(map(_is_value, second)):
        return False
    numeric = [name for name, column in zip(second, columns, strict=True) if _is_numeric(column)]
    words = [name for name in numeric if name.strip() and not is_missing(name)]
    others = [(name, column) for name, column in zip(second, columns, strict=True) if not _is_numeric(column)]
    repeated = any(name.strip() and name in column for name, column in others)
    return len(words) >= max(2, 0.5 * len(numeric)) and not repeated


def counts_columns(first: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """True if the numbers of `first` rise by one from column to column, as pandas names those of an array.

    Other cells of the row are words or blank, as that of an index is. Data seldom looks so; where there are few
    columns, one of them must not hold its name.
    """
    cells = [cell.strip() for cell in first]
    numbers = [int(cell) for cell in cells if _WHOLE.fullmatch(cell)]
    others = [cell for cell in cells if not _WHOLE.fullmatch(cell)]
    if any(map(_is_value, others)) or len(numbers) < 2 or len(others) > len(numbers):
        return False
    start = numbers[0]
    from_zero = start in (0, 1) and not any(others)
    if numbers != list(range(start, start + len(numbers))) or not (from_zero or len(numbers) > 2):
        return False
    if not columns or len(columns[0]) < MIN_ROWS_BELOW:
        return False
    second = [column[0].strip() for column in columns]
    if all(map(_WHOLE.fullmatch, second)) and all(int(two) == int(one) + 1 for one, two in pairwise(second)):
        return False  # the next row counts too
    named = list(zip(cells, columns, strict=True))
    if from_zero and any(all("." in cell for cell in column) for _name, column in named):
        return True  # a whole number above decimals
    # The first row of data of a table without names may count too, but then its numbers come again below.
    repeats = sum(name in [cell.strip() for cell in column] for name, column in named if name)
    return repeats < len(named) / 2 if len(numbers) < 5 or not from_zero else repeats < len(named)


def _is_numeric(column: Sequence[str]) -> bool:
    return bool(column) and sum(map(is_number, column)) > 0.8 * len(column)


def _is_value(cell: str) -> bool:
    """True for a number, a date or the like, which is no column name."""
    cell = cell.strip()
    words = ("unit", "alphanumeric")
    return is_number(cell) or any(re.search(pattern, cell) for name, pattern in FAULTS if name not in words)


def _is_word(cell: str) -> bool:
    return not is_missing(cell) and not _is_value(cell) and any(letter.isalpha() or letter == "_" for letter in cell)
