"""Reads Parquet files as frames of text cells."""

import io
import json
import re
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
_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}  # by the unit of a duration, which becomes seconds


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
    rows_read = 0
    try:
        for batch in table.iter_batches(
            batch_size=batch_rows or max(1000, CELLS // max(1, len(source_columns))), columns=selected
        ):
            rows_read += batch.num_rows
            renamed = batch.rename_columns(
                [unique[source_columns.index(n)] for n in batch.schema.names] if selected else unique
            )
            for piece in _within_text(renamed, uri):
                frame = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([_plain(piece, uri)])))
                yield frame.select(_to_text(frame[name]) for name in (only or frame.columns))
    except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as e:
        raise _broken(uri, e) from e
    if rows_read != table.metadata.num_rows:
        raise _broken(uri, f"it holds {rows_read:,} rows, and says that it has {table.metadata.num_rows:,}")


def open_file(file: io.RawIOBase, uri: str) -> pq.ParquetFile:
    """Open a file by its footer. Raises Problem when it is broken or has nested columns."""
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
    return table


def index_columns(table: pq.ParquetFile) -> tuple[str, ...]:
    """The columns that hold the index of a pandas table: those that the file declares, or that are called so."""
    try:
        declared = json.loads((table.schema_arrow.metadata or {}).get(b"pandas", b"{}")).get("index_columns", [])
    except (ValueError, AttributeError):
        declared = []
    names = table.schema_arrow.names
    return tuple(name for name in names if name in declared or re.fullmatch(r"__index_level_\d+__", name))


def _check_sizes(metadata: pq.FileMetaData, uri: str) -> None:
    """Raise Problem for a column that takes too much memory at once, and for a row group of other columns.

    Asked for a column that the schema has not, PyArrow ends the process.
    """
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        if group.num_columns != metadata.num_columns:
            raise _broken(uri, f"a row group has {group.num_columns} columns, the schema {metadata.num_columns}")
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


def _plain(batch: pa.RecordBatch, uri: str) -> pa.RecordBatch:
    """The batch with the types that Polars reads and casts to text."""
    columns = [_plain_column(column, name, uri) for name, column in zip(batch.schema.names, batch.columns, strict=True)]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _plain_column(column: pa.Array, name: str, uri: str) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    kind = column.type
    if pa.types.is_decimal(kind):
        return pc.cast(column, pa.string())
    if pa.types.is_duration(kind):
        return pc.divide(pc.cast(pc.cast(column, pa.int64()), pa.float64()), _PER_SECOND[kind.unit])
    if pa.types.is_timestamp(kind) and kind.tz:
        return column.view(pa.int64()).view(pa.timestamp(kind.unit))  # the moment in UTC, whatever the zone's name
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or _is_other_binary(kind):
        return _text_of_bytes(column, name, uri)
    return column


def _is_other_binary(kind: pa.DataType) -> bool:
    return pa.types.is_fixed_size_binary(kind) or pa.types.is_binary_view(kind)


def _text_of_bytes(column: pa.Array, name: str, uri: str) -> pa.Array:
    """Text that its writer has not marked as text, as older ones do. Raises Problem for bytes that are no UTF-8."""
    try:
        return pc.cast(pc.cast(column, pa.large_binary()), pa.large_string())
    except pa.ArrowInvalid as e:
        raise Problem(
            _("Column %(name)s of %(where)s holds raw bytes. Leave it out of the file.", name=name, where=uri),
            LOCATION,
        ) from e


def _to_text(cells: pl.Series) -> pl.Series:
    if isinstance(cells.dtype, pl.Datetime):
        return cells.dt.to_string("%Y-%m-%d %H:%M:%S").alias(cells.name)
    return cells.cast(pl.String)


def _broken(uri: str, e: Exception | str) -> Problem:
    line = (str(e).splitlines() or [type(e).__name__])[0].strip().rstrip(".")
    return Problem(
        _(
            "%(where)s is not a readable Parquet file: %(line)s. Write it again and upload it, or use a CSV.",
            where=uri,
            line=line,
        ),
        LOCATION,
    )
