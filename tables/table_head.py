"""Reads the beginning of a table and infers its format and column names."""

import io
import json
import zlib
from contextlib import suppress
from typing import Any

import polars as pl

from common.messages import _
from common.problems import Problem
from tables import blocks, encodings, parquet, sniff, text_chunks
from tables.block_stream import add_partitions, strip_header
from tables.column_names import unique_names
from tables.dialect import LINES, Dialect
from tables.dialect_detection import detect
from tables.inspection import Column, Inspection
from tables.json_lines import standard_object
from tables.limits import MAX_COLUMNS
from tables.objects import LOCATION, Source
from tables.ranged_file import RangedFile
from tables.recipe import Recipe
from tables.store import Object

HEAD_BYTES = 1024 * 1024  # bytes read from the beginning of the first object
SPREAD_READS, SPREAD_BYTES = 4, 256 * 1024  # further reads spread over a large object, and bytes of each
SPREAD_FILES, SPREAD_LINES = 20, 200  # further files of JSON whose keys are read, and lines of each place
LARGE = 16 * 1024 * 1024
PARQUET_ROWS = 20_000  # rows read from a Parquet file
FORMATS = {"\t": "tsv"}


def read_head(source: Source, recipe: Recipe) -> tuple[Inspection, list[blocks.Block]]:
    """(inspection with format and column names, blocks read) of the beginning of `source`.

    A large object of plain text is read at SPREAD_READS further places. Raises Problem when nothing can be read.
    """
    head = source.fetch(source.first, 0, min(HEAD_BYTES, source.first.size))
    is_parquet = source.first.name.endswith((".parquet", ".pq")) or head[:4] == b"PAR1"
    inspection, sample_blocks = _parquet(source) if is_parquet else _text(source, head, recipe)
    names = {column.name for column in inspection.columns}
    inspection.partitions = tuple(name for name in source.partitions() if name not in names)
    inspection.columns += [Column(name, "text") for name in inspection.partitions]
    for block in sample_blocks:
        add_partitions(block, source, source.first, inspection)
    return inspection, sample_blocks


def _blank(source: Source, form: str, names: list[str], **extra) -> Inspection:
    fields: dict[str, Any] = {
        "uri": source.uri,
        "etag": source.etag,
        "format": form,
        "size": source.size,
        "objects": len(source.objects),
        "whole_prefix": source.whole_prefix,
        "skipped": source.skipped,
        "columns": [Column(name, "text") for name in names],
        "rows": [],
    }
    fields |= {"delimiter": "", "has_header": False, "rows_seen": 0, "complete": False}
    return Inspection(**fields | {"target_suggestion": "", "task": ""} | extra)


def _parquet(source: Source) -> tuple[Inspection, list[blocks.Block]]:
    first, uri = source.first, source.name(source.first)
    file = RangedFile(source, first)
    opened = parquet.open_file(file, uri)
    total = opened.metadata.num_rows
    if not total:
        raise Problem(_("%(where)s has no rows.", where=uri), LOCATION)
    _check_width(len(opened.schema_arrow.names), uri)
    names = unique_names(opened.schema_arrow.names)
    index = parquet.index_columns(opened)
    file.seek(0)
    frame = next(parquet.read_frames(file, uri, batch_rows=min(PARQUET_ROWS, max(100, parquet.CELLS // len(names)))))
    complete = total == len(frame) and len(source.objects) == 1
    inspection = _blank(source, "parquet", names, has_header=True, complete=complete)
    inspection.index_columns = index
    inspection.rows_total = round(total * source.size / first.size)
    return inspection, [blocks.Block(frame, uri, done=source.size, first=True)]


def _text(source: Source, head: bytes, recipe: Recipe) -> tuple[Inspection, list[blocks.Block]]:
    first, uri = source.first, source.name(source.first)
    complete, share = len(head) == first.size, len(head) / first.size
    compression = text_chunks.detect_compression(head)
    if compression:
        head, used, ended = _unpacked(head, compression, uri)
        complete, share = complete and ended, share * used
    if sniff.is_binary(head):
        raise Problem(
            _("%(where)s is neither text nor Parquet. Save the table as CSV or Parquet and upload that.", where=uri),
            LOCATION,
        )
    encoding = recipe.encoding or encodings.formal_encoding(head)
    guesses = [] if encoding else encodings.rank(head)
    encoding = encoding or (guesses[0].encoding if guesses else "latin-1")
    text = _decoded(head, encoding, uri)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    if not complete and "\n" in text:
        cut = Dialect(recipe.delimiter or ",", recipe.quoting or "double")
        whole_rows = text_chunks.last_row_end(text.encode(), cut) or text.encode().rfind(b"\n") + 1
        text = text.encode()[:whole_rows].decode()  # the last row may be cut
    lines = text.split("\n")
    if not any(line.strip() for line in lines):
        raise Problem(_("%(where)s has no rows, only blank lines.", where=uri), LOCATION)
    complete = complete and len(source.objects) == 1
    shape: dict[str, Any] = dict(complete=complete, encoding=encoding, compression=compression)
    shape |= {"guesses": tuple(guesses), "is_encoding_given": bool(recipe.encoding)}
    if not recipe.delimiter and sniff.is_libsvm(lines):
        inspection = _blank(source, "libsvm", ["#1"], dialect=LINES, **shape)
    elif not recipe.delimiter and sniff.is_jsonlines(lines):
        text, part = _within_cells(text, lines)
        shape["complete"], share = complete and part == 1, share * part
        keys = _keys(text, uri)
        if not shape["complete"] and not compression and encoding == "utf-8":
            keys += [key for key in _later_keys(source) if key not in keys]
        inspection = _blank(source, "jsonlines", keys, has_header=True, dialect=LINES, **shape)
    else:
        if not recipe.delimiter and sniff.is_json_document(lines):
            raise Problem(
                _(
                    "%(where)s is one JSON document, or has an array in each line. Write JSON Lines: an object with "
                    'the column names in each line, such as {"age": 52}, without brackets and commas around.',
                    where=uri,
                ),
                LOCATION,
            )
        inspection = _delimited(source, text, recipe, shape)
    _check_width(len(inspection.columns), uri)
    sample_blocks = [_head(inspection, text, uri)]
    if not len(sample_blocks[0].frame) and not sample_blocks[0].ragged:
        raise Problem(
            _("%(where)s has a row of column names and nothing below it. Add rows.", where=uri),
            LOCATION,
        )
    inspection.rows_total = round(sample_blocks[0].rows / max(share, 1e-9) * source.size / first.size)
    if first.size > LARGE and not compression and encoding == "utf-8" and _is_safe(sample_blocks[0]):
        sample_blocks += _spread(source, first, inspection)
    return inspection, sample_blocks


def _within_cells(text: str, lines: list[str]) -> tuple[str, float]:
    """The first lines of JSON that make a table of at most MAX_CELLS cells, and the share of `text` that they are."""
    keys: set[str] = set()
    for line in lines:
        with suppress(ValueError, RecursionError):
            if isinstance(values := json.loads(line), dict):
                keys.update(values)
    whole = text.encode()
    head = next(blocks.split_lines(whole, len(keys)))
    return head.decode(), len(head) / len(whole)


def _check_width(columns: int, uri: str) -> None:
    """Raise Problem for a table of more than MAX_COLUMNS columns."""
    if columns > MAX_COLUMNS:
        raise Problem(
            _(
                "%(where)s has %(columns)s columns; a table may have %(most)s. Check the delimiter and the line ends.",
                where=uri,
                columns=f"{columns:,}",
                most=f"{MAX_COLUMNS:,}",
            ),
            LOCATION,
        )


def _delimited(source: Source, text: str, recipe: Recipe, shape: dict) -> Inspection:
    uri = source.name(source.first)
    head = detect(text, recipe.delimiter, recipe.quoting, recipe.has_header, uri)
    _check_width(head.widest, uri)
    names, known = head.columns(recipe.align_names)
    shape |= {"dialect": head.dialect, "delimiter": head.dialect.delimiter, "has_header": bool(head.names)}
    shape |= {"offered": head.offered, "names_written": 0 if known else len(head.names)}
    return _blank(source, FORMATS.get(head.dialect.delimiter, "csv"), unique_names(names), **shape)


def _head(inspection: Inspection, text: str, uri: str) -> blocks.Block:
    names = [column.name for column in inspection.columns]
    body, skipped = text.encode(), 0
    if inspection.format in ("csv", "tsv"):
        body, skipped = strip_header(inspection.dialect.translate(body, uri), inspection, names, uri, 0)
    dialect = inspection.dialect.translated
    block = blocks.parse_block(body, uri, inspection.format, dialect, names, inspection.has_header)
    block.line, block.done, block.first = skipped, inspection.size, True
    return block


def _is_safe(head: blocks.Block) -> bool:
    """True if no cell of `head` holds a line break: a row begins after each."""
    return len(text_chunks.row_ends(head.raw, head.dialect)) == head.raw.count(b"\n")


def _spread(source: Source, obj: Object, inspection: Inspection) -> list[blocks.Block]:
    """Blocks from evenly spaced places of a large object."""
    names, sampled, uri = [column.name for column in inspection.columns], [], source.name(obj)
    for index in range(1, SPREAD_READS + 1):
        offset = min(obj.size - SPREAD_BYTES, HEAD_BYTES + (obj.size - HEAD_BYTES) * index // SPREAD_READS)
        text = source.fetch(obj, offset, offset + SPREAD_BYTES)
        text = text[text.find(b"\n") + 1 : text.rfind(b"\n") + 1]
        text = inspection.dialect.translate(text, uri) if inspection.format in ("csv", "tsv") else text
        dialect = inspection.dialect.translated
        block = blocks.parse_block(text, uri, inspection.format, dialect, names, inspection.has_header)
        block.unnumbered, block.done = True, inspection.size
        sampled.append(block)
    return sampled


def _keys(text: str, uri: str) -> list[str]:
    """The union of the JSON objects' keys in order of appearance."""
    try:
        schema = pl.read_ndjson(io.BytesIO(text.encode()), infer_schema_length=None).schema
    except pl.exceptions.PolarsError:
        schema = _schema_of_valid_lines(text, uri)
    for name, kind in schema.items():
        if kind.is_nested():
            raise Problem(
                _(
                    "Key %(name)s of %(where)s holds lists or objects. Only plain values can be used: one value a key.",
                    name=name,
                    where=uri,
                ),
                LOCATION,
            )
    return list(schema)


def _later_keys(source: Source) -> list[str]:
    """Keys with plain values of JSON objects further down in the first file, and in up to SPREAD_FILES others."""
    first, others = source.first, source.objects[1:]
    reads = [(first, (first.size - SPREAD_BYTES) * part // SPREAD_READS) for part in range(1, SPREAD_READS + 1)]
    reads += [(obj, 0) for obj in others[:: max(1, len(others) // SPREAD_FILES)]]
    keys: dict[str, None] = {}
    for obj, start in reads:
        lines = source.fetch(obj, max(0, start), min(obj.size, max(0, start) + SPREAD_BYTES)).split(b"\n")
        for line in (*lines[:SPREAD_LINES], *lines[-SPREAD_LINES:]):
            with suppress(ValueError, RecursionError):  # the first and the last are cut
                value = json.loads(line)
                if isinstance(value, dict):
                    keys |= {key: None for key, cell in value.items() if not isinstance(cell, dict | list)}
    return list(keys)


def _schema_of_valid_lines(text: str, uri: str) -> pl.Schema:
    schemas = []
    for row in text.split("\n"):
        if standard := standard_object(row.encode()):
            schemas.append(pl.read_ndjson(io.BytesIO(standard)).schema)
        if len(schemas) >= 1000:
            break
    if not schemas:
        raise Problem(_("%(where)s is not JSON Lines: no line is an object of its own.", where=uri), LOCATION)
    merged: dict[str, Any] = {}
    for schema in schemas:
        merged |= {name: kind for name, kind in schema.items() if name not in merged or kind.is_nested()}
    return pl.Schema(merged)


def _decoded(head: bytes, encoding: str, uri: str) -> str:
    try:
        return head.decode(encoding, errors="replace").removeprefix("\ufeff")
    except LookupError:
        raise Problem(
            _("There is no encoding called %(encoding)s. Choose one such as utf-8.", encoding=repr(encoding)),
            "recipe.encoding",
        ) from None


def _unpacked(head: bytes, compression: str, uri: str) -> tuple[bytes, float, bool]:
    """(about the first HEAD_BYTES decompressed, the share of `head` they took, True if the file ends there)."""
    if compression != "gzip":
        inside = text_chunks.decompress_head(head, compression, 4 * HEAD_BYTES, uri)
        return inside, 1.0, False
    unpack = zlib.decompressobj(wbits=31)
    try:
        inside = unpack.decompress(head, HEAD_BYTES)
    except zlib.error as e:
        raise Problem(
            _("%(where)s is not a readable gzip file: %(why)s. Upload it again.", where=uri, why=e), LOCATION
        ) from e
    used = 1 - len(unpack.unconsumed_tail) / len(head)
    return inside, used, unpack.eof and not unpack.unused_data
