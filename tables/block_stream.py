"""Streams a table from object storage as blocks."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from common.messages import _
from common.problems import Problem
from tables import parquet, text_chunks
from tables.blocks import NO_DELIMITER, Block, parse_block, split_lines
from tables.column_names import unique_names
from tables.failures import Reading
from tables.inspection import Inspection
from tables.limits import MAX_CELL
from tables.objects import LOCATION, Source
from tables.parse_scalar import is_missing, is_number
from tables.ranged_file import RangedFile


def stream_blocks(source: Source, inspection: Inspection, only: Sequence[str] = ()) -> Iterator[Block]:
    """Read all of `source` in the format that `inspection` describes.

    `only` restricts the frames to these columns. Raises Problem for an object that cannot be read, or whose columns
    differ from the first object's.
    """
    names = [column.name for column in inspection.columns]
    rows_before = bytes_before = 0
    for index, obj in enumerate(source.objects):
        uri = source.name(obj)
        with Reading(uri):
            for block in _object_blocks(source, index, uri, inspection, names, only):
                block.start, block.done = rows_before, bytes_before + block.done
                rows_before += block.rows
                yield block
        bytes_before += obj.size


def _object_blocks(
    source: Source, index: int, uri: str, inspection: Inspection, names: list[str], only: Sequence[str]
) -> Iterator[Block]:
    """The blocks of object number `index`; `done` counts its bytes."""
    obj = source.objects[index]
    if inspection.format == "parquet":
        yield from _parquet(source, obj, uri, names, only)
        return
    body = text_chunks.CountingReader(source.open(obj))
    try:
        delimiter = NO_DELIMITER if inspection.format in ("libsvm", "jsonlines") else inspection.delimiter
        chunks = text_chunks.read_chunks(body, uri, inspection.encoding, inspection.compression, delimiter)
        if inspection.format == "jsonlines":
            chunks = (piece for chunk in chunks for piece in split_lines(chunk, len(only or names)))
        for block in _texts(chunks, uri, inspection, names, only, index):
            block.done = min(body.bytes_read, obj.size)
            yield block
    finally:
        body.close()


def _parquet(source: Source, obj, uri: str, names: list[str], only: Sequence[str]) -> Iterator[Block]:
    rows_read = 0
    file = RangedFile(source, obj)
    rows = max(1, parquet.open_file(file, uri).metadata.num_rows)
    file.seek(0)
    first = True
    for frame in parquet.read_frames(file, uri, names, only):
        rows_read += len(frame)
        yield Block(frame, uri, done=int(obj.size * rows_read / rows), first=first)
        first = False


def _texts(
    chunks: Iterator[bytes], uri: str, inspection: Inspection, names: list[str], only: Sequence[str], index: int
) -> Iterator[Block]:
    line, first = 0, True
    for chunk in chunks:
        skipped = 0
        if first and inspection.format in ("csv", "tsv"):
            chunk, skipped = strip_header(chunk, inspection, names, uri, index)
            if not chunk and not skipped:
                continue
        block = parse_block(chunk, uri, inspection.format, inspection.delimiter, names, inspection.has_header, only)
        block.line, block.first = line + skipped, first
        line += skipped + chunk.count(b"\n")
        first = False
        yield block


def strip_header(text: bytes, inspection: Inspection, names: list[str], uri: str, index: int) -> tuple[bytes, int]:
    """(text below the row of column names, number of lines removed) of the beginning of object number `index`.

    A later object without that row keeps its first row. Raises Problem for one with other names.
    """
    head = text.lstrip(b"\r\n")
    ends = text_chunks.row_ends(head[: 4 * text_chunks.CHUNK], inspection.delimiter)
    end = int(ends[0]) + 1 if len(ends) else len(head)
    first_row = _split_cells(head[:end].decode("utf-8", "replace"), inspection.delimiter, uri)
    header = unique_names(first_row) if first_row else []
    header_lines = text[: len(text) - len(head) + end].count(b"\n")
    if inspection.has_header:
        if index == 0 or header == names[: len(header)]:
            return head[end:], header_lines
        if not any(is_number(cell) for cell in first_row) and 2 * len(set(header) & set(names)) >= max(1, len(names)):
            raise Problem(
                _(
                    "%(where)s has other columns (%(names)s, ...) than the first object (%(names2)s, ...). Give every "
                    "object the same columns in the same order.",
                    where=uri,
                    names=", ".join(header[:5]),
                    names2=", ".join(names[:5]),
                ),
                LOCATION,
            )
        return text, 0
    if (
        index
        and len(first_row) == len(names)
        and len(names) > 1
        and not any(map(is_number, first_row))
        and not any(map(is_missing, first_row))
    ):
        below = _split_cells(
            head[end : end + 65536].decode("utf-8", "replace").partition("\n")[0], inspection.delimiter, uri
        )
        if any(map(is_number, below)):  # names in a later object although the first has none
            return head[end:], header_lines
    return text, 0


def _split_cells(row: str, delimiter: str, uri: str) -> list[str]:
    return next(read_rows(row.strip("\r\n"), delimiter, uri), [])


def read_rows(text: str, delimiter: str, uri: str) -> Iterator[list[str]]:
    """The rows of CSV text. Raises Problem for a cell of more than MAX_CELL characters."""
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as e:
        raise Problem(
            _(
                "%(where)s has a cell of more than %(limit)s characters among its first rows (%(why)s). Check its "
                "delimiter and quotes, or leave the column out of the file.",
                where=uri,
                limit=f"{MAX_CELL:,}",
                why=e,
            ),
            LOCATION,
        ) from e
