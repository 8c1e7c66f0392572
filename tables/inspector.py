"""Infers the format, columns and target of a table from parts of it."""

import csv
import io
import itertools
import zlib
from collections import Counter
from typing import Any

import polars as pl

from common.messages import _, gettext_noop
from common.problems import Problem
from tables import blocks, columns, parquet, sniff, task, text_chunks
from tables.column_names import unique_names
from tables.inspection import Column, Inspection
from tables.objects import LOCATION, Source, locate
from tables.profile import ColumnProfile, Profile
from tables.profiler import build_profile
from tables.ranged_file import RangedFile
from tables.recipe import Recipe
from tables.store import Object, Store

HEAD_BYTES = 1024 * 1024  # bytes read from the beginning of the first object
SPREAD_READS, SPREAD_BYTES = 4, 256 * 1024  # further reads spread over a large object, and bytes of each
LARGE = 16 * 1024 * 1024
PARQUET_ROWS = 20_000  # rows read from a Parquet file
PREVIEW_ROWS = 5
PLAIN = Recipe()
FORMATS = {"\t": "tsv"}
FIRST_COLUMN = gettext_noop("Without column names the label is the first column.")
LAST_COLUMN = gettext_noop("It is the last column and holds a few classes, which the first does not.")


def inspect(store: Store, uri: str, recipe: Recipe = PLAIN, supervised: bool = True) -> Inspection:
    """Inspect the object at `uri`, or all objects with this prefix, from about the first megabyte.

    `recipe` overrides what is inferred. Faults such as rows of another width are no error; the inspection's `profile`
    has them. `supervised` False means that no target is needed. Raises Problem with field "location" for data that
    cannot be read, "target" for a target column that is not there, "recipe.encoding" for an unknown encoding.
    """
    return inspect_source(locate(store, uri), recipe, supervised)


def inspect_source(source: Source, recipe: Recipe = PLAIN, supervised: bool = True) -> Inspection:
    """`inspect` for objects that are located already."""
    head = source.fetch(source.first, 0, min(HEAD_BYTES, source.first.size))
    if source.first.name.endswith((".parquet", ".pq")) or head[:4] == b"PAR1":
        inspection, sample_blocks = _parquet(source)
    else:
        inspection, sample_blocks = _text(source, head, recipe)
    names = [column.name for column in inspection.columns]
    _target(inspection, recipe.target, supervised)
    profile, _samples = build_profile(sample_blocks, inspection, recipe, source.size, inspection.complete)
    commas = {} if inspection.delimiter in ("", ",") else columns.decimal_commas(profile, recipe)
    if commas:
        for column in inspection.columns:
            column.numbers = commas.get(column.name, "")
        profile, _samples = build_profile(sample_blocks, inspection, recipe, source.size, inspection.complete)
    if inspection.target_reason == _(FIRST_COLUMN) and inspection.format != "libsvm" and _is_last(profile):
        inspection.target_suggestion, inspection.target_reason = names[-1], _(LAST_COLUMN)
        profile, _samples = build_profile(sample_blocks, inspection, recipe, source.size, inspection.complete)
    inspection.profile = profile
    inspection.columns = [columns.describe_column(c, profile, recipe) for c in profile.columns]
    inspection.rows_seen = sum(len(block.frame) + len(block.ragged) for block in sample_blocks)
    if inspection.complete:
        inspection.rows_total = inspection.rows_seen
    if inspection.format != "libsvm":
        preview = sample_blocks[0].frame.head(PREVIEW_ROWS).iter_rows()
        inspection.rows = [["" if cell is None else cell for cell in row] for row in preview]
    _roles(inspection, recipe)
    assert [column.name for column in inspection.columns] == names
    return inspection


def _target(inspection: Inspection, target: str, supervised: bool) -> None:
    names = [column.name for column in inspection.columns]
    if not supervised:
        return
    if target and target not in names:
        raise Problem(
            _(
                "There is no column %(target)s in %(uri)s. Its columns are %(names)s%(more)s. Choose one of them.",
                target=repr(target),
                uri=inspection.uri,
                names=", ".join(names[:8]),
                more=_(" and more") if len(names) > 8 else "",
            ),
            "target",
        )
    if target:
        inspection.target_suggestion, inspection.target_reason = target, _("It was chosen.")
    elif not inspection.has_header:
        inspection.target_suggestion, inspection.target_reason = "#1", _(FIRST_COLUMN)
    else:
        inspection.target_suggestion, inspection.target_reason = task.suggest_target(names)


def _is_last(profile: Profile) -> bool:
    """True if the last column holds a few classes and the first does not."""
    first, last = (_may_be_label(profile.columns[position]) for position in (0, -1))
    return last and not first


def _may_be_label(column: ColumnProfile) -> bool:
    if 2 * column.distinct > column.present:
        return False  # a class occurs more than once
    if column.kind == "number":
        return column.whole and 1 < column.distinct <= task.MAX_NUMBER_CLASSES
    return column.kind != "datetime" and 1 < column.distinct <= task.MAX_CLASSES


def _roles(inspection: Inspection, recipe: Recipe) -> None:
    for column in inspection.columns:
        if column.name == inspection.target_suggestion:
            column.role, column.leave_out = "target", ""
            whole = column.type in ("int", "binary")
            inspection.task, inspection.task_reason = task.suggest_task(column.kind, column.unique, whole)
        elif column.name in recipe.excluded:
            column.role, column.problem = "excluded", ""


def _blank(source: Source, form: str, names: list[str], **extra) -> Inspection:
    fields: dict[str, Any] = {
        "uri": source.uri,
        "etag": source.etag,
        "format": form,
        "size": source.size,
        "objects": len(source.objects),
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
    names = unique_names(opened.schema_arrow.names)
    file.seek(0)
    frame = next(parquet.read_frames(file, uri, batch_rows=min(PARQUET_ROWS, max(100, parquet.CELLS // len(names)))))
    complete = total == len(frame) and len(source.objects) == 1
    inspection = _blank(source, "parquet", names, has_header=True, complete=complete)
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
    encoding = recipe.encoding or sniff.detect_encoding(head)
    text = _decoded(head, encoding, uri)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    if not complete and "\n" in text:
        whole_rows = text_chunks.last_row_end(text.encode(), recipe.delimiter or ",") or text.encode().rfind(b"\n") + 1
        text = text.encode()[:whole_rows].decode()  # the last row may be cut
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise Problem(_("%(where)s has no rows, only blank lines.", where=uri), LOCATION)
    complete = complete and len(source.objects) == 1
    shape: dict[str, Any] = dict(complete=complete, encoding=encoding, compression=compression)
    if not recipe.delimiter and sniff.is_libsvm(lines):
        inspection = _blank(source, "libsvm", ["#1"], **shape)
    elif not recipe.delimiter and sniff.is_jsonlines(lines):
        inspection = _blank(source, "jsonlines", _keys(text, uri), has_header=True, **shape)
    else:
        inspection = _delimited(source, text, lines, recipe, shape)
    sample_blocks = [_head(inspection, text, uri)]
    if not len(sample_blocks[0].frame) and not sample_blocks[0].ragged:
        raise Problem(
            _("%(where)s has a row of column names and nothing below it. Add rows to learn from.", where=uri),
            LOCATION,
        )
    inspection.rows_total = round(sample_blocks[0].rows / max(share, 1e-9) * source.size / first.size)
    if first.size > LARGE and not compression and encoding == "utf-8" and _is_safe(sample_blocks[0]):
        sample_blocks += _spread(source, first, inspection)
    return inspection, sample_blocks


def _delimited(source: Source, text: str, written: list[str], recipe: Recipe, shape: dict) -> Inspection:
    delimiter = recipe.delimiter or sniff.detect_delimiter(written)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = list(itertools.islice((row for row in reader if row), 200))
    width = Counter(map(len, rows[1:] or rows)).most_common(1)[0][0]
    if any(len(row) == len(rows[0]) for row in rows[1:]):
        width = max(width, len(rows[0])) if len(rows[0]) == width else width
    usual = [row for row in rows if len(row) == width]
    header = sniff.has_header([(rows[0] + [""] * width)[:width], *usual[len(rows[0]) == width :]])
    header = header if recipe.has_header is None else recipe.has_header
    names = (rows[0] + [""] * width)[:width] if header else [f"#{i}" for i in range(1, width + 1)]
    form = FORMATS.get(delimiter, "csv")
    return _blank(source, form, unique_names(names), delimiter=delimiter, has_header=header, **shape)


def _head(inspection: Inspection, text: str, uri: str) -> blocks.Block:
    names = [column.name for column in inspection.columns]
    body, skipped = text.encode(), 0
    if inspection.format in ("csv", "tsv"):
        body, skipped = blocks.strip_header(body, inspection, names, uri, 0)
    block = blocks.parse_block(body, uri, inspection.format, inspection.delimiter, names, inspection.has_header)
    block.line, block.done, block.first = skipped, inspection.size, True
    return block


def _is_safe(head: blocks.Block) -> bool:
    """True if no cell of `head` holds a line break: a row begins after each."""
    return len(text_chunks.row_ends(head.raw, head.delimiter)) == head.raw.count(b"\n")


def _spread(source: Source, obj: Object, inspection: Inspection) -> list[blocks.Block]:
    """Blocks from evenly spaced places of a large object."""
    names, sampled = [column.name for column in inspection.columns], []
    for index in range(1, SPREAD_READS + 1):
        offset = min(obj.size - SPREAD_BYTES, HEAD_BYTES + (obj.size - HEAD_BYTES) * index // SPREAD_READS)
        text = source.fetch(obj, offset, offset + SPREAD_BYTES)
        text = text[text.find(b"\n") + 1 : text.rfind(b"\n") + 1]
        block = blocks.parse_block(
            text, source.name(obj), inspection.format, inspection.delimiter, names, inspection.has_header
        )
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


def _schema_of_valid_lines(text: str, uri: str) -> pl.Schema:
    rows = [line for line in text.splitlines() if line.strip()]
    schemas = []
    for row in rows:
        try:
            schemas.append(pl.read_ndjson(io.BytesIO(row.encode())).schema)
        except pl.exceptions.PolarsError:
            continue
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
        return head.decode(encoding, errors="ignore").removeprefix("\ufeff")
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
