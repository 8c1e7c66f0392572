"""Chooses rows of a table evenly in one pass, as text with their row numbers, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tables.block_stream import stream_blocks
from tables.inspection import Inspection
from tables.objects import Source
from tables.raw_rows import ROW_NUMBER, numbered

MAX_BYTES = 4 * 1024**3  # of a table; the rows are those of its beginning where it is larger


@dataclass(frozen=True)
class RowSample:
    """`frame` has ROW_NUMBER and the requested columns; columns that the table lacks are nulls.

    `rows` is how many rows the table has; `is_whole` says if it was read to its end.
    """

    frame: pl.DataFrame
    rows: int
    is_whole: bool


def sample_rows(
    source: Source, inspection: Inspection, names: Sequence[str], limit: int, progress: Callable[[int], None],
    max_bytes: int = MAX_BYTES,
) -> RowSample:  # fmt: skip
    """At most `limit` rows of `source`, all of a table that has no more: every 2nd, 4th, 8th, ... of a larger one.

    `progress(bytes read)` is called between blocks. Raises Problem for a table that cannot be read.
    """
    known = {column.name for column in inspection.columns}
    present = [name for name in names if name in known]
    only = present if inspection.format in ("csv", "tsv", "parquet") else []
    parts: list[pl.DataFrame] = []
    step, count, rows, is_whole = 1, 0, 0, True
    for block in stream_blocks(source, inspection, only):
        frame = numbered(block.frame.select(present), block.row_numbers())
        frame = frame.filter(pl.Series((np.arange(len(frame)) + rows) % step == 0, dtype=pl.Boolean))
        rows += len(block.frame)
        parts.append(frame)
        count += len(frame)
        while count > limit:
            step, whole = 2 * step, pl.concat(parts).gather_every(2)
            parts, count = [whole], len(whole)
        progress(block.done)
        if block.done > max_bytes:
            is_whole = False
            break
    empty = pl.DataFrame(schema=dict.fromkeys(present, pl.String) | {ROW_NUMBER: pl.Int64})
    frame = pl.concat(parts) if parts else empty
    absent = [pl.lit(None, pl.String).alias(name) for name in names if name not in known]
    return RowSample(frame.with_columns(absent).select(ROW_NUMBER, *names), rows, is_whole)
