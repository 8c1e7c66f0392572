"""Serves a Factorization Machines model: a score, and for classes the label it means."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.amazon.artifact import Model
from algorithms.amazon.serving import Serving
from algorithms.factorization_machines import ALGORITHM
from algorithms.factorization_machines.descent import sigmoid
from algorithms.factorization_machines.hyperparameters import BINARY, REGRESSOR
from algorithms.factorization_machines.machine import Machine


class Predictor(Serving):
    """A loaded model. Figures of a row: the score; for a binary classifier then the label."""

    algorithm = ALGORITHM

    def __init__(self, model: Model):
        self.is_binary = model.word("predictor_type", (BINARY, REGRESSOR)) == BINARY
        linear = model.array("linear", -1).astype(np.float64)
        factors = model.array("factors", len(linear), -1).astype(np.float64)
        self.machine = Machine(float(model.number("bias")), linear, factors)
        self.n_features = len(linear)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        machine = self.machine
        used = np.flatnonzero(rows.any(axis=0))
        if 2 * len(used) < self.n_features:  # most features are 0 in every row: they add nothing
            machine, rows = Machine(machine.bias, machine.linear[used], machine.factors[used]), rows[:, used]
        found = machine.outputs(rows.astype(np.float64))
        if not self.is_binary:
            return found[:, None]
        found = sigmoid(found)
        return np.column_stack([found, found >= 0.5])

    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        if not self.is_binary:
            return [{"score": score} for score in figures[:, 0].tolist()]
        return [{"score": score, "predicted_label": int(label)} for score, label in figures.tolist()]
