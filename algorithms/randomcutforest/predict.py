"""Serves Random Cut Forest: a score for each row, about 1 when it is usual, higher the stranger it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from algorithms.amazon.artifact import NAME, Model
from algorithms.amazon.serving import Serving
from algorithms.contract import UserError
from algorithms.randomcutforest import ALGORITHM
from algorithms.randomcutforest.forest import rebuilt
from algorithms.randomcutforest.scoring import scores

QUICK = 0.02
_LEAST = 2  # bytes of a number and what parts it from the next, at the least


class Predictor(Serving):
    """A loaded model."""

    algorithm = ALGORITHM
    key = "scores"

    def __init__(self, model: Model):
        self.n_features = int(model.number("features", 1))
        arrays = {name: model.array(name, -1) for name in ("axis", "cut", "left", "right", "mass")}
        arrays["points"] = model.array("points", -1, self.n_features)
        try:
            self._forest = rebuilt(int(model.number("trees", 1)), int(model.number("size", 1)), **arrays)
        except ValueError as e:
            raise UserError(f"Unable to load model: the forest in {NAME} is damaged: {e}.") from e

        # Bytes that hold as many rows as are scored in about QUICK seconds; measured, README.md.
        each = self._forest.trees * (1.5e-6 + self.n_features * 8e-8) * (1 + math.log2(self._forest.size + 1) / 8) / 2
        self.on_loop = min(16 * 1024, int(QUICK / each * self.n_features * _LEAST))

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return scores(self._forest, rows)[:, None]

    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        return [{"score": score} for (score,) in figures.tolist()]
