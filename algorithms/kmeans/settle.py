"""Completes hyperparameters and estimates a run of k-means (measured on two cores, README.md)."""

from collections.abc import Mapping
from typing import Any

from algorithms.contract import Facts

DEFAULT_K = 8  # as scikit-learn's KMeans
MINI_BATCH = 5000
STARTS_ROWS = 5_000  # rows on which the starts of Lloyd's algorithm are compared
STARTS, MAX_STARTS = 4, 40  # of Lloyd's algorithm over these rows: so many for each epoch, at most
DEFAULT_EXTRA_CENTER_FACTOR = (
    4  # the lower end of what AWS suggests for tuning; more was no better on the tables tried (README.md)
)


def settle(hyperparameters: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Return the hyperparameters with defaults for the data: feature_dim, k and mini_batch_size."""
    result = dict(hyperparameters)
    result.setdefault("feature_dim", str(max(facts.features, 1)))
    result.setdefault("k", str(max(1, min(DEFAULT_K, facts.rows)) if facts.rows else DEFAULT_K))
    if 0 < facts.rows < MINI_BATCH:
        result.setdefault("mini_batch_size", str(facts.rows))
    return result


def num_centers(values: Mapping[str, Any], rows: int) -> int:
    """Return the number of centers during training: k times the factor, at most one for each row."""
    factor = values.get("extra_center_factor", "auto")
    # AWS does not document `auto`. Here it is four, less where a center would get under five rows.
    if factor == "auto":
        factor = max(1, min(DEFAULT_EXTRA_CENTER_FACTOR, rows // (5 * values["k"])))
    return min(values["k"] * factor, rows)


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the training time in seconds on one ml.m5.large: start, reading, and distances in each epoch."""
    center_count = num_centers({"k": DEFAULT_K, **values}, max(facts.rows, 1))
    cells = facts.rows * facts.features
    epoch_seconds = cells * center_count * 2e-10 + facts.rows * center_count * 3e-9 + cells * 1e-8
    epochs, k = values.get("epochs", 1), values.get("k", DEFAULT_K)
    starts = min(STARTS * epochs, MAX_STARTS)
    rounds = 40 * (starts * min(facts.rows, STARTS_ROWS) + (facts.rows if facts.rows > STARTS_ROWS else 0))
    return 0.05 + cells * 8e-8 + epochs * epoch_seconds + rounds * (facts.features * (k * 4e-10 + 4e-9) + k * 4e-9)


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the peak bytes: the libraries, and each cell as text, as Arrow value and as float32."""
    return 9e7 + facts.rows * facts.features * 18
