"""Says of every row, block by block, whether it is held out: by share, or because it is among the latest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
import polars as pl

from common.messages import _
from common.problems import Problem
from tables import blocks, parse_polars
from tables.inspection import Inspection
from tables.objects import Source
from tables.profile import ColumnProfile, Profile
from tables.recipe import Recipe
from tables.split import StratifiedSplit

TIME_COLUMN = "recipe.time_column"
MAX_MOMENTS = 20_000_000  # moments kept to find the latest; above, every second, fourth, ... row's


class Holdout(Protocol):
    """Chooses rows; frames come in the table's order, `classes` is each row's class, 0 without classes."""

    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray: ...


class NoHoldout:
    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        return np.zeros(len(frame), bool)


class RandomHoldout:
    """At random by a seed, from each class its share."""

    def __init__(self, counts: Mapping[int, int], share: float, seed: int):
        self.split = StratifiedSplit(dict(counts), share, seed)

    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        return self.split.mask(classes)


class LatestHoldout:
    """Rows whose moment is at least `since`; rows without a moment are learned from."""

    def __init__(self, moment: pl.Expr, since: float):
        self.moment, self.since = moment, since

    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        return frame.select((self.moment >= self.since).fill_null(False)).to_series().to_numpy()


def latest_rows(
    source: Source, inspection: Inspection, profile: Profile, recipe: Recipe, progress: Callable[[blocks.Block], None]
) -> LatestHoldout:
    """The latest share of rows by the recipe's time column. Reads that column of the whole table."""
    column = profile.column(recipe.time_column)
    if column is None:
        raise Problem(
            _(
                "There is no column %(time_column)s to hold out the latest rows by. Choose a column of dates.",
                time_column=repr(recipe.time_column),
            ),
            TIME_COLUMN,
        )
    moment = _moment(column)
    sampled, stride, count, rows_read = [], 1, 0, 0
    for block in blocks.stream_blocks(source, inspection, [column.name]):
        block_moments = block.frame.select(moment).to_series().to_numpy().astype(float)
        sampled.append(block_moments[(-rows_read) % stride :: stride])
        rows_read += len(block_moments)
        count += len(sampled[-1])
        if count > MAX_MOMENTS:
            sampled, stride = [np.concatenate(sampled)[::2]], stride * 2
            count = len(sampled[0])
        progress(block)
    moments = np.concatenate(sampled) if sampled else np.empty(0)
    moments = np.sort(moments[~np.isnan(moments)])
    if len(moments) < 2 or moments[0] == moments[-1]:
        raise Problem(
            _("Column %(name)s has one moment only; no rows are later than others.", name=column.name), TIME_COLUMN
        )
    held_out = min(max(1, round(recipe.validation_share * len(moments))), len(moments) - 1)
    since = moments[len(moments) - held_out]
    if since == moments[0]:  # so many rows share the first moment that all would be held out
        since = moments[np.searchsorted(moments, since, side="right")]
    return LatestHoldout(moment, float(since))


def _moment(column: ColumnProfile) -> pl.Expr:
    cell = parse_polars.strip_missing(pl.col(column.name))
    if column.kind == "number":
        return parse_polars.parse_number(parse_polars.normalize_number(cell, column.numbers_as))
    if column.kind == "datetime":
        return parse_polars.parse_timestamp(cell, column.dates or "iso").cast(pl.Float64)
    raise Problem(
        _("Column %(name)s holds neither dates nor numbers. Choose a column of dates.", name=column.name), TIME_COLUMN
    )
