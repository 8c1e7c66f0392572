"""Finds how a text table is written: its delimiter, its quotes, and where its column names stand."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, replace

from common.problems import Problem
from tables.dialect import BLANKS, FIXED, QUOTING, Dialect
from tables.header import has_header, header_rows, is_ruler, join_names
from tables.parse_scalar import is_number

COMMON = (",", "\t", ";", "|")
# Further delimiters, and blanks, which are looked for where no common one cuts the lines into a table.
RARE = ("\x01", "^", "~", "::", "||", "\x1f", "¦", "§", "¬")
DELIMITERS = (*COMMON, *RARE, " ", BLANKS, FIXED)
ROWS = 200  # rows that are looked at
TRIED = 50  # rows that are cut by each delimiter
_DECIMAL = re.compile(r"[+-]?\d[\d.]*(,\d+)?")
_SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_COMMENT = re.compile(r"\s*(#|//|%|;;|--)")
_BLANK_BEFORE_QUOTE = re.compile(r'[,;|\t][ \t]+"')


@dataclass(frozen=True)
class Head:
    """What the beginning of a text table tells of it. `names` are those written there; [] where it has none.

    `width` is the number of cells of most rows, `widest` that of the widest, `rows` are the first ones of the usual
    width below the names, `offered` what else cuts the rows so that they fit the names.
    """

    dialect: Dialect
    width: int
    names: list[str]
    rows: list[list[str]]
    widest: int = 0
    offered: tuple[Dialect, ...] = ()

    def columns(self, align: str = "") -> tuple[list[str], bool]:
        """(a name or "" for each column, True if it is known which column each name belongs to).

        `align` says where the names begin: left, with the first column, or right: they end with the last. Names that
        are fewer than the cells belong left if the other cells are empty, and right if the first column counts the
        rows: R's write.table gives the row names no name.
        """
        if not self.names:
            return [f"#{i}" for i in range(1, self.width + 1)], True
        names, gap = self.names, self.width - len(self.names)
        last = slice(len(names), None)
        if align:
            known = True
        elif gap < 0:
            known = not any(names[self.width :])
        elif gap and any(any(row[last]) for row in self.rows):
            known = gap == 1 and _counts_rows([row[0] for row in self.rows])
            align = "right" if known else ""
        else:
            known = True
        padded = [""] * gap + names if align == "right" else names + [""] * gap
        return (padded[-self.width :] if align == "right" else padded[: self.width]), known


def detect(text: str, delimiter: str = "", quoting: str = "", has_names: bool | None = None, uri: str = "") -> Head:
    """The dialect of the table that begins with `text`, whole rows of it. What is given is not looked for."""
    lead, lines = 0, _filled_lines(text)
    if sep := _SEP.fullmatch(lines[0].strip()):
        # Excel's own line, which names the delimiter.
        delimiter, lead = delimiter or sep[1], 1
        text = text.partition(lines[0])[2]
        lines = lines[1:] or [""]
    dialect = _delimiter(lines, delimiter, quoting)
    dialect, rows = _quoting(dialect, text, quoting, uri)
    head = _header(dialect, rows, has_names)
    offered: list[Dialect] = []
    if head.width == 1:
        offered = _other_delimiters(lines, dialect)
    elif head.names and len(head.names) != head.width:
        offered = _other_quoting(dialect, text, len(head.names))
    dialect = replace(head.dialect, lead=head.dialect.lead + lead)
    return replace(head, dialect=dialect, widest=max(map(len, rows)), offered=tuple(offered))


def _filled_lines(text: str) -> list[str]:
    lines = (line.rstrip("\r") for line in text[: 1024 * 1024].split("\n"))
    return list(itertools.islice((line for line in lines if line.strip()), ROWS)) or [""]


def _delimiter(lines: list[str], delimiter: str, quoting: str) -> Dialect:
    if delimiter == FIXED:
        return Dialect(FIXED, starts=fixed_starts(lines) or (0,))
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
    starts = fixed_starts(tried)
    if len(starts) > 1 and not merit[0]:
        return Dialect(FIXED, starts=starts)
    return common if merit[0] else Dialect(",", quoting or "double")


def _blanks(lines: list[str], quoting: str) -> tuple[Dialect, tuple[float, float, int]]:
    """Cells between single spaces where that is enough, else between any number of blanks, and the merit of that."""
    (space, one), (blanks, many) = (_best(lines, (sign,), quoting) for sign in (" ", BLANKS))
    return (space, one) if one[0] > many[0] or one[::2] == many[::2] else (blanks, many)


def _other_delimiters(lines: list[str], dialect: Dialect) -> list[Dialect]:
    """Dialects with another delimiter, which cut most of `lines` into the same number of cells, the best first."""
    others = [Dialect(d) for d in (*COMMON, *RARE, " ", BLANKS) if d != dialect.delimiter]
    merits = {other: _merit(other, lines[:TRIED]) for other in others}
    offered = [other for other in others if merits[other][0] >= 0.5]
    starts = fixed_starts(lines)
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
    rows = _tried_rows(dialect, "\n".join(lines))
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
    rows = _tried_rows(dialect, "\n".join(lines))
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
    return any(sum(map(_is_numeric, column)) > 0.8 * len(column) for column in columns)


def _is_numeric(cell: str) -> bool:
    return is_number(cell) or is_number(cell.replace(",", "."))


def fixed_starts(lines: list[str]) -> tuple[int, ...]:
    """Where the cells of fixed width begin: after the characters that are blank in every line; () without any."""
    filled = [line.rstrip() for line in lines if line.strip()]
    if len(filled) < 3 or any("\t" in line for line in filled):
        return ()
    width = max(map(len, filled))
    is_blank = [all(len(line) <= at or line[at] == " " for line in filled) for at in range(width)]
    starts = [at for at in range(width) if not is_blank[at] and (at == 0 or is_blank[at - 1])]
    return tuple(starts) if len(starts) > 1 else ()


def _quoting(dialect: Dialect, text: str, quoting: str, uri: str) -> tuple[Dialect, list[list[str]]]:
    """(`dialect` with the quoting that fits best, the first rows)."""
    rows = _rows(dialect, text, uri)
    triggers = [name for name, sign in _triggers(dialect, text) if sign]
    if quoting or not triggers or dialect.delimiter == FIXED:
        return dialect, rows
    best, fit = (dialect, rows), _fit(rows)
    for name in triggers:
        other = replace(dialect, quoting=name)
        other_rows = _tried_rows(other, text)
        if _breaks(other_rows) > _breaks(rows):
            continue  # a quote that was none has swallowed the next row
        if _fit(other_rows) > fit or (_fit(other_rows) == fit and (name != "single" or _is_single(rows))):
            best, fit = (other, other_rows), _fit(other_rows)
    return best


def _breaks(rows: list[list[str]]) -> int:
    """The line breaks inside cells."""
    return sum(cell.count("\n") for row in rows for cell in row)


def _is_single(rows: list[list[str]]) -> bool:
    """True if some column, below its name, has nothing but texts in single quotes."""
    columns = itertools.zip_longest(*rows[1:], fillvalue="")
    return any(all(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in column) for column in columns)


def _triggers(dialect: Dialect, text: str) -> list[tuple[str, bool]]:
    beginning = text[: 256 * 1024]
    single = dialect.delimiter not in (BLANKS, FIXED) and f"{dialect.delimiter}'" in beginning
    return [
        ("blank", dialect.delimiter != BLANKS and bool(_BLANK_BEFORE_QUOTE.search(beginning))),
        ("backslash", '\\"' in beginning),
        ("single", single or (dialect.delimiter == BLANKS and " '" in beginning)),
    ]


def _fit(rows: list[list[str]]) -> float:
    """The share of rows, names included, that are as wide as most."""
    return max(Counter(map(len, rows)).values()) / len(rows) if rows and max(map(len, rows)) > 1 else 0.0


def _rows(dialect: Dialect, text: str, uri: str) -> list[list[str]]:
    return list(itertools.islice((row for row in dialect.rows(text, uri) if row), ROWS))


def _tried_rows(dialect: Dialect, text: str) -> list[list[str]]:
    """The first rows in a dialect that may be the wrong one; [] if it makes a cell longer than any cell is."""
    try:
        return _rows(dialect, text, "")
    except Problem:
        return []


def _other_quoting(dialect: Dialect, text: str, names: int) -> list[Dialect]:
    """Quotings with which most rows have as many cells as there are names."""
    others = [replace(dialect, quoting=name) for name in QUOTING if name != dialect.quoting]
    if dialect.delimiter == FIXED:
        return []
    return [other for other in others if _share_of(names, _tried_rows(other, text)) > 0.5]


def _share_of(width: int, rows: list[list[str]]) -> float:
    return sum(len(row) == width for row in rows) / max(1, len(rows))


def _header(dialect: Dialect, rows: list[list[str]], has_names: bool | None) -> Head:
    """Where the names stand in `rows`, and what they are."""
    width = Counter(map(len, rows[len(rows) // 2 :])).most_common(1)[0][0]
    start = _first_of_table(rows, width)
    # Titles above the names, padded with delimiters by a spreadsheet.
    while start + 2 < len(rows) and width > 2 and not any(map(str.strip, rows[start][1:])):
        start += 1
    table = [row for row in rows[start:] if len(row) == width]
    above = [row for row in rows[:start] if not is_ruler(row)]
    # What is wider than a title and no comment is a row of another width.
    lead = start if all(len(row) == 1 or _COMMENT.match(row[0]) for row in above) else 0
    if has_names is False:
        return Head(replace(dialect, lead=lead), width, [], table)
    count = header_rows(table)
    if count and table[0][0].lstrip().startswith("#") and has_header(table[1:]):
        start, table, count = start + 1, table[1:], header_rows(table[1:])  # a comment that is as wide as the table
    if not count and above:
        # No names as wide as the rows; those right above may be of another width.
        misfit = above[-1]
        comment = _COMMENT.match(misfit[0])
        if comment:
            bare = [cell for cell in (misfit[0][comment.end() :].strip(), *misfit[1:]) if cell]
            if len(bare) == width and has_header([bare, *table]):
                return Head(replace(dialect, lead=start - 1, header_rows=1), width, join_names([bare]), table)
        elif len(misfit) > 1 and (has_names or _is_header_of(misfit, width, table)):
            return Head(replace(dialect, lead=start - 1, header_rows=1), width, join_names([misfit]), table)
    if not count and not has_names:
        return Head(replace(dialect, lead=lead), width, [], table)
    count = count or 1
    names = join_names(table[:count])
    names[0] = names[0].removeprefix("#").strip() if len(names[0]) > 1 else names[0]
    return Head(replace(dialect, lead=start, header_rows=count), width, names, table[count:])


def _is_header_of(names: list[str], width: int, table: list[list[str]]) -> bool:
    """True if `names`, which are not `width` many, are column names of `table` all the same."""
    for shifted in ([""] * width + names, names + [""] * width):
        fitted = shifted[-width:] if shifted[0] == "" else shifted[:width]
        if has_header([[cell or f"#{i}" for i, cell in enumerate(fitted)], *table]):
            return True
    return False


def _counts_rows(cells: list[str]) -> bool:
    """True if `cells` are whole numbers that rise by one."""
    if len(cells) < 3 or not all(cell.strip().isdecimal() for cell in cells):
        return False
    numbers = [int(cell) for cell in cells]
    return all(two == one + 1 for one, two in itertools.pairwise(numbers))


def _first_of_table(rows: list[list[str]], width: int) -> int:
    """The first row that has the table's width and begins no comment, where further rows have it too."""
    for at, row in enumerate(rows):
        if len(row) == width and (width > 1 or at + 1 == len(rows) or not _COMMENT.match(row[0])):
            return at
    return 0
