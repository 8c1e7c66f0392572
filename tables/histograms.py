"""Histograms of the numbers of many columns at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tables.profile import ColumnProfile

BINS = 10
_CELLS = 250_000  # in a matrix


def histograms(numbers: pl.DataFrame, columns: Sequence[ColumnProfile]) -> list[np.ndarray]:
    """Counts in at most BINS bins of equal width from the least to the greatest number of each of `columns`.

    `numbers` has a column of floats for each of them, null where there is none. There are fewer bins where floats lie
    too close together for so many edges, and no more than different numbers.
    """
    result: list[np.ndarray] = []
    size = max(1, _CELLS // max(1, len(numbers)))
    for start in range(0, len(columns), size):
        group = columns[start : start + size]
        result += _histograms(numbers[:, start : start + size].to_numpy(), group)
    return result


def _histograms(values: np.ndarray, columns: Sequence[ColumnProfile]) -> list[np.ndarray]:
    low, high = (np.array([getattr(c, name) or 0.0 for c in columns], float) for name in ("min", "max"))
    bins = np.array([min(BINS, max(1, c.distinct)) for c in columns])
    # Halves and quarters are exact, and their differences do not overflow. The smallest floats have none to spare.
    part = np.where(np.maximum(-low, high) < 1e300, 1.0, 0.25)
    values, low, high = values * part, low * part, high * part
    present = (~np.isnan(values)).sum(axis=0)
    result: list[np.ndarray] = [np.empty(0, np.int64)] * len(columns)
    for count in np.unique(bins):
        at = np.flatnonzero(bins == count)
        edges = _edges(low[at], high[at], int(count))
        # How many numbers are in a bin or above it; those outside of all are in the first or the last.
        above = [present[at], *((values[:, at] >= edge).sum(axis=0) for edge in edges[1:-1]), np.zeros(len(at), int)]
        counts = -np.diff(np.array(above), axis=0).T
        differ = np.diff(edges, axis=0).T > 0
        for index, column in enumerate(at):
            result[column] = _merged(counts[index], differ[index])
    return result


def _edges(low: np.ndarray, high: np.ndarray, bins: int) -> np.ndarray:
    """What NumPy's `linspace` returns for each `low` and `high` alone: for arrays it computes otherwise."""
    step, steps = (high - low) / bins, np.arange(bins + 1)[:, None]
    edges = np.where(step == 0, steps / bins * (high - low), steps * step) + low
    edges[-1] = high
    return edges


def _merged(counts: np.ndarray, differ: np.ndarray) -> np.ndarray:
    """`counts` of bins, those whose edges do not `differ` together with the bin before."""
    return counts if differ.all() else np.add.reduceat(counts, [0, *np.flatnonzero(differ)[1:]])
