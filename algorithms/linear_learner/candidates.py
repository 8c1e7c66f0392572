"""Which models are trained side by side: what is given stays, what is `auto` is tried over a range."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.linear_learner.descent import Settings

# The first of each is what a single model is trained with; the learning rates vary first, then wd, then l1.
RATES = {"adam": (0.03, 0.1, 0.01, 0.3), "rmsprop": (0.01, 0.03, 0.003, 0.1), "sgd": (0.03, 0.1, 0.01, 0.3)}
WD = (1e-4, 1e-2, 1e-3, 1e-1)
L1 = (0.0, 1e-3)


def chosen(count: int, values: Mapping[str, Any], y: np.ndarray) -> Settings:
    """The settings of `count` models. Where everything is given, they differ only in the weights they begin with."""
    optimizer = values.get("optimizer", "auto")
    rates = _tried(values, "learning_rate", RATES["adam" if optimizer == "auto" else optimizer])
    grid = list(itertools.product(_tried(values, "l1", L1), _tried(values, "wd", WD), _positive(values, y), rates))
    taken = list(itertools.islice(itertools.cycle(grid), count))
    l1, wd, positive, rate = (np.array(part, np.float32) for part in zip(*taken, strict=True))
    return Settings(rate, wd, l1, positive)


def _tried(values: Mapping[str, Any], name: str, several: tuple[float, ...]) -> tuple[float, ...]:
    given = values.get(name, "auto")
    return several if given == "auto" else (float(given),)


def _positive(values: Mapping[str, Any], y: np.ndarray) -> tuple[float, ...]:
    """The weights of class 1 to try: one, but for `auto`, which tries what lies between none and balanced."""
    given = values.get("positive_example_weight_mult", 1.0)
    if not isinstance(given, str):
        return (float(given),)
    ones = float((y == 1).sum())
    balanced = (len(y) - ones) / max(ones, 1.0)
    return (balanced,) if given == "balanced" else (1.0, balanced**0.5, balanced)
