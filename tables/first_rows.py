"""The first rows of a table as a CSV file of their own, to try something on before it costs time."""

from __future__ import annotations

import io

import polars as pl

from tables.failures import Reading
from tables.objects import Source
from tables.recipe import Recipe
from tables.table_head import read_head


def first_rows(source: Source, recipe: Recipe, count: int = 100) -> bytes:
    """The first `count` rows as CSV with a header and comma, cells as they are written; fewer where there are fewer.

    Where the target has one value in all of them and more further down, the rows are spread over what was read, so
    that a classifier has something to tell apart. Raises Problem for data that cannot be read.
    """
    with Reading(source.name(source.first)):
        _inspection, blocks = read_head(source, recipe)
    frame = blocks[0].frame
    rows = frame.head(count)
    if recipe.target in frame.columns and len(frame) > count:
        target = frame[recipe.target]
        if rows[recipe.target].n_unique() < 2 <= target.n_unique():
            rows = _spread(frame, target, count)
    out = io.BytesIO()
    rows.write_csv(out)
    return out.getvalue()


def _spread(frame: pl.DataFrame, target: pl.Series, count: int) -> pl.DataFrame:
    """`count` rows: the first with each of the first few values of the target, the others at equal distances."""
    firsts = set(target.arg_unique().to_list()[: count // 10])
    indices = [round(i * (len(frame) - 1) / (count - 1)) for i in range(count)]
    others = [index for index in dict.fromkeys(indices) if index not in firsts]
    return frame[sorted(firsts | set(others[: count - len(firsts)]))]
