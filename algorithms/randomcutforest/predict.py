"""Serves Random Cut Forest: a score for each row, about 1 when it is usual, higher the stranger it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.amazon.artifact import NAME, Model
from algorithms.amazon.serving import Serving
from algorithms.contract import UserError
from algorithms.randomcutforest import ALGORITHM
from algorithms.randomcutforest.forest import rebuilt
from algorithms.randomcutforest.scoring import scores


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

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return scores(self._forest, rows)[:, None]

    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        return [{"score": score} for (score,) in figures.tolist()]
