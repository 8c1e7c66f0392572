"""Trains many linear models in parallel and keeps the best weights of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.linear_learner import losses
from algorithms.linear_learner.candidates import candidate_settings
from algorithms.linear_learner.optimizer import Optimizer, Schedule, init_weights
from algorithms.linear_learner.sparse_rows import SparseRows

MAX_CHUNK_OUTPUTS = 20_000_000  # outputs of all models that are computed at a time
Rows = np.ndarray | SparseRows
SEED = 0  # a fixed seed makes jobs reproducible


class ModelBatch:
    """`models` linear models on scaled features. `classes` is the number of outputs of each, 0 for a single one.

    Labels are float32 (rows, 1), or int64 (rows,) with classes.
    """

    def __init__(self, models: int, classes: int, features: int, loss: str, y: np.ndarray, values: Mapping[str, Any]):
        self.models, self.classes = models, classes
        self.rng = np.random.default_rng(SEED)
        self.settings = candidate_settings(models, values, y)
        columns = models * max(classes, 1)
        bias = np.full(columns, float(values.get("init_bias", 0.0)), np.float32)
        if values.get("use_bias", "true") != "true":
            bias[:] = 0
        settings = self.settings.repeated(max(classes, 1))
        self.optimizer = Optimizer(init_weights(features, columns, values, self.rng), bias, settings, values)
        self.costs = losses.loss_function(loss, values)
        self.class_weights: np.ndarray | None = None
        if classes and values.get("balance_multiclass_weights") == "true":
            counts = np.bincount(y, minlength=classes)
            self.class_weights = (len(y) / (classes * np.maximum(counts, 1))).astype(np.float32)
        self.weighted = bool((self.settings.positive != 1).any()) and not classes
        self.best = np.full(models, np.inf)
        self.epochs, self.best_epochs = 0, np.zeros(models, int)
        self.best_weights, self.best_bias = self.optimizer.weights.copy(), self.optimizer.bias.copy()
        self.batches = 0

    def epoch(self, x: Rows, y: np.ndarray, size: int, schedule: Schedule, should_stop: Any) -> None:
        """Train on all rows in random order, in batches of `size`. Ends early when `should_stop()` is true."""
        order = self.rng.permutation(len(x))
        rate = float(self.settings.rate.max())
        with np.errstate(all="ignore"):  # a model whose learning rate is too large diverges, and is dropped
            for start in range(0, len(x), size):
                rows = order[start : start + size]
                self._batch(x[rows], y[rows], schedule.share(self.batches, rate))
                self.batches += 1
                if should_stop():
                    return

    def _batch(self, x: Rows, y: np.ndarray, share: float) -> None:
        _, slope = self._costs(self._outputs(x, self.optimizer.weights, self.optimizer.bias), y)
        slope = slope.reshape(len(x), -1) / np.float32(len(x))
        gradient = x.transposed_product(slope) if isinstance(x, SparseRows) else x.T @ slope
        self.optimizer.step(gradient, slope.sum(axis=0), share)

    def mean_costs(self, x: Rows, y: np.ndarray) -> np.ndarray:
        """Return the mean cost of each model on these rows, (models,), infinite where a model has diverged."""
        total = np.zeros(self.models)
        size = max(1, MAX_CHUNK_OUTPUTS // self.optimizer.weights.shape[1])
        with np.errstate(all="ignore"):
            for start in range(0, len(x), size):
                rows = slice(start, start + size)
                cost, _ = self._costs(self._outputs(x[rows], self.optimizer.weights, self.optimizer.bias), y[rows])
                total += cost.sum(axis=0, dtype=np.float64)
        mean = total / max(len(x), 1)
        return np.where(np.isfinite(mean), mean, np.inf)

    def keep_best(self, costs: np.ndarray) -> None:
        """Save the weights of the models whose costs are a new minimum. Reset the models that have diverged."""
        width = max(self.classes, 1)
        self.epochs += 1
        self.best_epochs[costs < self.best] = self.epochs
        better = np.repeat(costs < self.best, width)
        self.best = np.minimum(self.best, costs)
        self.best_weights[:, better] = self.optimizer.weights[:, better]
        self.best_bias[better] = self.optimizer.bias[better]
        diverged = np.repeat(~np.isfinite(costs), width)
        self.optimizer.weights[:, diverged] = 0

    def outputs(self, x: Rows, model: int) -> np.ndarray:
        """Return the outputs of `model` with its best weights: (rows,), or (rows, classes)."""
        width = max(self.classes, 1)
        part = slice(model * width, (model + 1) * width)
        outputs = x @ self.best_weights[:, part] + self.best_bias[part]
        return outputs if self.classes else outputs[:, 0]

    def best_parameters(self, model: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the best (weights (features, outputs), bias (outputs,)) of `model`."""
        width = max(self.classes, 1)
        part = slice(model * width, (model + 1) * width)
        return self.best_weights[:, part], self.best_bias[part]

    def _outputs(self, x: Rows, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
        outputs = x @ weights + bias
        return outputs.reshape(len(x), self.models, self.classes) if self.classes else outputs

    def _costs(self, outputs: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cost, slope = self.costs(outputs, y)
        if self.weighted:
            counts = np.where(y == 1, self.settings.positive, np.float32(1))
            return cost * counts, slope * counts
        if self.class_weights is not None:
            counts = self.class_weights[y]
            return cost * counts[:, None], slope * counts[:, None, None]
        return cost, slope
