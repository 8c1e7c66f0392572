"""Adam on the parts of a machine, each with its own learning rate and decay; only what a batch touches is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.factorization_machines.hyperparameters import PARTS
from algorithms.factorization_machines.machine import Machine, forward, slopes

BETA_1, BETA_2 = 0.9, 0.999
UNIFORM = 0.07  # how far a uniform distribution reaches when it is not said


def begun(values: Mapping[str, Any], rng: np.random.Generator) -> Machine:
    """The machine training begins with."""
    width, count = values["feature_dim"], values["num_factors"]
    shapes: dict[str, tuple[int, ...]] = {"bias": (1,), "linear": (width,), "factors": (width, count)}
    drawn = {part: _first(part, shape, values, rng) for part, shape in shapes.items()}
    return Machine(float(drawn["bias"][0]), drawn["linear"], drawn["factors"])


class Descent:
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
        """One step on a batch: rows, dense or CSR, and labels (rows,)."""
        self._steps += 1
        machine = self.machine
        columns: Any = slice(None)
        if hasattr(x, "indices"):
            columns, places = np.unique(x.indices, return_inverse=True)
            x = type(x)((x.data, places, x.indptr), shape=(x.shape[0], len(columns)))
        linear, factors = machine.linear[columns], machine.factors[columns]
        outputs, sums, squares = forward(x, machine.bias, linear, factors)
        error = (sigmoid(outputs) - y if is_binary else outputs - y).astype(np.float32)
        d_linear, d_factors = slopes(x, error, sums, squares, factors)
        scale = self.rescale or 1.0 / len(y)
        machine.linear[columns] = linear - self._move("linear", columns, d_linear * scale, linear)
        machine.factors[columns] = factors - self._move("factors", columns, d_factors * scale, factors)
        bias = np.array([machine.bias])
        machine.bias -= float(self._move("bias", slice(None), error.sum(keepdims=True) * scale, bias)[0])

    def _move(self, part: str, columns: Any, gradient: np.ndarray, now: np.ndarray) -> np.ndarray:
        if self.clip:
            gradient = np.clip(gradient, -self.clip, self.clip)
        gradient = gradient + self.decay[part] * now
        first, second = self._moments[part]
        first[columns] = m = BETA_1 * first[columns] + (1 - BETA_1) * gradient
        second[columns] = v = BETA_2 * second[columns] + (1 - BETA_2) * gradient * gradient
        size = np.sqrt(v / (1 - BETA_2**self._steps)) + self.eps
        return self.rate[part] * m / (1 - BETA_1**self._steps) / size


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * z))


def _first(part: str, shape: tuple[int, ...], values: Mapping[str, Any], rng: np.random.Generator) -> np.ndarray:
    method = values.get(f"{part}_init_method", "normal")
    if method == "constant":
        return np.full(shape, values.get(f"{part}_init_value", 0.0), np.float32)
    if method == "uniform":
        reach = values.get(f"{part}_init_scale", UNIFORM)
        return rng.uniform(-reach, reach, shape).astype(np.float32)
    return rng.standard_normal(shape, np.float32) * np.float32(values.get(f"{part}_init_sigma", PARTS[part][3]))
