"""Reads CSV files without a header into float32 arrays: fast for valid files, with the first fault for others.

A difference from AWS: the current container silently trains on a header row, on text and on ragged rows
(docs/containers.md), which gives a useless model. This reader refuses them, for headers with the text of AWS's older
containers. It accepts empty cells and NA as missing values, as AWS does.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from algorithms.contract import UserError
from algorithms.formats.arrow_values import copy_numbers
from algorithms.formats.files import first_line, is_gzip, open_data

MISSING = ("", "nan", "NaN", "NAN", "NA", "N/A", "null", "NULL", "None")
_DELIMITERS = ",;\t |:"
_ROWS = 65_536
_SNIFFED = 8192  # characters of the first line; the sniffer takes hours for a megabyte of quotes


def sniff_delimiter(path: Path, compression: str | None = None) -> str:
    """Return the delimiter of the file's first line, detected as in the container. Raises UserError with its text."""
    if is_gzip(path) and compression != "Gzip":
        line = first_line(path, None)
        hint = f"file '{path.name}' is packed with gzip: set CompressionType to Gzip, or upload it unpacked"
        raise UserError(f"Could not determine delimiter on line {line[:50]!r}:\n{hint}")
    line = first_line(path, compression)
    try:
        delimiter = csv.Sniffer().sniff(line[:_SNIFFED]).delimiter
    except csv.Error as e:
        raise UserError(f"Could not determine delimiter on line {line[:50]}:\n{e}") from e
    if delimiter in _DELIMITERS:
        return delimiter
    # A letter, a digit or a sign is a wrong guess, from a line such as `0.5`. The container would use it.
    if "," in line:
        return ","
    raise UserError(f"Could not determine delimiter on line {line[:50]}:\nCould not determine delimiter")


def read_csv(
    path: Path, delimiter: str, compression: str | None = None, threads: bool = True, reader: str = "XGBoost"
) -> np.ndarray:
    """Read all cells of the file: float32 (rows, columns), missing values as NaN. Raises UserError on the first fault.

    `reader` is the algorithm's name in the error message.
    """
    width = len(first_line(path, compression).split(delimiter))
    names = [str(i) for i in range(width)]
    try:
        with open_data(path, compression) as stream:
            table = pyarrow.csv.read_csv(
                stream,
                pyarrow.csv.ReadOptions(column_names=names, use_threads=threads, block_size=1 << 22),
                pyarrow.csv.ParseOptions(delimiter=delimiter, quote_char=False),
                pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.float32()), null_values=list(MISSING), strings_can_be_null=True
                ),
            )
    except pa.ArrowInvalid:
        return _read_slowly(path, delimiter, compression, width, reader)
    out = np.empty((table.num_rows, width), np.float32)
    for i in range(width):
        start = 0
        for chunk in table.column(i).chunks:
            copy_numbers(chunk, out[start : start + len(chunk), i])
            start += len(chunk)
    return out


def _read_slowly(path: Path, delimiter: str, compression: str | None, width: int, reader: str) -> np.ndarray:
    """Read cell by cell, for numbers that Arrow does not read (`+1`), and to locate the first fault."""
    blocks: list[np.ndarray] = []
    with open_data(path, compression) as stream:
        lines = io.TextIOWrapper(stream, "utf-8", "ignore", newline="\n")
        rows = _rows(lines, delimiter, width, path.name, reader)
        while block := [row for row, _ in zip(rows, range(_ROWS), strict=False)]:
            blocks.append(np.array(block, np.float32))
    return np.concatenate(blocks) if blocks else np.empty((0, width), np.float32)


def _rows(lines: io.TextIOWrapper, delimiter: str, width: int, name: str, reader: str) -> Iterator[list[float]]:
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r\n").lstrip("\ufeff")
        if not line:
            continue
        cells = line.split(delimiter)
        values = []
        for column, cell in enumerate(cells, 1):
            value = parse_number(cell)
            if value is None:
                raise UserError(_fault(cell, line, number, column, name, reader))
            values.append(value)
        if len(cells) != width:
            raise UserError(
                f"Failed to load csv data with exception:\nline {number} of file '{name}' has {len(cells)} columns, "
                f"the first line has {width}. Every line must have the same number of columns."
            )
        yield values


def parse_number(cell: str) -> float | None:
    """Return the number in a cell, NaN if it is missing, None if it is something else."""
    cell = cell.strip()
    if cell in MISSING:
        return float("nan")
    try:
        return None if "_" in cell else float(cell)  # Python alone reads 1_000 as a number
    except ValueError:
        return None


def _fault(cell: str, line: str, number: int, column: int, name: str, reader: str) -> str:
    culprit = next((c for c in cell.strip() if c not in "0123456789.+-eE"), cell.strip()[:1] or cell)
    if number == 1:
        return (
            f"Non-numeric value '{culprit}' found in the header line '{line[:50]}...' of file '{name}'. "
            f"CSV format require no header line in it. If header line is already removed, {reader} does not accept "
            "non-numeric value in the data."
        )
    return (
        f"Non-numeric value '{cell.strip()[:50]}' found in line {number}, column {column} of file '{name}'. "
        f"{reader} does not accept non-numeric value in the data."
    )
