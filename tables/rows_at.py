"""Reads the rows of a text table that a message names, by line, column or value, from the beginning of an object."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from tables.store import Store

MAX_BYTES = 8 * 1024 * 1024  # of the object that are looked at
MAX_ROWS = 3  # that are returned
MAX_MATCHES = 10_000  # whose lines are counted
MAX_CELL = 60  # characters of a cell that are returned
MAX_COLUMNS = 8  # that are returned
DELIMITERS = (",", ";", "\t", "|")
_BINARY = (b"\x1f\x8b", b"PAR1", b"PK\x03\x04", b"BZh", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True)
class Wanted:
    """Which rows: those at `line`, or those with `value` in `column`, or whose `column` has none of `allowed`.

    `line` counts from 1, 0 is unknown. `column` is a name, or a number from 1; "" is any. `allowed` are numbers.
    """

    line: int = 0
    column: str = ""
    value: str = ""
    allowed: tuple[float, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row: the line it begins at, its cells, and which of them is meant (None: the row as a whole)."""

    line: int
    cells: list[str]
    bad: int | None = None


@dataclass(frozen=True)
class RowsAt:
    """The first rows that were wanted. `lines` are where all are, `last_line` where reading ended.

    `names` are the columns' names or numbers, as many as each row has cells; some columns may be left out between.
    `complete` is True if the whole object was read.
    """

    names: list[str]
    rows: list[Row]
    lines: list[int]
    last_line: int
    complete: bool
    column: int | None = field(default=None)  # place of the column that was meant among `names`


def read_rows_at(
    store: Store, bucket: str, key: str, size: int, etag: str, wanted: Wanted, delimiter: str, has_header: bool
) -> RowsAt | None:
    """The rows of an object that `wanted` names; None for one that is no text or has none in its first 8 MiB.

    A `delimiter` "" is the one of the usual four that the first line has most of. Raises Problem of the store.
    """
    data = store.fetch(bucket, key, 0, min(size, MAX_BYTES), etag) if size else b""
    if data.startswith(_BINARY) or b"\x00" in data[:4096]:
        return None
    text = data.decode("utf-8-sig", "replace")
    if size > MAX_BYTES:
        text = text[: text.rfind("\n") + 1]
    return rows_at(text, wanted, delimiter, has_header, size <= MAX_BYTES)


def rows_at(text: str, wanted: Wanted, delimiter: str, has_header: bool, complete: bool = True) -> RowsAt | None:
    """`read_rows_at` of the `text` of an object, which is `complete` or its beginning."""
    first_line = text.partition("\n")[0]
    delimiter = delimiter if len(delimiter) == 1 else max(DELIMITERS, key=first_line.count)
    names: list[str] = []
    rows: list[Row] = []
    lines: list[int] = []
    last, column = 0, None
    for line, cells in _records(text, delimiter):
        if not names:
            names = [*cells] if has_header else [str(n) for n in range(1, len(cells) + 1)]
            column = _position(wanted.column, names)
            if has_header and wanted.line != line:
                last = line
                continue
        last = line
        matches, bad = _match(wanted, line, cells, column)
        if matches:
            lines.append(line)
            if len(rows) < MAX_ROWS:
                rows.append(Row(line, cells, bad))
            if len(lines) == MAX_MATCHES:
                break
    return _shortened(names, rows, lines, last, complete) if rows else None


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(the line a row begins at, its cells) of each row that is not blank, up to one that cannot be read."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error:
        return


def _position(column: str, names: list[str]) -> int | None:
    if column in names:
        return names.index(column)
    number = int(column) - 1 if column.isdecimal() and len(column) < 7 else -1
    return number if 0 <= number < len(names) else None


def _match(wanted: Wanted, line: int, cells: list[str], column: int | None) -> tuple[bool, int | None]:
    """(is the row wanted, the cell that is meant)."""
    if column is not None and column >= len(cells):
        return line == wanted.line, None
    if wanted.allowed and column is not None:
        return _number(cells[column]) not in wanted.allowed, column
    if wanted.value:
        columns = range(len(cells)) if column is None else (column,)
        bad = next((index for index in columns if _same(cells[index], wanted.value)), None)
        return bad is not None or line == wanted.line, bad if bad is not None else column
    return line == wanted.line, column


def _same(cell: str, value: str) -> bool:
    cell = cell.strip()
    return cell == value or (cell[:1].isdigit() and _number(cell) is not None and _number(cell) == _number(value))


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _shortened(names: list[str], rows: list[Row], lines: list[int], last: int, complete: bool) -> RowsAt:
    """The rows with at most eight columns, the meant one among them, and with short cells."""
    meant = next((row.bad for row in rows if row.bad is not None), None)
    chosen = [*range(min(len(names), MAX_COLUMNS))]
    if meant is not None and meant not in chosen:
        chosen = [*chosen[:-1], meant]

    def cell(cells: list[str], position: int) -> str:
        text = cells[position] if position < len(cells) else ""
        return text if len(text) <= MAX_CELL else f"{text[: MAX_CELL - 1]}…"

    short = [
        Row(row.line, [cell(row.cells, n) for n in chosen], chosen.index(row.bad) if row.bad in chosen else None)
        for row in rows
    ]
    position = chosen.index(meant) if meant is not None else None
    return RowsAt([cell(names, n) for n in chosen], short, lines, last, complete, position)
