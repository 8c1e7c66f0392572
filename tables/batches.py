"""Streams a table out of object storage as frames of text cells, a few megabytes at a time."""

import io
from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from common.problems import Problem
from tables.objects import FIELD, Source
from tables.ranged import RangedFile
from tables.table import Inspection

BLOCK = 4 * 1024 * 1024  # bytes of text parsed at a time
ROWS = 50_000  # rows of Parquet decoded at a time
NO_DELIMITER = "\x01"  # makes a line of LibSVM one cell


def stream(source: Source, found: Inspection) -> Iterator[pl.DataFrame]:
    """All rows of `source` as frames of strings named like `found.columns`; cells are as written, null is missing."""
    names = [column.name for column in found.columns]
    for o in source.objects:
        where = source.name(o)
        if found.format == "parquet":
            yield from parquet(RangedFile(source, o), where, names)
            continue
        body = source.open(o)
        if found.format == "libsvm":
            lines = text(body, where, NO_DELIMITER, ["line"], False, "utf-8", found.compression)
            yield from (frame.select(pl.col("line").str.split(" ").list.first().alias(names[0])) for frame in lines)
        else:
            yield from text(body, where, found.delimiter, names, found.has_header, found.encoding, found.compression)


def text(
    body, where: str, delimiter: str, names: list[str], skip_header: bool, encoding: str, compression: str = ""
) -> Iterator[pl.DataFrame]:
    """The rows of one delimited file, from the byte stream `body`. Raises Problem naming a row of another width."""
    bad: list = []

    def refuse(row):
        bad.append(row)
        return "error"

    try:
        raw = pa.PythonFile(body, mode="r")
        reader = pacsv.open_csv(
            pa.CompressedInputStream(raw, "gzip") if compression else raw,
            read_options=pacsv.ReadOptions(
                use_threads=False,  # or rows would have no numbers
                block_size=BLOCK,
                column_names=names,
                skip_rows_after_names=int(skip_header),
                encoding="utf-8" if encoding == "utf-8-sig" else encoding,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter,
                quote_char=False if delimiter == NO_DELIMITER else '"',
                newlines_in_values=delimiter != NO_DELIMITER,
                invalid_row_handler=refuse,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        for batch in reader:
            yield pl.DataFrame(pl.from_arrow(batch))
    except pa.ArrowInvalid as e:
        if bad:
            row = bad[0]
            raise Problem(
                f"Row {row.number} of {where} has {row.actual_columns} cells where {row.expected_columns} are "
                f"expected: {row.text[:80]!r}. Give every row the same number of cells; "
                f"quote cells that contain {delimiter!r}.",
                FIELD,
            ) from e
        if "Empty CSV" in str(e):
            return
        raise Problem(f"{where} cannot be read as a table: {_first_line(e)}", FIELD) from e
    except OSError as e:
        if isinstance(e, pa.ArrowException) or compression:
            raise Problem(f"{where} cannot be decompressed: {_first_line(e)} Upload it again.", FIELD) from e
        raise


def parquet(file: io.RawIOBase, where: str, names: list[str] | None = None) -> Iterator[pl.DataFrame]:
    """The rows of one Parquet file. Raises Problem when it is broken or has other columns than `names`."""
    table = open_parquet(file, where)
    own = table.schema_arrow.names
    if names is not None and unique_names(own) != names:
        raise Problem(f"{where} has other columns ({', '.join(own[:5])}, ...) than the first object.", FIELD)
    try:
        for batch in table.iter_batches(batch_size=ROWS):
            frame = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch.rename_columns(unique_names(own))])))
            yield frame.select(pl.col(name).cast(pl.String) for name in frame.columns)
    except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as e:
        raise _broken(where, e) from e


def open_parquet(file: io.RawIOBase, where: str) -> pq.ParquetFile:
    try:
        table = pq.ParquetFile(pa.PythonFile(file, mode="r"), pre_buffer=False)
    except (pa.ArrowException, OSError) as e:
        raise _broken(where, e) from e
    for column in table.schema_arrow:
        if pa.types.is_nested(column.type):
            raise Problem(f"Column {column.name} of {where} holds {column.type}. Only plain values can be used.", FIELD)
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            raise Problem(f"Column {column.name} of {where} holds raw bytes. Leave it out of the file.", FIELD)
    return table


def unique_names(names: list[str]) -> list[str]:
    """Column names as the console uses them: an empty one becomes its position (#3), a repeated one gets a number."""
    made: list[str] = []
    for position, name in enumerate(names, 1):
        name = name.strip() or f"#{position}"
        candidate, copy = name, 2
        while candidate in made:
            candidate, copy = f"{name}_{copy}", copy + 1
        made.append(candidate)
    return made


def _broken(where: str, e: Exception) -> Problem:
    return Problem(
        f"{where} is not a readable Parquet file: {_first_line(e)} Write it again and upload it, or use a CSV.", FIELD
    )


def _first_line(e: Exception) -> str:
    line = (str(e).splitlines() or [type(e).__name__])[0].strip()
    return line if line.endswith(".") else f"{line}."
