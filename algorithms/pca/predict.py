"""Serves PCA: the projection of a row, the strongest component last, as on AWS."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.amazon.model_file import Model
from algorithms.amazon.serving import FirstPartyPredictor
from algorithms.pca import ALGORITHM


class Predictor(FirstPartyPredictor):
    """A loaded model."""

    algorithm = ALGORITHM
    key = "projections"

    def __init__(self, model: Model):
        features, components = int(model.number("features", 1)), int(model.number("components", 1))
        self._mean = model.array("mean", features).astype(np.float64)
        self._v = model.array("v", features, components).astype(np.float64)
        model.array("s", components)
        self.n_features = features

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return the coordinates on the components, float64 (rows, components), the strongest last."""
        return (rows.astype(np.float64) - self._mean) @ self._v

    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        """Return `projection` of each row."""
        return [{"projection": row} for row in figures.tolist()]
