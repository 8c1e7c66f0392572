"""Streams a table from object storage as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from common.messages import _
from common.problems import Problem
from tables import parquet, text_chunks
from tables.blocks import Block, parse_block, split_lines
from tables.column_names import unique_names
from tables.dialect import Dialect
from tables.failures import Reading
from tables.header import join_names
from tables.inspection import Inspection
from tables.objects import LOCATION, Source
from tables.parse_scalar import is_missing, is_number
from tables.ranged_file import RangedFile
from tables.store import Object


def stream_blocks(source: Source, inspection: Inspection, only: Sequence[str] = ()) -> Iterator[Block]:
    """Read all of `source` in the format that `inspection` describes.

    `only` restricts the frames to these columns. Raises Problem for an object that cannot be read, or whose columns
    differ from the first object's.
    """
    names = [column.name for column in inspection.columns if column.name not in inspection.partitions]
    written = [name for name in only if name not in inspection.partitions]
    rows_before = bytes_before = 0
    for index, obj in enumerate(source.objects):
        uri = source.name(obj)
        with Reading(uri):
            for block in _object_blocks(source, index, uri, inspection, names, written or names[: bool(only)]):
                add_partitions(block, source, obj, inspection)
                if only:
                    block.frame = block.frame.select(only)
                block.start, block.done = rows_before, bytes_before + block.done
                rows_before += block.rows
                yield block
        bytes_before += obj.size


def add_partitions(block: Block, source: Source, obj: Object, inspection: Inspection) -> None:
    """Add the columns of `block` whose values are folders of its object."""
    if inspection.partitions:
        values = source.partition_values(obj)
        columns = [pl.lit(values.get(name), pl.String).alias(name) for name in inspection.partitions]
        block.frame = block.frame.with_columns(columns)


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
        dialect = inspection.dialect
        chunks = text_chunks.read_chunks(
            body, uri, inspection.encoding, inspection.compression, dialect,
            may_differ=index > 0 and not inspection.is_encoding_given,
        )  # fmt: skip
        if inspection.format in ("csv", "tsv"):
            chunks = (dialect.translate(chunk, uri) for chunk in chunks)
        if inspection.format == "jsonlines":
            chunks = (piece for chunk in chunks for piece in split_lines(chunk, len(only or names)))
        for block in _texts(chunks, uri, inspection, names, only, index):
            block.done, block.encoding = min(body.bytes_read, obj.size), body.encoding
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
    line, first, dialect = 0, True, inspection.dialect.translated
    for chunk in chunks:
        skipped = 0
        if first and inspection.format in ("csv", "tsv"):
            chunk, skipped = strip_header(chunk, inspection, names, uri, index)
            if not chunk and not skipped:
                continue
        block = parse_block(chunk, uri, inspection.format, dialect, names, inspection.has_header, only)
        block.line, block.first = line + skipped, first
        line += skipped + block.breaks
        first = False
        yield block


def strip_header(text: bytes, inspection: Inspection, names: list[str], uri: str, index: int) -> tuple[bytes, int]:
    """(text below the rows of column names, number of lines removed) of the beginning of object number `index`.

    A later object without names keeps its first row. Raises Problem for one with other names.
    """
    dialect = inspection.dialect.translated
    ends = text_chunks.row_ends(text[: 4 * text_chunks.CHUNK], dialect).tolist()
    rows = _first_rows(text, ends, dialect, dialect.lead + dialect.header_rows + 2, uri)
    if not rows:
        return text, 0
    if index == 0:
        return _below(text, rows, dialect.lead + dialect.header_rows)
    if inspection.has_header:
        for at in range(len(rows)):
            header = [cells for cells, _end in rows[at : at + max(1, dialect.header_rows)]]
            if len({len(cells) for cells in header}) == 1 and _are_names(join_names(header), names):
                return _below(text, rows, at + len(header))
        _check_names(rows[0][0], names, uri)
        return text, 0
    first = rows[0][0]
    are_words = not any(map(is_number, first)) and not any(map(is_missing, first))
    if are_words and len(first) == len(names) > 1 and len(rows) > 1 and any(map(is_number, rows[1][0])):
        return _below(text, rows, 1)  # names in a later object although the first has none
    return text, 0


def _first_rows(text: bytes, ends: list[int], dialect: Dialect, most: int, uri: str) -> list[tuple[list[str], int]]:
    """[(cells, offset of the end)] of the first rows of `text` that are not blank."""
    rows: list[tuple[list[str], int]] = []
    start = 0
    for end in [*(end + 1 for end in ends), len(text)]:
        if len(rows) == most:
            break
        row = text[start:end].strip(b"\r\n")
        if row.strip():
            rows.append((next(dialect.rows(row.decode("utf-8", "replace"), uri), []), end))
        start = end
    return rows


def _below(text: bytes, rows: list[tuple[list[str], int]], count: int) -> tuple[bytes, int]:
    """(the text below the first `count` of `rows`, the number of lines above it)."""
    if not count:
        return text, 0
    end = rows[min(count, len(rows)) - 1][1]
    return text[end:], text[:end].count(b"\n")


def _are_names(header: list[str], names: list[str]) -> bool:
    """True if `header` are the columns `names`, where those without a name may be left out."""
    named = unique_names(header)
    return named == names[: len(named)] or [*filter(None, header)] == [name for name in names if name[0] != "#"]


def _check_names(first_row: list[str], names: list[str], uri: str) -> None:
    """Raise Problem if `first_row` are column names that are not `names`."""
    header = unique_names(first_row)
    if not any(map(is_number, first_row)) and 2 * len(set(header) & set(names)) >= max(1, len(names)):
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
