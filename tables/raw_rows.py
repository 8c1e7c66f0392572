"""Keeps the test rows as the table has them, beside their encoded form: what people read of a row, and slice by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from common.problems import Problem
from tables.objects import parse_location
from tables.store import Store

ROW_NUMBER = "\0row"  # in a frame: the row's number in the table, from 1; 0 where it is not known
_NUMBER = "row"  # in the file, whose other columns are "0", "1", ...: not every name of a table is one for Parquet
FILE = "test-table/rows.parquet"


def uri_of_raw_rows(folder: str) -> str:
    """Where the test rows of the job in `folder` are as text, in the order of `encode_channels.uri_of_test_rows`."""
    return f"{folder}/{FILE}"


def numbered(frame: pl.DataFrame, numbers: np.ndarray) -> pl.DataFrame:
    """`frame` with its rows' `numbers`, int64 (rows,), in the column ROW_NUMBER."""
    return frame.with_columns(pl.Series(ROW_NUMBER, numbers, pl.Int64))


class RawRowsWriter:
    """Writes the columns `names` of rows as one Parquet file; `close` uploads it if it has rows."""

    def __init__(self, store: Store, folder: str, names: Sequence[str], temporary: Path):
        self._store, self._uri = store, uri_of_raw_rows(folder)
        self._columns = [pl.col(ROW_NUMBER).alias(_NUMBER), *(pl.col(n).alias(str(i)) for i, n in enumerate(names))]
        self._path = temporary / "raw-rows.parquet"
        self._writer: pq.ParquetWriter | None = None

    def write(self, frame: pl.DataFrame) -> None:
        """Append the rows of a `numbered` frame."""
        if len(frame):
            table = frame.select(self._columns).to_arrow()
            if self._writer is None:
                self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
            self._writer.write_table(table)

    def abandon(self) -> None:
        """Discard what is not uploaded; repeatable, and harmless after `close`."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def close(self) -> None:
        """Upload the file."""
        if self._writer is None:
            return
        self.abandon()
        with self._path.open("rb") as body:
            self._store.put(*parse_location(self._uri), body, "application/vnd.apache.parquet")


def read_raw_rows(store: Store, folder: str, names: Sequence[str], stride: int = 1) -> pl.DataFrame | None:
    """Every `stride`th of the test rows, with ROW_NUMBER first; None where the job in `folder` has no such file.

    `names` are those that the file was written with: the columns of the schema, in its order.
    """
    bucket, key = parse_location(uri_of_raw_rows(folder))
    try:
        with store.open(bucket, key) as body:
            frame = pl.read_parquet(body.read())
    except Problem:
        return None
    return frame.gather_every(stride).select(
        pl.col(_NUMBER).alias(ROW_NUMBER), *(pl.col(str(i)).alias(name) for i, name in enumerate(names))
    )
