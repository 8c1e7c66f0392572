"""Parses the body of a prediction request into rows, for every content type of SageMaker's algorithms.

Each reader returns float32 (rows, columns), missing values as NaN, and raises ValueError for a malformed body.
The common case of each takes a few microseconds. Unusual input takes a slower, more tolerant path.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from algorithms.contract import InvocationError
from algorithms.formats import number_rows

_PLAIN = b"0123456789.,-+eE\n"  # CSV of only these characters is nearly JSON
_SPACE = b" \t\r\n"
_PLAIN_JSON = b"0123456789.,-+eE[]nul" + _SPACE
_AROUND_ROWS = ((b"", b""), (b'{"instances":', b"}"))
_PIECE = 64 * 1024  # bytes parsed at once; in between, other requests get the interpreter
_PIECE_CELLS = 16 * 1024  # numbers of lists that become an array at once
_DENSE_LIMIT = 64_000_000  # cells: a libsvm body of 6 MB can have a column number that exceeds the memory


def csv_rows(body: bytes, width: int) -> np.ndarray:
    """Parse rows of comma-separated numbers. `width` distinguishes a single column from an unknown delimiter."""
    body = body.strip()
    if (rows := number_rows.csv_rows(body, width)) is not None:
        return rows
    if is_plain(body):
        try:
            if b"\n" not in body:
                return np.array([orjson.loads(b"[" + body + b"]")], np.float32)
            return np.concatenate([plain_rows(piece) for piece in _pieces(body, b"\n")])
        except ValueError:  # `+1`, `.5`, `1.`, an empty cell, ragged rows: not JSON, perhaps still CSV
            pass
    return np.concatenate(list(_cell_by_cell(body, width)))


def is_plain(body: bytes) -> bool:
    """Return True for CSV of only the characters that numbers of JSON have too."""
    return not body.translate(None, _PLAIN)


def plain_rows(piece: bytes) -> np.ndarray:
    """Parse lines of plain CSV that are numbers as JSON has them. Raises ValueError for others and for ragged rows."""
    return np.array(orjson.loads(b"[[" + piece.replace(b"\n", b"],[") + b"]]"), np.float32)


def _cell_by_cell(body: bytes, width: int) -> Iterator[np.ndarray]:
    """The rows of CSV in blocks. A list for each line takes ten times as much memory."""
    number = count = 0
    delimiter = ""
    for piece in _pieces(body, b"\n"):
        lines = piece.decode("utf-8" if number else "utf-8-sig").replace("\r\n", "\n").split("\n")
        if not number:
            delimiter = _delimiter(lines[0], width)
            count = lines[0].count(delimiter) + 1 if delimiter else 1
        rows = np.empty((len(lines), count), np.float32)
        for index, line in enumerate(lines):
            cells = line.split(delimiter) if delimiter else [line]
            if len(cells) != count:
                raise ValueError(f"line {number + index + 1} has {len(cells)} columns, the first line has {count}")
            rows[index] = [_number(cell) for cell in cells]
        number += len(lines)
        yield rows


def _pieces(body: bytes, separator: bytes) -> Iterator[bytes]:
    """Cut a body at a `separator` after every _PIECE bytes or more; the separator itself is in no piece."""
    start = 0
    while (end := body.find(separator, start + _PIECE)) >= 0:
        yield body[start:end]
        start = end + len(separator)
    yield body[start:]


def validate_rows(numbers: np.ndarray) -> np.ndarray:
    """Return numbers (rows, columns) as float32.

    Raises InvocationError 415, as for CSV, if a number is infinite or too large.
    """
    with np.errstate(over="ignore"):
        rows = numbers.astype(np.float32, copy=False)
    try:
        check_finite(rows)
    except ValueError as e:
        raise unreadable_error("csv", e) from e
    return rows


def check_finite(rows: np.ndarray) -> None:
    """Raise ValueError with XGBoost's text if a number is infinite. Missing values are accepted."""
    if np.isinf(rows).any():
        raise ValueError("Input data contains `inf` or a value too large")


def unreadable_error(kind: str, error: Exception) -> InvocationError:
    """Return the error of AWS's tree model containers for a body that they cannot read as `kind`."""
    text = f"Loading {kind} data failed with Exception, please ensure data is in {kind} format"
    return InvocationError(415, f"{text}:\n {type(error)}\n {error}")


def json_rows(body: bytes, width: int = 0) -> np.ndarray:
    """Parse `{"instances": [[...]]}`, `{"instances": [{"features": [...]}]}`, `{"features": [...]}` or `[[...]]`.

    Rows of `width` numbers are parsed the fastest.
    """
    if (rows := number_rows.json_rows(body, width)) is not None:
        return rows
    rows = _plain_json(body) if len(body) > _PIECE else None
    return _as_rows(orjson.loads(body), body) if rows is None else rows


def _plain_json(body: bytes) -> np.ndarray | None:
    """The rows of a large `[[...], ...]` or `{"instances": [[...], ...]}`, piece by piece; None for anything else."""
    start, end = body.find(b"[["), body.rfind(b"]]")
    if start < 0 or (body[:start].translate(None, _SPACE), body[end + 2 :].translate(None, _SPACE)) not in _AROUND_ROWS:
        return None
    rows = body[start + 1 : end + 1]
    if rows.translate(None, _PLAIN_JSON):
        return None
    try:
        pieces = [np.array(orjson.loads(b"[%b]]" % piece), np.float32) for piece in _pieces(rows[:-1], b"],")]
        return np.concatenate(pieces) if all(piece.ndim == 2 for piece in pieces) else None
    except ValueError:  # ragged, nested or malformed: parsed at once, it is said what is wrong
        return None


def jsonlines_rows(body: bytes, width: int = 0) -> np.ndarray:
    """Parse one `{"features": [...]}` or `[...]` per line; `width` as in json_rows."""
    if (rows := number_rows.jsonlines_rows(body, width)) is not None:
        return rows
    return _as_rows([orjson.loads(line) for line in body.splitlines() if line.strip()], body)


def libsvm_rows(body: bytes, width: int, shift: bool | None = None) -> tuple[np.ndarray, int]:
    """Parse `[label] index:value ...` into (rows, number of columns in the body). Absent columns are missing.

    With `shift`, indices count from 1. If `shift` is None, they do when none of them is 0, as in the container.
    """
    body = body.strip()
    height = body.count(b"\n") + 1
    if height * max(width, 1) > _DENSE_LIMIT:
        raise ValueError(f"{height} rows of {width} columns are too many for one request")
    if (read := number_rows.libsvm_rows(body, width, height, shift)) is not None:
        return read
    rows: list[list[tuple[int, float]]] = []
    low, high = 1 << 60, -1
    for line in body.decode("utf-8-sig").strip().split("\n"):
        row = []
        for word in line.split("#", 1)[0].split():
            index, colon, value = word.partition(":")
            if not colon:
                _number(word)  # a leading label is ignored, but must be a number
                continue
            if index == "qid":
                continue
            column = int(index)
            if column < 0:
                raise ValueError(f"index {column} is negative")
            low, high = min(low, column), max(high, column)
            row.append((column, _number(value)))
        rows.append(row)
    down = 1 if (shift if shift is not None else 1 <= low < 1 << 60) else 0
    named = high + 1 - down
    out = np.full((len(rows), width), np.nan, np.float32)
    for i, row in enumerate(rows):
        for column, number in row:
            if 0 <= column - down < width:
                out[i, column - down] = number
    return out, named


def recordio_rows(body: bytes, width: int) -> tuple[np.ndarray, int]:
    """Parse records into (rows, number of columns in the body). Ignores labels. Absent columns are missing."""
    from algorithms.formats.recordio import Sparse, read_table

    features, _ = read_table(body)
    if not isinstance(features, Sparse):
        return features, features.shape[1]
    height = len(features.starts) - 1
    if height * max(width, 1) > _DENSE_LIMIT:
        raise ValueError(f"{height} rows of {width} columns are too many for one request")
    out = np.full((height, width), np.nan, np.float32)
    is_inside = features.columns < width
    row_index = np.repeat(np.arange(height), np.diff(features.starts))
    out[row_index[is_inside], features.columns[is_inside]] = features.values[is_inside]
    return out, features.width


def _as_rows(data: Any, body: bytes) -> np.ndarray:
    wrapped = isinstance(data, dict) and "instances" in data
    if isinstance(data, dict):
        data = data.get("instances", [data])
    if not isinstance(data, list) or not data:
        raise ValueError('expected {"instances": [[...], ...]} or {"features": [...]}')
    rows = [data] if isinstance(data[0], (int, float)) else [_features(item) for item in data]
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != width:
            raise ValueError(f"instance {number} has {len(row)} features, the first has {width}")
    quotes = 2 * wrapped + (2 * len(rows) if isinstance(data[0], dict) else 0)
    if b"true" in body or b"false" in body or body.count(b'"') != quotes:
        _only_numbers(rows)  # numpy would convert "1" and true to numbers
    step = max(1, _PIECE_CELLS // max(1, width))
    blocks = [np.array(rows[start : start + step], np.float32) for start in range(0, len(rows), step)]  # null is NaN
    if any(block.ndim != 2 for block in blocks):
        raise ValueError("a row must be a plain list of numbers")
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


def _only_numbers(rows: list[list]) -> None:
    for number, row in enumerate(rows, 1):
        for value in row:
            if type(value) not in (float, int, type(None)):
                raise ValueError(f"instance {number} has {value!r} among its features; only numbers and null are read")


def _features(item: Any) -> list:
    if isinstance(item, dict):
        item = item.get("features", item.get("data", item))
        if isinstance(item, dict):  # SageMaker's long form: {"data": {"features": {"values": [...]}}}
            item = item.get("features", item)
            item = item.get("values", item) if isinstance(item, dict) else item
    if not isinstance(item, list):
        raise ValueError('expected a list of numbers, or {"features": [...]}')
    return item


def _delimiter(line: str, width: int) -> str:
    """Return the sniffed delimiter, as in the container; a comma if the guess is a letter or a digit."""
    if "," in line:
        return ","  # the sniffer's preference, without its 0.2 ms
    try:
        delimiter = csv.Sniffer().sniff(line[:512]).delimiter
    except csv.Error:
        if width == 1:
            return ""
        raise
    return "" if width == 1 and delimiter in ".-+" else "," if delimiter.isalnum() else delimiter


def _number(cell: str) -> float:
    cell = cell.strip()
    if not cell:
        return float("nan")
    if "_" in cell:
        raise ValueError(f"could not convert string to float: '{cell}'")
    return float(cell)
