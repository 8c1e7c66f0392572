"""What is settled for a person who leaves it open, and what training takes; measured on two cores, see README.md."""

from collections.abc import Mapping
from typing import Any

from algorithms.contract import Facts

TREES, SAMPLES = 100, 256


def settle(given: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """`given` completed for the data: feature_dim."""
    settled = dict(given)
    settled.setdefault("feature_dim", str(max(facts.features, 1)))
    return settled


def sampled(values: Mapping[str, Any], rows: int) -> int:
    """How many rows the forest holds: a sample for each tree, as large as there are rows for it."""
    return values.get("num_trees", TREES) * min(values.get("num_samples_per_tree", SAMPLES), max(rows, 1))


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Start, reading the rows, growing (each sampled row is looked at on every level), and scoring 1000 rows."""
    grown = sampled(values, facts.rows) * (3e-6 + facts.features * 4e-7)
    scored = 1000 * values.get("num_trees", TREES) * (3e-7 + facts.features * 6e-8)
    return 1 + facts.rows * facts.features * 8e-8 + grown + scored


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """The libraries, a cell as text, as Arrow reads it and as float32, and the forest: the sample and its boxes."""
    return 1.6e8 + facts.rows * facts.features * 18 + sampled(values, facts.rows) * facts.features * 50
