"""Chooses rows of a table and leaves them where the process of an evaluation reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from evaluation import files
from tables.inspection import Inspection
from tables.objects import Source
from tables.raw_rows import RawRowsWriter
from tables.row_sample import RowSample, sample_rows
from tables.store import Folder

MAX_ROWS = 100_000
MAX_CELLS = 5_000_000


def write_table_rows(
    source: Source, inspection: Inspection, schema: Mapping[str, Any], folder: Path, progress: Callable[[int], None]
) -> RowSample:
    """Write at most MAX_ROWS rows of `source`, with the columns of `schema`, as text into the folder of an evaluation.

    Of a wide table fewer: MAX_CELLS cells in all. `progress(bytes read)` is called between blocks. Raises Problem.
    """
    names = [column["name"] for column in schema["columns"]]
    limit = max(100, min(MAX_ROWS, MAX_CELLS // max(1, len(names))))
    sample = sample_rows(source, inspection, names, limit, progress)
    writer = RawRowsWriter(Folder(folder), files.JOB, names, folder)
    writer.write(sample.frame)
    writer.close()
    return sample
