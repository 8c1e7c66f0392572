"""Serves a Linear Learner model: scores, and labels for classifiers."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.amazon.model_file import Model
from algorithms.amazon.serving import FirstPartyPredictor
from algorithms.contributions import Contributions
from algorithms.linear_learner import ALGORITHM, losses
from algorithms.linear_learner import contributions as linear_contributions
from algorithms.linear_learner.hyperparameters import HINGE_LOSS, LOSSES, MULTICLASS, PREDICTORS, REGRESSOR
from algorithms.score_kind import ScoreKind


class Predictor(FirstPartyPredictor):
    """A loaded model. The figures of a row are the scores, and the label for classifiers."""

    algorithm = ALGORITHM

    def __init__(self, model: Model):
        self.predictor_type = model.word("predictor_type", PREDICTORS)
        self.loss = model.word("loss", LOSSES[self.predictor_type])
        self.score_kind = (
            ScoreKind.VALUE if self.predictor_type == REGRESSOR
            else ScoreKind.MARGIN if self.loss == HINGE_LOSS else ScoreKind.PROBABILITY
        )  # fmt: skip
        self.threshold = float(model.number("threshold"))
        outputs = int(model.number("classes", 3)) if self.predictor_type == MULTICLASS else 1
        self.bias = model.array("bias", outputs).astype(np.float64)
        self.weights = model.array("weights", -1, outputs).astype(np.float64)
        self.n_features = len(self.weights)
        has_mean = "mean" in model.arrays  # models of earlier versions have none: their rows are explained from zeros
        self.mean = model.array("mean", self.n_features).astype(np.float64) if has_mean else np.zeros(self.n_features)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return (rows, scores), with the predicted label as last column for classifiers."""
        weights, nonzero = self.weights, np.flatnonzero(rows.any(axis=0))
        if 2 * len(nonzero) < self.n_features:  # features that are 0 in every row add nothing
            weights, rows = weights[nonzero], rows[:, nonzero]
        scores = rows.astype(np.float64) @ weights + self.bias
        if self.predictor_type == REGRESSOR:
            return scores
        if self.predictor_type == MULTICLASS:
            scores = losses.probabilities(scores)
            return np.column_stack([scores, scores.argmax(axis=1)])
        if self.loss == "logistic":
            scores = losses.sigmoid(scores)
        return np.column_stack([scores, scores >= self.threshold])

    def contributions(self, rows: np.ndarray) -> Contributions:
        """Return weight times the distance from the training rows' mean, for each number."""
        return linear_contributions.contributions(
            self.weights, self.bias, self.mean, self.predictor_type, self.loss, rows
        )

    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        """Return `score` of each row, and `predicted_label` for classifiers."""
        if self.predictor_type == REGRESSOR:
            return [{"score": score} for score in figures[:, 0].tolist()]
        scores = figures[:, :-1].tolist()
        if self.predictor_type != MULTICLASS:
            scores = [score[0] for score in scores]
        labels = figures[:, -1].astype(int).tolist()
        return [{"score": s, "predicted_label": label} for s, label in zip(scores, labels, strict=True)]
