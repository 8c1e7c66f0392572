"""Finds features that give the target away: one alone predicts it almost perfectly, on a sample of rows."""

import numpy as np
import polars as pl

from tables import parse_polars
from tables.profile import ColumnProfile

LEAST = 0.9  # reported from here on
LEAST_ROWS = 50
MOST_COLUMNS = 2000
BINS = 64
MOST_CLASSES = 100


def find(sample: pl.DataFrame, columns: list[ColumnProfile], target: str) -> dict[str, float]:
    """{feature: score from 0 to 1}; 1 when it alone tells the target of every row of `sample`."""
    kinds = {column.name: column for column in columns}
    seen = kinds.get(target)
    if seen is None or len(sample) < LEAST_ROWS or seen.distinct < 2:
        return {}
    sample = sample.with_columns(parse_polars.cleaned(pl.col(name)) for name in sample.columns)
    sample = sample.filter(pl.col(target).is_not_null())
    is_class = seen.kind != "number" or (seen.whole and seen.distinct <= 20) or seen.distinct == 2
    if seen.distinct > MOST_CLASSES and seen.kind != "number":
        return {}
    labels = np.unique(sample[target].to_numpy(), return_inverse=True)[1] if is_class else _numbers(sample, seen)
    found = {}
    for column in columns[:MOST_COLUMNS]:
        if column.name == target or not column.present or column.distinct < 2:
            continue
        groups = _groups(sample, column)
        score = _purity(groups, labels) if is_class else _explained(groups, labels, sample, column)
        if score >= LEAST:
            found[column.name] = round(float(score), 4)
    return found


def _numbers(sample: pl.DataFrame, seen: ColumnProfile) -> np.ndarray:
    cell = parse_polars.number(parse_polars.plain(pl.col(seen.name), seen.numbers_as))
    return sample.select(cell).to_series().to_numpy().astype(float)


def _groups(sample: pl.DataFrame, column: ColumnProfile) -> np.ndarray:
    """A number for each row: its bin, or its word."""
    if column.kind != "number":
        return sample[column.name].fill_null("").rank("dense").to_numpy().astype(np.int64)
    values = _numbers(sample, column)
    order = np.unique(values[~np.isnan(values)])
    if len(order) > BINS:
        order = np.unique(np.nanquantile(values, np.linspace(0, 1, BINS + 1)[1:]))
    return np.where(np.isnan(values), len(order), np.searchsorted(order, values)).astype(np.int64)


def _purity(groups: np.ndarray, labels: np.ndarray) -> float:
    """How much of what guessing the commonest label gets wrong is right when the group is known."""
    n, width = len(labels), int(labels.max()) + 1
    inverse = np.unique(groups, return_inverse=True)[1]
    count = int(inverse.max()) + 1
    if count > n / 5:  # nearly every row a group of its own: that tells nothing
        return 0.0
    table = np.bincount(inverse * width + labels, minlength=count * width).reshape(count, width)
    base = table.sum(axis=0).max() / n
    return (table.max(axis=1).sum() / n - base) / (1 - base) if base < 1 else 0.0


def _explained(groups: np.ndarray, target: np.ndarray, sample: pl.DataFrame, column: ColumnProfile) -> float:
    """The share of the target's variance that the groups explain, or a straight line if that is more."""
    known = ~np.isnan(target)
    groups, target = groups[known], target[known]
    total = float(((target - target.mean()) ** 2).sum()) if len(target) else 0.0
    if not total:
        return 0.0
    score = 0.0
    inverse = np.unique(groups, return_inverse=True)[1]
    count = int(inverse.max()) + 1
    if count <= len(target) / 5:
        sizes = np.bincount(inverse)
        means = np.bincount(inverse, weights=target) / sizes
        score = float((sizes * (means - target.mean()) ** 2).sum()) / total
    if column.kind == "number":
        values = _numbers(sample, column)[known]
        both = ~np.isnan(values)
        if both.sum() > LEAST_ROWS and np.ptp(values[both]) > 0 and np.ptp(target[both]) > 0:
            score = max(score, float(np.corrcoef(values[both], target[both])[0, 1]) ** 2)
    return score
