"""Encodes every row of a table for a batch prediction, and keeps the rows as the table has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from common.messages import _
from common.problems import Problem
from tables.block_stream import stream_blocks
from tables.encode_row import RowEncoder
from tables.inspection import Inspection
from tables.objects import Source
from tables.raw_rows import numbered
from tables.readable_rows import encode_readable

CSV, JSON_LINES = "text/csv", "application/jsonlines"
ROW, PROBLEM = "row", "problem"  # of the file of rows, beside the cells "0", "1", ...: number, and why it is not sent
MAX_CELLS = 1_000_000  # of rows that are encoded at once


@dataclass(frozen=True)
class BatchRows:
    """How many rows a table has, and how many of them are sent. `why` is the first reason that one is not."""

    rows: int
    sent: int
    why: str = ""


def write_batch_rows(
    source: Source, inspection: Inspection, schema: Mapping[str, Any], names: Mapping[str, str], content_type: str,
    requests: Path, raw: Path, progress: Callable[[int], None],
) -> BatchRows:  # fmt: skip
    """Write a line of `content_type` for each row of `source` that can be read to `requests`, and all rows to `raw`.

    `names` says which column of the table is meant for a column of the schema, where its name differs. `raw` is a
    Parquet file. `progress(bytes read)` is called between blocks. Raises Problem when no row can be sent.
    """
    encoder = RowEncoder(schema)
    columns = [pl.col(names.get(name, name)).alias(name) for name in encoder.names]
    at_once = max(1, MAX_CELLS // max(1, len(encoder.names), len(encoder.features)))
    rows = sent = 0
    why, writer = "", None
    with requests.open("wb") as file:
        try:
            for block in stream_blocks(source, inspection):
                for start in range(0, len(block.frame), at_once):
                    frame = block.frame.slice(start, at_once)
                    numbers = block.row_numbers()[start : start + len(frame)]
                    encoded, reasons = encode_readable(encoder, numbered(frame.select(columns), numbers))
                    sent += _write_lines(file, encoder, encoded, reasons, content_type)
                    rows += len(frame)
                    why = why or next(filter(None, reasons), "")
                    table = _raw_table(frame, numbers, reasons).to_arrow()
                    writer = writer or pq.ParquetWriter(raw, table.schema, compression="zstd")
                    writer.write_table(table)
                progress(block.done)
        finally:
            if writer is not None:
                writer.close()
    if not rows:
        raise Problem(_("The table has no rows."))
    if not sent:
        raise Problem(_("No row can be read as the model takes it. The first: %(why)s", why=why))
    return BatchRows(rows, sent, why)


def _write_lines(file: BinaryIO, encoder: RowEncoder, encoded: np.ndarray, reasons: list[str], form: str) -> int:
    """Write `encoded`, and note in `reasons` which of its rows are empty: SageMaker takes a blank line for none."""
    if form == JSON_LINES:
        cells = [[None if cell != cell else cell for cell in row] for row in encoded.tolist()]
        file.writelines(json.dumps({"features": row}).encode() + b"\n" for row in cells)
        return len(cells)
    lines = encoder.as_csv(encoded).splitlines(keepends=True)
    readable = [position for position, why in enumerate(reasons) if not why]
    for position, line in zip(readable, lines, strict=True):
        if not line.strip():
            reasons[position] = _("The row is empty.")
    kept = [line for line in lines if line.strip()]
    file.writelines(kept)
    return len(kept)


def _raw_table(frame: pl.DataFrame, numbers: np.ndarray, reasons: Sequence[str]) -> pl.DataFrame:
    cells = {str(position): frame[name] for position, name in enumerate(frame.columns)}
    return pl.DataFrame({ROW: numbers, PROBLEM: pl.Series(reasons, dtype=pl.String)} | cells)
