"""Profiles a whole table in one streaming pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from tables import blocks
from tables.block_stream import stream_blocks
from tables.distinct import DuplicateCounter
from tables.failures import Reading
from tables.inspection import Inspection
from tables.inspector import inspect_source
from tables.objects import Source
from tables.profile import Profile
from tables.profiler import build_profile
from tables.recipe import Recipe

PLAIN = Recipe()
Progress = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """Ignore progress."""


def scan(
    source: Source,
    recipe: Recipe = PLAIN,
    progress: Progress = no_progress,
    validation: Source | None = None,
    inspection: Inspection | None = None,
) -> Profile:
    """Profile all rows of `source` in one pass with bounded memory.

    `progress(bytes read, bytes in all)` is called every few megabytes; an exception from it ends the scan. With
    `validation`, the rows that both locations share are counted. Raises Problem when an object cannot be read or was
    replaced meanwhile.
    """
    with Reading(source.uri, progress) as step:
        if inspection is None:
            inspection = replace(inspect_source(source, recipe), profile=None)  # of the first rows: its memory is free
        return _scan(source, recipe, step, validation, inspection)


def _scan(
    source: Source, recipe: Recipe, progress: Progress, validation: Source | None, inspection: Inspection
) -> Profile:
    started = time.monotonic()
    total = source.size + (validation.size if validation else 0)
    profile, duplicates = build_profile(
        _stepping(stream_blocks(source, inspection), progress, 0, total),
        inspection,
        recipe,
        source.size,
        complete=True,
    )
    read = {f["uri"]: f for f in profile.files}
    profile.files = [
        {"uri": source.name(o), "rows": 0, "encoding": ""}
        | read.get(source.name(o), {})
        | {"etag": o.etag, "size": o.size}
        for o in source.objects
    ]
    if validation:
        profile.shared_with_validation = _count_shared(validation, inspection, duplicates, progress, source.size, total)
    profile.seconds = round(time.monotonic() - started, 3)
    return profile


def _stepping(
    blocks_read: Iterator[blocks.Block], progress: Progress, before: int, total: int
) -> Iterator[blocks.Block]:
    for block in blocks_read:
        yield block
        progress(before + block.done, total)


def _count_shared(
    validation: Source,
    inspection: Inspection,
    duplicates: DuplicateCounter,
    progress: Progress,
    before: int,
    total: int,
) -> int:
    """Rows of the validation location that the training data has too; columns match by name."""
    other = inspect_source(validation, PLAIN)
    names = [column.name for column in inspection.columns]
    if not set(names) <= {column.name for column in other.columns}:
        return 0
    shared_rows = 0
    for block in _stepping(stream_blocks(validation, other, names), progress, before, total):
        shared_rows += duplicates.count_shared(block.frame.select(names).hash_rows().to_numpy())
    return shared_rows
