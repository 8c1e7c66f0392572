"""Looks into a table in object storage without reading all of it."""

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
from tables.profiler import gather
from tables.ranged_file import RangedFile
from tables.recipe import Recipe
from tables.store import Object, Store

HEAD = 1024 * 1024  # bytes of the first object that are looked at
SPREAD, PART = 4, 256 * 1024  # further looks into a large object, and their bytes
LARGE = 16 * 1024 * 1024
ROWS = 20_000  # of a Parquet file
SHOWN = 5
PLAIN = Recipe()
FORMATS = {"\t": "tsv"}
FIRST = gettext_noop("Without column names the label is the first column.")
LAST = gettext_noop("It is the last column and holds a few classes, which the first does not.")


def inspect(store: Store, uri: str, recipe: Recipe = PLAIN, supervised: bool = True) -> Inspection:
    """What is at `uri`, an object or a prefix: its format, columns and first rows, from about its first megabyte.

    What `recipe` says of reading goes before what would be guessed. Rows of another width and the like are no error
    but in the inspection's `profile`. Raises Problem(field="location") naming what keeps it from being read,
    Problem(field="target") when there is no such column. Not `supervised`: nothing is to be predicted.
    """
    return look(locate(store, uri), recipe, supervised)


def look(source: Source, recipe: Recipe = PLAIN, supervised: bool = True) -> Inspection:
    """`inspect` for objects that were located already."""
    head = source.fetch(source.first, 0, min(HEAD, source.first.size))
    if source.first.name.endswith((".parquet", ".pq")) or head[:4] == b"PAR1":
        found, seen = _parquet(source)
    else:
        found, seen = _text(source, head, recipe)
    names = [column.name for column in found.columns]
    _target(found, recipe.target, supervised)
    profile, _samples = gather(seen, found, recipe, source.size, found.complete)
    commas = {} if found.delimiter in ("", ",") else columns.decimal_commas(profile, recipe)
    if commas:
        for column in found.columns:
            column.numbers = commas.get(column.name, "")
        profile, _samples = gather(seen, found, recipe, source.size, found.complete)
    if found.target_reason == _(FIRST) and found.format != "libsvm" and _is_last(profile):
        found.target_suggestion, found.target_reason = names[-1], _(LAST)
        profile, _samples = gather(seen, found, recipe, source.size, found.complete)
    found.profile = profile
    found.columns = [columns.describe(c, profile, recipe) for c in profile.columns]
    found.rows_seen = sum(len(block.frame) + len(block.ragged) for block in seen)
    if found.complete:
        found.rows_total = found.rows_seen
    if found.format != "libsvm":
        shown = seen[0].frame.head(SHOWN).iter_rows()
        found.rows = [["" if cell is None else cell for cell in row] for row in shown]
    _roles(found, recipe)
    assert [column.name for column in found.columns] == names
    return found


def _target(found: Inspection, target: str, supervised: bool) -> None:
    names = [column.name for column in found.columns]
    if not supervised:
        return
    if target and target not in names:
        raise Problem(
            _(
                "There is no column %(target)s in %(uri)s. Its columns are %(names)s%(more)s. Choose one of them.",
                target=repr(target),
                uri=found.uri,
                names=", ".join(names[:8]),
                more=_(" and more") if len(names) > 8 else "",
            ),
            "target",
        )
    if target:
        found.target_suggestion, found.target_reason = target, _("It was chosen.")
    elif not found.has_header:
        found.target_suggestion, found.target_reason = "#1", _(FIRST)
    else:
        found.target_suggestion, found.target_reason = task.target(names)


def _is_last(profile: Profile) -> bool:
    """Does the last column hold a few classes, and the first does not?"""
    first, last = (_may_be_label(profile.columns[place]) for place in (0, -1))
    return last and not first


def _may_be_label(seen: ColumnProfile) -> bool:
    if 2 * seen.distinct > seen.present:
        return False  # classes come again
    if seen.kind == "number":
        return seen.whole and 1 < seen.distinct <= task.MOST_NUMBER_CLASSES
    return seen.kind != "datetime" and 1 < seen.distinct <= task.MOST_CLASSES


def _roles(found: Inspection, recipe: Recipe) -> None:
    for column in found.columns:
        if column.name == found.target_suggestion:
            column.role, column.leave_out = "target", ""
            whole = column.type in ("int", "binary")
            found.task, found.task_reason = task.suggest(column.kind, column.unique, whole)
        elif column.name in recipe.excluded:
            column.role, column.problem = "excluded", ""


def _blank(source: Source, form: str, names: list[str], **also) -> Inspection:
    found: dict[str, Any] = {
        "uri": source.uri,
        "etag": source.etag,
        "format": form,
        "size": source.size,
        "objects": len(source.objects),
        "whole_prefix": source.whole_prefix,
        "columns": [Column(name, "text") for name in names],
        "rows": [],
    }
    found |= {"delimiter": "", "has_header": False, "rows_seen": 0, "complete": False}
    return Inspection(**found | {"target_suggestion": "", "task": ""} | also)


def _parquet(source: Source) -> tuple[Inspection, list[blocks.Block]]:
    first, where = source.first, source.name(source.first)
    file = RangedFile(source, first)
    opened = parquet.open_file(file, where)
    total = opened.metadata.num_rows
    if not total:
        raise Problem(_("%(where)s has no rows.", where=where), LOCATION)
    names = unique_names(opened.schema_arrow.names)
    file.seek(0)
    frame = next(parquet.frames(file, where, most=min(ROWS, max(100, parquet.CELLS // len(names)))))
    complete = total == len(frame) and len(source.objects) == 1
    found = _blank(source, "parquet", names, has_header=True, complete=complete)
    found.rows_total = round(total * source.size / first.size)
    return found, [blocks.Block(frame, where, done=source.size, first=True)]


def _text(source: Source, head: bytes, recipe: Recipe) -> tuple[Inspection, list[blocks.Block]]:
    first, where = source.first, source.name(source.first)
    complete, share = len(head) == first.size, len(head) / first.size
    compression = text_chunks.compression_of(head)
    if compression:
        head, used, ended = _unpacked(head, compression, where)
        complete, share = complete and ended, share * used
    if sniff.is_binary(head):
        raise Problem(
            _("%(where)s is neither text nor Parquet. Save the table as CSV or Parquet and upload that.", where=where),
            LOCATION,
        )
    encoding = recipe.encoding or sniff.encoding(head)
    text = _decoded(head, encoding, where)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    if not complete and "\n" in text:
        kept = text_chunks.row_end(text.encode(), recipe.delimiter or ",") or text.encode().rfind(b"\n") + 1
        text = text.encode()[:kept].decode()  # the last row may be cut
    written = text.splitlines()
    if not any(line.strip() for line in written):
        raise Problem(_("%(where)s has no rows, only blank lines.", where=where), LOCATION)
    complete = complete and len(source.objects) == 1
    shape: dict[str, Any] = dict(complete=complete, encoding=encoding, compression=compression)
    if not recipe.delimiter and sniff.is_libsvm(written):
        found = _blank(source, "libsvm", ["#1"], **shape)
    elif not recipe.delimiter and sniff.is_jsonlines(written):
        found = _blank(source, "jsonlines", _keys(text, where), has_header=True, **shape)
    else:
        found = _delimited(source, text, written, recipe, shape)
    seen = [_head(found, text, where)]
    if not len(seen[0].frame) and not seen[0].ragged:
        raise Problem(
            _("%(where)s has a row of column names and nothing below it. Add rows to learn from.", where=where),
            LOCATION,
        )
    found.rows_total = round(seen[0].rows / max(share, 1e-9) * source.size / first.size)
    if first.size > LARGE and not compression and encoding == "utf-8" and _is_safe(seen[0]):
        seen += _spread(source, first, found)
    return found, seen


def _delimited(source: Source, text: str, written: list[str], recipe: Recipe, shape: dict) -> Inspection:
    delimiter = recipe.delimiter or sniff.delimiter(written)
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


def _head(found: Inspection, text: str, where: str) -> blocks.Block:
    names = [column.name for column in found.columns]
    body, skipped = text.encode(), 0
    if found.format in ("csv", "tsv"):
        body, skipped = blocks.without_header(body, found, names, where, 0)
    block = blocks.parse(body, where, found.format, found.delimiter, names, found.has_header)
    block.line, block.done, block.first = skipped, found.size, True
    return block


def _is_safe(head: blocks.Block) -> bool:
    """No cell of the beginning holds a line break, so that a row begins after every one."""
    return len(text_chunks.row_ends(head.raw, head.delimiter)) == head.raw.count(b"\n")


def _spread(source: Source, o: Object, found: Inspection) -> list[blocks.Block]:
    """A few further looks, evenly over the object: what comes late is seen too."""
    names, made = [column.name for column in found.columns], []
    for look_at in range(1, SPREAD + 1):
        at = min(o.size - PART, HEAD + (o.size - HEAD) * look_at // SPREAD)
        part = source.fetch(o, at, at + PART)
        part = part[part.find(b"\n") + 1 : part.rfind(b"\n") + 1]
        block = blocks.parse(part, source.name(o), found.format, found.delimiter, names, found.has_header)
        block.adrift, block.done = True, found.size
        made.append(block)
    return made


def _keys(text: str, where: str) -> list[str]:
    """The union of the objects' keys in the order they come."""
    try:
        schema = pl.read_ndjson(io.BytesIO(text.encode()), infer_schema_length=None).schema
    except pl.exceptions.PolarsError:
        schema = _patient(text, where)
    for name, kind in schema.items():
        if kind.is_nested():
            raise Problem(
                _(
                    "Key %(name)s of %(where)s holds lists or objects. Only plain values can be used: one value a key.",
                    name=name,
                    where=where,
                ),
                LOCATION,
            )
    return list(schema)


def _patient(text: str, where: str) -> pl.Schema:
    rows = [line for line in text.splitlines() if line.strip()]
    good = []
    for row in rows:
        try:
            good.append(pl.read_ndjson(io.BytesIO(row.encode())).schema)
        except pl.exceptions.PolarsError:
            continue
        if len(good) >= 1000:
            break
    if not good:
        raise Problem(_("%(where)s is not JSON Lines: no line is an object of its own.", where=where), LOCATION)
    made: dict[str, Any] = {}
    for schema in good:
        made |= {name: kind for name, kind in schema.items() if name not in made or kind.is_nested()}
    return pl.Schema(made)


def _decoded(head: bytes, encoding: str, where: str) -> str:
    try:
        return head.decode(encoding, errors="ignore").removeprefix("\ufeff")
    except LookupError:
        raise Problem(
            _("There is no encoding called %(encoding)s. Choose one such as utf-8.", encoding=repr(encoding)),
            "recipe.encoding",
        ) from None


def _unpacked(head: bytes, compression: str, where: str) -> tuple[bytes, float, bool]:
    """About the first HEAD bytes inside, the share of `head` they took, and whether that is all of the file."""
    if compression != "gzip":
        inside = text_chunks.unpacked(head, compression, 4 * HEAD, where)
        return inside, 1.0, False
    unpack = zlib.decompressobj(wbits=31)
    try:
        inside = unpack.decompress(head, HEAD)
    except zlib.error as e:
        raise Problem(
            _("%(where)s is not a readable gzip file: %(why)s. Upload it again.", where=where, why=e), LOCATION
        ) from e
    used = 1 - len(unpack.unconsumed_tail) / len(head)
    return inside, used, unpack.eof and not unpack.unused_data
