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
from tables.split import Split

TIME_COLUMN = "recipe.time_column"
MOST_EXACT = 20_000_000  # moments kept to find the latest; above, every second, fourth, ... row's


class Holdout(Protocol):
    """Chooses rows; frames come in the table's order, `classes` is each row's class, 0 without classes."""

    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray: ...


class Nobody:
    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        return np.zeros(len(frame), bool)


class Share:
    """At random by a seed, from each class its share."""

    def __init__(self, counts: Mapping[int, int], share: float, seed: int):
        self.split = Split(dict(counts), share, seed)

    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        return self.split.mask(classes)


class Latest:
    """Rows whose moment is at least `since`; rows without a moment are learned from."""

    def __init__(self, moment: pl.Expr, since: float):
        self.moment, self.since = moment, since

    def mask(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        return frame.select((self.moment >= self.since).fill_null(False)).to_series().to_numpy()


def latest(
    source: Source, found: Inspection, profile: Profile, recipe: Recipe, step: Callable[[blocks.Block], None]
) -> Latest:
    """The latest share of rows by the recipe's time column. Reads that column of the whole table."""
    seen = profile.column(recipe.time_column)
    if seen is None:
        raise Problem(
            _(
                "There is no column %(time_column)s to hold out the latest rows by. Choose a column of dates.",
                time_column=repr(recipe.time_column),
            ),
            TIME_COLUMN,
        )
    moment = _moment(seen)
    kept, every, count, at = [], 1, 0, 0
    for block in blocks.stream(source, found, [seen.name]):
        moments = block.frame.select(moment).to_series().to_numpy().astype(float)
        kept.append(moments[(-at) % every :: every])
        at += len(moments)
        count += len(kept[-1])
        if count > MOST_EXACT:
            kept, every = [np.concatenate(kept)[::2]], every * 2
            count = len(kept[0])
        step(block)
    found_at = np.concatenate(kept) if kept else np.empty(0)
    found_at = np.sort(found_at[~np.isnan(found_at)])
    if len(found_at) < 2 or found_at[0] == found_at[-1]:
        raise Problem(
            _("Column %(name)s has one moment only; no rows are later than others.", name=seen.name), TIME_COLUMN
        )
    held = min(max(1, round(recipe.validation_share * len(found_at))), len(found_at) - 1)
    since = found_at[len(found_at) - held]
    if since == found_at[0]:  # so many rows share the first moment that all would be held out
        since = found_at[np.searchsorted(found_at, since, side="right")]
    return Latest(moment, float(since))


def _moment(seen: ColumnProfile) -> pl.Expr:
    cell = parse_polars.cleaned(pl.col(seen.name))
    if seen.kind == "number":
        return parse_polars.number(parse_polars.plain(cell, seen.numbers_as))
    if seen.kind == "datetime":
        return parse_polars.seconds(cell, seen.dates or "iso").cast(pl.Float64)
    raise Problem(
        _("Column %(name)s holds neither dates nor numbers. Choose a column of dates.", name=seen.name), TIME_COLUMN
    )
