"""Reads the objects of a channel as the container does: lists them, recognises their format, parses their rows."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from common.problems import Problem
from preflight.raw_csv import HEADER_LINES, header_cells, read_csv, sniff_delimiter
from preflight.raw_labels import update_label_stats
from preflight.raw_libsvm import is_libsvm, read_libsvm
from preflight.raw_table import CSV, LIBSVM, PARQUET, RECORDIO, RawFile, RawTable
from tables.objects import LOCATION, MAX_OBJECTS, Source, parse_location
from tables.profile import Cell
from tables.ranged_file import RangedFile
from tables.scanner import Progress
from tables.store import Store

MAX_CELLWISE_BYTES = 32 * 1024 * 1024  # parsed cell by cell; a very faulty table is read only so far
KINDS = {
    "": LIBSVM, "csv": CSV, "text/csv": CSV, "text/csv;label_size=1": CSV, "libsvm": LIBSVM, "text/libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM, "parquet": PARQUET, "application/x-parquet": PARQUET, "recordio-protobuf": RECORDIO,
    "application/x-recordio-protobuf": RECORDIO,
}  # fmt: skip
_SIGNATURES = (
    (b"PAR1", "parquet"), (b"PK\x03\x04", "zip"), (b"%PDF", "pdf"), (b"\xd0\xcf\x11\xe0", "xls"), (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\x93NUMPY", "numpy"), (b"ORC", "orc"), (b"Obj\x01", "avro"),
    (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
    (b"\x0a\x23\xd7\xce", "recordio"), (b"<html", "html"), (b"<!DOCTYPE", "html"), (b"{", "json"), (b"[{", "json"),
    (b"version https://git-lfs", "git-lfs"),
)  # fmt: skip
_HEAD = 65536  # bytes of a file by which its format is recognised


def list_channel_files(store: Store, uri: str) -> list[RawFile]:
    """List what SageMaker copies for the prefix `uri`: every object whose key starts with it.

    Raises Problem when the bucket cannot be listed, or holds too many objects under the prefix.
    """
    bucket, key = parse_location(uri)
    folder = key.rpartition("/")[0] + "/" if "/" in key else ""
    if key and not key.endswith("/"):
        folder = f"{key}/" if any(True for _ in store.list_objects(bucket, f"{key}/")) else folder
    files = []
    for o in store.list_objects(bucket, key):
        relative = o.key.removeprefix(folder)
        files.append(RawFile(f"s3://{bucket}/{o.key}", o.size, relative.count("/") + 1))
        if len(files) > MAX_OBJECTS:
            raise Problem(f"There are more than {MAX_OBJECTS:,} objects at {uri}. Choose a narrower prefix.", LOCATION)
    return files


def read_channel(store: Store, channel: str, uri: str, content_type: str, compression: str, step: Progress) -> RawTable:
    """Read the bytes of one channel, and return its facts and faults.

    `compression` is the request's CompressionType: "", "None" or "Gzip". `step(bytes read, bytes in all)` is called
    every few megabytes; what it raises ends the reading. Raises Problem when the bucket cannot be listed.
    """
    kind = KINDS.get(content_type.lower().replace(" ", ""), CSV)
    table = RawTable(channel, uri, kind, list_channel_files(store, uri))
    budget = MAX_CELLWISE_BYTES
    for file in table.files:
        if not file.is_data:
            continue
        bucket, key = parse_location(file.uri)
        head = store.fetch(bucket, key, 0, min(file.size, _HEAD))
        is_first = file is table.first
        _recognise(table, file, head, is_first)
        if table.compression and compression == "Gzip":
            head = _decompress_head(head)
            _recognise(table, file, head, is_first)
            table.signature = ""
        if table.kind == PARQUET and head[:4] == b"PAR1":
            _read_parquet(table, store, bucket, key, file)
            continue
        if table.signature or (table.compression and compression != "Gzip") or table.kind in (PARQUET, RECORDIO):
            continue
        with store.open(bucket, key) as body:
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=body)) if table.compression else body
            read_rows = read_libsvm if table.kind == LIBSVM else read_csv
            with _decompressing():
                budget = read_rows(table, file, stream, budget, step)
        if budget < 0:
            table.complete = False
            break
    return table


def _recognise(table: RawTable, file: RawFile, head: bytes, is_first: bool) -> None:
    """Set what the first bytes of `file` tell of its format; the first file sets the table's delimiter and width."""
    if head[:2] == b"\x1f\x8b":
        table.compression = "gzip"
        return
    signature = next((name for start, name in _SIGNATURES if head.startswith(start)), "")
    if signature or b"\0" in head[:4096]:
        wanted = {PARQUET: "parquet", RECORDIO: "recordio"}.get(table.kind)
        if signature != wanted:
            table.signature = table.signature or signature or "binary"
            table.add("signature", Cell(1, table.signature, file.uri))
        return
    if head.startswith(codecs.BOM_UTF8):
        table.has_bom = True
        head = head[3:]
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        table.encoding = "latin-1"
    if b"\r" in head and b"\n" not in head:
        table.cr_only = True
    lines = head.decode("utf-8", "ignore").splitlines()
    file.first_line = lines[0] if lines else ""
    if is_first or not table.apparent_kind:
        table.apparent_kind = LIBSVM if is_libsvm(lines[:20]) else CSV
    if is_first and table.kind == CSV:
        table.delimiter = sniff_delimiter(file.first_line)
        table.width = len(file.first_line.split(table.delimiter)) if table.delimiter else 1
        if table.delimiter:
            table.header = header_cells(lines[:HEADER_LINES], table.delimiter)


def _decompress_head(head: bytes) -> bytes:
    with _decompressing():
        return gzip.GzipFile(fileobj=io.BytesIO(head)).read1(_HEAD)


@contextmanager
def _decompressing() -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as e:
        raise Problem(f"The packed file cannot be decompressed: {e}. Upload it again.", LOCATION) from e


def _read_parquet(table: RawTable, store: Store, bucket: str, key: str, file: RawFile) -> None:
    """Add the schema of a Parquet file and, if all its columns hold numbers, its labels."""
    one = next(o for o in store.list_objects(bucket, key) if o.key == key)
    source = Source(file.uri, store, bucket, [one], one.etag, True)
    try:
        parquet = pq.ParquetFile(pa.PythonFile(RangedFile(source, one), mode="r"), pre_buffer=False)
    except (pa.ArrowException, OSError):
        table.add("signature", Cell(1, "broken parquet", file.uri))
        return
    schema = parquet.schema_arrow
    numeric = (pa.types.is_floating, pa.types.is_integer, pa.types.is_boolean, pa.types.is_decimal)
    table.text_columns = [f.name for f in schema if not any(test(f.type) for test in numeric)]
    table.width = len(schema.names)
    table.rows += parquet.metadata.num_rows
    if table.width and not table.text_columns:
        for batch in parquet.iter_batches(columns=[schema.names[0]]):
            update_label_stats(table, file, batch.column(0).cast(pa.float64()).to_numpy(zero_copy_only=False), 0)
