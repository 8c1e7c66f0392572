"""The models side by side: trained a batch at a time, judged after every epoch, each remembered at its best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.linear_learner import losses
from algorithms.linear_learner.candidates import chosen
from algorithms.linear_learner.descent import Descent, Schedule, begun

CHUNK = 20_000_000  # numbers of all models' outputs that are scored at a time
SEED = 0  # any number will do, so long as the same job always gives the same model


class ModelBatch:
    """`models` linear models on scaled features; `classes` is the number of outputs of each, 0 when it is one number.

    Labels are float32 (rows, 1), or with classes int64 (rows,).
    """

    def __init__(self, models: int, classes: int, features: int, loss: str, y: np.ndarray, values: Mapping[str, Any]):
        self.models, self.classes = models, classes
        self.rng = np.random.default_rng(SEED)
        self.settings = chosen(models, values, y)
        columns = models * max(classes, 1)
        bias = np.full(columns, float(values.get("init_bias", 0.0)), np.float32)
        if values.get("use_bias", "true") != "true":
            bias[:] = 0
        settings = self.settings.repeated(max(classes, 1))
        self.descent = Descent(begun(features, columns, values, self.rng), bias, settings, values)
        self.costs = losses.named(loss, values)
        self.class_weights: np.ndarray | None = None
        if classes and values.get("balance_multiclass_weights") == "true":
            counts = np.bincount(y, minlength=classes)
            self.class_weights = (len(y) / (classes * np.maximum(counts, 1))).astype(np.float32)
        self.weighted = bool((self.settings.positive != 1).any()) and not classes
        self.best = np.full(models, np.inf)
        self.best_weights, self.best_bias = self.descent.weights.copy(), self.descent.bias.copy()
        self.batches = 0

    def epoch(self, x: np.ndarray, y: np.ndarray, size: int, schedule: Schedule, stopped: Any) -> None:
        """Go once through the rows in random order, `size` at a time, unless `stopped()` says so."""
        order = self.rng.permutation(len(x))
        rate = float(self.settings.rate.max())
        with np.errstate(all="ignore"):  # a model whose learning rate is too large runs off, and is left out
            for start in range(0, len(x), size):
                rows = order[start : start + size]
                self._batch(x[rows], y[rows], schedule.share(self.batches, rate))
                self.batches += 1
                if stopped():
                    return

    def _batch(self, x: np.ndarray, y: np.ndarray, share: float) -> None:
        _, slope = self._costs(self._outputs(x, self.descent.weights, self.descent.bias), y)
        slope = slope.reshape(len(x), -1) / np.float32(len(x))
        self.descent.step(x.T @ slope, slope.sum(axis=0), share)

    def judge(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The mean cost of each model on these rows, (models,); infinite where a model has run off."""
        total = np.zeros(self.models)
        size = max(1, CHUNK // self.descent.weights.shape[1])
        with np.errstate(all="ignore"):
            for start in range(0, len(x), size):
                rows = slice(start, start + size)
                cost, _ = self._costs(self._outputs(x[rows], self.descent.weights, self.descent.bias), y[rows])
                total += cost.sum(axis=0, dtype=np.float64)
        found = total / max(len(x), 1)
        return np.where(np.isfinite(found), found, np.inf)

    def remember(self, judged: np.ndarray) -> None:
        """Keep the weights of the models that were never better; put those that have run off out of the race."""
        width = max(self.classes, 1)
        better = np.repeat(judged < self.best, width)
        self.best = np.minimum(self.best, judged)
        self.best_weights[:, better] = self.descent.weights[:, better]
        self.best_bias[better] = self.descent.bias[better]
        lost = np.repeat(~np.isfinite(judged), width)
        self.descent.weights[:, lost] = 0

    def outputs(self, x: np.ndarray, model: int) -> np.ndarray:
        """What `model` answered at its best: (rows,), or (rows, classes)."""
        width = max(self.classes, 1)
        part = slice(model * width, (model + 1) * width)
        found = x @ self.best_weights[:, part] + self.best_bias[part]
        return found if self.classes else found[:, 0]

    def parts(self, model: int) -> tuple[np.ndarray, np.ndarray]:
        """(weights (features, outputs), bias (outputs,)) of `model` at its best."""
        width = max(self.classes, 1)
        part = slice(model * width, (model + 1) * width)
        return self.best_weights[:, part], self.best_bias[part]

    def _outputs(self, x: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
        found = x @ weights + bias
        return found.reshape(len(x), self.models, self.classes) if self.classes else found

    def _costs(self, outputs: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cost, slope = self.costs(outputs, y)
        if self.weighted:
            counts = np.where(y == 1, self.settings.positive, np.float32(1))
            return cost * counts, slope * counts
        if self.class_weights is not None:
            counts = self.class_weights[y]
            return cost * counts[:, None], slope * counts[:, None, None]
        return cost, slope
