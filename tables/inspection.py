"""Looks into a table in object storage without reading all of it."""

import csv
import io
import itertools
import zlib
from typing import Any

import polars as pl

from common.problems import Problem
from tables import batches, columns, sniff, survey, task
from tables.objects import FIELD, Source, locate
from tables.ranged import RangedFile
from tables.recipe import Recipe
from tables.store import Store
from tables.table import Inspection

HEAD = 1024 * 1024  # bytes of the first object that are looked at
SHOWN = 5
PLAIN = Recipe()


def inspect(store: Store, uri: str, recipe: Recipe = PLAIN) -> Inspection:
    """What is at `uri`, an object or a prefix: its format, columns and first rows, from about its first megabyte.

    What `recipe` says of reading goes before what would be guessed. Raises Problem(field="data_uri") naming what is
    wrong, Problem(field="target") when there is no such column.
    """
    return look(locate(store, uri), recipe)


def look(source: Source, recipe: Recipe = PLAIN) -> Inspection:
    """`inspect` for objects that were located already."""
    head = source.fetch(source.first, 0, min(HEAD, source.first.size))
    if source.first.name.endswith((".parquet", ".pq")) or head[:4] == b"PAR1":
        found, frame = _parquet(source)
    else:
        found, frame = _text(source, head, recipe.has_header)
    if found.format == "libsvm":
        frame = frame.select(pl.col("line").str.split(" ").list.first().alias("#1"))
        found.columns = columns.describe(frame)
    else:
        found.columns = columns.describe(frame)
        problems = survey.take([frame], frame.columns, frame.columns[0], lambda: None).problems()
        for column in found.columns:
            column.problem = problems.get(column.name, "")
        found.rows = [["" if cell is None else cell for cell in row] for row in frame.head(SHOWN).iter_rows()]
    found.rows_seen = len(frame)
    _suggest(found, recipe.target)
    return found


def _suggest(found: Inspection, target: str) -> None:
    names = [column.name for column in found.columns]
    if target and target not in names:
        raise Problem(
            f"There is no column {target!r} in {found.uri}. Its columns are {', '.join(names[:8])}"
            f"{' and more' if len(names) > 8 else ''}. Choose one of them.",
            "target",
        )
    found.target_suggestion = target or ("#1" if not found.has_header else task.target(names))
    column = found.column(found.target_suggestion)
    assert column
    column.role = "target"
    whole = column.type in ("int", "binary")
    found.task, found.task_reason = task.suggest(column.kind, column.unique, whole)


def _blank(source: Source, form: str, **also) -> Inspection:
    found: dict[str, Any] = {
        "uri": source.uri,
        "etag": source.etag,
        "format": form,
        "size": source.size,
        "objects": len(source.objects),
        "columns": [],
        "rows": [],
    }
    found |= {"delimiter": "", "has_header": False, "rows_seen": 0, "complete": False}
    return Inspection(**found | {"target_suggestion": "", "task": ""} | also)


def _parquet(source: Source) -> tuple[Inspection, pl.DataFrame]:
    first, where = source.first, source.name(source.first)
    file = RangedFile(source, first)
    total = batches.open_parquet(file, where).metadata.num_rows
    if not total:
        raise Problem(f"{where} has no rows.", FIELD)
    file.seek(0)
    frame = next(batches.parquet(file, where))
    complete = total == len(frame) and len(source.objects) == 1
    return _blank(source, "parquet", has_header=True, complete=complete), frame


def _text(source: Source, head: bytes, has_header: bool | None) -> tuple[Inspection, pl.DataFrame]:
    where, compression = source.name(source.first), ""
    complete = len(head) == source.first.size
    if head[:2] == b"\x1f\x8b":
        compression = "gzip"
        head, ended = _unpacked(head, where)
        complete = complete and ended
    if sniff.is_binary(head):
        raise Problem(f"{where} is neither text nor Parquet. Save the table as CSV or Parquet and upload that.", FIELD)
    encoding = sniff.encoding(head)
    text = head.decode(encoding, errors="ignore")
    if not complete and "\n" in text:
        text = text[: text.rindex("\n") + 1]  # the last row may be cut
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise Problem(f"{where} has no rows, only blank lines.", FIELD)
    complete = complete and len(source.objects) == 1
    shape = dict(complete=complete, encoding=encoding, compression=compression)
    if sniff.is_libsvm(lines):
        frame = _frame(text, where, batches.NO_DELIMITER, ["line"], False)
        return _blank(source, "libsvm", **shape), frame
    delimiter = sniff.delimiter(lines)
    rows = _first_rows(text, delimiter)
    header = sniff.has_header(rows) if has_header is None else has_header
    names = batches.unique_names(rows[0]) if header else [f"#{i}" for i in range(1, len(rows[0]) + 1)]
    frame = _frame(text, where, delimiter, names, header)
    if not len(frame):
        raise Problem(f"{where} has a row of column names and nothing below it. Add rows to learn from.", FIELD)
    form = "tsv" if delimiter == "\t" else "csv"
    return _blank(source, form, delimiter=delimiter, has_header=header, **shape), frame


def _first_rows(text: str, delimiter: str, most: int = 200) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return list(itertools.islice((row for row in reader if row), most))


def _frame(text: str, where: str, delimiter: str, names: list[str], header: bool) -> pl.DataFrame:
    body = io.BytesIO(text.encode())
    parts = list(batches.text(body, where, delimiter, names, header, "utf-8"))
    return pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def _unpacked(head: bytes, where: str) -> tuple[bytes, bool]:
    """The first HEAD bytes inside a gzip file, and whether that is all of it."""
    unpack = zlib.decompressobj(wbits=31)
    try:
        inside = unpack.decompress(head, HEAD)
    except zlib.error as e:
        raise Problem(f"{where} is not a readable gzip file: {e}. Upload it again.", FIELD) from e
    return inside, unpack.eof
