"""Reads Parquet files as frames of text cells."""

import io
from collections.abc import Iterator, Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from common.messages import _
from common.problems import Problem
from tables.column_names import unique_names
from tables.limits import MAX_COLUMN_CHUNK, MAX_ROW, MAX_TEXT
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
            for piece in _within_text(renamed, uri):
                frame = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([_decoded(piece)])))
                yield frame.select(_to_text(frame[name]) for name in (only or frame.columns))
    except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as e:
        raise _broken(uri, e) from e


def open_file(file: io.RawIOBase, uri: str) -> pq.ParquetFile:
    """Open a file by its footer. Raises Problem when it is broken or has nested or binary columns."""
    try:
        metadata = pq.read_metadata(pa.PythonFile(file, mode="r"))
        _check_sizes(metadata, uri)
        file.seek(0)
        table = pq.ParquetFile(
            pa.PythonFile(file, mode="r"),
            metadata=metadata,
            pre_buffer=False,
            read_dictionary=_repeated_texts(metadata),
        )
    except (pa.ArrowException, OSError) as e:
        raise _broken(uri, e) from e
    for column in table.schema_arrow:
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_nested(kind):
            raise Problem(
                _(
                    "Column %(name)s of %(where)s holds %(type)s. Only plain values can be used.",
                    name=column.name,
                    where=uri,
                    type=kind,
                ),
                LOCATION,
            )
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise Problem(
                _(
                    "Column %(name)s of %(where)s holds raw bytes. Leave it out of the file.",
                    name=column.name,
                    where=uri,
                ),
                LOCATION,
            )
    return table


def _check_sizes(metadata: pq.FileMetaData, uri: str) -> None:
    """Raise Problem for a column that takes too much memory at once."""
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            if column.total_uncompressed_size > MAX_COLUMN_CHUNK:
                raise Problem(
                    _(
                        "Column %(name)s of %(where)s holds %(size)s MB in one row group; at most %(limit)s MB can be "
                        "read at once. Write the file with smaller row groups.",
                        name=column.path_in_schema,
                        where=uri,
                        size=f"{column.total_uncompressed_size // 1024**2:,}",
                        limit=f"{MAX_COLUMN_CHUNK // 1024**2:,}",
                    ),
                    LOCATION,
                )


def _repeated_texts(metadata: pq.FileMetaData) -> list[str]:
    """The text columns that the file keeps as dictionaries. Read as such, a long text takes its memory only once."""
    if not metadata.num_row_groups or not metadata.num_columns:
        return []
    group = metadata.row_group(0)
    columns = map(group.column, range(group.num_columns))
    return [c.path_in_schema for c in columns if c.physical_type == "BYTE_ARRAY" and c.has_dictionary_page]


def _within_text(batch: pa.RecordBatch, uri: str) -> Iterator[pa.RecordBatch]:
    """Cut a batch so that a piece is one row, or has at most MAX_TEXT bytes of text with its dictionaries decoded."""
    size = sum(map(_text_size, batch.columns))
    if size > MAX_TEXT and len(batch) > 1:
        half = len(batch) // 2
        yield from _within_text(batch.slice(0, half), uri)
        yield from _within_text(batch.slice(half), uri)
        return
    if size > MAX_ROW:
        raise Problem(
            _(
                "%(where)s has a row of more than %(limit)s MB. Leave the columns with long texts out of the file.",
                where=uri,
                limit=MAX_ROW // 1024**2,
            ),
            LOCATION,
        )
    yield batch


def _text_size(column: pa.Array) -> int:
    """Bytes of all cells of a column of texts that came as a dictionary; 0 for any other."""
    if not pa.types.is_dictionary(column.type) or not _is_text(column.type.value_type):
        return 0
    lengths = pc.take(pc.cast(pc.binary_length(column.dictionary), pa.int64()), column.indices)
    return pc.sum(lengths).as_py() or 0


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _decoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


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
