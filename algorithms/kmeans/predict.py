"""Serves k-means: which center a row is closest to, and how far away that is."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.amazon.artifact import Model
from algorithms.amazon.serving import Serving
from algorithms.kmeans import ALGORITHM
from algorithms.kmeans.clusters import closest


class Predictor(Serving):
    """A loaded model. `closest_cluster` counts from 0; `distance_to_cluster` is Euclidean."""

    algorithm = ALGORITHM

    def __init__(self, model: Model):
        self._centers = model.array("centers", int(model.number("k", 1)), -1).astype(np.float64)
        self.n_features = self._centers.shape[1]

    def predict(self, rows: np.ndarray) -> np.ndarray:
        number, squared = closest(rows, self._centers)
        return np.column_stack([number, np.sqrt(squared)])

    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        return [{"closest_cluster": number, "distance_to_cluster": far} for number, far in figures.tolist()]
