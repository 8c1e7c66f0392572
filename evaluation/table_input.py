"""Samples rows of a table into the folder that the evaluation process reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from common.locked_folders import temporary_folder
from common.messages import _
from common.problems import Problem
from evaluation import files
from tables.inspection import Inspection
from tables.inspector import inspect_source
from tables.objects import Source
from tables.raw_rows import RawRowsWriter
from tables.recipe import Recipe
from tables.row_sample import sample_rows
from tables.scanner import Progress
from tables.store import Store

MAX_ROWS = 100_000
MAX_CELLS = 5_000_000
NAMED = 12  # columns in a message


@dataclass(frozen=True)
class TableRows:
    """How many rows the table has, and whether it was read to its end."""

    rows: int
    is_whole: bool


def sample_table(source: Source, recipe: Recipe, schema: Mapping[str, Any], progress: Progress) -> TableRows:
    """`write_table_rows` of `source`, read under `recipe`, into its own store. Raises Problem."""
    inspection = inspect_source(source, recipe, supervised=False)
    return write_table_rows(source, inspection, schema, source.store, lambda done: progress(done, source.size))


def write_table_rows(
    source: Source, inspection: Inspection, schema: Mapping[str, Any], store: Store, progress: Callable[[int], None]
) -> TableRows:
    """Write at most MAX_ROWS rows of `source`, with the columns of `schema`, as text into `store` below `files.JOB`.

    Of a wide table fewer: MAX_CELLS cells in all. `progress(bytes read)` is called between blocks. Raises Problem.
    """
    _require_columns(inspection, schema)
    names = [column["name"] for column in schema["columns"]]
    limit = max(100, min(MAX_ROWS, MAX_CELLS // max(1, len(names))))
    sample = sample_rows(source, inspection, names, limit, progress)
    with temporary_folder() as temporary:
        writer = RawRowsWriter(store, files.JOB, names, temporary)
        writer.write(sample.frame)
        writer.close()
    return TableRows(sample.rows, sample.is_whole)


def _require_columns(inspection: Inspection, schema: Mapping[str, Any]) -> None:
    """Raise Problem for a table without a column that the model takes, or without its target."""
    known = [column.name for column in inspection.columns]
    target = schema["target"] if schema.get("label") else ""
    needed = [column["name"] for column in schema["columns"] if column["role"] == "feature"]
    missing = [name for name in needed if name not in known]
    words = {"columns": ", ".join(known[:NAMED]) + (", …" if len(known) > NAMED else "")}
    if missing:
        words |= {"name": missing[0], "more": _(" and %(n)s more", n=len(missing) - 1) if len(missing) > 1 else ""}
        close = get_close_matches(missing[0], known, 1)
        words["hint"] = _(" Is %(name)s the same?", name=close[0]) if close else ""
        raise Problem(
            _(
                "The table has no column %(name)s%(more)s, which the model takes. Its columns are %(columns)s.%(hint)s "
                "Give it the names of the table that the model was trained on.",
                **words,
            )
        )
    if target and target not in known:
        raise Problem(
            _(
                "The table has no column %(target)s, so there is nothing to compare the predictions with. Its columns "
                "are %(columns)s. For predictions alone, use a batch transform.",
                target=target,
                **words,
            )
        )
