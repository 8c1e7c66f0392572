"""Finds how a text table is written: its delimiter, its quotes, and where its column names stand."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, replace

from tables.delimiter_detection import ROWS, find_delimiter, first_rows, other_delimiters, tried_rows
from tables.dialect import BLANKS, FIXED, QUOTING, Dialect
from tables.header import has_header, header_rows, is_ruler, join_names

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
    dialect = find_delimiter(lines, delimiter, quoting)
    dialect, rows = _quoting(dialect, text, quoting, uri)
    head = _header(dialect, rows, has_names)
    offered: list[Dialect] = []
    if head.width == 1:
        offered = other_delimiters(lines, dialect)
    elif head.names and len(head.names) != head.width:
        offered = _other_quoting(dialect, text, len(head.names))
    dialect = replace(head.dialect, lead=head.dialect.lead + lead)
    return replace(head, dialect=dialect, widest=max(map(len, rows)), offered=tuple(offered))


def _filled_lines(text: str) -> list[str]:
    lines = (line.rstrip("\r") for line in text[: 1024 * 1024].split("\n"))
    return list(itertools.islice((line for line in lines if line.strip()), ROWS)) or [""]


def _quoting(dialect: Dialect, text: str, quoting: str, uri: str) -> tuple[Dialect, list[list[str]]]:
    """(`dialect` with the quoting that fits best, the first rows)."""
    rows = first_rows(dialect, text, uri)
    triggers = [name for name, sign in _triggers(dialect, text) if sign]
    if quoting or not triggers or dialect.delimiter == FIXED:
        return dialect, rows
    best, fit = (dialect, rows), _fit(rows)
    for name in triggers:
        other = replace(dialect, quoting=name)
        other_rows = tried_rows(other, text)
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


def _other_quoting(dialect: Dialect, text: str, names: int) -> list[Dialect]:
    """Quotings with which most rows have as many cells as there are names."""
    others = [replace(dialect, quoting=name) for name in QUOTING if name != dialect.quoting]
    if dialect.delimiter == FIXED:
        return []
    return [other for other in others if _share_of(names, tried_rows(other, text)) > 0.5]


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
