"""Serves a k-NN model: the prediction, and on request the neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.amazon.model_file import Model
from algorithms.amazon.serving import FirstPartyPredictor
from algorithms.contract import InvocationError, UserError
from algorithms.knn import ALGORITHM, vote
from algorithms.knn.hyperparameters import CLASSIFIER, COSINE, FLAT, INNER_PRODUCT, IVF, IVFPQ, L2, REGRESSOR
from algorithms.knn.index import Index, array_shapes, use_threads
from algorithms.score_kind import ScoreKind


class Predictor(FirstPartyPredictor):
    """A loaded model. The figures of a row are the prediction, k distances and k labels, nearest first."""

    algorithm = ALGORITHM
    verbose = True

    def __init__(self, model: Model):
        self.is_classifier = model.word("predictor_type", (CLASSIFIER, REGRESSOR)) == CLASSIFIER
        self.score_kind = ScoreKind.CLASS if self.is_classifier else ScoreKind.VALUE
        kind = model.word("index_type", (FLAT, IVF, IVFPQ))
        metric = model.word("index_metric", (L2, INNER_PRODUCT, COSINE))
        vectors = model.array("vectors", -1, -1)
        rows, width = vectors.shape
        self.labels = model.array("labels", rows).astype(np.float64)
        self.k = int(model.number("k", 1))
        cells, pieces = int(model.number("cells", 0)), int(model.number("pieces", 1))
        if self.k > rows or not width or (kind != FLAT and not 0 < cells <= rows) or pieces > 1024:
            raise UserError("Unable to load model: its numbers of rows, neighbours and cells do not fit together.")
        learned = {name: model.array(name, *shape) for name, shape in array_shapes(kind, cells, pieces, width).items()}
        self.projection = model.array("projection", -1, width) if "projection" in model.arrays else None
        self.n_features = width if self.projection is None else len(self.projection)
        use_threads(1)  # requests run concurrently, each on one core
        self.index = Index(vectors, kind, metric, cells, pieces, learned or None)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return (rows, 1 + 2k): the prediction, k distances, k labels, nearest first."""
        vectors = rows if self.projection is None else rows @ self.projection
        distances, indices = self.index.search(vectors, self.k)
        if (indices < 0).any():
            row = int(np.argmax((indices < 0).any(axis=1))) + 1
            raise InvocationError(400, f"unable to evaluate payload provided: the numbers of row {row} are too large")
        labels = self.labels[indices]
        predictions = vote.majority_label(labels) if self.is_classifier else vote.mean_label(labels)
        return np.column_stack([predictions, distances, labels])

    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        """Return `predicted_label` of each row; with `verbose` the distances and labels of the neighbours too."""
        if not verbose:
            return [{"predicted_label": label} for label in figures[:, 0].tolist()]
        k = self.k
        return [
            {"predicted_label": row[0], "distances": row[1 : k + 1], "labels": row[k + 1 :]} for row in figures.tolist()
        ]
