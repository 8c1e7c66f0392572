"""Completes hyperparameters and estimates a run of PCA (measured on two cores, README.md)."""

from collections.abc import Mapping
from typing import Any

from algorithms.contract import Facts

MINI_BATCH = 500  # as the SageMaker SDK sends
MAX_COMPONENTS = 10


def settle(hyperparameters: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Return the hyperparameters with defaults for the data.

    The defaults are feature_dim, num_components (half the columns, at most MAX_COMPONENTS) and mini_batch_size.
    """
    result = dict(hyperparameters)
    features = max(facts.features, 1)
    result.setdefault("feature_dim", str(features))
    result.setdefault("num_components", str(min(MAX_COMPONENTS, (features + 1) // 2)))
    result.setdefault("mini_batch_size", str(max(1, min(MINI_BATCH, facts.rows)) if facts.rows else MINI_BATCH))
    return result


def num_extra_components(values: Mapping[str, Any]) -> int:
    """Return the number of extra directions of the sketch. AWS's default is the larger of 10 and num_components."""
    value = values.get("extra_components", -1)
    return value if value >= 0 else max(10, values["num_components"])


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the training time in seconds on one ml.m5.large: start, reading, and products of the rows."""
    cells = facts.rows * facts.features
    if values.get("algorithm_mode", "regular") == "regular":
        side = _side(values, facts)
        return 0.05 + cells * 8e-8 + cells * side * 2e-10 + side**3 * 4e-10
    directions = values.get("num_components", MAX_COMPONENTS)
    directions += num_extra_components({"num_components": directions, **values})
    return 0.05 + cells * 8e-8 + cells * directions * 1e-9


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the peak bytes: libraries, each cell as text, Arrow value and float32, and matrices in regular mode."""
    square = 32 * _side(values, facts) ** 2 if values.get("algorithm_mode", "regular") == "regular" else 0
    return 9e7 + facts.rows * facts.features * 18 + square


def _side(values: Mapping[str, Any], facts: Facts) -> int:
    """Return the side of the matrix of products: the columns, or the rows where they are fewer."""
    enough = values.get("num_components", MAX_COMPONENTS) <= facts.rows
    return min(facts.features, facts.rows) if enough else facts.features
