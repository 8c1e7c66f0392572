"""Chooses the rows to hold out for validation and for the test: at random, the latest, or whole groups."""

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
from tables.split import TEST, TRAIN, VALIDATION, Shares, StratifiedSplit

TIME_COLUMN = "recipe.time_column"
MAX_MOMENTS = 20_000_000  # timestamps held to find the latest; above, those of every 2nd, 4th, ... row


class Holdout(Protocol):
    """Chooses rows of frames that come in the table's order."""

    columns: frozenset[str]  # that `parts` reads

    def parts(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        """TRAIN, VALIDATION or TEST of each row, uint8 (rows,). `classes` is each row's class, 0 without classes."""
        ...


class NoHoldout:
    """Holds out no row."""

    columns: frozenset[str] = frozenset()

    def parts(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        """TRAIN for every row."""
        return np.full(len(frame), TRAIN, np.uint8)


class RandomHoldout:
    """Holds out `shares` of each class at random; `counts` is {class: rows}."""

    columns: frozenset[str] = frozenset()

    def __init__(self, counts: Mapping[int, int], shares: Shares, seed: int):
        self.split = StratifiedSplit(counts, shares.validation, seed, shares.test)

    def parts(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        """The part of each row; see `StratifiedSplit.parts`."""
        return self.split.parts(classes)


class LatestHoldout:
    """Holds out rows by their timestamps: from `test_since` for the test, from `since` up to that for validation.

    Rows without a timestamp are training rows.
    """

    def __init__(self, moment: pl.Expr, since: float, test_since: float = np.inf):
        self.moment, self.since, self.test_since = moment, since, test_since
        self.columns = frozenset(moment.meta.root_names())

    def parts(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        """The part of each row."""
        moments = frame.select(self.moment.cast(pl.Float64)).to_series().fill_null(-np.inf).to_numpy()
        return np.select([moments >= self.test_since, moments >= self.since], [TEST, VALIDATION], TRAIN).astype(
            np.uint8
        )


def latest_rows(
    source: Source, inspection: Inspection, profile: Profile, recipe: Recipe, shares: Shares,
    progress: Callable[[blocks.Block], None],
) -> LatestHoldout:  # fmt: skip
    """A holdout of the latest `shares` of the rows by `recipe.time_column`, the test rows after those for validation.

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
    return LatestHoldout(moment, *first_moments(moments, shares))


def first_moments(moments: np.ndarray, shares: Shares) -> tuple[float, float]:
    """(of validation, of the test): the first moment of the latest `shares` of sorted `moments`, two different or more.

    Rows of one moment are in one part, and those of the first are for training. Where the moments are too few for
    three parts there are no test rows: their first moment is infinite.
    """
    different, starts = np.unique(moments, return_index=True)
    rows = len(moments)
    tested = max(1, round(shares.test * rows)) if shares.test else 0
    held_out = min(tested + max(1, round(shares.validation * rows)), rows - 1) if shares.validation else tested
    # The place among `different` of the moment whose rows hold the first row of a part.
    since = max(1, int(np.searchsorted(starts, rows - max(held_out, 1), side="right")) - 1)
    if not shares.test:
        return float(different[since]), np.inf
    test_since = max(1, int(np.searchsorted(starts, rows - tested, side="right")) - 1)
    if not shares.validation:
        return float(different[test_since]), float(different[test_since])
    if test_since <= since:
        since, test_since = (test_since - 1, test_since) if test_since > 1 else (since, since + 1)
    return float(different[since]), float(different[test_since]) if test_since < len(different) else np.inf


def _moment(column: ColumnProfile) -> pl.Expr:
    cell = parse_polars.strip_missing(pl.col(column.name))
    if column.kind == "number":
        return parse_polars.parse_number(parse_polars.normalize_number(cell, column.numbers_as))
    if column.kind == "datetime":
        return parse_polars.parse_timestamp(cell, column.dates or "iso").cast(pl.Float64)
    raise Problem(
        _("Column %(name)s holds neither dates nor numbers. Choose a column of dates.", name=column.name), TIME_COLUMN
    )
