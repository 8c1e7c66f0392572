"""Streaming statistics of the second column of a raw CSV table: the weights, where a hyperparameter says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tables.profile import Cell


@dataclass
class WeightStats:
    """How many cells hold no number or one below 0, where the first is, and the largest number so far."""

    missing: int = 0
    negative: int = 0
    first_missing: Cell | None = None
    first_negative: Cell | None = None
    max: float | None = None

    def update(self, weights: np.ndarray, row: int, file: str, line_of: Callable[[int], int]) -> None:
        """Add the weights of the next rows: float (rows,), NaN where a row has none.

        The first is row `row` + 1 of the table; `line_of` is the line in `file` of each, counted from 0.
        """
        absent, below = np.isnan(weights), weights < 0
        if absent.any():
            at = int(np.argmax(absent))
            self.missing += int(absent.sum())
            self.first_missing = self.first_missing or Cell(row + at + 1, "", file, line_of(at))
        if below.any():
            at = int(np.argmax(below))
            self.negative += int(below.sum())
            self.first_negative = self.first_negative or Cell(row + at + 1, f"{weights[at]:g}", file, line_of(at))
        if not absent.all():
            self.max = max(float(weights[~absent].max()), -np.inf if self.max is None else self.max)
