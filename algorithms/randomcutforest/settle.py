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
    """Start, reading the rows, then growing: each sampled row is looked at once on every level of its tree."""
    return 2 + facts.rows * facts.features * 6e-8 + sampled(values, facts.rows) * (2e-6 + facts.features * 4e-7)


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """The rows as float32, the sample, and a box (two numbers a column) for each of about two nodes a sampled row."""
    return 1.5e8 + facts.rows * facts.features * 8 + sampled(values, facts.rows) * facts.features * 32
