"""Serves k-means: the closest center of a row and the distance to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.amazon.model_file import Model
from algorithms.amazon.serving import FirstPartyPredictor
from algorithms.kmeans import ALGORITHM
from algorithms.kmeans.clusters import closest_centers


class Predictor(FirstPartyPredictor):
    """A loaded model. `closest_cluster` counts from 0; `distance_to_cluster` is Euclidean."""

    algorithm = ALGORITHM

    def __init__(self, model: Model):
        self._centers = model.array("centers", int(model.number("k", 1)), -1).astype(np.float64)
        self.n_features = self._centers.shape[1]

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return (rows, 2): the number of the closest center and the distance to it."""
        number, squared = closest_centers(rows, self._centers)
        return np.column_stack([number, np.sqrt(squared)])

    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        """Return `closest_cluster` and `distance_to_cluster` of each row."""
        return [{"closest_cluster": number, "distance_to_cluster": distance} for number, distance in figures.tolist()]
