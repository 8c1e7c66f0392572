"""Gradient descent for many models at once, each with its own learning rate and regularization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

EPSILON = 1e-8
FINAL_RATE_SHARE = 0.1  # the last learning rate of an automatic schedule, as a share of the first


@dataclass
class Settings:
    """Settings with one entry per model: learning rate, L2, L1 and the weight of class 1."""

    rate: np.ndarray
    wd: np.ndarray
    l1: np.ndarray
    positive: np.ndarray

    def repeated(self, outputs: int) -> Settings:
        """Return the settings with each entry repeated for every output of a model."""
        return Settings(*(np.repeat(part, outputs) for part in (self.rate, self.wd, self.l1, self.positive)))


class Optimizer:
    """Trains weights (features, columns) and biases (columns,). A column is one output of one model."""

    def __init__(self, weights: np.ndarray, bias: np.ndarray, settings: Settings, values: Mapping[str, Any]):
        self.weights, self.bias = weights, bias
        self.settings = settings
        self.kind = {"auto": "adam"}.get(values.get("optimizer", "auto"), values.get("optimizer", "auto"))
        self.momentum = _number(values, "momentum", 0.9)
        self.beta_1, self.beta_2 = _number(values, "beta_1", 0.9), _number(values, "beta_2", 0.999)
        self.bias_rate = _number(values, "bias_lr_mult", 1.0)
        self.bias_wd = _number(values, "bias_wd_mult", 0.0)
        self.use_bias = values.get("use_bias", "true") == "true"
        self._first = [np.zeros_like(weights), np.zeros_like(bias)]
        self._second = [np.zeros_like(weights), np.zeros_like(bias)]
        self._steps = 0

    def step(self, weights: np.ndarray, bias: np.ndarray, share: float) -> None:
        """Take one step against the gradients of weights and bias. `share` scales the learning rate."""
        self._steps += 1
        rate = (self.settings.rate * share).astype(np.float32)
        weights += self.settings.wd * self.weights
        direction, size = self._direction(0, weights)
        self.weights -= rate * direction
        if self.settings.l1.any():  # the proximal step, in the optimizer's scale: weights become exactly 0
            columns = slice(int(np.argmax(self.settings.l1 > 0)), None)  # the models before have no L1
            shrink = (rate * self.settings.l1)[columns] / (size if isinstance(size, float) else size[:, columns])
            self.weights[:, columns] -= np.clip(self.weights[:, columns], -shrink, shrink)
        if self.use_bias:
            bias += self.settings.wd * self.bias_wd * self.bias
            self.bias -= rate * self.bias_rate * self._direction(1, bias)[0]

    def _direction(self, which: int, gradient: np.ndarray) -> tuple[np.ndarray, Any]:
        """Return (step direction, divisor of the gradient)."""
        first, second = self._first[which], self._second[which]
        if self.kind == "sgd":
            first *= self.momentum
            first += gradient
            return first, 1 - self.momentum  # the limit of the momentum sum for a constant gradient
        if self.kind == "rmsprop":
            second *= 0.9
            second += 0.1 * gradient * gradient
            size = np.sqrt(second) + EPSILON
            return gradient / size, size
        first *= self.beta_1
        first += (1 - self.beta_1) * gradient
        second *= self.beta_2
        second += (1 - self.beta_2) * gradient * gradient
        size = np.sqrt(second / (1 - self.beta_2**self._steps)) + EPSILON
        return first / (1 - self.beta_1**self._steps) / size, size


class Schedule:
    """The learning rate schedule (AWS: lr_scheduler_*)."""

    def __init__(self, values: Mapping[str, Any], batches: int, epochs: int):
        self.on = values.get("use_lr_scheduler", "true") == "true"
        self.every = int(_number(values, "lr_scheduler_step", batches))
        self.factor = _number(values, "lr_scheduler_factor", FINAL_RATE_SHARE ** (1 / max(epochs, 1)))
        self.lowest = _number(values, "lr_scheduler_minimum_lr", 0.0)

    def share(self, batch: int, rate: float) -> float:
        """Return the share of the learning rate `rate` for batch number `batch`."""
        if not self.on:
            return 1.0
        return max(self.factor ** (batch // self.every), min(1.0, self.lowest / rate))


def init_weights(features: int, columns: int, values: Mapping[str, Any], rng: np.random.Generator) -> np.ndarray:
    """Return the initial weights, float32 (features, columns)."""
    if values.get("init_method", "uniform") == "normal":
        return rng.normal(0, float(values.get("init_sigma", 0.01)), (features, columns)).astype(np.float32)
    scale = float(values.get("init_scale", 0.07))
    return rng.uniform(-scale, scale, (features, columns)).astype(np.float32)


def _number(values: Mapping[str, Any], name: str, auto: float) -> float:
    value = values.get(name, "auto")
    return auto if value == "auto" else float(value)
