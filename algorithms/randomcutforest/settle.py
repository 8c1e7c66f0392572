"""Completes hyperparameters and estimates a run of Random Cut Forest (measured on two cores, README.md)."""

from collections.abc import Mapping
from typing import Any

from algorithms.contract import Facts

DEFAULT_NUM_TREES, DEFAULT_SAMPLES_PER_TREE = 100, 256


def settle(hyperparameters: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Return the hyperparameters with a default feature_dim for the data."""
    result = dict(hyperparameters)
    result.setdefault("feature_dim", str(max(facts.features, 1)))
    return result


def num_sampled_rows(values: Mapping[str, Any], rows: int) -> int:
    """Return the number of rows in the forest: the sum of the samples of all trees."""
    return values.get("num_trees", DEFAULT_NUM_TREES) * min(
        values.get("num_samples_per_tree", DEFAULT_SAMPLES_PER_TREE), max(rows, 1)
    )


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the training time in seconds on one ml.m5.large: start, reading, growing, scoring 1000 rows."""
    grow_seconds = num_sampled_rows(values, facts.rows) * (3e-6 + facts.features * 4e-7)
    score_seconds = 1000 * values.get("num_trees", DEFAULT_NUM_TREES) * (3e-7 + facts.features * 6e-8)
    return 0.05 + facts.rows * facts.features * 8e-8 + grow_seconds + score_seconds


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the peak bytes: libraries, each cell as text, Arrow value and float32, and the forest with its boxes."""
    return 1e8 + facts.rows * facts.features * 18 + num_sampled_rows(values, facts.rows) * facts.features * 50
