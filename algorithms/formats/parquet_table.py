"""Reads Parquet files into float32 arrays, batch by batch, so that peak memory stays near the size of the result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from algorithms.contract import UserError
from algorithms.formats.arrow_values import copy_numbers
from algorithms.formats.files import open_data


def read_parquet(path: Path, compression: str | None = None) -> np.ndarray:
    """Read all cells of the file: float32 (rows, columns), nulls as NaN. Raises UserError."""
    try:
        if path.is_file() and compression != "Gzip":
            return _read(pq.ParquetFile(path, memory_map=True))
        with open_data(path, compression) as stream:
            return _read(pq.ParquetFile(pa.BufferReader(stream.read())))
    except (pa.ArrowException, OSError, TypeError) as e:
        raise UserError(f"Failed to load parquet data with exception:\nfile '{path.name}': {e}") from e


def _read(file: pq.ParquetFile) -> np.ndarray:
    for field in file.schema_arrow:
        if not (pa.types.is_integer(field.type) or pa.types.is_floating(field.type) or pa.types.is_boolean(field.type)):
            raise TypeError(f"column '{field.name}' is {field.type}, and only numbers can be trained on")
    out = np.empty((file.metadata.num_rows, len(file.schema_arrow)), np.float32)
    start = 0
    for batch in file.iter_batches(batch_size=131_072):
        end = start + len(batch)
        if end > len(out):
            raise _other_rows(len(out))
        for i, column in enumerate(batch.columns):
            copy_numbers(column, out[start:end, i])
        start = end
    if start != len(out):  # the rest of `out` is whatever the memory held before
        raise _other_rows(len(out))
    return out


def _other_rows(rows: int) -> pa.ArrowInvalid:
    return pa.ArrowInvalid(f"its footer tells of {rows:,} rows, and its columns hold another number of them")
