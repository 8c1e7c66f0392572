"""Serves a Linear Learner model: scores, and for classes the label they mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.amazon.artifact import Model
from algorithms.amazon.serving import Serving
from algorithms.linear_learner import ALGORITHM, losses
from algorithms.linear_learner.hyperparameters import LOSSES, MULTICLASS, PREDICTORS, REGRESSOR


class Predictor(Serving):
    """A loaded model. Figures of a row: the score, or one a class; then the label, unless it predicts a number."""

    algorithm = ALGORITHM

    def __init__(self, model: Model):
        self.predictor_type = model.word("predictor_type", PREDICTORS)
        self.loss = model.word("loss", LOSSES[self.predictor_type])
        self.threshold = float(model.number("threshold"))
        outputs = int(model.number("classes", 3)) if self.predictor_type == MULTICLASS else 1
        self.bias = model.array("bias", outputs).astype(np.float64)
        self.weights = model.array("weights", -1, outputs).astype(np.float64)
        self.n_features = len(self.weights)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        found = rows.astype(np.float64) @ self.weights + self.bias
        if self.predictor_type == REGRESSOR:
            return found
        if self.predictor_type == MULTICLASS:
            found = losses.probabilities(found)
            return np.column_stack([found, found.argmax(axis=1)])
        if self.loss == "logistic":
            found = losses.sigmoid(found)
        return np.column_stack([found, found >= self.threshold])

    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        if self.predictor_type == REGRESSOR:
            return [{"score": score} for score in figures[:, 0].tolist()]
        scores = figures[:, :-1].tolist()
        if self.predictor_type != MULTICLASS:
            scores = [score[0] for score in scores]
        labels = figures[:, -1].astype(int).tolist()
        return [{"score": s, "predicted_label": label} for s, label in zip(scores, labels, strict=True)]
