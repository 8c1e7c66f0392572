"""Reads Parquet files as frames of text cells."""

import io
from collections.abc import Iterator, Sequence

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from common.messages import _
from common.problems import Problem
from tables.column_names import unique_names
from tables.objects import LOCATION

CELLS = 500_000  # decoded at a time


def read_frames(
    file: io.RawIOBase, uri: str, names: list[str] | None = None, only: Sequence[str] = (), batch_rows: int = 0
) -> Iterator[pl.DataFrame]:
    """The rows of one Parquet file, `batch_rows` at a time if given, else about CELLS cells.

    `only` restricts the columns. Raises Problem when the file is broken or its columns differ from `names`.
    """
    table = open_file(file, uri)
    source_columns = table.schema_arrow.names
    unique = unique_names(source_columns)
    if names is not None and unique != names:
        raise Problem(
            _(
                "%(where)s has other columns (%(names)s, ...) than the first object.",
                where=uri,
                names=", ".join(source_columns[:5]),
            ),
            LOCATION,
        )
    selected = [source_columns[unique.index(name)] for name in only] if only else None
    if selected is not None and len(set(source_columns)) < len(source_columns):
        selected = None  # repeated names cannot be selected one by one
    try:
        for batch in table.iter_batches(
            batch_size=batch_rows or max(1000, CELLS // max(1, len(source_columns))), columns=selected
        ):
            renamed = batch.rename_columns(
                [unique[source_columns.index(n)] for n in batch.schema.names] if selected else unique
            )
            frame = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([renamed])))
            yield frame.select(_to_text(frame[name]) for name in (only or frame.columns))
    except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as e:
        raise _broken(uri, e) from e


def open_file(file: io.RawIOBase, uri: str) -> pq.ParquetFile:
    """Open a file by its footer. Raises Problem when it is broken or has nested or binary columns."""
    try:
        table = pq.ParquetFile(pa.PythonFile(file, mode="r"), pre_buffer=False)
    except (pa.ArrowException, OSError) as e:
        raise _broken(uri, e) from e
    for column in table.schema_arrow:
        if pa.types.is_nested(column.type):
            raise Problem(
                _(
                    "Column %(name)s of %(where)s holds %(type)s. Only plain values can be used.",
                    name=column.name,
                    where=uri,
                    type=column.type,
                ),
                LOCATION,
            )
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            raise Problem(
                _(
                    "Column %(name)s of %(where)s holds raw bytes. Leave it out of the file.",
                    name=column.name,
                    where=uri,
                ),
                LOCATION,
            )
    return table


def _to_text(cells: pl.Series) -> pl.Series:
    if isinstance(cells.dtype, pl.Datetime):
        moments = cells.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if cells.dtype.time_zone else cells
        return moments.dt.to_string("%Y-%m-%d %H:%M:%S").alias(cells.name)
    return cells.cast(pl.String)


def _broken(uri: str, e: Exception) -> Problem:
    line = (str(e).splitlines() or [type(e).__name__])[0].strip().rstrip(".")
    return Problem(
        _(
            "%(where)s is not a readable Parquet file: %(line)s. Write it again and upload it, or use a CSV.",
            where=uri,
            line=line,
        ),
        LOCATION,
    )
