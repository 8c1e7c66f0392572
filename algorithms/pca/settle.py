"""What is settled for a person who leaves it open, and what training takes; measured on two cores, see README.md."""

from collections.abc import Mapping
from typing import Any

from algorithms.contract import Facts

MINI_BATCH = 500  # as the SageMaker SDK sends
MOST_COMPONENTS = 10


def settle(given: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """`given` completed for the data: feature_dim, num_components (half the columns, ten at most), mini_batch_size."""
    settled = dict(given)
    features = max(facts.features, 1)
    settled.setdefault("feature_dim", str(features))
    settled.setdefault("num_components", str(min(MOST_COMPONENTS, (features + 1) // 2)))
    settled.setdefault("mini_batch_size", str(max(1, min(MINI_BATCH, facts.rows)) if facts.rows else MINI_BATCH))
    return settled


def extra(values: Mapping[str, Any]) -> int:
    """The directions a sketch keeps beyond the components: AWS's default is the larger of 10 and their number."""
    given = values.get("extra_components", -1)
    return given if given >= 0 else max(10, values["num_components"])


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Start, reading the rows, then their products."""
    cells = facts.rows * facts.features
    if values.get("algorithm_mode", "regular") == "regular":
        return 1 + cells * 8e-8 + cells * facts.features * 2e-10 + facts.features**3 * 4e-10
    kept = values.get("num_components", MOST_COMPONENTS)
    kept += extra({"num_components": kept, **values})
    return 1 + cells * 8e-8 + cells * kept * 1e-9


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """The libraries, and a cell as text, as Arrow reads it and as float32; in regular mode some square matrices too."""
    square = 32 * facts.features**2 if values.get("algorithm_mode", "regular") == "regular" else 0
    return 1.6e8 + facts.rows * facts.features * 18 + square
