"""Reads a table once, from its first byte to its last, and says what every check needs to know of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tables import blocks
from tables.distinct import Repeats
from tables.inspection import Inspection
from tables.inspector import look
from tables.objects import Source
from tables.profile import Profile
from tables.profiler import gather
from tables.recipe import Recipe

PLAIN = Recipe()
Step = Callable[[int, int], None]


def nothing(done: int, total: int) -> None:
    """A step that no one watches."""


def scan(
    source: Source,
    recipe: Recipe = PLAIN,
    step: Step = nothing,
    validation: Source | None = None,
    found: Inspection | None = None,
) -> Profile:
    """All rows of `source`, in one pass and bounded memory.

    `step(bytes done, bytes in all)` is called every few megabytes; what it raises ends the scan. With `validation`
    the rows that are there too are counted. Raises Problem when an object cannot be read, or was replaced meanwhile.
    """
    began = time.monotonic()
    found = found or look(source, recipe)
    total = source.size + (validation.size if validation else 0)
    profile, repeats = gather(
        _stepping(blocks.stream(source, found), step, 0, total), found, recipe, source.size, complete=True
    )
    rows = {f["uri"]: f["rows"] for f in profile.files}
    profile.files = [
        {"uri": source.name(o), "etag": o.etag, "size": o.size, "rows": rows.get(source.name(o), 0)}
        for o in source.objects
    ]
    if validation:
        profile.shared_with_validation = _shared(validation, found, repeats, step, source.size, total)
    profile.seconds = round(time.monotonic() - began, 3)
    return profile


def _stepping(stream: Iterator[blocks.Block], step: Step, before: int, total: int) -> Iterator[blocks.Block]:
    for block in stream:
        yield block
        step(before + block.done, total)


def _shared(validation: Source, found: Inspection, repeats: Repeats, step: Step, before: int, total: int) -> int:
    """Rows of the second location that the first has too; its columns are found by name."""
    other = look(validation, Recipe(delimiter="" if found.format != "csv" else found.delimiter))
    names = [column.name for column in found.columns]
    if not set(names) <= {column.name for column in other.columns}:
        return 0
    shared = 0
    for block in _stepping(blocks.stream(validation, other, names), step, before, total):
        shared += repeats.shared(block.frame.select(names).hash_rows().to_numpy())
    return shared
