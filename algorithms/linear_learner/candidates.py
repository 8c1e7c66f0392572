"""Selects the settings of the models that are trained in parallel: a grid over each setting that is `auto`."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.linear_learner.optimizer import Settings

# A single model uses the first of each. The grid varies the learning rate first, then wd, then l1.
RATES = {"adam": (0.03, 0.1, 0.01, 0.3), "rmsprop": (0.01, 0.03, 0.003, 0.1), "sgd": (0.03, 0.1, 0.01, 0.3)}
WD = (1e-4, 1e-2, 1e-3, 1e-1)
L1 = (0.0, 1e-3)


def candidate_settings(count: int, values: Mapping[str, Any], y: np.ndarray) -> Settings:
    """Return the settings of `count` models.

    If no setting is `auto`, the models differ only in their initial weights.
    """
    optimizer = values.get("optimizer", "auto")
    rates = _values_to_try(values, "learning_rate", RATES["adam" if optimizer == "auto" else optimizer])
    l1s, wds = _values_to_try(values, "l1", L1), _values_to_try(values, "wd", WD)
    grid = list(itertools.product(l1s, wds, _positive_weights_to_try(values, y), rates))
    combinations = list(itertools.islice(itertools.cycle(grid), count))
    l1, wd, positive, rate = (np.array(part, np.float32) for part in zip(*combinations, strict=True))
    return Settings(rate, wd, l1, positive)


def values_of(settings: Settings, model: int) -> dict[str, Any]:
    """Return the hyperparameters that `model` among those of `candidate_settings` was trained with."""
    return {
        "learning_rate": float(settings.rate[model]), "wd": float(settings.wd[model]), "l1": float(settings.l1[model]),
        "positive_example_weight_mult": float(settings.positive[model]),
    }  # fmt: skip


def _values_to_try(values: Mapping[str, Any], name: str, defaults: tuple[float, ...]) -> tuple[float, ...]:
    value = values.get(name, "auto")
    return defaults if value == "auto" else (float(value),)


def _positive_weights_to_try(values: Mapping[str, Any], y: np.ndarray) -> tuple[float, ...]:
    """Return the weights of class 1 to try: one value, or from 1 to balanced for `auto`."""
    value = values.get("positive_example_weight_mult", 1.0)
    if not isinstance(value, str):
        return (float(value),)
    ones = float((y == 1).sum())
    balanced = (len(y) - ones) / max(ones, 1.0)
    return (balanced,) if value == "balanced" else (1.0, balanced**0.5, balanced)
