"""Serves a Factorization Machines model: a score, and the label for a classifier."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.amazon.model_file import Model
from algorithms.amazon.serving import FirstPartyPredictor
from algorithms.factorization_machines import ALGORITHM
from algorithms.factorization_machines.hyperparameters import BINARY, REGRESSOR
from algorithms.factorization_machines.machine import Machine
from algorithms.factorization_machines.optimizer import sigmoid
from algorithms.score_kind import ScoreKind


class Predictor(FirstPartyPredictor):
    """A loaded model. The figures of a row are the score, and the label for a binary classifier."""

    algorithm = ALGORITHM

    def __init__(self, model: Model):
        self.is_binary = model.word("predictor_type", (BINARY, REGRESSOR)) == BINARY
        self.score_kind = ScoreKind.PROBABILITY if self.is_binary else ScoreKind.VALUE
        linear = model.array("linear", -1).astype(np.float64)
        factors = model.array("factors", len(linear), -1).astype(np.float64)
        self.machine = Machine(float(model.number("bias")), linear, factors)
        self.n_features = len(linear)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return (rows, 1) for a regressor, (rows, 2) with the label for a classifier."""
        machine = self.machine
        nonzero = np.flatnonzero(rows.any(axis=0))
        if 2 * len(nonzero) < self.n_features:  # features that are 0 in every row add nothing
            machine, rows = Machine(machine.bias, machine.linear[nonzero], machine.factors[nonzero]), rows[:, nonzero]
        outputs = machine.outputs(rows.astype(np.float64))
        if not self.is_binary:
            return outputs[:, None]
        outputs = sigmoid(outputs)
        return np.column_stack([outputs, outputs >= 0.5])

    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        """Return `score` of each row, and `predicted_label` for a classifier."""
        if not self.is_binary:
            return [{"score": score} for score in figures[:, 0].tolist()]
        return [{"score": score, "predicted_label": int(label)} for score, label in figures.tolist()]
