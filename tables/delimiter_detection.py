"""Finds what separates the cells of a text table: a delimiter, blanks, or fixed places."""

from __future__ import annotations

import itertools
import re
from collections import Counter

from common.problems import Problem
from tables.dialect import BLANKS, FIXED, Dialect
from tables.header import is_ruler
from tables.parse_scalar import is_number

COMMON = (",", "\t", ";", "|")
# Further delimiters, and blanks, which are looked for where no common one cuts the lines into a table.
RARE = (
    "\x01",
    "^",
    "~",
    "::",
    "||",
    "\x1f",
    "\x02",
    "\x1e",
    "¦",
    "§",
    "¬",
    "~|~",
    "|~|",
    "^|^",
    "|^|",
    "#|#",
    "@@",
    "##",
    "|;|",
)
ROWS = 200  # rows that are looked at
TRIED = 50  # rows that are cut by each delimiter
_DECIMAL = re.compile(r"[+-]?\d[\d.]*(,\d+)?")


def find_delimiter(lines: list[str], delimiter: str, quoting: str) -> Dialect:
    """The dialect that cuts `lines` into a table, commas where none does. What is given is not looked for."""
    if delimiter == FIXED:
        return Dialect(FIXED, starts=_fixed_starts(lines) or (0,))
    if delimiter:
        return Dialect(delimiter, quoting or "double")
    tried = [line for line in lines if not is_ruler([line])][:TRIED] or lines[:TRIED]
    common, merit = _best(tried, COMMON, quoting)
    signs = "".join(tried)
    doubled = 0 < signs.count("|") == 2 * signs.count("||")
    if merit[0] == 1 and merit[1] >= 0.9 and not doubled and "\x01" not in signs:
        return common
    rare, rare_merit = _best(tried, RARE, quoting)
    if rare_merit[0] >= 0.8 and (merit[0] < 0.5 or doubled or rare_merit[1] >= merit[1]):
        return rare
    blanks, blank_merit = _blanks(tried, quoting)
    # A decimal comma, or one tab among blanks, cuts most lines too.
    is_wider = blank_merit[2] >= merit[2] and blank_merit[0] == 1
    if blank_merit[0] >= 0.8 and (merit[0] < 0.5 or is_wider) and _is_table(blanks, tried):
        return blanks
    starts = _fixed_starts(tried)
    if len(starts) > 1 and not merit[0]:
        return Dialect(FIXED, starts=starts)
    return common if merit[0] else Dialect(",", quoting or "double")


def _blanks(lines: list[str], quoting: str) -> tuple[Dialect, tuple[float, float, int]]:
    """Cells between single spaces where that is enough, else between any number of blanks, and the merit of that."""
    (space, one), (blanks, many) = (_best(lines, (sign,), quoting) for sign in (" ", BLANKS))
    return (space, one) if one[0] > many[0] or one[::2] == many[::2] else (blanks, many)


def other_delimiters(lines: list[str], dialect: Dialect) -> list[Dialect]:
    """Dialects with another delimiter, which cut most of `lines` into the same number of cells, the best first."""
    others = [Dialect(d) for d in (*COMMON, *RARE, " ", BLANKS) if d != dialect.delimiter]
    merits = {other: _merit(other, lines[:TRIED]) for other in others}
    offered = [other for other in others if merits[other][0] >= 0.5]
    starts = _fixed_starts(lines)
    if len(starts) > 1 and dialect.delimiter != FIXED and not any(merits[other][0] >= 0.9 for other in offered):
        offered.append(Dialect(FIXED, starts=starts))
    return sorted(offered, key=lambda other: merits.get(other, (0.5,)), reverse=True)


def _best(lines: list[str], delimiters: tuple[str, ...], quoting: str) -> tuple[Dialect, tuple[float, float, int]]:
    dialects = [Dialect(delimiter, quoting or "double") for delimiter in delimiters]
    merits = [_merit(dialect, lines) for dialect in dialects]
    # A delimiter of texts may be in every row but a few, and leaves the true one inside its cells.
    at = max(range(len(dialects)), key=lambda i: (merits[i][0] * (1 + merits[i][1]), *merits[i][1:]))
    return dialects[at], merits[at]


def _merit(dialect: Dialect, lines: list[str]) -> tuple[float, float, int]:
    """(share of the rows that have the commonest width, share of cells that look whole, that width)."""
    if dialect.delimiter != BLANKS and not any(dialect.delimiter in line for line in lines):
        return 0.0, 0.0, 1
    rows = tried_rows(dialect, "\n".join(lines))
    widths = Counter(map(len, rows))
    width, agreeing = widths.most_common(1)[0] if widths else (1, 0)
    if width == 1:
        return 0.0, 0.0, 1
    # In `1,5;2,5` a comma cuts out `5;2`, which nobody writes; a semicolon cuts out 1,5 which many do.
    cells = [cell.strip() for row in rows[-20:] for cell in row]
    whole = sum(_DECIMAL.fullmatch(c) is not None or not any(d in c for d in (*COMMON, *RARE)) for c in cells)
    split = sum(" " in c and all(map(_is_decimal, c.split())) for c in cells)
    return agreeing / max(1, len(rows)), (whole - split) / max(1, len(cells)), width


def _is_decimal(text: str) -> bool:
    return _DECIMAL.fullmatch(text) is not None


def _is_table(dialect: Dialect, lines: list[str]) -> bool:
    """True if cells cut at blanks are a table's and not the words of texts: a column of them holds numbers."""
    rows = tried_rows(dialect, "\n".join(lines))
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
    return any(sum(map(_is_numeric, column)) > 0.8 * len(column) for column in columns)


def _is_numeric(cell: str) -> bool:
    return is_number(cell) or is_number(cell.replace(",", "."))


def _fixed_starts(lines: list[str]) -> tuple[int, ...]:
    """Where the cells of fixed width begin: after the characters that are blank in every line; () without any."""
    filled = [line.rstrip() for line in lines if line.strip()]
    if len(filled) < 3 or any("\t" in line for line in filled):
        return ()
    width = max(map(len, filled))
    is_blank = [all(len(line) <= at or line[at] == " " for line in filled) for at in range(width)]
    starts = [at for at in range(width) if not is_blank[at] and (at == 0 or is_blank[at - 1])]
    return tuple(starts) if len(starts) > 1 else ()


def first_rows(dialect: Dialect, text: str, uri: str) -> list[list[str]]:
    """The first `ROWS` rows that are not empty. Raises Problem, naming `uri`, for a cell that is too long."""
    return list(itertools.islice((row for row in dialect.rows(text, uri) if row), ROWS))


def tried_rows(dialect: Dialect, text: str) -> list[list[str]]:
    """The first rows in a dialect that may be the wrong one; [] if it makes a cell longer than any cell is."""
    try:
        return first_rows(dialect, text, "")
    except Problem:
        return []
