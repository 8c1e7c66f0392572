"""Reads CSV files as a lenient container does, a few megabytes at a time.

Arrow parses the blocks that hold nothing but numbers. A block with a fault is parsed cell by cell, to locate the fault.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from preflight.raw_cells import LARGEST, NUMBER, QUOTED_DELIMITER, THOUSANDS, fault_of
from preflight.raw_labels import update_label_stats
from preflight.raw_table import RawFile, RawTable
from tables.header import counts_columns
from tables.profile import Cell
from tables.scanner import Progress

BLOCK = 4 * 1024 * 1024  # bytes
HEAD = 65536  # bytes in which a header is looked for
SNIFFED = 8192  # characters of the first line; the sniffer takes hours for a megabyte of quotes
HEADER_LINES = 20  # lines that tell a header from data
_NAN = float("nan")
_MISSING = ["", "nan", "NaN", "NAN", "NA", "N/A", "null", "NULL", "None", "?", "-"]


def sniff_delimiter(line: str) -> str:
    """Return the delimiter that the container's csv.Sniffer finds in the first line; "" when it finds none."""
    try:
        return csv.Sniffer().sniff(line[:SNIFFED]).delimiter
    except csv.Error:
        return ""


def header_cells(lines: list[str], delimiter: str) -> list[str]:
    """Return the cells of the first of `lines` if it is a header, else [].

    A header holds no number, unless its numbers count the columns; the lines below hold one, or share no cell with it.
    """
    if not lines:
        return []
    cells = [cell.strip().strip("\"'") for cell in lines[0].split(delimiter)]
    rows = [[cell.strip() for cell in line.split(delimiter)] for line in lines[1:] if line.strip()]
    if counts_columns(cells, list(zip(*(row for row in rows if len(row) == len(cells)), strict=True))):
        return cells
    if any(NUMBER.fullmatch(cell) for cell in cells) or not any(cells):
        return []
    below = [cell for row in rows[:2] for cell in row]
    if not below or any(fault_of(cell) == "" for cell in below):
        return cells
    return [] if set(cells) & set(below) else cells


def read_csv(table: RawTable, file: RawFile, stream: BinaryIO, budget: int, step: Progress) -> int:
    """Add the rows of one file to `table`, and return how many bytes are left of `budget`.

    `budget` limits the bytes that are parsed cell by cell. When it is used up, the file is read in part and
    `table.complete` becomes False.
    """
    line, first = 0, True
    for block in _blocks(stream):
        if first and block.startswith(codecs.BOM_UTF8):
            block = block[3:]
        head = block[:HEAD].decode("utf-8", "ignore").splitlines()[:HEADER_LINES] if first else []
        has_header = bool(header_cells(head, table.delimiter or ","))
        if table.cr_only:
            block = block.replace(b"\r", b"\n")
        lines = block.count(b"\n") + (not block.endswith(b"\n"))
        if has_header or not table.delimiter or not _add_numeric_block(table, file, block, line):
            budget -= len(block)
            _add_block_by_cell(table, file, block, line, has_header)
        line += lines
        table.bytes_read += len(block)
        first = False
        step(table.bytes_read, table.size)
        if budget < 0:
            table.complete = False
            break
    return budget


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Whole lines, about BLOCK bytes at a time; carriage returns alone end lines too, as in the container."""
    rest = b""
    while piece := stream.read(BLOCK):
        piece = rest + piece
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r") if b"\n" not in piece else -1) + 1
        rest = piece[end:]
        if end:
            yield piece[:end]
    if rest:
        yield rest


def _add_numeric_block(table: RawTable, file: RawFile, block: bytes, line: int) -> bool:
    """Add a block of nothing but numbers; return False, with nothing added, if it holds anything else."""
    if len(table.delimiter) != 1 or table.width < 2 or b"inf" in block or b"\n\n" in block or b"\n\r\n" in block:
        return False
    names = [str(i) for i in range(table.width)]
    try:
        cells = pacsv.read_csv(
            pa.BufferReader(block),
            pacsv.ReadOptions(column_names=names, use_threads=False, block_size=len(block) + 1),
            pacsv.ParseOptions(delimiter=table.delimiter, quote_char=False, ignore_empty_lines=True),
            pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.float64()), null_values=_MISSING),
        )
    except pa.ArrowInvalid:
        return False
    for column in cells.columns:
        low_high = pc.min_max(column)
        low, high = low_high["min"].as_py(), low_high["max"].as_py()
        if high is not None and (high > LARGEST or low < -LARGEST):
            return False
    label = cells.column(0).to_numpy()
    table.second.update(cells.column(1).to_numpy(), table.rows, file.uri, lambda at: line + at + 1)
    update_label_stats(table, file, label, line)
    table.rows += len(label)
    return True


def _add_block_by_cell(table: RawTable, file: RawFile, block: bytes, line: int, has_header: bool) -> None:
    """Add a block line by line. A header is one fault, not one per cell."""
    labels: list[float] = []
    seconds: list[float] = []
    numbers: list[int] = []  # of the lines
    first_line, rows = line + 1, table.rows
    for number, text in enumerate(io.StringIO(block.decode("utf-8", "replace"), newline=None), line + 1):
        text = text.rstrip("\n")
        if not text.strip():
            continue
        row = rows + len(labels) + 1
        where = Cell(row, text[:80], file.uri, number)
        if has_header and number == 1:
            table.add("header", Cell(row, text[:80], file.uri, 1))
            rows += 1
            continue
        label, second = _add_line(table, where, text)
        labels.append(label)
        seconds.append(second)
        numbers.append(number)
    table.rows = rows
    update_label_stats(table, file, np.array(labels, dtype=float), first_line)
    if table.width > 1:
        table.second.update(np.array(seconds, dtype=float), table.rows, file.uri, numbers.__getitem__)
    table.rows += len(labels)


def _add_line(table: RawTable, where: Cell, text: str) -> tuple[float, float]:
    """Add the faults of one line; return its label and its second cell, NaN where there is no number."""
    cells = text.split(table.delimiter or ",")
    thousands = THOUSANDS.search(text) if table.delimiter == "," else None
    is_split = bool(thousands or QUOTED_DELIMITER.search(text))
    if thousands:
        column = text[: thousands.start()].count(",") + 1
        table.add("thousands", _with_value(where, thousands[0].strip('"')), column)
    elif is_split:
        table.add("quoted", where)
    if len(cells) == 1 and table.width > 1:
        table.add("undelimited", where)
        return _NAN, _NAN
    if len(cells) != table.width and not is_split:
        kind = "wide" if len(cells) > table.width else "narrow"
        table.add(kind, _with_value(where, f"{len(cells)} cells instead of {table.width}: {text[:60]}"))
    label = second = _NAN
    for position, cell in enumerate(cells, 1):
        fault = fault_of(cell)
        if position <= 2 and not fault:
            label, second = (float(cell), second) if position == 1 else (label, float(cell))
        elif fault == "missing" and position == 1:
            table.label.first_missing = table.label.first_missing or where
        elif fault and fault != "missing" and not (is_split and fault == "quoted"):
            kind = "label" if position == 1 and fault in ("text", "quoted") else fault
            table.add(kind, _with_value(where, cell.strip()[:60]), position)
    return label, second


def _with_value(where: Cell, value: str) -> Cell:
    return Cell(where.row, value, where.file, where.line)
