"""What is settled for a person who leaves it open, and what training takes; measured on two cores, see README.md."""

from collections.abc import Mapping
from typing import Any

from algorithms.contract import Facts

GROUPS = 8  # as scikit-learn's KMeans
MINI_BATCH = 5000
MOST_EXTRA = 10  # the upper end of what AWS suggests for tuning


def settle(given: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """`given` completed for the data: feature_dim, k and a mini-batch no larger than the data."""
    settled = dict(given)
    settled.setdefault("feature_dim", str(max(facts.features, 1)))
    settled.setdefault("k", str(max(1, min(GROUPS, facts.rows)) if facts.rows else GROUPS))
    if 0 < facts.rows < MINI_BATCH:
        settled.setdefault("mini_batch_size", str(facts.rows))
    return settled


def centers(values: Mapping[str, Any], rows: int) -> int:
    """How many centers are kept while rows are read: k times the factor, at most one for each row."""
    factor = values.get("extra_center_factor", "auto")
    # AWS does not say what `auto` is. Here: ten times k, less where that would leave a center under five rows.
    if factor == "auto":
        factor = max(1, min(MOST_EXTRA, rows // (5 * values["k"])))
    return min(values["k"] * factor, rows)


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Start, reading the rows, then each row against each center, once an epoch."""
    kept = centers({"k": GROUPS, **values}, max(facts.rows, 1))
    cells = facts.rows * facts.features
    return 2 + cells * 6e-8 + values.get("epochs", 1) * (cells * kept * 1e-9 + facts.rows * kept * 4e-9 + cells * 2e-8)


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """The rows as float32, a batch of distances, and the libraries themselves."""
    return 1.5e8 + facts.rows * facts.features * 8
