"""Loss functions and their gradients, for many models at once.

`outputs` is float32 (rows, models) or, for softmax, (rows, models, classes). `y` is (rows, 1), or classes (rows,).
A loss function returns (cost, gradient): cost is (rows, models), gradient has the shape of the outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Costs = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
# {loss: (AWS's name in the log, power of the label's spread that converts the loss to the label's unit)}
NAMES = {
    "logistic": ("binary_classification_cross_entropy", 0), "hinge_loss": ("hinge_loss", 0),
    "softmax_loss": ("multiclass_cross_entropy", 0), "squared_loss": ("mse", 2), "absolute_loss": ("absolute_loss", 1),
    "eps_insensitive_squared_loss": ("eps_insensitive_squared_loss", 2),
    "eps_insensitive_absolute_loss": ("eps_insensitive_absolute_loss", 1), "quantile_loss": ("quantile_loss", 1),
    "huber_loss": ("huber_loss", 2),
}  # fmt: skip


def logistic(outputs: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logistic loss of outputs (rows, models) and labels 0 and 1 (rows, 1)."""
    # log(1 + exp(-|z|)) never overflows
    cost = np.maximum(outputs, 0) - outputs * y + np.log1p(np.exp(-np.abs(outputs)))
    return cost, sigmoid(outputs) - y


def softmax(outputs: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cross-entropy of outputs (rows, models, classes) and class numbers (rows,)."""
    p = probabilities(outputs)
    picked = np.take_along_axis(p, y[:, None, None], axis=2)
    cost = -np.log(np.maximum(picked[:, :, 0], 1e-12))
    np.put_along_axis(p, y[:, None, None], picked - 1, axis=2)
    return cost, p


def regression(name: str, values: Mapping[str, Any]) -> Costs:
    """Return the regression loss called `name` with its hyperparameters."""
    delta, eps = float(values.get("huber_delta", 1.0)), float(values.get("loss_insensitivity", 0.01))
    quantile = float(values.get("quantile", 0.5))

    def squared(e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return e * e, 2 * e

    def absolute(e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.abs(e), np.sign(e)

    def eps_squared(e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        beyond = np.sign(e) * np.maximum(np.abs(e) - eps, 0)
        return beyond * beyond, 2 * beyond

    def eps_absolute(e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.maximum(np.abs(e) - eps, 0), np.sign(e) * (np.abs(e) > eps)

    def quantiles(e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        slope = np.where(e > 0, 1 - quantile, -quantile)
        return slope * e, slope

    def huber(e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        size = np.abs(e)
        return np.where(size <= delta, 0.5 * e * e, delta * (size - 0.5 * delta)), np.clip(e, -delta, delta)

    loss = {
        "squared_loss": squared, "absolute_loss": absolute, "eps_insensitive_squared_loss": eps_squared,
        "eps_insensitive_absolute_loss": eps_absolute, "quantile_loss": quantiles, "huber_loss": huber,
    }[name]  # fmt: skip
    return lambda outputs, y: loss(outputs - y)


def hinge(margin: float) -> Costs:
    """Return the hinge loss. The labels 0 and 1 stand for -1 and 1."""

    def costs(outputs: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        side = 2 * y - 1
        short = np.maximum(margin - side * outputs, 0)
        return short, -side * (short > 0)

    return costs


def loss_function(name: str, values: Mapping[str, Any]) -> Costs:
    """Return the loss function with AWS's name `name`."""
    if name == "logistic":
        return logistic
    if name == "softmax_loss":
        return softmax
    return hinge(float(values.get("margin", 1.0))) if name == "hinge_loss" else regression(name, values)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return the logistic function of `z`, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


def probabilities(outputs: np.ndarray) -> np.ndarray:
    """Return the softmax over the last axis."""
    p = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    return p
