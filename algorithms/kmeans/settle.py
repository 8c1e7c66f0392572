"""What is settled for a person who leaves it open, and what training takes; measured on two cores, see README.md."""

from collections.abc import Mapping
from typing import Any

from algorithms.contract import Facts

GROUPS = 8  # as scikit-learn's KMeans
MINI_BATCH = 5000
EXTRA = 4  # the lower end of what AWS suggests for tuning; more was no better on the tables tried (README.md)


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
    # AWS does not say what `auto` is. Here: four times k, less where that would leave a center under five rows.
    if factor == "auto":
        factor = max(1, min(EXTRA, rows // (5 * values["k"])))
    return min(values["k"] * factor, rows)


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Start, reading the rows, then each row against each center, once an epoch."""
    kept = centers({"k": GROUPS, **values}, max(facts.rows, 1))
    cells = facts.rows * facts.features
    an_epoch = cells * kept * 2e-10 + facts.rows * kept * 3e-9 + cells * 1e-8
    return 1 + cells * 8e-8 + values.get("epochs", 1) * an_epoch


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """The libraries, and a cell of the table as text, as Arrow reads it and as float32."""
    return 1.6e8 + facts.rows * facts.features * 18
