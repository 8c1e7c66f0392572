"""Detects target leakage: single features that predict the target almost perfectly."""

import numpy as np
import polars as pl

from tables import parse_polars
from tables.profile import ColumnProfile

MIN_SCORE = 0.9  # reported from here on
MIN_ROWS = 50
MAX_COLUMNS = 2000
BINS = 64
MAX_CLASSES = 100


def find_leaks(sample: pl.DataFrame, columns: list[ColumnProfile], target: str) -> dict[str, float]:
    """{feature: score} for scores from MIN_SCORE to 1; 1 means that the feature determines the target in `sample`.

    The score of a class is the reduction of the majority vote's error (Goodman and Kruskal's lambda) after binning the
    feature; of a number it is the variance explained by the bins, or the squared correlation if that is greater.
    """
    kinds = {column.name: column for column in columns}
    target_column = kinds.get(target)
    if target_column is None or len(sample) < MIN_ROWS or target_column.distinct < 2:
        return {}
    features = [c for c in columns[:MAX_COLUMNS] if c.name != target and c.present and c.distinct > 1]
    sample = sample.select(parse_polars.strip_missing(pl.col([target, *(c.name for c in features)])))
    sample = sample.filter(pl.col(target).is_not_null())
    if len(sample) < MIN_ROWS:
        return {}
    is_class = (
        target_column.kind != "number"
        or (target_column.whole and target_column.distinct <= 20)
        or target_column.distinct == 2
    )
    if target_column.distinct > MAX_CLASSES and target_column.kind != "number":
        return {}
    numbers = _numbers(sample, [c for c in (*features, target_column) if c.kind == "number"])
    labels = np.unique(sample[target].to_numpy(), return_inverse=True)[1] if is_class else numbers[target]
    leaks = {}
    for column in features:
        values = numbers.get(column.name)
        groups = _text_groups(sample[column.name]) if values is None else _number_groups(values)
        score = _purity(groups, labels) if is_class else _explained(groups, labels, values)
        if not is_class and values is not None and MIN_SCORE <= score < 1:
            score = max(score, _ordered(labels, values))
        if score >= MIN_SCORE:
            leaks[column.name] = round(float(score), 4)
    return leaks


def _numbers(sample: pl.DataFrame, columns: list[ColumnProfile]) -> dict[str, np.ndarray]:
    """{column: its numbers, NaN where there is none}, by one expression for all columns that are written plainly."""
    plain = parse_polars.parse_number(pl.col([c.name for c in columns if not c.numbers_as]))
    styled = [
        parse_polars.parse_number(parse_polars.normalize_number(pl.col(c.name), c.numbers_as))
        for c in columns if c.numbers_as
    ]  # fmt: skip
    return {values.name: values.to_numpy().astype(float) for values in sample.select(plain, *styled)}


def _text_groups(texts: pl.Series) -> np.ndarray:
    """A group number for each row: its text's."""
    return texts.fill_null("").rank("dense").to_numpy().astype(np.int64)


def _number_groups(values: np.ndarray) -> np.ndarray:
    """A group number for each row: its bin's."""
    known = np.sort(values[~np.isnan(values)])
    order = known[np.concatenate([[True], known[1:] != known[:-1]])] if len(known) else known
    if len(order) > BINS:
        order = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:]))
    return np.where(np.isnan(values), len(order), np.searchsorted(order, values)).astype(np.int64)


def _purity(groups: np.ndarray, labels: np.ndarray) -> float:
    """Goodman and Kruskal's lambda: the share of the majority vote's errors that knowing the group avoids."""
    n, width = len(labels), int(labels.max()) + 1
    inverse = np.unique(groups, return_inverse=True)[1]
    count = int(inverse.max()) + 1
    if count > n / 5:  # too many groups: nearly every row is its own
        return 0.0
    table = np.bincount(inverse * width + labels, minlength=count * width).reshape(count, width)
    base = table.sum(axis=0).max() / n
    return (table.max(axis=1).sum() / n - base) / (1 - base) if base < 1 else 0.0


def _ordered(target: np.ndarray, values: np.ndarray) -> float:
    """The squared rank correlation: 1 for a logarithm of the target, or another of its order."""
    both = ~np.isnan(target) & ~np.isnan(values)
    ranks = [np.unique(numbers[both], return_inverse=True)[1] for numbers in (target, values)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1]) ** 2 if both.sum() > MIN_ROWS else 0.0


def _explained(groups: np.ndarray, target: np.ndarray, values: np.ndarray | None) -> float:
    """The share of the target's variance that groups explain, or a linear fit of `values` if that is more (R squared).

    `values` are the feature's numbers, None of a text.
    """
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
    if values is not None:
        values = values[known]
        both = ~np.isnan(values)
        if both.sum() > MIN_ROWS and np.ptp(values[both]) > 0 and np.ptp(target[both]) > 0:
            score = max(score, float(np.corrcoef(values[both], target[both])[0, 1]) ** 2)
    return score
