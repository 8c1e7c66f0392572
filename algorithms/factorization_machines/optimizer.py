"""Adam for the parts of a machine, each with its own learning rate and decay. Updates only the columns of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.factorization_machines.hyperparameters import PARTS
from algorithms.factorization_machines.machine import Machine, forward, gradients

BETA_1, BETA_2 = 0.9, 0.999
DEFAULT_INIT_SCALE = 0.07  # the bound of the uniform distribution by default


def init_machine(values: Mapping[str, Any], rng: np.random.Generator) -> Machine:
    """Return the initial machine."""
    width, count = values["feature_dim"], values["num_factors"]
    shapes: dict[str, tuple[int, ...]] = {"bias": (1,), "linear": (width,), "factors": (width, count)}
    initial = {part: _initial_values(part, shape, values, rng) for part, shape in shapes.items()}
    return Machine(float(initial["bias"][0]), initial["linear"], initial["factors"])


class Optimizer:
    """Trains `machine` in place."""

    def __init__(self, machine: Machine, values: Mapping[str, Any]):
        self.machine = machine
        self.rate = {part: values.get(f"{part}_lr", PARTS[part][1]) for part in PARTS}
        self.decay = {part: values.get(f"{part}_wd", PARTS[part][2]) for part in PARTS}
        self.eps = values.get("eps", 1e-8)
        self.clip = values.get("clip_gradient")
        self.rescale = values.get("rescale_grad")
        self._moments = {
            "bias": (np.zeros(1), np.zeros(1)),
            "linear": (np.zeros_like(machine.linear), np.zeros_like(machine.linear)),
            "factors": (np.zeros_like(machine.factors), np.zeros_like(machine.factors)),
        }
        self._steps = 0

    def step(self, x: Any, y: np.ndarray, is_binary: bool) -> None:
        """Take one step on a batch of rows, dense or CSR, and labels (rows,)."""
        self._steps += 1
        machine = self.machine
        columns: Any = slice(None)
        if hasattr(x, "indices"):
            columns, inverse = np.unique(x.indices, return_inverse=True)
            x = type(x)((x.data, inverse, x.indptr), shape=(x.shape[0], len(columns)))
        linear, factors = machine.linear[columns], machine.factors[columns]
        outputs, sums, squares = forward(x, machine.bias, linear, factors)
        error = (sigmoid(outputs) - y if is_binary else outputs - y).astype(np.float32)
        d_linear, d_factors = gradients(x, error, sums, squares, factors)
        scale = self.rescale or 1.0 / len(y)
        machine.linear[columns] = linear - self._adam_step("linear", columns, d_linear * scale, linear)
        machine.factors[columns] = factors - self._adam_step("factors", columns, d_factors * scale, factors)
        bias = np.array([machine.bias])
        machine.bias -= float(self._adam_step("bias", slice(None), error.sum(keepdims=True) * scale, bias)[0])

    def _adam_step(self, part: str, columns: Any, gradient: np.ndarray, current: np.ndarray) -> np.ndarray:
        if self.clip:
            gradient = np.clip(gradient, -self.clip, self.clip)
        gradient = gradient + self.decay[part] * current
        first, second = self._moments[part]
        first[columns] = m = BETA_1 * first[columns] + (1 - BETA_1) * gradient
        second[columns] = v = BETA_2 * second[columns] + (1 - BETA_2) * gradient * gradient
        size = np.sqrt(v / (1 - BETA_2**self._steps)) + self.eps
        return self.rate[part] * m / (1 - BETA_1**self._steps) / size


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return the logistic function of `z`, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


def _initial_values(
    part: str, shape: tuple[int, ...], values: Mapping[str, Any], rng: np.random.Generator
) -> np.ndarray:
    method = values.get(f"{part}_init_method", "normal")
    if method == "constant":
        return np.full(shape, values.get(f"{part}_init_value", 0.0), np.float32)
    if method == "uniform":
        scale = values.get(f"{part}_init_scale", DEFAULT_INIT_SCALE)
        return rng.uniform(-scale, scale, shape).astype(np.float32)
    return rng.standard_normal(shape, np.float32) * np.float32(values.get(f"{part}_init_sigma", PARTS[part][3]))
