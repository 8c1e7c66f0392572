"""Compares the predictions of several models with those of a baseline: each figure's difference and its interval.

Rows are drawn with replacement. Where a model and the baseline predicted the same rows, both are measured on the same
draws, so that what makes rows easy or hard for both cancels out; otherwise each is drawn by itself.
The intervals are symmetric, and those of one figure hold for all models at once in 95 % of cases: the best of many
models looks better than it is (Westfall and Young 1993, the largest studentized deviation of a draw).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from evaluation.predictions import DATA, LABEL, ROW, read_csv
from evaluation.weighted import Drawn, Weighted, weighted_figures
from tables.objects import parse_location
from tables.store import Store

SEED = 0
ENOUGH = 30  # rows; of fewer, there are no intervals
MAX_DRAWS, MIN_DRAWS = 1_000, 100
BUDGET = 100_000_000  # rows of all draws and models
AT_ONCE = 2_000_000  # rows of the draws that are in memory
LEVEL = 0.95
Document = dict[str, Any]


def compare(store: Store, uris: Sequence[str], classes: list[str], base: int) -> Document:
    """`compare_tables` of the tables of predictions at `uris`."""
    return compare_tables([_read(store, uri, not classes) for uri in uris], classes, base)


def compare_tables(tables: Sequence[pl.DataFrame], classes: list[str], base: int) -> Document:
    """{"rows": [count], "same": [bool], "figures": {name: [difference or None]}}, each list as long as `tables`.

    A difference is {"value", "low", "high"}, the figure less that of table `base`; low and high are None where there
    are too few rows, or none of them tells the two apart. "same" says if a table has the rows of the baseline.
    """
    tables = [table.sort(ROW, maintain_order=True) for table in tables]
    same = [at == base or has_same_rows(table, tables[base]) for at, table in enumerate(tables)]
    measured = [weighted_figures(table, classes) for table in tables]
    rows = [len(table) for table in tables]
    values = [_one(each, count) for each, count in zip(measured, rows, strict=True)]
    drawn = _draw(measured, rows, same, base) if min(rows) >= ENOUGH else None
    figures = {}
    for name, of_base in values[base].items():
        others = [at for at in range(len(tables)) if at != base and name in values[at]]
        differences: list[Document | None] = [None] * len(tables)
        for at in others:
            differences[at] = {"value": values[at][name] - of_base, "low": None, "high": None}
        if drawn:
            deviations = {at: drawn[at][name] - drawn[base][name] - differences[at]["value"] for at in others}  # type: ignore[index]
            for at, half in _half_widths(deviations).items():
                difference = differences[at]
                assert difference
                difference |= {"low": difference["value"] - half, "high": difference["value"] + half}
        figures[name] = differences
    return {"rows": rows, "same": same, "figures": figures}


def has_same_rows(table: pl.DataFrame, other: pl.DataFrame) -> bool:
    """True if both have the same rows of one table: their numbers are known and equal, labels and cells too."""
    if len(table) != len(other) or not (table[ROW] > 0).all() or not (table[ROW] == other[ROW]).all():
        return False
    columns = [name for name in table.columns if name.startswith(DATA) and name in other.columns]
    return all(table[name].equals(other[name]) for name in (LABEL, *columns))


def _read(store: Store, uri: str, is_regression: bool) -> pl.DataFrame:
    bucket, key = parse_location(uri)
    with store.open(bucket, key) as body:
        return read_csv(body.read(), is_regression)


def _one(measured: Weighted, rows: int) -> dict[str, float]:
    return {name: float(value[0]) for name, value in measured.figures(np.ones((1, rows))).items()}


def _draw(measured: Sequence[Weighted], rows: Sequence[int], same: Sequence[bool], base: int) -> list[Drawn]:
    """The figures of each table in every draw."""
    draws = int(np.clip(BUDGET // sum(rows), MIN_DRAWS, MAX_DRAWS))
    step = max(1, AT_ONCE // max(rows))
    rng = np.random.default_rng(SEED)
    parts: list[list[Drawn]] = [[] for _ in measured]
    for start in range(0, draws, step):
        count = min(step, draws - start)
        shared = _weights(rng, count, rows[base])
        for at, each in enumerate(measured):
            parts[at].append(each.figures(shared if same[at] else _weights(rng, count, rows[at])))
    return [{name: np.concatenate([part[name] for part in some]) for name in some[0]} for some in parts]


def _weights(rng: np.random.Generator, draws: int, rows: int) -> np.ndarray:
    """(draws, rows): how often each row is drawn."""
    chosen = rng.integers(0, rows, (draws, rows)) + np.arange(draws)[:, None] * rows
    return np.bincount(chosen.ravel(), minlength=draws * rows).reshape(draws, rows).astype(float)


def _half_widths(deviations: dict[int, np.ndarray]) -> dict[int, float]:
    """Half the width of each interval, such that all hold at once; none for what no draw tells apart."""
    spread = {at: float(np.nanstd(each)) for at, each in deviations.items() if np.isfinite(each).any()}
    spread = {at: sd for at, sd in spread.items() if sd > 1e-12}
    if not spread:
        return {}
    largest = np.nanmax([np.abs(deviations[at]) / sd for at, sd in spread.items()], axis=0)
    limit = float(np.nanquantile(largest, LEVEL))
    return {at: limit * sd for at, sd in spread.items()}
