"""Encodes the texts of a column as the mean of the label over the training rows that have the same text.

A training row is encoded without its own label: the training rows are divided into folds, and a row of one fold gets
the means of the others (out-of-fold target encoding; Micci-Barreca 2001, "A preprocessing scheme for high-cardinality
categorical attributes"). Any other row gets the means of all training rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from tables import parse_polars

FOLDS = 5
ALL = FOLDS  # the fold of a row that is no training row
PRIOR_ROWS = 10.0  # the mean of all rows counts as much as so many rows of a text


def assign_folds(first: int, rows: int) -> np.ndarray:
    """The folds of `rows` consecutive rows of a table, int64 from 0 to FOLDS - 1; `first` is the number of the first.

    The same row has the same fold in every pass.
    """
    mixed = np.arange(first, first + rows, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)  # SplitMix64 (Steele 2014)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return ((mixed >> np.uint64(33)) % np.uint64(FOLDS)).astype(np.int64)


class TargetStatistics:
    """Counts rows and sums labels by text and fold, for each column of a schema with the encoding "target".

    `outputs` is the number of classes that have a mean of their own: 1 for two classes and for numbers.
    """

    def __init__(self, schema: Mapping[str, Any], outputs: int):
        self.columns = [c for c in schema["columns"] if c["role"] == "feature" and c["encoding"] == "target"]
        self.outputs = outputs
        self._sums = [f"sum{i}" for i in range(outputs)]
        self._frames: dict[str, pl.DataFrame] = {}

    @property
    def names(self) -> set[str]:
        """The columns that `add` reads."""
        return {column["name"] for column in self.columns}

    def add(self, frame: pl.DataFrame, labels: np.ndarray, folds: np.ndarray) -> None:
        """Count the training rows of `frame`: `labels` has shape (rows, outputs), `folds` (rows,)."""
        sums = [pl.Series(name, labels[:, i]) for i, name in enumerate(self._sums)]
        for column in self.columns:
            cells = frame.select(parse_polars.strip_missing(pl.col(column["name"])).alias("text")).with_columns(
                pl.Series("fold", folds), pl.lit(1, pl.Int64).alias("rows"), *sums
            )
            before = self._frames.get(column["name"])
            parts = [self._grouped(cells)] + ([before] if before is not None else [])
            self._frames[column["name"]] = self._grouped(pl.concat(parts))

    def finish(self) -> dict[str, np.ndarray]:
        """Put the means of all training rows into the schema's columns.

        Returns {column: means by fold, text and feature}, float64 of shape (FOLDS + 1, texts + 2, features). The last
        two texts are any other text, and none. Features are the means, and the rows where the column asks for them.
        """
        return {column["name"]: self._finish(column) for column in self.columns}

    def _grouped(self, cells: pl.DataFrame) -> pl.DataFrame:
        return cells.group_by("text", "fold").agg(pl.col("rows", *self._sums).sum())

    def _finish(self, column: dict[str, Any]) -> np.ndarray:
        frame = self._frames[column["name"]]
        by_text = (
            frame.group_by("text").agg(pl.col("rows").sum()).drop_nulls("text").sort("rows", "text", descending=True)
        )
        known = by_text["text"].to_list()
        position = {text: i for i, text in enumerate(known)} | {None: len(known) + 1}
        at = [position[text] for text in frame["text"].to_list()]
        folds = frame["fold"].to_numpy()
        rows = np.zeros((FOLDS, len(known) + 2))
        sums = np.zeros((FOLDS, len(known) + 2, self.outputs))
        rows[folds, at] = frame["rows"].to_numpy()
        sums[folds, at] = frame.select(self._sums).to_numpy()
        total_rows, total_sums = rows.sum(axis=0), sums.sum(axis=0)
        others = np.concatenate([total_rows - rows, total_rows[None]])[..., None]
        other_sums = np.concatenate([total_sums - sums, total_sums[None]])
        prior = other_sums.sum(axis=1, keepdims=True) / np.maximum(others.sum(axis=1, keepdims=True), 1)
        means = (other_sums + prior * PRIOR_ROWS) / (others + PRIOR_ROWS)
        if column["counted"]:
            counts = np.broadcast_to(total_rows[None, :, None], (FOLDS + 1, len(known) + 2, 1))
            means = np.concatenate([means, counts], axis=2)
        if "scale" in column:
            spread = np.sqrt(np.average((means[ALL] - prior[ALL]) ** 2, axis=0, weights=np.maximum(total_rows, 1e-9)))
            column["shift"], column["scale"] = prior[ALL, 0].tolist(), np.where(spread > 0, spread, 1.0).tolist()
        column["known"] = known
        column["means"], column["other"], column["missing"] = (
            means[ALL, :-2].tolist(), means[ALL, -2].tolist(), means[ALL, -1].tolist(),
        )  # fmt: skip
        return means
