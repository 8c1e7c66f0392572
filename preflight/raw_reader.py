"""Reads the bytes of a channel as the container would, a few megabytes at a time: fast where they are clean.

Clean blocks go through Arrow; a block with a fault is gone through cell by cell, to say where. Of a very faulty table
only so much is read; the result says so.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from common.problems import Problem
from preflight.raw import CSV, LIBSVM, PARQUET, RECORDIO, RawFile, RawTable
from preflight.raw_cells import LARGEST, NUMBER, QUOTED_DELIMITER, THOUSANDS, fault_of
from preflight.raw_labels import take_labels
from preflight.raw_libsvm import is_libsvm, read_libsvm
from tables.objects import LOCATION, MAX_OBJECTS, parse_location
from tables.profile import Cell
from tables.ranged_file import RangedFile
from tables.scanner import Progress
from tables.store import Store

BLOCK = 4 * 1024 * 1024
MOST_SLOW = 32 * 1024 * 1024  # bytes gone through cell by cell before it is enough
KINDS = {
    "": LIBSVM, "csv": CSV, "text/csv": CSV, "text/csv;label_size=1": CSV, "libsvm": LIBSVM, "text/libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM, "parquet": PARQUET, "application/x-parquet": PARQUET, "recordio-protobuf": RECORDIO,
    "application/x-recordio-protobuf": RECORDIO,
}  # fmt: skip
_MAGIC = (
    (b"PAR1", "parquet"), (b"PK\x03\x04", "zip"), (b"%PDF", "pdf"), (b"\xd0\xcf\x11\xe0", "xls"), (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\x93NUMPY", "numpy"), (b"ORC", "orc"), (b"Obj\x01", "avro"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\x0a\x23\xd7\xce", "recordio"), (b"<html", "html"),
    (b"<!DOCTYPE", "html"), (b"{", "json"), (b"[{", "json"), (b"version https://git-lfs", "git-lfs"),
)  # fmt: skip
_MISSING = ["", "nan", "NaN", "NAN", "NA", "N/A", "null", "NULL", "None", "?", "-"]


def listed(store: Store, uri: str) -> list[RawFile]:
    """What SageMaker would copy for the prefix `uri`: every object whose key starts with it. Raises Problem."""
    bucket, key = parse_location(uri)
    folder = key.rpartition("/")[0] + "/" if "/" in key else ""
    if key and not key.endswith("/"):
        folder = f"{key}/" if any(True for _ in store.list_objects(bucket, f"{key}/")) else folder
    found = []
    for o in store.list_objects(bucket, key):
        relative = o.key.removeprefix(folder)
        found.append(RawFile(f"s3://{bucket}/{o.key}", o.size, relative.count("/") + 1))
        if len(found) > MAX_OBJECTS:
            raise Problem(f"There are more than {MAX_OBJECTS:,} objects at {uri}. Choose a narrower prefix.", LOCATION)
    return found


def read(store: Store, channel: str, uri: str, content_type: str, compression: str, step: Progress) -> RawTable:
    """Everything about the bytes of one channel. Raises Problem when the bucket cannot be listed."""
    table = RawTable(channel, uri, KINDS.get(content_type.lower().replace(" ", ""), CSV), listed(store, uri))
    slow = 0
    for file in table.files:
        if not file.is_data:
            continue
        bucket, key = parse_location(file.uri)
        head = store.fetch(bucket, key, 0, min(file.size, 65536))
        first = file is table.first
        _look(table, file, head, first)
        if table.packed and compression == "Gzip":
            head = _unpacked_head(head)
            _look(table, file, head, first)
            table.magic = ""
        if table.kind == PARQUET and head[:4] == b"PAR1":
            _parquet(table, store, bucket, key, file)
            continue
        if table.magic or (table.packed and compression != "Gzip") or table.kind in (PARQUET, RECORDIO):
            continue
        with store.open(bucket, key) as body:
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=body)) if table.packed else body
            if table.kind == LIBSVM:
                slow = read_libsvm(table, file, stream, slow, MOST_SLOW, step)
            else:
                slow = _csv(table, file, stream, slow, step)
        if slow > MOST_SLOW:
            table.complete = False
            break
    return table


def _look(table: RawTable, file: RawFile, head: bytes, first: bool) -> None:
    if head[:2] == b"\x1f\x8b":
        table.packed = "gzip"
        return
    magic = next((name for start, name in _MAGIC if head.startswith(start)), "")
    if magic or b"\0" in head[:4096]:
        wanted = {PARQUET: "parquet", RECORDIO: "recordio"}.get(table.kind)
        if magic != wanted:
            table.magic = table.magic or magic or "binary"
            table.add("magic", Cell(1, table.magic, file.uri))
        return
    if head.startswith(codecs.BOM_UTF8):
        table.bom = True
        head = head[3:]
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        table.encoding = "latin-1"
    if b"\r" in head and b"\n" not in head:
        table.cr_only = True
    lines = head.decode("utf-8", "ignore").splitlines()
    file.first_line = lines[0] if lines else ""
    if first or not table.looks:
        table.looks = LIBSVM if is_libsvm(lines[:20]) else CSV
    if first and table.kind == CSV:
        table.delimiter = sniffed(file.first_line)
        table.width = len(file.first_line.split(table.delimiter)) if table.delimiter else 1
        if table.delimiter:
            table.header = _names(lines[:3], table.delimiter)


def sniffed(line: str) -> str:
    """The delimiter that the container's csv.Sniffer finds in the first line; "" when it finds none."""
    try:
        return csv.Sniffer().sniff(line).delimiter
    except csv.Error:
        return ""


def _names(lines: list[str], delimiter: str) -> list[str]:
    """The first line's cells, when it is a header: no numbers in it, and a number below or different words."""
    if not lines:
        return []
    cells = [cell.strip().strip("\"'") for cell in lines[0].split(delimiter)]
    if any(NUMBER.fullmatch(cell) for cell in cells) or not any(cells):
        return []
    below = [cell.strip() for line in lines[1:] for cell in line.split(delimiter)]
    if not below or any(fault_of(cell) == "" for cell in below):
        return cells
    return [] if set(cells) & set(below) else cells


def _unpacked_head(head: bytes) -> bytes:
    try:
        return gzip.GzipFile(fileobj=io.BytesIO(head)).read1(65536)
    except (OSError, EOFError) as e:
        raise Problem(f"The packed file cannot be decompressed: {e}. Upload it again.", LOCATION) from e


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Whole lines, about BLOCK bytes at a time; carriage returns alone end lines too, as for XGBoost."""
    rest = b""
    while piece := stream.read(BLOCK):
        piece = rest + piece
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r") if b"\n" not in piece else -1) + 1
        rest = piece[end:]
        if end:
            yield piece[:end]
    if rest:
        yield rest


def _csv(table: RawTable, file: RawFile, stream: BinaryIO, slow: int, step: Progress) -> int:
    line, first = 0, True
    for block in _blocks(stream):
        if first and block.startswith(codecs.BOM_UTF8):
            block = block[3:]
        header = first and bool(
            _names(block[:65536].decode("utf-8", "ignore").splitlines()[:3], table.delimiter or ",")
        )
        if table.cr_only:
            block = block.replace(b"\r", b"\n")
        lines = block.count(b"\n") + (not block.endswith(b"\n"))
        if header or not table.delimiter or not _fast(table, file, block, line):
            slow += len(block)
            _slowly(table, file, block, line, header)
        line += lines
        table.read += len(block)
        first = False
        step(table.read, table.size)
        if slow > MOST_SLOW:
            table.complete = False
            break
    return slow


def _fast(table: RawTable, file: RawFile, block: bytes, line: int) -> bool:
    """Take in a block of nothing but numbers; False when it is not one."""
    if len(table.delimiter) != 1 or table.width < 2 or b"inf" in block or b"\n\n" in block or b"\n\r\n" in block:
        return False
    names = [str(i) for i in range(table.width)]
    try:
        read = pacsv.read_csv(
            pa.BufferReader(block),
            pacsv.ReadOptions(column_names=names, use_threads=False, block_size=len(block) + 1),
            pacsv.ParseOptions(delimiter=table.delimiter, quote_char=False, ignore_empty_lines=True),
            pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.float64()), null_values=_MISSING),
        )
    except pa.ArrowInvalid:
        return False
    for column in read.columns:
        low_high = pc.min_max(column)
        low, high = low_high["min"].as_py(), low_high["max"].as_py()
        if high is not None and (high > LARGEST or low < -LARGEST):
            return False
    label = read.column(0).to_numpy()
    take_labels(table, file, label, line)
    table.rows += len(label)
    return True


def _slowly(table: RawTable, file: RawFile, block: bytes, line: int, header: bool) -> None:
    """Cell by cell. A header is one fault, not one a cell."""
    labels: list[float] = []
    first_line, rows = line + 1, table.rows
    cut = table.delimiter or ","
    for number, text in enumerate(io.StringIO(block.decode("utf-8", "replace"), newline=None), line + 1):
        text = text.rstrip("\n")
        if not text.strip():
            continue
        row = rows + len(labels) + 1
        if header and number == 1:
            table.add("header", Cell(row, text[:80], file.uri, 1))
            rows += 1
            continue
        cells = text.split(cut)
        labels.append(_cells(table, Cell(row, text[:80], file.uri, number), text, cells))
    table.rows = rows
    take_labels(table, file, np.array(labels, dtype=float), first_line)
    table.rows += len(labels)


def _cells(table: RawTable, where: Cell, text: str, cells: list[str]) -> float:
    """Note the faults of one line; gives its label, NaN when it has none."""
    split_up = bool(THOUSANDS.search(text)) and table.delimiter == ","
    if split_up:
        found = THOUSANDS.search(text)
        assert found
        table.add("thousands", _at(where, found[0].strip('"')), text[: found.start()].count(",") + 1)
    elif QUOTED_DELIMITER.search(text):
        split_up = True
        table.add("quoted", where)
    if len(cells) == 1 and table.width > 1:
        table.add("undelimited", where)
        return float("nan")
    if len(cells) != table.width and not split_up:
        kind = "wide" if len(cells) > table.width else "narrow"
        table.add(kind, _at(where, f"{len(cells)} cells instead of {table.width}: {text[:60]}"))
    label = float("nan")
    for position, cell in enumerate(cells, 1):
        fault = fault_of(cell)
        if position == 1 and not fault:
            label = float(cell)
        elif fault == "missing" and position == 1:
            table.label.first_missing = table.label.first_missing or where
        elif fault and fault != "missing" and not (split_up and fault == "quoted"):
            kind = "label" if position == 1 and fault in ("text", "quoted") else fault
            table.add(kind, _at(where, cell.strip()[:60]), position)
            if fault == "text" and position == table.width:
                table.faults[kind].last_column = True
    return label


def _at(where: Cell, value: str) -> Cell:
    return Cell(where.row, value, where.file, where.line)


def _parquet(table: RawTable, store: Store, bucket: str, key: str, file: RawFile) -> None:
    from tables.objects import Source

    one = next(o for o in store.list_objects(bucket, key) if o.key == key)
    source = Source(file.uri, store, bucket, [one], one.etag, True)
    try:
        read = pq.ParquetFile(pa.PythonFile(RangedFile(source, one), mode="r"), pre_buffer=False)
    except (pa.ArrowException, OSError):
        table.add("magic", Cell(1, "broken parquet", file.uri))
        return
    schema = read.schema_arrow
    plain = (pa.types.is_floating, pa.types.is_integer, pa.types.is_boolean, pa.types.is_decimal)
    table.text_columns = [f.name for f in schema if not any(test(f.type) for test in plain)]
    table.width = len(schema.names)
    table.rows += read.metadata.num_rows
    if table.width and not table.text_columns:
        for batch in read.iter_batches(columns=[schema.names[0]]):
            take_labels(table, file, batch.column(0).cast(pa.float64()).to_numpy(zero_copy_only=False), 0)
