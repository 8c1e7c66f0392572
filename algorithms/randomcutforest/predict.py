"""Serves Random Cut Forest: an anomaly score for each row, about 1 for normal rows, higher for anomalies."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from algorithms.amazon.model_file import NAME, Model
from algorithms.amazon.serving import FirstPartyPredictor
from algorithms.contract import UserError
from algorithms.model_proof import STEP_SECONDS, Unproven
from algorithms.randomcutforest import ALGORITHM
from algorithms.randomcutforest.forest import forest_from_arrays
from algorithms.randomcutforest.quantiles import QUANTILES
from algorithms.randomcutforest.scoring import scores

INLINE_SECONDS = 0.02
_MAX_DEPTH = 256  # levels; each takes a few NumPy calls, however few rows there are
_MIN_CELL_BYTES = 2  # bytes of the shortest number with its separator


class Predictor(FirstPartyPredictor):
    """A loaded model."""

    algorithm = ALGORITHM
    key = "scores"

    def __init__(self, model: Model):
        self.n_features = int(model.number("features", 1))
        arrays = {name: model.array(name, -1) for name in ("axis", "cut", "left", "right", "mass")}
        arrays["points"] = model.array("points", -1, self.n_features)
        try:
            self._forest = forest_from_arrays(int(model.number("trees", 1)), int(model.number("size", 1)), **arrays)
        except ValueError as e:
            raise UserError(f"Unable to load model: the forest in {NAME} is damaged: {e}.") from e

        # A model of an earlier version has none.
        names = {f"{quantile:g}": f"score_quantile_{quantile:g}" for quantile in QUANTILES}
        self.score_quantiles = {key: float(model.number(name)) for key, name in names.items() if name in model.meta}

        # Bytes that hold as many rows as are scored in about INLINE_SECONDS; measured, README.md.
        self._row_seconds = (
            self._forest.trees * (1.5e-6 + self.n_features * 8e-8) * (1 + math.log2(self._forest.size + 1) / 8) / 2
        )
        self.inline_limit = min(16 * 1024, int(INLINE_SECONDS / self._row_seconds * self.n_features * _MIN_CELL_BYTES))

    def row_steps(self, model: Model) -> int:
        """Return the steps of one row's prediction. Raises Unproven for a forest that NumPy walks for long."""
        if self._forest.depth > _MAX_DEPTH:
            raise Unproven(f"a tree has more than {_MAX_DEPTH} levels")
        return int(self._row_seconds / STEP_SECONDS)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return the anomaly scores, float64 (rows, 1)."""
        return scores(self._forest, rows)[:, None]

    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        """Return `score` of each row."""
        return [{"score": score} for (score,) in figures.tolist()]
