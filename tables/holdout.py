"""Chooses the rows to hold out for validation: a random share, or the latest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
import polars as pl

from common.messages import _
from common.problems import Problem
from tables import blocks, parse_polars
from tables.block_stream import stream_blocks
from tables.inspection import Inspection
from tables.objects import Source
from tables.profile import ColumnProfile, Profile
from tables.recipe import Recipe
from tables.split import StratifiedSplit

TIME_COLUMN = "recipe.time_column"
MAX_MOMENTS = 20_000_000  # timestamps held to find the latest; above, those of every 2nd, 4th, ... row


class Holdout(Protocol):
    """Chooses rows of frames that come in the table's order."""

    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        """True for each row that is held out, shape (rows,). `classes` is each row's class, 0 without classes."""
        ...


class NoHoldout:
    """Holds out no row."""

    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        """False for every row."""
        return np.zeros(len(frame), bool)


class RandomHoldout:
    """Holds out `share` of each class at random; `counts` is {class: rows}."""

    def __init__(self, counts: Mapping[int, int], share: float, seed: int):
        self.split = StratifiedSplit(dict(counts), share, seed)

    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        """True for each row that is held out; see `StratifiedSplit.mask`."""
        return self.split.mask(classes)


class LatestHoldout:
    """Holds out rows whose timestamp is at least `since`; rows without one are training rows."""

    def __init__(self, moment: pl.Expr, since: float):
        self.moment, self.since = moment, since

    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        """True for each row that is held out."""
        return frame.select((self.moment >= self.since).fill_null(False)).to_series().to_numpy()


def latest_rows(
    source: Source, inspection: Inspection, profile: Profile, recipe: Recipe, progress: Callable[[blocks.Block], None]
) -> LatestHoldout:
    """A holdout of the latest `recipe.validation_share` of the rows by `recipe.time_column`.

    Reads that column of the whole table, and calls `progress` with each block. Raises Problem when the column is not
    there, holds neither dates nor numbers, or has one value only.
    """
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
    for block in stream_blocks(source, inspection, [column.name]):
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
    if since == moments[0]:  # ties with the first timestamp would hold out every row
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
