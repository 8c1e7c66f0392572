"""A few rows of a table of predictions as the numbers that the model gets, and figures of them that all kinds share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sklearn.decomposition import PCA

from evaluation.intervals import SEED, Figures, Interval
from evaluation.predictions import DATA, ROW
from evaluation.raw_table import RawTable

ROWS = 2_000  # of which distances between all pairs, or a decomposition, are computed
LEAST = 20  # rows, however wide they are
NUMBERS = 2_000_000  # of them: encoding and measuring more of a wide table takes minutes
POINTS = 1_000  # of a map
CELLS = 12  # columns of the person's table that are shown with a row
CELL = 80  # characters
Document = dict[str, Any]


@dataclass(frozen=True)
class EncodedSample:
    """`rows` (n, features) without gaps: a missing number is the mean of its column. `at` (n,) are their positions."""

    rows: np.ndarray
    at: np.ndarray


def encoded_sample(raw_table: RawTable, table: pl.DataFrame) -> EncodedSample:
    """At most ROWS rows of `table`, drawn at random; fewer where a row is very wide."""
    limit = max(LEAST, min(ROWS, NUMBERS // max(1, len(raw_table.encoder.features))))
    at = np.arange(len(table))
    if len(table) > limit:
        at = np.sort(np.random.default_rng(SEED).choice(len(table), limit, replace=False))
    cells = table[at.tolist()].select(pl.col(DATA + name).alias(name) for name in raw_table.encoder.names)
    rows = raw_table.encode(cells)
    gaps = ~np.isfinite(rows)
    if gaps.any():
        known = np.where(gaps, 0.0, rows).sum(axis=0) / np.maximum(1, (~gaps).sum(axis=0))
        rows = np.where(gaps, known, rows)
    return EncodedSample(rows, at)


def drawn_map(rows: np.ndarray, labels: Sequence[Any]) -> Document | None:
    """Two main directions of `rows`, by scikit-learn: {"points": [[x, y, label]], "shares": of the variance}.

    None where the rows do not differ.
    """
    if len(rows) < 3 or not np.ptp(rows, axis=0).any():
        return None
    pca = PCA(n_components=min(2, *rows.shape), random_state=SEED).fit(rows)
    chosen = range(0, len(rows), -(-len(rows) // POINTS))
    coordinates = pca.transform(rows[list(chosen)])
    if coordinates.shape[1] == 1:
        coordinates = np.column_stack([coordinates, np.zeros(len(coordinates))])
    shares = [*(float(share) for share in pca.explained_variance_ratio_), 0.0][:2]
    points = [[_short(x), _short(y), labels[at]] for (x, y), at in zip(coordinates.tolist(), chosen, strict=True)]
    return {"points": points, "shares": shares}


def listed_rows(
    table: pl.DataFrame, schema: Mapping[str, Any], order: Sequence[int], facts: Sequence[Document]
) -> Document:
    """The rows at `order` as the person's table has them: {"columns", "rows": [{"row", "cells", **fact}]}."""
    columns = [column for column in schema["columns"] if DATA + column["name"] in table.columns]
    columns.sort(key=lambda column: column["role"] != "feature")
    names = [column["name"] for column in columns[:CELLS]]
    chosen = table[list(order)]
    rows = []
    for at, fact in enumerate(facts):
        cells = [(chosen[DATA + name][at] or "")[:CELL] for name in names]
        rows.append({"row": chosen[ROW][at], "cells": cells} | fact)
    return {"columns": names, "rows": rows}


def listed_figures(values: Figures, intervals: Mapping[str, Interval], baseline: Figures) -> list[Document]:
    """[{"name", "value", "low", "high", "baseline"}] of the figures that are finite."""
    figures = []
    for name, value in values.items():
        low, high = intervals.get(name, (None, None))
        of_baseline = baseline.get(name)
        if np.isfinite(value):
            finite = None if of_baseline is None or not np.isfinite(of_baseline) else float(of_baseline)
            figures.append({"name": name, "value": float(value), "low": low, "high": high, "baseline": finite})
    return figures


def _short(value: float) -> float:
    return float(f"{value:.5g}")
