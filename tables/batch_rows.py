"""Encodes every row of a table for a batch prediction, and keeps the rows as the table has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from common.locked_folders import temporary_folder
from common.messages import _
from common.problems import Problem
from tables.block_stream import stream_blocks
from tables.encode_row import RowEncoder
from tables.inspection import Inspection
from tables.inspector import inspect_source, no_column
from tables.objects import Source, parse_location
from tables.raw_rows import numbered
from tables.readable_rows import encode_readable
from tables.recipe import Recipe
from tables.scanner import Progress, no_progress

CSV, JSON_LINES = "text/csv", "application/jsonlines"
ROW, PROBLEM = "row", "problem"  # of the file of rows, beside the cells "0", "1", ...: number, and why it is not sent
MAX_CELLS = 1_000_000  # of rows that are encoded at once


REQUESTS, RAW = "input/rows", "rows.parquet"  # below the folder of a batch prediction


@dataclass(frozen=True)
class BatchRows:
    """How many rows a table has, and how many of them are sent. `why` is the first reason that one is not.

    `columns` are the names of the table's columns.
    """

    rows: int
    sent: int
    why: str = ""
    columns: tuple[str, ...] = ()


def prepare_batch(
    source: Source, recipe: Recipe, schema: Mapping[str, Any], names: Mapping[str, str], content_type: str,
    folder: str, progress: Progress = no_progress,
) -> BatchRows:  # fmt: skip
    """Put the records of `source`, and its rows as they are, below the S3 address `folder`, as REQUESTS and RAW.

    The other arguments are those of `write_batch_rows`. Raises Problem.
    """
    inspection = inspect_source(source, recipe, supervised=False)
    with temporary_folder() as local:
        lines, raw = local / "lines", local / "raw"
        written = write_batch_rows(
            source, inspection, schema, names, content_type, lines, raw, lambda done: progress(done, source.size)
        )
        for path, name, kind in ((lines, REQUESTS, content_type), (raw, RAW, "application/vnd.apache.parquet")):
            with path.open("rb") as body:
                source.store.put(*parse_location(f"{folder}/{name}"), body, kind)
    return replace(written, columns=tuple(column.name for column in inspection.columns))


def write_batch_rows(
    source: Source, inspection: Inspection, schema: Mapping[str, Any], names: Mapping[str, str], content_type: str,
    requests: Path, raw: Path, progress: Callable[[int], None],
) -> BatchRows:  # fmt: skip
    """Write a line of `content_type` for each row of `source` that can be read to `requests`, and all rows to `raw`.

    `names` says which column of the table is meant for a column of the schema, where its name differs. `raw` is a
    Parquet file. `progress(bytes read)` is called between blocks. Raises Problem when a column is missing, and when no
    row can be sent.
    """
    encoder = RowEncoder(schema)
    known = {column.name for column in inspection.columns}
    wanted = [names.get(name, name) for name in encoder.names]
    if missing := next((name for name in wanted if name not in known), None):
        raise Problem(no_column(missing, inspection))
    columns = [pl.col(own).alias(name) for name, own in zip(encoder.names, wanted, strict=True)]
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
    filled = [line for line in lines if line.strip()]
    file.writelines(filled)
    return len(filled)


def _raw_table(frame: pl.DataFrame, numbers: np.ndarray, reasons: Sequence[str]) -> pl.DataFrame:
    cells = {str(position): frame[name] for position, name in enumerate(frame.columns)}
    return pl.DataFrame({ROW: numbers, PROBLEM: pl.Series(reasons, dtype=pl.String)} | cells)
